using System.Runtime.Intrinsics;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// Winograd's minimal filtering F(4, r) over time (Lavin and Gray, arXiv:1509.09308, section 4, in one dimension): four outputs of a convolution of r
/// taps, a dilation apart, are sums of r + 3 products, each of a sum of inputs and a sum of taps, where the definition has 4 r. The sums over the
/// input channels come between, so inputs and outputs are transformed once for all of the other side's channels. More taps than a filter has are
/// cut into segments of four, whose transformed inputs are the same, four inputs on. The rounding depends on the place of a step among its four, so a
/// part of a sequence that is computed apart has other last bits than the whole.
/// </summary>
/// <param name="Taps">r: 3, 4 or 5 taps of a segment.</param>
/// <param name="Segments">Segments of taps; with more than one each has four.</param>
internal sealed record WinogradFilter(int Taps, int Segments)
{
    /// <summary>Outputs that share their products.</summary>
    public const int Outputs = 4;

    /// <summary>Most products of a segment.</summary>
    public const int MostProducts = 8;

    /// <summary>Which product's sum is added once to every output: there the bias goes.</summary>
    public const int BiasProduct = 1;

    /// <summary>
    /// The points of the products behind the sixth. Of small whole numbers and their reciprocals the rounding error stays within about twice that of
    /// the definition (Barabasz and others, arXiv:1803.10986, on how points are chosen).
    /// </summary>
    public const float ExtraPoint = 0.5f;

    // The products with the conditioning, which go apart from a filter's, go faster together with the definition's; of more of them nothing is left.
    private const int MostConditioning = 4;

    // Of the kernels' register tile.
    private const int TileVectors = 3;

    // Blocks are whole groups and reach over all segments; with more columns of either their panels would leave the cache.
    private const int MostColumns = 64;

    // What transforming a number costs, in products that are saved: fitted to the times of single layers.
    private const int TransformCost = 14;

    // Of a block of packed weights.
    private const int MostRows = 8;

    private static readonly double[] s_points = [0, 1, -1, 2, -2, ExtraPoint, -ExtraPoint];
    private static readonly double[][] s_matrices = [.. Enumerable.Range(0, MostProducts - Outputs + 2).Select(TapMatrix)];

    /// <summary>Products of a segment, of one input channel and one output channel, for four outputs.</summary>
    public int Products => Taps + Outputs - 1;

    /// <summary>The filter by which a convolution costs the least; null where that is the definition.</summary>
    public static WinogradFilter? Of(Conv1dSizes sizes)
    {
        var filter = sizes.IsTransposed ? null : Of(sizes.InputChannels, sizes.OutputChannels, sizes.Kernel);
        return filter is not null && (long)sizes.Dilation * Math.Max(1, filter.Segments - 1) <= MostColumns ? filter : null;
    }

    /// <summary>
    /// The filter for a WaveNet layer on vectors of so many numbers; null where the definition costs less, or where a dilation is neither whole
    /// vectors nor a part of a tile, as the public ones, powers of two, are.
    /// </summary>
    public static WinogradFilter? Of(WaveNetLayerTensors layer, int vector)
    {
        var (rows, channels, taps) = (layer.Dilated[0], layer.Dilated[1], layer.Dilated[2]);
        var fits = taps is 3 or 5 && (layer.Dilation % vector == 0 || TileVectors * vector % layer.Dilation == 0);
        return fits && (layer.Conditioning?[1] ?? 0) <= MostConditioning * channels ? Of(channels, rows, taps) : null;
    }

    /// <summary>Transforms the taps of a segment, for several output rows, into the factors of its products.</summary>
    /// <param name="taps">[tap, row], at most as many taps as a segment has; those that are missing are zero.</param>
    /// <param name="rows">Output rows.</param>
    /// <param name="factors">[product, row]: for the points 0, 1, -1, 2, -2 and infinity, then for 1/2 and -1/2.</param>
    /// <param name="stride">Floats from one product's factors to the next product's.</param>
    public void TransformTaps(ReadOnlySpan<float> taps, int rows, Span<float> factors, int stride)
    {
        Span<double> sums = stackalloc double[MostRows];
        for (var product = 0; product < Products; product++)
        {
            sums.Clear();
            for (var tap = 0; tap * rows < taps.Length; tap++)
            {
                AddScaled(taps.Slice(tap * rows, rows), s_matrices[Taps][(product * Taps) + tap], sums);
            }

            for (var row = 0; row < rows; row++)
            {
                factors[(product * stride) + row] = (float)sums[row];
            }
        }
    }

    private static void AddScaled(ReadOnlySpan<float> taps, double factor, Span<double> sums)
    {
        var row = 0;
        for (; row <= taps.Length - Vector256<double>.Count; row += Vector256<double>.Count)
        {
            var (wide, _) = Vector256.Widen(Vector128.Create(taps[row..]).ToVector256());
            (Vector256.Create<double>(sums[row..]) + (wide * factor)).CopyTo(sums[row..]);
        }

        for (; row < taps.Length; row++)
        {
            sums[row] += factor * taps[row];
        }
    }

    /// <summary>
    /// [product, tap]: the powers of each product's point, over the product of its differences from the others; for infinity the last tap alone.
    /// </summary>
    private static double[] TapMatrix(int taps)
    {
        const int Infinity = 5;
        var products = taps + Outputs - 1;
        var points = s_points.AsSpan(0, Math.Max(0, products - 1));
        var matrix = new double[products * taps];
        for (var i = 0; i < points.Length; i++)
        {
            var factor = 1.0;
            for (var other = 0; other < points.Length; other++)
            {
                factor /= other == i ? 1 : points[i] - points[other];
            }

            for (var tap = 0; tap < taps; tap++, factor *= points[i])
            {
                matrix[((i < Infinity ? i : i + 1) * taps) + tap] = factor;
            }
        }

        if (products > Infinity)
        {
            matrix[(Infinity * taps) + taps - 1] = 1;
        }

        return matrix;
    }

    private static WinogradFilter? Of(int inputs, int outputs, int kernel)
    {
        if (kernel < 3)
        {
            return null;
        }

        var filter = kernel is 3 or 5 ? new WinogradFilter(kernel, 1) : new WinogradFilter(Outputs, Ceiling.Of(kernel, Outputs));
        var products = (double)inputs * outputs * filter.Products * filter.Segments / Outputs;
        return products + (TransformCost * ((double)inputs + outputs)) < (double)inputs * outputs * kernel ? filter : null;
    }
}
