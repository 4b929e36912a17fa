using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// Residual blocks that kernels/residual_f16.cu computes a layer at a time. The
/// weights are those of the separate convolutions; here is where each layer's lie.
/// </summary>
internal sealed class CudaResidualBlockWeights : ResidualBlockWeights
{
    public CudaResidualBlockWeights(CudaModelMemory model, ResidualLayer[][] blocks, float slope, ResidualTile tile)
        : base(blocks, slope)
    {
        (Owner, Tile, Kernel) = (model.Compute, tile, model.Compute.Kernels[tile.Kernel]);
        Layers = [.. Enumerable.Range(0, blocks[0].Length).Select(layer => new Layer(
            model.StoreStructures(blocks.Select(block => new Branch(block[layer])).ToArray()), tile.Steps(this, layer),
                tile.SharedBytes(this, layer)))];
    }

    /// <summary>The device that holds them.</summary>
    public CudaCompute Owner { get; }

    /// <summary>Which part of a layer a block of threads computes.</summary>
    public ResidualTile Tile { get; }

    /// <summary>The kernel of the tile.</summary>
    public CudaKernel Kernel { get; }

    /// <summary>What a launch is told of each layer.</summary>
    public Layer[] Layers { get; }

    /// <inheritdoc/>
    public override int BufferSequences => Blocks.Length;

    /// <param name="Branches">ResidualBranch of kernels/residual_f16.cuh for each block.</param>
    /// <param name="Steps">Steps that a block of threads makes.</param>
    /// <param name="SharedBytes">Its dynamic shared memory.</param>
    internal sealed record Layer(CUdeviceptr Branches, int Steps, int SharedBytes);

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
