using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// A WaveNet layer's weights in the order in which the CPU kernels read them: blocks of as many rows as the register tile has, each [K, row].
/// A block of the gated products has the rows of half as many channels under the tanh, then theirs under the sigmoid; K runs over the dilated
/// convolution's channels and taps, then over the conditioning. The other block rows are the residual's, then the skip connection's. Where the
/// convolution goes by a filter, its products have blocks of their own, and K is the conditioning alone.
/// </summary>
internal sealed class CpuWaveNetLayerWeights : WaveNetLayerWeights
{
    /// <param name="tensors">As checkpoints have them.</param>
    /// <param name="mostRows">Rows of a block.</param>
    /// <param name="filter">By which the dilated convolution goes; null for its definition.</param>
    public CpuWaveNetLayerWeights(WaveNetLayerTensors tensors, int mostRows, WinogradFilter? filter)
        : base(tensors)
    {
        (BlockRows, Filter) = (mostRows, filter);
        (GateBlocks, OutBlocks) = (Blocks(2 * GateChannels), Blocks(OutRows));
        (Gate, GateBias) = (new Tensor(GateBlocks * Depth * BlockRows), new Tensor(GateBlocks * BlockRows));
        Dilated = new Tensor(checked(GateBlocks * (Filter?.Products ?? 0) * InputChannels * BlockRows));
        (Out, OutBias) = (new Tensor(OutBlocks * GateChannels * BlockRows), new Tensor(OutBlocks * BlockRows));
        for (var row = 0; row < 2 * GateChannels; row++)
        {
            PackGate(tensors, row, GateRow(row));
        }

        for (var row = 0; row < OutRows; row++)
        {
            var isResidual = row < ResidualRows;
            var (weight, bias) = isResidual ? (tensors.Residual!, tensors.ResidualBias!) : (tensors.Skip, tensors.SkipBias);
            var from = isResidual ? row : row - ResidualRows;
            PackRow(Out, GateChannels, row, firstK: 0, weight.Span.Slice(from * GateChannels, GateChannels));
            OutBias.Span[row] = bias.Span[from];
        }
    }

    /// <summary>Rows of every block; what does not fill one is zero.</summary>
    public int BlockRows { get; }

    /// <summary>How the dilated convolution saves products; null where it goes as it is defined.</summary>
    public WinogradFilter? Filter { get; }

    /// <summary>Products behind each gated row, those of a filter aside.</summary>
    public int Depth => (Filter is null ? InputChannels * Kernel : 0) + ConditioningChannels;

    /// <summary>[block, product, input channel, row] of a filter.</summary>
    public Tensor Dilated { get; }

    /// <summary>[block, Depth, row].</summary>
    public Tensor Gate { get; }

    public Tensor GateBias { get; }

    public int GateBlocks { get; }

    /// <summary>Gated channels, those that fill the last block included.</summary>
    public int GatedRows => GateBlocks * (BlockRows / 2);

    /// <summary>[block, GateChannels, row].</summary>
    public Tensor Out { get; }

    public Tensor OutBias { get; }

    public int OutBlocks { get; }

    /// <summary>Rows of the residual, which come before those of the skip connection.</summary>
    public int ResidualRows => HasResidual ? InputChannels : 0;

    public int OutRows => ResidualRows + SkipChannels;

    /// <summary>The biases of the gated products with a vector of each row of a batch added, [B, blocks, row].</summary>
    /// <param name="vectors">[B, 2 Cg].</param>
    public Tensor GateBiasWith(Tensor vectors)
    {
        var biases = new Tensor(vectors[0], GateBias.Length);
        for (var batchRow = 0; batchRow < vectors[0]; batchRow++)
        {
            var of = biases.Slice(batchRow, 1).Span;
            GateBias.Span.CopyTo(of);
            for (var row = 0; row < 2 * GateChannels; row++)
            {
                of[GateRow(row)] += vectors.Span[(batchRow * 2 * GateChannels) + row];
            }
        }

        return biases;
    }

    private int Blocks(int rows) => Ceiling.Of(rows, BlockRows);

    /// <summary>Where a row of the gated products is packed: those under the tanh first, then those under the sigmoid.</summary>
    private int GateRow(int row)
    {
        var (block, place) = Math.DivRem(row % GateChannels, BlockRows / 2);
        return (block * BlockRows) + (row / GateChannels * (BlockRows / 2)) + place;
    }

    private void PackGate(WaveNetLayerTensors tensors, int from, int row)
    {
        var taps = InputChannels * Kernel;
        var dilated = tensors.Dilated.Span.Slice(from * taps, taps);
        if (Filter is null)
        {
            PackRow(Gate, Depth, row, firstK: 0, dilated);
        }
        else
        {
            PackFilter(Filter, row, dilated);
        }

        if (tensors.Conditioning is not null)
        {
            var conditioning = tensors.Conditioning.Span.Slice(from * ConditioningChannels, ConditioningChannels);
            PackRow(Gate, Depth, row, firstK: Depth - ConditioningChannels, conditioning);
        }

        GateBias.Span[row] = tensors.GateBias.Span[from];
    }

    private void PackFilter(WinogradFilter filter, int row, ReadOnlySpan<float> taps)
    {
        var (block, place) = Math.DivRem(row, BlockRows);
        Span<float> factors = stackalloc float[WinogradFilter.MostProducts];
        for (var channel = 0; channel < InputChannels; channel++)
        {
            filter.TransformTaps(taps.Slice(channel * Kernel, Kernel), rows: 1, factors, stride: 1);
            for (var product = 0; product < filter.Products; product++)
            {
                Dilated.Span[(((((block * filter.Products) + product) * InputChannels) + channel) * BlockRows) + place] = factors[product];
            }
        }
    }

    private void PackRow(Tensor packed, int depth, int row, int firstK, ReadOnlySpan<float> weights)
    {
        var (block, place) = Math.DivRem(row, BlockRows);
        var to = packed.Span[(((block * depth) + firstK) * BlockRows)..];
        for (var k = 0; k < weights.Length; k++)
        {
            to[(k * BlockRows) + place] = weights[k];
        }
    }
}
