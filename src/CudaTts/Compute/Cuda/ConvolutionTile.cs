using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// A kernel of kernels/conv1d.cu, conv1d_narrow.cu or conv1d_sm90a.cu: which part of the product of a
/// convolution one block computes. The product has a row for each output step (of a transposed
/// convolution: each group of stride steps) and a column for each channel (and position within the group).
/// </summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Rows">Rows of the product in a block's tile.</param>
/// <param name="Columns">Columns of the product in a block's tile.</param>
/// <param name="Threads">Threads of a block.</param>
internal sealed record ConvolutionTile(string Kernel, int Rows, int Columns, int Threads)
{
    /// <summary>Most rows of the product that any tile has.</summary>
    public const int MostRows = 256;

    // Bytes of one step that a chunk of channels has.
    private const int WideChunkBytes = 64;
    private const int ThinChunkBytes = 32;

    // The narrow kernel keeps 32 channels a step as floats, and one more against bank conflicts.
    [KernelConstant("conv1d_narrow_row_bytes")]
    private const int NarrowRowBytes = 33 * sizeof(float);

    private const int MostNarrowColumns = 4;
    private const int MostThinChannels = 16;
    private const int MostNarrowWarpgroupColumns = 32;
    private static readonly ConvolutionTile s_any = new("any_64x64", Rows: 64, Columns: 64, Threads: 128);
    private static readonly ConvolutionTile s_narrow = new("narrow", Rows: 256, Columns: 1, Threads: 256);

    /// <summary>Bytes of one step that are multiplied at a time.</summary>
    public int ChunkBytes => IsThin ? ThinChunkBytes : WideChunkBytes;

    /// <summary>Whether it is of the kernels for few columns, which lay out shared memory in another way.</summary>
    public bool IsNarrow => Columns == 1;

    private bool IsThin => Kernel.StartsWith("thin", StringComparison.Ordinal);

    /// <summary>Dynamic shared memory of a block, as kernels/convolution.cuh lays it out.</summary>
    public int SharedBytes(ElementType type, Conv1dSizes sizes)
    {
        var taps = TapsOf(sizes);
        var windowRows = Rows + ((taps - 1) * Math.Min(sizes.Dilation, Rows));
        if (IsNarrow)
        {
            return windowRows * NarrowRowBytes;
        }

        var (chunk, stages) = (ChunkBytes, Stages(type));
        var windows = 1 + ((stages - 2 + taps) / taps);
        var pipeline = (stages * Columns * chunk) + (windows * windowRows * chunk);

        // The sums of a warp, at most 32 columns wide, pass through 16 rows of as many floats and eight more.
        return type == ElementType.Float16 ? Math.Max(pipeline, Threads / 32 * 16 * (Math.Min(Columns, 32) + 8) * sizeof(float)) : pipeline;
    }

    /// <summary>Chunks of weights that are under way.</summary>
    public static int Stages(ElementType input) => input == ElementType.Float16 ? 4 : 3;

    /// <summary>Taps of the product: those of one position modulo the stride.</summary>
    public static int TapsOf(Conv1dSizes sizes) => Ceiling.Of(sizes.Kernel, sizes.Stride);

    /// <summary>
    /// The tiles that a layer may be computed by, the largest first. Which chunks their sums are made of depends on the layer alone, so that a row's
    /// result does not depend on the batch.
    /// </summary>
    public static ConvolutionTile[] Candidates(ElementType input, ElementType output, Conv1dSizes sizes, bool usesWarpgroups = false)
    {
        var columns = sizes.OutputChannels * sizes.Stride;
        var vector = input == ElementType.Float16 ? 8 : 4;
        var isVector = sizes.InputChannels % vector == 0 && sizes.OutputChannels % vector == 0;
        if (input != output)
        {
            return [new(isVector ? "64x64_f32_f16" : "any_64x64_f32_f16", 64, 64, 128)];
        }

        var type = input == ElementType.Float16 ? "f16" : "f32";
        ConvolutionTile[] candidates = columns <= MostNarrowColumns ? [s_narrow]
            : !isVector ? [s_any]
            : usesWarpgroups ? [new("wgmma_128x128", 128, 128, 256), new("wgmma_128x64", 128, 64, 256), new("wgmma_64x64", 64, 64, 128)]
            : input == ElementType.Float16 ? HalfCandidates(columns, sizes.InputChannels <= MostThinChannels)
            : FloatCandidates(columns);
        return [.. candidates.Select(tile => tile with { Kernel = $"{tile.Kernel}_{type}" })];
    }

    /// <summary>
    /// Whether kernels/conv1d_sm90a.cu has tiles for a layer in half precision: what has fewer columns or channels is bound by memory. It depends on
    /// nothing else, because wgmma adds up in another order than mma.sync.
    /// </summary>
    public static bool SuitsWarpgroups(Conv1dSizes sizes) => sizes.OutputChannels * sizes.Stride > MostNarrowWarpgroupColumns
        && sizes.InputChannels > MostThinChannels && sizes.InputChannels % 8 == 0 && sizes.OutputChannels % 8 == 0;

    private static ConvolutionTile[] HalfCandidates(int columns, bool thin) => (columns, thin) switch
    {
        ( <= 16, true) => [new("thin_128x16", 128, 16, 128)],
        (_, true) => [new("thin_128x32", 128, 32, 128)],
        ( <= 16, _) => [new("128x16", 128, 16, 128)],
        ( <= 32, _) => [new("128x32", 128, 32, 128)],
        ( <= 64, _) => [new("128x64", 128, 64, 128), new("64x64", 64, 64, 128)],
        _ => [new("128x128", 128, 128, 256), new("128x64", 128, 64, 128), new("64x64", 64, 64, 128)],
    };

    private static ConvolutionTile[] FloatCandidates(int columns) => columns switch
    {
        <= 16 => [new("256x16", 256, 16, 128)],
        <= 32 => [new("128x32", 128, 32, 128)],
        <= 64 => [new("128x64", 128, 64, 128), new("64x64", 64, 64, 128)],
        _ => [new("128x128", 128, 128, 256), new("128x64", 128, 64, 128), new("64x64", 64, 64, 128)],
    };

    /// <summary>Blocks that a product of so many rows and columns has.</summary>
    public long Blocks(long rows, int columns) => (rows + Rows - 1) / Rows * Ceiling.Of(columns, Columns);
}
