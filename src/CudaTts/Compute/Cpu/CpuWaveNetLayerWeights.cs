namespace CudaTts.Compute.Cpu;

/// <summary>
/// A WaveNet layer's weights in the order in which the CPU kernels read them: blocks of as many rows as the register tile has, each [K, row].
/// A block of the gated products has the rows of half as many channels under the tanh, then theirs under the sigmoid; K runs over the dilated
/// convolution's channels and taps, then over the conditioning. The other block rows are the residual's, then the skip connection's.
/// </summary>
internal sealed class CpuWaveNetLayerWeights : WaveNetLayerWeights
{
    private readonly WaveNetLayerTensors _tensors;

    public CpuWaveNetLayerWeights(WaveNetLayerTensors tensors, int mostRows)
        : base(tensors)
    {
        _tensors = tensors;
        BlockRows = mostRows;
        (GateBlocks, OutBlocks) = (Blocks(2 * GateChannels), Blocks(OutRows));
        (Gate, GateBias) = Packed(GateBlocks, Depth, (row, k) => GateWeight(GateRow(row), k), row => Value(tensors.GateBias, GateRow(row)));
        (Out, OutBias) = Packed(OutBlocks, GateChannels, OutWeight, OutBiasOf);
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

    private int Blocks(int rows) => (rows + BlockRows - 1) / BlockRows;

    private (Tensor Weights, Tensor Bias) Packed(int blocks, int depth, Func<int, int, float> weight, Func<int, float> bias)
    {
        var (weights, biases) = (new Tensor(blocks * depth * BlockRows), new Tensor(blocks * BlockRows));
        var to = weights.Span;
        var index = 0;
        for (var block = 0; block < blocks; block++)
        {
            for (var k = 0; k < depth; k++)
            {
                for (var row = 0; row < BlockRows; row++)
                {
                    to[index++] = weight((block * BlockRows) + row, k);
                }
            }
        }

        for (var row = 0; row < biases.Length; row++)
        {
            biases.Span[row] = bias(row);
        }

        return (weights, biases);
    }

    // The checkpoint's row of a packed one, or -1 where the block is filled up.
    private int GateRow(int row)
    {
        var half = BlockRows / 2;
        var channel = (row / BlockRows * half) + (row % half);
        return channel >= GateChannels ? -1 : row % BlockRows < half ? channel : GateChannels + channel;
    }

    private float GateWeight(int row, int k)
    {
        var taps = InputChannels * Kernel;
        return row < 0 ? 0 : k < taps ? _tensors.Dilated.Span[(row * taps) + k] : _tensors.Conditioning.Span[(row * ConditioningChannels) + k - taps];
    }

    private static float Value(Tensor bias, int row) => row < 0 ? 0 : bias.Span[row];

    private float OutWeight(int row, int k) => row < ResidualRows
        ? _tensors.Residual!.Span[(row * GateChannels) + k]
        : row < OutRows ? _tensors.Skip.Span[((row - ResidualRows) * GateChannels) + k] : 0;

    private float OutBiasOf(int row) => row < ResidualRows
        ? _tensors.ResidualBias!.Span[row]
        : row < OutRows ? _tensors.SkipBias.Span[row - ResidualRows] : 0;
}
