using CudaTts.Cli.Plot;

namespace CudaTts.Cli.Reports;

/// <summary>An axis of a chart: its range and where it is labelled.</summary>
/// <param name="From">The value at its beginning: left or bottom.</param>
/// <param name="To">The value at its end.</param>
/// <param name="Ticks">Values and their labels.</param>
internal sealed record ChartAxis(double From, double To, IReadOnlyList<(double Value, string Label)> Ticks)
{
    // So many labels fit a telephone's width.
    private const int MostTicks = 8;

    /// <summary>Where values stand that are not spaced evenly; null for evenly.</summary>
    public Func<double, double>? Warp { get; init; }

    /// <summary>An axis of seconds from zero.</summary>
    public static ChartAxis OfSeconds(double seconds) => Of(0, Math.Max(seconds, 1e-3), "s");

    /// <summary>An axis with round labels, the unit at the first one.</summary>
    public static ChartAxis Of(double from, double to, string unit, int most = MostTicks)
    {
        var ticks = AxisTicks.Between(from, to, most).Select(tick => (tick.Value, Label: NumberText.OfDigits(tick.Label))).ToList();
        if (unit.Length > 0 && ticks.Count > 0)
        {
            ticks[0] = (ticks[0].Value, $"{ticks[0].Label}\u00A0{unit}");
        }

        return new ChartAxis(from, to, ticks);
    }

    /// <summary>An axis of hertz on which an octave has the same length everywhere.</summary>
    public static ChartAxis OfOctaves(double from, double to, IEnumerable<int> hertz) => new(
        from, to, [.. hertz.Where(value => value >= from && value <= to).Select(value => ((double)value, NumberText.Of(value, 0)))])
    {
        Warp = Math.Log2,
    };

    /// <summary>How far along the axis a value stands, 0 to 1.</summary>
    public double Share(double value)
    {
        var (from, to, at) = Warp is { } warp ? (warp(From), warp(To), warp(value)) : (From, To, value);
        return Math.Clamp((at - from) / (to - from), 0, 1);
    }
}
