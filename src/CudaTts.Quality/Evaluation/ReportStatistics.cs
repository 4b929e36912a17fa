using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Evaluation;

/// <summary>The means of a report with their intervals, and what tells it from an earlier one.</summary>
public static class ReportStatistics
{
    // Of fewer clips all differ to one side by chance more often than once in twenty: 2^(1 - 6) is 0.03.
    private const int LeastClips = 6;

    /// <summary>Each measure over the clips that have it; a measure that none has is left out.</summary>
    /// <param name="measures">The measures in the order wanted.</param>
    /// <param name="clips">The clips.</param>
    public static IReadOnlyList<MeasureSummary> Summarise(IEnumerable<Measure> measures, IReadOnlyList<EvaluatedClip> clips)
    {
        ArgumentNullException.ThrowIfNull(measures);
        ArgumentNullException.ThrowIfNull(clips);
        return [.. measures.Select(measure => Summarise(measure.Key, clips)).OfType<MeasureSummary>()];
    }

    /// <summary>Compares two reports clip by clip, clips being told by their names.</summary>
    /// <param name="report">The newer report.</param>
    /// <param name="baseline">The earlier one.</param>
    public static BaselineComparison Compare(EvaluationReport report, EvaluationReport baseline)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(baseline);
        var before = baseline.Clips.ToDictionary(clip => clip.Name);
        var after = report.Clips.ToDictionary(clip => clip.Name);
        string[] unmatched = [.. before.Keys.Except(after.Keys), .. after.Keys.Except(before.Keys)];
        var differences = report.Summary
            .Select(summary => Compare(summary.Measure, [.. after.Keys.Where(before.ContainsKey).Select(name => (before[name], after[name]))]))
            .OfType<MeasureDifference>();
        return new BaselineComparison(
            baseline.Title, baseline.Created, [.. differences], [.. unmatched.Order(StringComparer.Ordinal)],
            [.. SettingChanges(baseline.Setting, report.Setting)]);
    }

    private static MeasureSummary? Summarise(string measure, IReadOnlyList<EvaluatedClip> clips)
    {
        double[] values = [.. clips.Select(clip => clip.Measures.GetValueOrDefault(measure)).OfType<double>()];
        if (values.Length == 0)
        {
            return null;
        }

        var interval = Bootstrap.Mean(values, $"evaluation.{measure}");
        return new MeasureSummary(
            measure, values.Length, clips.Count - values.Length, interval.Mean,
            values.Length > 1 ? interval.Low : null, values.Length > 1 ? interval.High : null,
            SampleStatistics.Percentile(values, 0.5), values.Min(), values.Max());
    }

    private static MeasureDifference? Compare(string measure, IReadOnlyList<(EvaluatedClip Before, EvaluatedClip After)> clips)
    {
        var pairs = clips
            .Select(clip => (Before: clip.Before.Measures.GetValueOrDefault(measure), After: clip.After.Measures.GetValueOrDefault(measure)))
            .Where(pair => pair is { Before: not null, After: not null })
            .ToList();
        if (pairs.Count == 0)
        {
            return null;
        }

        double[] before = [.. pairs.Select(pair => pair.Before!.Value)];
        double[] after = [.. pairs.Select(pair => pair.After!.Value)];
        var interval = Bootstrap.PairedDifference(after, before, $"evaluation.difference.{measure}");
        return new MeasureDifference(
            measure, pairs.Count, before.Average(), after.Average(), interval.Mean,
            pairs.Count > 1 ? interval.Low : null, pairs.Count > 1 ? interval.High : null,
            pairs.Count >= LeastClips && interval.ExcludesZero ? Verdict(measure, interval.Mean) : "not told apart");
    }

    private static string Verdict(string measure, double difference) => Measure.Of(measure)?.Better switch
    {
        BetterValue.Higher => difference > 0 ? "better" : "worse",
        BetterValue.Lower => difference < 0 ? "better" : "worse",
        _ => "changed",
    };

    private static IEnumerable<string> SettingChanges(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        before.Keys.Union(after.Keys)
            .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
            .Select(key => $"{key}: was {before.GetValueOrDefault(key) ?? "not said"}, is {after.GetValueOrDefault(key) ?? "not said"}");
}
