using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening.Analysis;

/// <summary>What a listening test has shown.</summary>
internal sealed record ListeningReport
{
    /// <summary>What tells the test from every other.</summary>
    public required string TestId { get; init; }

    /// <summary>How listeners were asked.</summary>
    public required ListeningMethod Method { get; init; }

    /// <summary>When it was made, UTC, ISO 8601; empty where nobody has said.</summary>
    public string Created { get; init; } = "";

    /// <summary>The key of the intervals' random draws.</summary>
    public required uint Seed { get; init; }

    /// <summary>How often was drawn for each interval.</summary>
    public int Replicates { get; init; } = Bootstrap.Replicates;

    /// <summary>Files that were read.</summary>
    public required int Files { get; init; }

    /// <summary>Scores that were there twice, and count once.</summary>
    public required int Duplicates { get; init; }

    /// <summary>When answers were left out.</summary>
    public required ScreeningRules Rules { get; init; }

    /// <summary>The steps of leaving out, and whom each took.</summary>
    public required IReadOnlyList<ScreeningStep> Screening { get; init; }

    /// <summary>The systems by all answers.</summary>
    public required IReadOnlyList<ConditionSummary> BeforeScreening { get; init; }

    /// <summary>The systems by the answers that count.</summary>
    public required IReadOnlyList<ConditionSummary> AfterScreening { get; init; }

    /// <summary>What differs, by the answers that count.</summary>
    public required IReadOnlyList<SystemComparison> Comparisons { get; init; }

    /// <summary>The mean correlation of a listener with the others, of all.</summary>
    public required double? AgreementBeforeScreening { get; init; }

    /// <summary>The same of those who count.</summary>
    public required double? AgreementAfterScreening { get; init; }

    /// <summary>All listeners, with what became of them.</summary>
    public required IReadOnlyList<ListenerSummary> Listeners { get; init; }

    /// <summary>What listeners wrote.</summary>
    public required IReadOnlyList<ListenerComment> Comments { get; init; }
}

/// <summary>The scores of one system, or of one comparison.</summary>
/// <param name="Condition">What was judged.</param>
/// <param name="Votes">How many scores there are.</param>
/// <param name="Listeners">How many listeners gave them.</param>
/// <param name="Mean">The mean score: MOS, DMOS, CMOS.</param>
/// <param name="StandardDeviation">Spread of the scores, with n - 1.</param>
/// <param name="Student">The interval that takes scores for independent, which they are not: too narrow. Null of one score.</param>
/// <param name="Bootstrap">The interval over listeners.</param>
/// <param name="LowerQuartile">What a quarter of the scores lies below.</param>
/// <param name="Median">What half of the scores lies below.</param>
/// <param name="UpperQuartile">What three quarters of the scores lie below.</param>
internal sealed record ConditionSummary(
    string Condition, int Votes, int Listeners, double Mean, double StandardDeviation, Interval? Student, Interval Bootstrap, double LowerQuartile,
    double Median, double UpperQuartile);

/// <summary>Whether two systems differ; of a comparison test, whether the second differs from the first.</summary>
/// <param name="First">One system.</param>
/// <param name="Second">The other; null where the score itself is a difference.</param>
/// <param name="Difference">First minus second with its interval over listeners.</param>
/// <param name="Test">How the probability was found: <c>bootstrap</c> or <c>wilcoxon</c>.</param>
/// <param name="PValue">The two-sided probability.</param>
/// <param name="AdjustedPValue">The same after Holm's correction for all comparisons of the report.</param>
internal sealed record SystemComparison(string First, string? Second, Interval Difference, string Test, double PValue, double AdjustedPValue)
{
    /// <summary>The level below which a difference is called significant.</summary>
    public const double Level = 0.05;

    /// <summary>Whether the difference is significant after the correction.</summary>
    public bool IsSignificant => AdjustedPValue < Level;
}

/// <summary>One listener in figures.</summary>
/// <param name="Listener">The number.</param>
/// <param name="Votes">How many scores there are.</param>
/// <param name="Mean">Their mean; null without any.</param>
/// <param name="StandardDeviation">Their spread, with n - 1; null without any.</param>
/// <param name="Agreement">The correlation with all the other listeners; null where it cannot be said.</param>
/// <param name="Dropped">Why the scores do not count; null where they do.</param>
internal sealed record ListenerSummary(long Listener, int Votes, double? Mean, double? StandardDeviation, double? Agreement, string? Dropped);

/// <summary>What a listener wrote.</summary>
internal sealed record ListenerComment(long Listener, string Text);
