using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <content>The residual blocks of HiFi-GAN.</content>
public sealed partial class CudaCompute
{
    /// <summary>Whether layers that can be fused are; where that keeps the device busier when it is not set. Tests and benchmarks set it.</summary>
    internal bool? FusesResidualLayers { get; set; }

    /// <inheritdoc/>
    private protected override void RunResidualBlocks(
        Tensor input, ResidualBlockWeights weights, Tensor output, Tensor firstBuffer, Tensor secondBuffer, CancellationToken cancellation)
    {
        if (weights is not CudaResidualBlockWeights packed)
        {
            base.RunResidualBlocks(input, weights, output, firstBuffer, secondBuffer, cancellation);
            return;
        }

        if (packed.Owner != this)
        {
            throw new ArgumentException("These weights were packed for another device.");
        }

        // All blocks advance together, from one buffer to the other; the last layers add up in the output.
        Tensor[] x = [.. packed.Blocks.Select(_ => input)];
        for (var layer = 0; layer < packed.Layers.Length; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor[] next = [.. packed.Blocks.Select(
                (_, branch) => ResidualBlockWeights.Sequence(layer % 2 == 0 ? firstBuffer : secondBuffer, input, branch))];
            var isLast = layer == packed.Layers.Length - 1;
            var tiles = Ceiling.Of(input[2], packed.Layers[layer].Steps);
            var grid = new Dim3(tiles, isLast ? 1 : x.Length, input[0]);
            if (FusesResidualLayers ?? ResidualTile.Fills((long)grid.X * grid.Y * grid.Z, Context.Multiprocessors))
            {
                LaunchResidualLayer(grid, packed, layer, x, isLast ? [output] : next);
            }
            else
            {
                RunLayerSeparately(packed, layer, x, next, output);
            }

            x = next;
        }
    }

    private void LaunchResidualLayer(Dim3 grid, CudaResidualBlockWeights weights, int layer, Tensor[] x, Tensor[] y)
    {
        var isSum = y.Length < x.Length;
        var (branches, steps, sharedBytes) = weights.Layers[layer];
        weights.Kernel.Launch(
            Enter(), grid, weights.Tile.Threads, sharedBytes,
            AddressOf(x[0]), LengthsOf(x[0]), branches, AddressOf(y[0]), Stride(x), Stride(y), isSum ? x.Length : 1,
            x[0].StepsPerUnit, x[0][2], weights.Channels, steps, weights.Slope, isSum ? 1f / x.Length : 1);
    }

    /// <summary>The same layer as convolutions, with the same bits.</summary>
    private void RunLayerSeparately(ResidualBlockWeights weights, int layer, Tensor[] x, Tensor[] next, Tensor output)
    {
        for (var branch = 0; branch < x.Length; branch++)
        {
            var isLast = layer == weights.Blocks[branch].Length - 1;
            // Until the last layer the output is free, and then its branch's buffer is.
            var (between, to) = isLast ? (next[branch], output) : (output, next[branch]);
            weights.Blocks[branch][layer].Run(this, x[branch], between, to, weights.FusionOf(branch, layer, x[branch]));
        }
    }

    // Elements from a branch's sequence to the next's: none where all are the same.
    private static int Stride(Tensor[] branches) => branches.Length > 1 && branches[0] != branches[1] ? branches[0].Length : 0;
}
