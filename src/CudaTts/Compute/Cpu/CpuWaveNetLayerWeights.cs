using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// A WaveNet layer's weights in the order in which the CPU kernels read them: blocks of as many rows as the register tile has, each [K, row].
/// A block of the gated products has the rows of half as many channels under the tanh, then theirs under the sigmoid; K runs over the dilated
/// convolution's channels and taps, then over the conditioning. The other block rows are the residual's, then the skip connection's.
/// </summary>
internal sealed class CpuWaveNetLayerWeights : WaveNetLayerWeights
{
    public CpuWaveNetLayerWeights(WaveNetLayerTensors tensors, int mostRows)
        : base(tensors)
    {
        BlockRows = mostRows;
        (GateBlocks, OutBlocks) = (Blocks(2 * GateChannels), Blocks(OutRows));
        (Gate, GateBias) = (new Tensor(GateBlocks * Depth * BlockRows), new Tensor(GateBlocks * BlockRows));
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

    /// <summary>Products behind each gated row.</summary>
    public int Depth => (InputChannels * Kernel) + ConditioningChannels;

    /// <summary>[block, Depth, row].</summary>
    public Tensor Gate { get; }

    public Tensor GateBias { get; }

    public int GateBlocks { get; }

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
        PackRow(Gate, Depth, row, firstK: 0, tensors.Dilated.Span.Slice(from * taps, taps));
        if (tensors.Conditioning is not null)
        {
            PackRow(Gate, Depth, row, firstK: taps, tensors.Conditioning.Span.Slice(from * ConditioningChannels, ConditioningChannels));
        }

        GateBias.Span[row] = tensors.GateBias.Span[from];
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
