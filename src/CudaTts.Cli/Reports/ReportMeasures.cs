using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>How the measures of a report are called and printed.</summary>
internal sealed class ReportMeasures
{
    // The broadest measures of each kind of report: what is heard, understood, said and intoned.
    private static readonly string[] s_headlines =
    [
        "pesq_wb", "pesq_nb", "stoi", "mcd_db", "log_f0_rmse", "word_error_rate", "attention_faults", "words_per_minute", "f0_mean_hz",
    ];

    private const int UnknownDecimals = 3;
    private readonly Dictionary<string, Measure> _known;
    private readonly Dictionary<string, MeasureSummary> _summaries;

    /// <summary>Looks up the measures of one report.</summary>
    public ReportMeasures(EvaluationReport report)
    {
        // Both lists have a measure or two of the same name; a report's own kind comes first.
        var lists = report.Kind == "voice" ? Measure.OfVoices.Concat(Measure.OfPairs) : Measure.OfPairs.Concat(Measure.OfVoices);
        _known = lists.DistinctBy(measure => measure.Key).ToDictionary(measure => measure.Key);
        _summaries = report.Summary.DistinctBy(summary => summary.Measure).ToDictionary(summary => summary.Measure);
        Keys = [.. report.Summary.Select(summary => summary.Measure).Distinct()];

        // One PESQ of the two is enough.
        Headlines = [.. s_headlines.Where(_summaries.ContainsKey).Where(key => key != "pesq_nb" || !_summaries.ContainsKey("pesq_wb"))];
    }

    /// <summary>The keys of the report's measures in its order.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Keys of the measures that are drawn large.</summary>
    public IReadOnlyList<string> Headlines { get; }

    /// <summary>How a measure is called and printed; one that this program does not know by its key.</summary>
    public Measure this[string key] =>
        _known.TryGetValue(key, out var measure) ? measure : new Measure(key, key, "", BetterValue.Neither, UnknownDecimals, "");

    /// <summary>A measure over all clips.</summary>
    public MeasureSummary Summary(string key) => _summaries[key];
}
