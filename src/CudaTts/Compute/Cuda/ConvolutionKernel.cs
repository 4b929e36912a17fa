using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>A kernel that may compute a layer, with what its launches have in common.</summary>
/// <param name="Tile">Which part of the product a block computes.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
internal sealed record ConvolutionKernel(ConvolutionTile Tile, CudaKernel Kernel, int SharedBytes)
{
    /// <summary>The kernels that a device can compute a layer by, those of the largest tiles first.</summary>
    /// <param name="compute">The device.</param>
    /// <param name="input">Type of the input and the weights.</param>
    /// <param name="sizes">The layer.</param>
    /// <param name="usesWarpgroups">Whether the layer's weights are packed for wgmma.</param>
    /// <exception cref="CudaTtsException">The layer's taps reach too far for the device's shared memory.</exception>
    public static ConvolutionKernel[] Candidates(CudaCompute compute, ElementType input, Conv1dSizes sizes, bool usesWarpgroups)
    {
        var most = compute.Context.SharedMemoryPerBlock;
        ConvolutionKernel[] fitting = [.. ConvolutionTile.Candidates(input, compute.Type, sizes, usesWarpgroups)
            .Where(tile => tile.SharedBytes(input, sizes) <= most)
            .Select(tile => Of(compute, tile, input, sizes))];
        return fitting.Length > 0 ? fitting : throw new CudaTtsException(FormattableString.Invariant(
            $"a convolution of {sizes.Kernel} taps with dilation {sizes.Dilation} needs more shared memory than the {most:N0} bytes that a block ")
            + "has on this device; use --device cpu.");
    }

    /// <summary>The kernel of a tile.</summary>
    public static ConvolutionKernel Of(CudaCompute compute, ConvolutionTile tile, ElementType input, Conv1dSizes sizes) =>
        new(tile, compute.Kernels[$"conv1d_{tile.Kernel}"], tile.SharedBytes(input, sizes));
}
