using System.Globalization;

namespace CudaTts.Benchmarks.Compare;

/// <summary>The middle and the ends of some measurements.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <summary>The median of an even number of values is the mean of the middle two.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }

    /// <summary>For a Markdown table, with so many decimals.</summary>
    public string Text(int decimals)
    {
        string Number(double value) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return $"**{Number(Median)}** ({Number(Least)} to {Number(Most)})";
    }
}
