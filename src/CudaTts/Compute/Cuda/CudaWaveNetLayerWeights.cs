namespace CudaTts.Compute.Cuda;

/// <summary>A WaveNet layer's weights in the order in which kernels/wavenet.cu reads them: blocks of 64 rows, each [K, 64].</summary>
internal sealed class CudaWaveNetLayerWeights : WaveNetLayerWeights
{
    private const int BlockRows = 64;
    private const int BlockChannels = BlockRows / 2;

    public CudaWaveNetLayerWeights(CudaCompute compute, WaveNetLayerTensors tensors)
        : base(tensors)
    {
        Owner = compute;
        var gateBlocks = (GateChannels + BlockChannels - 1) / BlockChannels;
        var (gate, gateBias) = (new Tensor(gateBlocks, Depth, BlockRows), new Tensor(gateBlocks, BlockRows));
        for (var channel = 0; channel < GateChannels; channel++)
        {
            var row = (channel / BlockChannels * BlockRows) + (channel % BlockChannels);
            PackGate(tensors, channel, row, gate, gateBias);
            PackGate(tensors, GateChannels + channel, row + BlockChannels, gate, gateBias);
        }

        var outBlocks = (ResidualRows + SkipChannels + BlockRows - 1) / BlockRows;
        var (result, resultBias) = (new Tensor(outBlocks, GateChannels, BlockRows), new Tensor(outBlocks, BlockRows));
        for (var row = 0; row < ResidualRows + SkipChannels; row++)
        {
            var isResidual = row < ResidualRows;
            var (weight, bias) = isResidual ? (tensors.Residual!, tensors.ResidualBias!) : (tensors.Skip, tensors.SkipBias);
            var from = isResidual ? row : row - ResidualRows;
            for (var k = 0; k < GateChannels; k++)
            {
                result.Span[(((row / BlockRows * GateChannels) + k) * BlockRows) + (row % BlockRows)] = weight.Span[(from * GateChannels) + k];
            }

            resultBias.Span[row] = bias.Span[from];
        }

        Tensor Store(Tensor weights) => compute.Type == ElementType.Float16 ? compute.StoreHalf(weights) : compute.Store(weights);
        (Gate, GateBias, Out, OutBias) = (Store(gate), compute.Store(gateBias), Store(result), compute.Store(resultBias));
    }

    /// <summary>The device that holds them.</summary>
    public CudaCompute Owner { get; }

    public Tensor Gate { get; }

    public Tensor GateBias { get; }

    public Tensor Out { get; }

    public Tensor OutBias { get; }

    public int ResidualRows => HasResidual ? InputChannels : 0;

    private int Depth => (InputChannels * Kernel) + ConditioningChannels;

    // K runs over taps, within a tap over channels, then over the conditioning.
    private void PackGate(WaveNetLayerTensors tensors, int from, int row, Tensor gate, Tensor bias)
    {
        var to = gate.Span[((row / BlockRows * Depth * BlockRows) + (row % BlockRows))..];
        for (var channel = 0; channel < InputChannels; channel++)
        {
            for (var tap = 0; tap < Kernel; tap++)
            {
                to[((tap * InputChannels) + channel) * BlockRows] = tensors.Dilated.Span[(((from * InputChannels) + channel) * Kernel) + tap];
            }
        }

        for (var channel = 0; channel < ConditioningChannels; channel++)
        {
            to[((InputChannels * Kernel) + channel) * BlockRows] = tensors.Conditioning.Span[(from * ConditioningChannels) + channel];
        }

        bias.Span[row] = tensors.GateBias.Span[from];
    }
}
