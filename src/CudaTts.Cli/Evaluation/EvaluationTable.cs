using System.Globalization;
using CudaTts.Quality;
using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Evaluation;

/// <summary>Results of an evaluation as text.</summary>
internal static class EvaluationTable
{
    private const int WorstListed = 10;
    private const string Missing = "-";

    /// <summary>Writes the scores of one pair.</summary>
    public static void Write(TextWriter output, PairScores scores)
    {
        var values = PairMeasures.Of(scores);
        foreach (var measure in Measure.OfPairs)
        {
            output.WriteLine($"{measure.Label,-24} {Number(values[measure.Key], measure),10} {measure.Unit,-8} {measure.Convention}");
        }

        WriteNotes(output, scores.Notes);
    }

    /// <summary>Writes the means of a report, what tells it from an earlier one, and its worst clips.</summary>
    public static void Write(TextWriter output, EvaluationReport report)
    {
        output.WriteLine($"{Printable.Of(report.Title)}, {report.Clips.Count} clips");
        output.WriteLine();
        output.WriteLine($"{"",-24} {"mean",10}   {"95 % interval",-20} {"median",9} {"least",9} {"most",9} {"clips",6}");
        foreach (var summary in report.Summary)
        {
            var measure = Measure.Of(summary.Measure)!;
            output.WriteLine(
                $"{measure.Label,-24} {Number(summary.Mean, measure),10}   {Range(summary.Low, summary.High, measure),-20} "
                + $"{Number(summary.Median, measure),9} {Number(summary.Least, measure),9} {Number(summary.Most, measure),9} {summary.Count,6}  "
                + measure.Unit);
        }

        if (report.Comparison is { } comparison)
        {
            WriteComparison(output, comparison);
        }

        WriteWorst(output, report);
        WriteNotes(output, report.Notes);
    }

    private static void WriteComparison(TextWriter output, BaselineComparison comparison)
    {
        output.WriteLine();
        output.WriteLine($"against {Printable.Of(comparison.Baseline)} of {Printable.Of(comparison.Created)}");
        output.WriteLine($"{"",-24} {"before",10} {"now",10} {"difference",11}   {"95 % interval",-20} {"clips",6}  verdict");
        foreach (var difference in comparison.Differences)
        {
            var measure = Measure.Of(difference.Measure)!;
            output.WriteLine(
                $"{measure.Label,-24} {Number(difference.Before, measure),10} {Number(difference.After, measure),10} "
                + $"{Number(difference.Difference, measure),11}   {Range(difference.Low, difference.High, measure),-20} {difference.Count,6}  "
                + difference.Verdict);
        }

        foreach (var change in comparison.Setting)
        {
            output.WriteLine($"  {Printable.Of(change)}");
        }

        if (comparison.Unmatched.Count > 0)
        {
            output.WriteLine($"  {comparison.Unmatched.Count} clips are in one report only and do not count");
        }
    }

    private static void WriteWorst(TextWriter output, EvaluationReport report)
    {
        var failed = report.Clips.Where(clip => clip.Error is not null).ToList();
        foreach (var clip in failed.Take(WorstListed))
        {
            output.WriteLine($"not measured: {Printable.Of(clip.Name)}: {Printable.Of(clip.Error!)}");
        }

        var head = report.Summary.Take(3).Select(summary => Measure.Of(summary.Measure)!).ToList();
        output.WriteLine();
        output.WriteLine($"worst clips: {string.Join(", ", head.Select(measure => measure.Label))}");
        foreach (var clip in report.Clips.Where(clip => clip.Error is null).Take(WorstListed))
        {
            var values = head.Select(measure => $"{Number(clip.Measures.GetValueOrDefault(measure.Key), measure),9}");
            output.WriteLine($"{string.Concat(values)}  {Printable.Of(clip.Name)} {string.Join(", ", clip.Faults)}");
        }
    }

    private static void WriteNotes(TextWriter output, IReadOnlyList<string> notes)
    {
        if (notes.Count > 0)
        {
            output.WriteLine();
        }

        foreach (var note in notes)
        {
            output.WriteLine($"note: {Printable.Of(note)}");
        }
    }

    private static string Number(double? value, Measure measure) =>
        value?.ToString($"F{measure.Decimals}", CultureInfo.InvariantCulture) ?? Missing;

    private static string Range(double? low, double? high, Measure measure) =>
        low is null ? Missing : $"{Number(low, measure)} to {Number(high, measure)}";
}
