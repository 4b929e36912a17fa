using System.Runtime.InteropServices;
using CudaTts.Compute.Cpu;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>A model's weights in a GPU's memory, each an allocation of exactly its size.</summary>
internal sealed class CudaModelMemory(CudaCompute compute) : ModelMemory(compute)
{
    private readonly List<CudaMemory> _weights = [];

    /// <summary>The device that holds it.</summary>
    public CudaCompute Compute => compute;

    /// <inheritdoc/>
    public override T ForDevice<T>(Func<CpuModelMemory, T> onCpu, Func<CudaModelMemory, T> onGpu) => onGpu(this);

    /// <inheritdoc/>
    public override Tensor Store(Tensor weights)
    {
        var stored = Allocate(ElementType.Float32, weights.Shape);
        compute.Enter().Upload<float>(weights.Span, CudaCompute.AddressOf(stored));
        return stored;
    }

    /// <summary>Weights in half precision.</summary>
    /// <exception cref="WeightsException">A weight is too large for it.</exception>
    public Tensor StoreHalf(Tensor weights)
    {
        var values = weights.Span;
        var tooLarge = values.IndexOfAnyExceptInRange((float)Half.MinValue, (float)Half.MaxValue);
        if (tooLarge >= 0)
        {
            throw new WeightsException(
                FormattableString.Invariant($"the weight {values[tooLarge]} is beyond half precision (65,504); use --precision float32."));
        }

        var stored = Allocate(ElementType.Float16, weights.Shape);
        compute.RoundToHalf(values, stored);
        return stored;
    }

    /// <summary>A matrix in the device's precision.</summary>
    /// <inheritdoc cref="StoreHalf" path="/exception"/>
    public Tensor StoreMatrix(Tensor matrix) => compute.Type == ElementType.Float32 ? Store(matrix) : StoreHalf(matrix);

    /// <summary>Structures that a kernel reads, as they lie in memory.</summary>
    public CUdeviceptr StoreStructures<T>(T[] structures)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes<T>(structures);
        var stored = new CUdeviceptr(Allocate(ElementType.Float32, bytes.Length / sizeof(float)).Address);
        compute.Enter().Upload<byte>(bytes, stored);
        return stored;
    }

    /// <inheritdoc/>
    public override Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        new CudaConv1dWeights(this, compute.Type, Conv1dSizes.Of(weight, bias, dilation, padding), weight, bias);

    /// <inheritdoc/>
    public override Conv1dWeights PackFirstConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        new CudaConv1dWeights(this, ElementType.Float32, Conv1dSizes.Of(weight, bias, dilation, padding), weight, bias);

    /// <inheritdoc/>
    public override Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding = 0) =>
        new CudaConv1dWeights(this, compute.Type, Conv1dSizes.OfTransposed(weight, bias, stride, padding, outputPadding), weight, bias);

    /// <inheritdoc/>
    public override ResidualBlockWeights PackResidualBlocks(ResidualLayer[][] blocks, float slope)
    {
        var separate = base.PackResidualBlocks(blocks, slope);
        return compute.Type == ElementType.Float16 && ResidualTile.For(separate, compute.Context.SharedMemoryPerBlock) is { } tile
            ? new CudaResidualBlockWeights(this, blocks, slope, tile)
            : separate;
    }

    /// <inheritdoc/>
    /// <exception cref="CudaTtsException">The device has no room for so many channels.</exception>
    public override LayerNormWeights PackLayerNorm(Tensor scale, Tensor shift)
    {
        RequireShared($"layer normalisation over {scale.Length} channels", CudaCompute.LayerNormSharedBytes(scale.Length));
        return base.PackLayerNorm(scale, shift);
    }

    /// <inheritdoc/>
    /// <exception cref="CudaTtsException">There is no kernel for heads of so many channels.</exception>
    public override AttentionHeads PackHeads(int count, int width, Tensor? relativeKeys = null, Tensor? relativeValues = null)
    {
        _ = SelfAttentionLaunch.KernelFor(width);
        var places = relativeKeys?[0] ?? 0;
        RequireShared($"attention with {width} channels a head and {places} relative places", SelfAttentionLaunch.SharedBytes(width, places));
        return base.PackHeads(count, width, relativeKeys, relativeValues);
    }

    /// <summary>Refuses, before a network runs, what a block of the device has no room for.</summary>
    /// <param name="what">What needs it, for people.</param>
    /// <param name="bytes">Dynamic shared memory of a block.</param>
    /// <exception cref="CudaTtsException">A block has less.</exception>
    public void RequireShared(string what, long bytes)
    {
        var most = compute.Context.SharedMemoryPerBlock;
        if (bytes > most)
        {
            throw new CudaTtsException(FormattableString.Invariant(
                $"{what} needs {bytes:N0} bytes of shared memory, a block has {most:N0} on the device {compute.Name}; use --device cpu."));
        }
    }

    /// <inheritdoc/>
    public override BidirectionalLstm PackLstm(LstmTensors forward, LstmTensors backward) => new CudaBidirectionalLstm(this, forward, backward);

    /// <inheritdoc/>
    public override WaveNetLayerWeights PackWaveNetLayer(WaveNetLayerTensors tensors) => new CudaWaveNetLayerWeights(this, tensors);

    /// <inheritdoc/>
    private protected override void Free()
    {
        _weights.ForEach(memory => memory.Dispose());
        _weights.Clear();
        compute.Forget(this);
    }

    private Tensor Allocate(ElementType type, ReadOnlySpan<int> shape)
    {
        var memory = new CudaMemory(compute.Context, CudaCompute.BytesOf(type, shape));
        _weights.Add(memory);
        return new Tensor(memory.Address.Value, type, shape);
    }

    private Tensor Allocate(ElementType type, int elements) => Allocate(type, [elements]);
}
