using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// Residual blocks that kernels/residual_f16.cu computes a layer at a time. The weights are those of the separate convolutions; here is where each
/// layer's lie.
/// </summary>
internal sealed class CudaResidualBlockWeights : ResidualBlockWeights
{
    public CudaResidualBlockWeights(CudaCompute compute, ResidualLayer[][] blocks, float slope, ResidualTile tile)
        : base(blocks, slope)
    {
        (Owner, Tile) = (compute, tile);
        Layers = [.. Enumerable.Range(0, blocks[0].Length).Select(layer => new Layer(
            Store(compute, [.. blocks.Select(block => new Branch(block[layer]))]), tile.Steps(this, layer), tile.SharedBytes(this, layer)))];
    }

    /// <summary>The device that holds them.</summary>
    public CudaCompute Owner { get; }

    public ResidualTile Tile { get; }

    /// <summary>What a launch is told of each layer.</summary>
    public Layer[] Layers { get; }

    /// <inheritdoc/>
    public override int BufferSequences => Blocks.Length;

    private static Tensor Store(CudaCompute compute, Branch[] branches)
    {
        var stored = compute.Allocate(ElementType.Float32, branches.Length * Unsafe.SizeOf<Branch>() / sizeof(float));
        compute.Enter().Upload<Branch>(branches, CudaCompute.AddressOf(stored));
        return stored;
    }

    /// <param name="Branches">ResidualBranch of kernels/residual_f16.cuh for each block.</param>
    /// <param name="Steps">Steps that a block of threads makes.</param>
    /// <param name="SharedBytes">Its dynamic shared memory.</param>
    internal sealed record Layer(Tensor Branches, int Steps, int SharedBytes);

    // ResidualBranch of kernels/residual_f16.cuh.
    private readonly record struct Branch(nint FirstWeights, nint FirstBias, nint SecondWeights, nint SecondBias, int Taps, int Dilation)
    {
        public Branch(ResidualLayer layer)
            : this((CudaConv1dWeights)layer.Dilated, (CudaConv1dWeights?)layer.Plain)
        {
        }

        private Branch(CudaConv1dWeights first, CudaConv1dWeights? second)
            : this(first.Packed.Address, first.Bias.Address, second?.Packed.Address ?? 0, second?.Bias.Address ?? 0, first.Taps, first.Dilation)
        {
        }
    }
}
