using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>A model's weights for the CPU, in managed memory, which the collector frees.</summary>
internal sealed class CpuModelMemory(CpuCompute compute) : ModelMemory(compute)
{
    /// <summary>The device that holds it.</summary>
    public CpuCompute Compute => compute;

    /// <inheritdoc/>
    public override T ForDevice<T>(Func<CpuModelMemory, T> onCpu, Func<CudaModelMemory, T> onGpu) => onCpu(this);

    /// <inheritdoc/>
    public override Tensor Store(Tensor weights) => weights;

    /// <inheritdoc/>
    public override Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        new CpuConv1dWeights(Conv1dSizes.Of(weight, bias, dilation, padding), weight, bias, compute.PanelRows);

    /// <inheritdoc/>
    public override Conv1dWeights PackCostlyConv1d(Tensor weight, Tensor? bias, int dilation, int padding)
    {
        var sizes = Conv1dSizes.Of(weight, bias, dilation, padding);
        return new CpuConv1dWeights(sizes, weight, bias, compute.PanelRows, compute.GoesByDefinition ? null : WinogradFilter.Of(sizes));
    }

    /// <inheritdoc/>
    public override Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding = 0) =>
        new CpuConv1dWeights(Conv1dSizes.OfTransposed(weight, bias, stride, padding, outputPadding), weight, bias, compute.PanelRows);

    /// <inheritdoc/>
    public override BidirectionalLstm PackLstm(LstmTensors forward, LstmTensors backward) => new CpuBidirectionalLstm(compute, forward, backward);

    /// <inheritdoc/>
    public override WaveNetLayerWeights PackWaveNetLayer(WaveNetLayerTensors tensors) => new CpuWaveNetLayerWeights(
        tensors, compute.PanelRows, compute.GoesByDefinition ? null : WinogradFilter.Of(tensors, compute.VectorWidth));

    /// <inheritdoc/>
    private protected override void Free()
    {
    }
}
