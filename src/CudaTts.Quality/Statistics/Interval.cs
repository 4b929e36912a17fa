namespace CudaTts.Quality.Statistics;

/// <summary>A mean and how far it may be off.</summary>
/// <param name="Mean">The mean of what was measured, or of its differences.</param>
/// <param name="Low">The lower end of the 95 % interval.</param>
/// <param name="High">The upper end of the 95 % interval.</param>
/// <param name="Count">How many values the mean is taken over.</param>
public sealed record Interval(double Mean, double Low, double High, int Count)
{
    /// <summary>How much of what could be observed lies within: 95 %.</summary>
    public const double Confidence = 0.95;

    /// <summary>The share below the lower end, and above the upper.</summary>
    internal const double Tail = (1 - Confidence) / 2;

    /// <summary>Whether zero is no plausible mean: of a difference, that it is significant.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
