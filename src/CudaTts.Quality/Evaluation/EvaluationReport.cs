namespace CudaTts.Quality.Evaluation;

/// <summary>
/// What was evaluated, what came of it, and how it compares with a report made before: the JSON that <c>cudatts evaluate</c> writes.
/// </summary>
public sealed record EvaluationReport
{
    /// <summary>The format's name and version.</summary>
    public const string FormatName = "cudatts-evaluation-1";

    /// <summary>The format of this report.</summary>
    public required string Format { get; init; }

    /// <summary>What the clips are: <c>pairs</c>, <c>vocoder</c> or <c>voice</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was evaluated, for a heading.</summary>
    public required string Title { get; init; }

    /// <summary>When it was, UTC, ISO 8601.</summary>
    public required string Created { get; init; }

    /// <summary>With what: version of this program, voice, vocoder, device, seed, recogniser.</summary>
    public required IReadOnlyDictionary<string, string> Setting { get; init; }

    /// <summary>Each measure over all clips.</summary>
    public required IReadOnlyList<MeasureSummary> Summary { get; init; }

    /// <summary>Against an earlier report; null without one.</summary>
    public BaselineComparison? Comparison { get; init; }

    /// <summary>Each clip, the worst first.</summary>
    public required IReadOnlyList<EvaluatedClip> Clips { get; init; }

    /// <summary>By which measure the clips are ordered, and what else must be known.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>One measure over all clips.</summary>
/// <param name="Measure">The key.</param>
/// <param name="Count">Clips that have it.</param>
/// <param name="Missing">Clips that do not: their notes say why.</param>
/// <param name="Mean">The mean over clips.</param>
/// <param name="Low">Lower end of the mean's 95 % interval (bootstrap over clips); null of one clip.</param>
/// <param name="High">Its upper end; null of one clip.</param>
/// <param name="Median">The median over clips.</param>
/// <param name="Least">The least value.</param>
/// <param name="Most">The greatest value.</param>
public sealed record MeasureSummary(
    string Measure, int Count, int Missing, double Mean, double? Low, double? High, double Median, double Least, double Most);

/// <summary>This report against an earlier one.</summary>
/// <param name="Baseline">The title of the earlier report.</param>
/// <param name="Created">When that was made.</param>
/// <param name="Differences">For each measure that both have.</param>
/// <param name="Unmatched">Clips of either report that the other lacks.</param>
/// <param name="Setting">What differs in the settings: key, was, is.</param>
public sealed record BaselineComparison(
    string Baseline, string Created, IReadOnlyList<MeasureDifference> Differences, IReadOnlyList<string> Unmatched,
    IReadOnlyList<string> Setting);

/// <summary>The change of a measure over clips that both reports have.</summary>
/// <param name="Measure">The key.</param>
/// <param name="Count">Clips that have it in both.</param>
/// <param name="Before">The mean of those clips in the earlier report.</param>
/// <param name="After">Their mean in this one.</param>
/// <param name="Difference">After less before.</param>
/// <param name="Low">Lower end of the difference's 95 % interval (bootstrap over clips, paired); null of one clip.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Verdict"><c>better</c>, <c>worse</c>, <c>changed</c> (of a measure without a better side), or <c>not told apart</c>.</param>
public sealed record MeasureDifference(
    string Measure, int Count, double Before, double After, double Difference, double? Low, double? High, string Verdict);

/// <summary>One clip and what was measured of it.</summary>
/// <param name="Name">Its name, by which reports are compared.</param>
/// <param name="Measures">Each measure by its key; null where it does not apply.</param>
/// <param name="Notes">What was done to it, and why a measure is null.</param>
public sealed record EvaluatedClip(string Name, IReadOnlyDictionary<string, double?> Measures, IReadOnlyList<string> Notes)
{
    /// <summary>What was to be said.</summary>
    public string? Text { get; init; }

    /// <summary>What a recogniser heard.</summary>
    public string? Heard { get; init; }

    /// <summary>What the attention watch found wrong.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Why there is nothing to measure; null where there is.</summary>
    public string? Error { get; init; }
}
