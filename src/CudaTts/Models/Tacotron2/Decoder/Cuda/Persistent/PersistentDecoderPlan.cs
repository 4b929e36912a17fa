using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>How a device's multiprocessors hold the decoder (kernels/persistent-decoder.md has the numbers of the public size).</summary>
/// <param name="Kernel">Which of <see cref="Kernels"/>.</param>
/// <param name="Blocks">One to a multiprocessor.</param>
/// <param name="Warps">Of a block: units of each LSTM.</param>
/// <param name="SharedBytes">Of a block.</param>
/// <param name="SharedChunks">
/// Chunks of the decoder LSTM that a warp has in shared memory; what comes after them is read from L2 in every step.
/// </param>
/// <param name="SharedProjectedRows">Rows whose projected memory lies in shared memory: all of the kernel's, or none, and it is read from L2.</param>
/// <param name="MailboxWidth">Words of a mailbox's row, an even number.</param>
internal sealed record PersistentDecoderPlan(
    PersistentDecoderPlan.KernelOf Kernel, int Blocks, int Warps, int SharedBytes, int SharedChunks, int SharedProjectedRows, int MailboxWidth)
{
    /// <summary>Columns that a warp multiplies at a time.</summary>
    [KernelConstant("chunk")]
    public const int Chunk = 256;

    /// <summary>Blocks of a cluster.</summary>
    public const int BlocksOfCluster = 8;

    private const int Gates = WeightRows.Gates;
    private const int ChunkBytes = 2 * Chunk;

    // Fewer would leave too little to hide what an instruction waits for.
    private const int LeastWarps = 8;

    /// <summary>Warps that have a tile of 16 components of the attention each.</summary>
    public const int ComponentTiles = 8;
    private const int MostAttention = ComponentTiles * WeightRows.TileRows;

    [KernelConstant("tile_tokens")]
    private const int TileTokens = 8;

    /// <summary>Tokens of the projected memory that a block makes; its lines are multiples of this.</summary>
    [KernelConstant("projected_memory_tokens")]
    public const int ProjectedTokens = 64;

    // Taps of the location filter that tensor cores take at a time.
    [KernelConstant("location_taps")]
    private const int LocationTaps = 16;

    /// <summary>
    /// What kernels/persistent_decoder.cu and persistent_decoder_sm90.cu have; the names say the same, so that one which does not exist is not found.
    /// </summary>
    public static IReadOnlyList<KernelOf> Kernels { get; } =
        [new(1, 5, 8, BlocksOfCluster), new(1, 4, 12), new(2, 1, 12), new(4, 1, 8), new(8, 0, 8)];

    /// <summary>Rows that a decoder in clusters takes at most.</summary>
    public static int MostClusterRows => Kernels.Where(kernel => kernel.Cluster > 1).Max(kernel => kernel.Rows);

    /// <summary>Threads of a block.</summary>
    public int Threads => 32 * Warps;

    /// <summary>Divides the weights among blocks.</summary>
    /// <param name="config">The model.</param>
    /// <param name="multiprocessors">Of the device.</param>
    /// <param name="sharedBytes">Shared memory that a block can have.</param>
    /// <param name="rows">Rows to decode.</param>
    /// <param name="tokens">Tokens of a row in memory.</param>
    /// <param name="isClustered">Whether blocks are to be in clusters.</param>
    /// <returns>Nothing where they do not fit.</returns>
    public static PersistentDecoderPlan? For(
        Tacotron2Config config, int multiprocessors, int sharedBytes, int rows, int tokens, bool isClustered = false)
    {
        var kernel = Kernels.FirstOrDefault(kernel => kernel.Rows >= rows && kernel.Cluster > 1 == isClustered);
        if (kernel is null || config.Attention > MostAttention || Divide(config, kernel, multiprocessors, tokens) is not var (blocks, warps))
        {
            return null;
        }

        var left = sharedBytes - Weights(config, kernel, blocks, warps) - Vectors(config, kernel, tokens);
        var bytesOfChunk = warps * Gates * ChunkBytes;
        var most = Math.Max(0, ChunksOf(config.AttentionRnn, config.DecoderRnn) - kernel.Kept);
        var bytesOfProjected = sizeof(short) * kernel.Rows * ProjectedStride(tokens) * ((2 * Gates * warps) + Ceiling.Of(Small(config), blocks));

        // A step waits for the projected memory, but not for the weights: with few rows, whose projected memory is small, it comes first.
        var hasProjected = left >= bytesOfProjected && (kernel.HasPlaces || left - bytesOfProjected >= most * bytesOfChunk);
        var ofProjected = hasProjected ? bytesOfProjected : 0;
        var chunks = Math.Min(most, (left - ofProjected) / bytesOfChunk);
        return left < 0
            ? null
            : new PersistentDecoderPlan(
                kernel, blocks, warps, sharedBytes - left + (chunks * bytesOfChunk) + ofProjected, chunks, hasProjected ? kernel.Rows : 0,
                MailboxWidthOf(config, blocks, tokens));
    }

    /// <summary>Chunks that vectors of some widths take, each beginning with a chunk.</summary>
    public static int ChunksOf(params ReadOnlySpan<int> widths)
    {
        var chunks = 0;
        foreach (var width in widths)
        {
            chunks += Ceiling.Of(width, Chunk);
        }

        return chunks;
    }

    /// <summary>Rows of projection, gate and first prenet layer.</summary>
    public static int Small(Tacotron2Config config) => config.StepWidth + 1 + config.Prenet;

    /// <summary>Rows of weights that read the context, a multiple of 4.</summary>
    public static int ProjectedRows(Tacotron2Config config) => Gates * (config.AttentionRnn + config.DecoderRnn + Ceiling.Of(Small(config), Gates));

    /// <summary>Tokens of a row of the projected memory.</summary>
    public static int ProjectedStride(int tokens) => Ceiling.Of(tokens, ProjectedTokens) * ProjectedTokens;

    /// <summary>Taps of the location filter, filled up.</summary>
    public static int PaddedTaps(Tacotron2Config config) => Ceiling.Of(config.LocationKernel, LocationTaps) * LocationTaps;

    /// <summary>Blocks, and warps of each; nothing where the device has too few multiprocessors, or a thread too few registers.</summary>
    private static (int Blocks, int Warps)? Divide(Tacotron2Config config, KernelOf kernel, int multiprocessors, int tokens)
    {
        var most = multiprocessors / kernel.Cluster * kernel.Cluster;
        var widest = Math.Max(Math.Max(config.AttentionRnn, config.DecoderRnn), Small(config));
        if (kernel.Cluster == 1)
        {
            widest = Math.Max(widest, Math.Max(config.Prenet, config.Attention));
        }

        var tiles = Ceiling.Of(kernel.Rows * Ceiling.Of(tokens, TileTokens), kernel.MostTiles);
        var warps = Math.Max(LeastWarps, Ceiling.Of(widest, Math.Max(most, 1)));
        var blocks = Ceiling.Of(Math.Max(Ceiling.Of(widest, warps), kernel.Cluster == 1 ? tiles : 1), kernel.Cluster) * kernel.Cluster;
        var ofCluster = kernel.Cluster * warps;
        var fitsCluster = kernel.Cluster == 1
            || (tiles <= kernel.Cluster && config.Prenet <= ofCluster * kernel.PrenetRows && config.Attention <= ofCluster * kernel.QueryRows);
        return warps <= kernel.MostWarps && blocks <= most && fitsCluster ? (blocks, warps) : null;
    }

    // A row of every mailbox has as many words; pairs of words are read at a time. The first prenet layer comes with the end and with signs of life.
    private static int MailboxWidthOf(Tacotron2Config config, int blocks, int tokens) =>
        Even(new[] { config.AttentionRnn, config.DecoderRnn, (ChunksOf(config.Prenet) * Chunk) + 1 + blocks, config.Attention, tokens }.Max());

    // The decoder LSTM's chunks come on top, as many as fit.
    private static int Weights(Tacotron2Config config, KernelOf kernel, int blocks, int warps)
    {
        var (prenet, first, second) = (ChunksOf(config.Prenet), ChunksOf(config.AttentionRnn), ChunksOf(config.DecoderRnn));
        int Here(int rows, int ofWarp) => kernel.Cluster > 1 ? warps * ofWarp : Ceiling.Of(rows, blocks);
        var rows = (Ceiling.Of(Small(config), blocks) * second) + (Here(config.Prenet, kernel.PrenetRows) * prenet)
            + (Here(config.Attention, kernel.QueryRows) * first);
        return ChunkBytes * ((warps * (prenet + first) * Gates) + rows);
    }

    // In the order of kernels/persistent_chip.cuh.
    private static int Vectors(Tacotron2Config config, KernelOf kernel, int tokens)
    {
        var mailboxes = kernel.Cluster > 1 ? 2 * (Even(config.Prenet) + Even(config.Attention) + Even(tokens)) : 0;
        var (prenet, first, second) = (ChunksOf(config.Prenet), ChunksOf(config.AttentionRnn), ChunksOf(config.DecoderRnn));
        var stride = ProjectedStride(tokens);
        var places = kernel.HasPlaces
            ? (((2 * prenet) + first + second) * Chunk) + MostAttention + stride
            : Math.Max(Math.Max(prenet, Math.Max(first, second)) * Chunk, MostAttention + stride);
        var before = config.LocationKernel / 2;
        var gap = Ceiling.Of(Math.Max(before, PaddedTaps(config) - before), 4) * 4;
        var alignments = 2 * (stride + gap);
        var energies = kernel.MostTiles * ComponentTiles * TileTokens;
        return (sizeof(ulong) * kernel.Rows * mailboxes) + (sizeof(float) * ((kernel.Rows * (places + alignments + 3)) + gap + energies + 1));
    }

    private static int Even(int count) => Ceiling.Of(count, 2) * 2;

    /// <summary>One of the persistent kernels.</summary>
    /// <param name="Rows">Rows of the batch at most.</param>
    /// <param name="Kept">Chunks of the decoder LSTM that a warp keeps in registers.</param>
    /// <param name="MostWarps">Of a block, by the registers of a thread.</param>
    /// <param name="Cluster">Blocks of a cluster; 1 where there are none.</param>
    public sealed record KernelOf(int Rows, int Kept, int MostWarps, int Cluster = 1)
    {
        /// <summary>The name of the kernel.</summary>
        public string Name => $"persistent_{(Cluster > 1 ? "cluster" : "decoder")}_{Rows}_{Kept}_{MostWarps}_f16";

        /// <summary>Tiles of eight neighbouring tokens of a row that a block has at most.</summary>
        public int MostTiles => Cluster > 1 ? 4 : Rows == 1 ? 1 : 2;

        /// <summary>Rows of the second prenet layer that a warp has at most.</summary>
        public int PrenetRows => Cluster > 1 ? 4 : 1;

        /// <summary>Rows of the query that a warp has at most.</summary>
        public int QueryRows => Cluster > 1 ? 2 : 1;

        /// <summary>Whether every vector of a step has a place of its own in shared memory.</summary>
        public bool HasPlaces => Rows <= 2;
    }
}
