namespace CudaTts.Load;

/// <summary>What a share of the values does not exceed, by the nearest rank: each is a value that was measured, and none is in between.</summary>
/// <param name="Count">Values.</param>
/// <param name="P50">The median.</param>
/// <param name="P95">19 of 20 are not above it.</param>
/// <param name="P99">99 of 100 are not above it.</param>
/// <param name="Most">The largest.</param>
internal sealed record Percentiles(int Count, double P50, double P95, double P99, double Most)
{
    /// <summary>Ranks values; there is nothing to say of none.</summary>
    public static Percentiles? Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : new Percentiles(sorted.Length, Rank(sorted, 0.5), Rank(sorted, 0.95), Rank(sorted, 0.99), sorted[^1]);
    }

    /// <summary>Ranks times in seconds; what is null is left out.</summary>
    public static Percentiles? Of(IEnumerable<TimeSpan?> times) => Of(times.OfType<TimeSpan>().Select(time => time.TotalSeconds));

    private static double Rank(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
