namespace CudaTts.Models;

/// <summary>The hop of a vocoder that raises the rate in steps.</summary>
internal static class HopLength
{
    /// <summary>Samples that a frame becomes: the product of the rates, none of them negative, or the largest integer where that is less.</summary>
    public static int Of(IReadOnlyList<int> rates) => (int)rates.Aggregate(1L, (product, rate) => Math.Min(product * rate, int.MaxValue));
}
