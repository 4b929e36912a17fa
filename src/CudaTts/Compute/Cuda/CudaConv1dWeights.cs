using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// The weights of a convolution in the order in which the kernels read them, w[tap, column, channel] in half precision and w[tap, channel, column] in
/// float32, with zeros up to whole vectors of 16 bytes. A transposed convolution of stride s is kept as an ordinary one with s columns a channel, one
/// for each position modulo s ("phase"), channels within phases, of ceil(K / s) taps. For wgmma they lie as kernels/convolution_warpgroup.cuh says.
/// </summary>
internal sealed class CudaConv1dWeights : Conv1dWeights
{
    private const int HalfVector = 8;
    private const int FloatVector = 4;
    private const int WarpgroupChunk = 32;
    private readonly ConvolutionKernel[] _kernels;

    public CudaConv1dWeights(CudaModelMemory model, ElementType type, Conv1dSizes sizes, Tensor weight, Tensor? bias)
        : base(sizes)
    {
        var compute = model.Compute;
        Owner = compute;
        Taps = ConvolutionTile.TapsOf(sizes);
        UsesWarpgroups = compute.UsesWarpgroups && type == ElementType.Float16 && ConvolutionTile.SuitsWarpgroups(sizes);
        Packed = UsesWarpgroups ? model.StoreHalf(PackForWarpgroups(weight))
            : type == ElementType.Float16 ? model.StoreHalf(PackForHalf(weight)) : model.Store(PackForFloat(weight));
        Bias = model.Store(PackBias(bias));
        _kernels = ConvolutionKernel.Candidates(compute, type, sizes, UsesWarpgroups);
    }

    /// <summary>The device that holds them.</summary>
    public CudaCompute Owner { get; }

    /// <summary>Whether they are packed for wgmma, and so for the kernels of kernels/conv1d_sm90a.cu and residual_sm90a.cu alone.</summary>
    public bool UsesWarpgroups { get; }

    /// <summary>Taps of the product.</summary>
    public int Taps { get; }

    /// <summary>Columns of the product.</summary>
    public int Columns => OutputChannels * Stride;

    /// <summary>Input step of tap 0 for row 0 of the product.</summary>
    public int FirstStep => IsTransposed ? 1 - Taps : -Padding;

    /// <summary>Output steps cut from the front.</summary>
    public int Trim => IsTransposed ? Padding : 0;

    public Tensor Packed { get; }

    /// <summary>Bias of every column.</summary>
    public Tensor Bias { get; }

    /// <summary>Rows of the product for an output of <paramref name="steps"/> steps.</summary>
    /// <exception cref="OverflowException">The kernels count a row's elements in 32 bits, and so many steps have more.</exception>
    public int ProductRows(int steps)
    {
        var rows = checked(steps + Trim + Stride - 1) / Stride;
        _ = checked((rows + ConvolutionTile.MostRows) * Columns);
        _ = checked(rows * Stride * InputChannels);
        return rows;
    }

    /// <summary>
    /// The kernel for a number of rows of the product, all rows of the batch together: that of the largest tile of which every multiprocessor gets
    /// one, or of the smallest. All of them make the same bits.
    /// </summary>
    public ConvolutionKernel KernelFor(long rows)
    {
        foreach (var kernel in _kernels)
        {
            if (kernel.Tile.Blocks(rows, Columns) >= Owner.Context.Multiprocessors)
            {
                return kernel;
            }
        }

        return _kernels[^1];
    }

    private Tensor PackForHalf(Tensor weight)
    {
        var packed = new Tensor(Taps, Columns, Ceiling.Multiple(InputChannels, HalfVector));
        ForEach((tap, column, channel, source) => packed.Span[(((tap * Columns) + column) * packed[2]) + channel] = weight.Span[source]);
        return packed;
    }

    // [chunks, taps, groups of 8 columns, 4 units of 8 channels, 8 columns, 8 channels]
    private Tensor PackForWarpgroups(Tensor weight)
    {
        const int vector = HalfVector;
        var packed = new Tensor(Ceiling.Multiple(InputChannels, WarpgroupChunk) * Taps * Columns);
        ForEach((tap, column, channel, source) =>
        {
            var (chunk, unit) = (channel / WarpgroupChunk, channel % WarpgroupChunk / vector);
            var group = (((chunk * Taps) + tap) * (Columns / vector)) + (column / vector);
            packed.Span[(((((group * (WarpgroupChunk / vector)) + unit) * vector) + (column % vector)) * vector) + (channel % vector)] =
                weight.Span[source];
        });
        return packed;
    }

    private Tensor PackForFloat(Tensor weight)
    {
        var packed = new Tensor(Taps, InputChannels, Ceiling.Multiple(Columns, FloatVector));
        ForEach((tap, column, channel, source) => packed.Span[(((tap * InputChannels) + channel) * packed[2]) + column] = weight.Span[source]);
        return packed;
    }

    private Tensor PackBias(Tensor? bias)
    {
        var packed = new Tensor(Ceiling.Multiple(Columns, HalfVector));
        for (var column = 0; bias is not null && column < Columns; column++)
        {
            packed.Span[column] = bias.Span[column % OutputChannels];
        }

        return packed;
    }

    /// <summary>Tells for every weight of the product which of the checkpoint's it is.</summary>
    private void ForEach(Action<int, int, int, int> pack)
    {
        for (var tap = 0; tap < Taps; tap++)
        {
            for (var column = 0; column < Columns; column++)
            {
                // Output step q * stride + phase takes input step q - j through the kernel's tap j * stride + phase; the product's taps run forward.
                var (phase, output) = Math.DivRem(column, OutputChannels);
                var kernelTap = IsTransposed ? ((Taps - 1 - tap) * Stride) + phase : tap;
                for (var channel = 0; kernelTap < Kernel && channel < InputChannels; channel++)
                {
                    var (first, second, seconds) = IsTransposed ? (channel, output, OutputChannels) : (output, channel, InputChannels);
                    pack(tap, column, channel, (((first * seconds) + second) * Kernel) + kernelTap);
                }
            }
        }
    }
}
