using System.Globalization;

namespace CudaTts.Cli.Plot;

/// <summary>Round numbers along an axis from zero.</summary>
internal static class AxisTicks
{
    private const int Most = 10;
    private static readonly int[] s_roundFactors = [1, 2, 5, 10];

    /// <summary>At most ten ticks, one, two or five times a power of ten apart.</summary>
    public static IEnumerable<(double Value, string Label)> Of(double length)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(length, 1e-3) / Most)));
        var step = s_roundFactors.Select(factor => factor * power).First(candidate => length / candidate <= Most);
        var decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - 1e-9));
        for (var i = 0; i * step <= length * (1 + 1e-9); i++)
        {
            yield return (i * step, (i * step).ToString($"F{decimals}", CultureInfo.InvariantCulture));
        }
    }
}
