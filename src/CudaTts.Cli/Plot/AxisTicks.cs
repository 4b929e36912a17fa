using System.Globalization;

namespace CudaTts.Cli.Plot;

/// <summary>Round numbers along an axis.</summary>
internal static class AxisTicks
{
    private const int Most = 10;
    private static readonly int[] s_roundFactors = [1, 2, 5, 10];

    /// <summary>At most ten ticks from zero on, one, two or five times a power of ten apart.</summary>
    public static IEnumerable<(double Value, string Label)> Of(double length) => Between(0, Math.Max(length, 0), Most);

    /// <summary>Ticks within a range, one, two or five times a power of ten apart.</summary>
    /// <param name="from">Where the axis begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="most">How many steps fit the axis.</param>
    public static IEnumerable<(double Value, string Label)> Between(double from, double to, int most)
    {
        var length = to - from;
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(length, 1e-3) / most)));
        var step = s_roundFactors.Select(factor => factor * power).First(candidate => length / candidate <= most);
        var decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - 1e-9));
        for (var i = Math.Ceiling((from / step) - 1e-9); i * step <= to + (1e-9 * length); i++)
        {
            // Adding zero takes the sign off a negative zero.
            yield return (i * step, ((i * step) + 0.0).ToString($"F{decimals}", CultureInfo.InvariantCulture));
        }
    }
}
