namespace CudaTts.Quality.Listening.Analysis;

/// <summary>
/// When a listener's answers are left out; decided before anybody looks at the systems, and stored with every result. The defaults are those of the
/// open P.808 toolkit and of BS.1534-3.
/// </summary>
internal sealed record ScreeningRules
{
    /// <summary>How far a gold clip's score may be from the right one.</summary>
    public int GoldTolerance { get; init; } = 1;

    /// <summary>The standard deviation below which a listener always gives the same score (a variance of 0.1).</summary>
    public double LeastDeviation { get; init; } = 0.32;

    /// <summary>The share of scores that may come before the clip could have ended; not for MUSHRA.</summary>
    public double MostFast { get; init; } = 0.1;

    /// <summary>The least correlation with the mean of the other listeners; 0 asks for none. Not for MUSHRA.</summary>
    public double LeastAgreement { get; init; } = 0.3;

    /// <summary>With fewer scores, or clips in common, neither spread nor agreement is judged.</summary>
    public int LeastScores { get; init; } = 8;

    /// <summary>What the hidden reference of MUSHRA deserves at least.</summary>
    public int LeastForReference { get; init; } = 90;

    /// <summary>What the anchor of MUSHRA deserves at most.</summary>
    public int MostForAnchor { get; init; } = 90;

    /// <summary>The share of pages of MUSHRA on which the hidden reference or the anchor may be judged otherwise.</summary>
    public double MostMisjudged { get; init; } = 0.15;
}
