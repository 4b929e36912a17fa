namespace CudaTts.Acoustic.Tacotron2;

/// <summary>How a device's multiprocessors hold the decoder (kernels/persistent-decoder.md has the numbers of the public size).</summary>
/// <param name="Kernel">Which of <see cref="Kernels"/>.</param>
/// <param name="Blocks">One to a multiprocessor.</param>
/// <param name="Warps">Of a block: units of each LSTM.</param>
/// <param name="SharedBytes">Of a block.</param>
/// <param name="SharedChunks">Chunks of the decoder LSTM that a warp has in shared memory; what comes after them is read from L2 in every step.</param>
/// <param name="SharedReadouts">Rows of the batch whose readouts lie in shared memory; the others' are read from L2.</param>
/// <param name="BoxWidth">Words of a box's row.</param>
internal sealed record PersistentDecoderPlan(
    PersistentDecoderPlan.KernelOf Kernel, int Blocks, int Warps, int SharedBytes, int SharedChunks, int SharedReadouts, int BoxWidth)
{
    /// <summary>Columns that a warp multiplies at a time.</summary>
    public const int Chunk = 256;

    private const int Gates = 4;
    private const int ChunkBytes = 2 * Chunk;

    // Fewer would leave too little to hide what an instruction waits for.
    private const int LeastWarps = 8;

    // A lane has four components of the attention's width.
    private const int MostAttention = 4 * 32;

    // Readouts are multiplied two tokens a lane.
    private const int ReadoutTokens = 2 * 32;

    /// <summary>What kernels/persistent_decoder.cu has; the names say the same, so that one which does not exist is not found.</summary>
    public static IReadOnlyList<KernelOf> Kernels { get; } = [new(1, 4, 12), new(2, 2, 12), new(4, 1, 8), new(8, 0, 8)];

    /// <summary>Threads of a block.</summary>
    public int Threads => 32 * Warps;

    /// <summary>Divides the weights among blocks.</summary>
    /// <param name="config">The model.</param>
    /// <param name="multiprocessors">Of the device.</param>
    /// <param name="sharedBytes">Shared memory that a block can have.</param>
    /// <param name="rows">Rows to decode.</param>
    /// <param name="tokens">Tokens of a row in memory.</param>
    /// <returns>Nothing where they do not fit: then the decoder goes step by step.</returns>
    public static PersistentDecoderPlan? For(Tacotron2Config config, int multiprocessors, int sharedBytes, int rows, int tokens)
    {
        var kernel = Kernels.FirstOrDefault(kernel => kernel.Rows >= rows);
        if (kernel is null || config.Attention > MostAttention)
        {
            return null;
        }

        var (first, second, prenet) = (config.AttentionRnn, config.DecoderRnn, config.Prenet);
        int[] ofWarps = [first, second, Small(config), config.Attention, CeilingOf(kernel.Rows * tokens, kernel.MostPairs)];
        var warps = Math.Max(LeastWarps, CeilingOf(ofWarps.Max(), multiprocessors));
        var blocks = CeilingOf(ofWarps.Max(), warps);
        if (warps > kernel.MostWarps)
        {
            return null;
        }

        var left = sharedBytes - (Weights(config, blocks, warps) + Vectors(config, kernel.Rows, tokens));
        var bytesOfChunk = warps * Gates * ChunkBytes;
        var chunks = Math.Min(Math.Max(0, ChunksOf(first, second) - kernel.Kept), left / bytesOfChunk);
        var bytesOfReadouts = sizeof(short) * ReadoutStride(tokens) * ((2 * Gates * warps) + CeilingOf(Small(config), blocks));
        var readouts = Math.Min(kernel.Rows, (left - (chunks * bytesOfChunk)) / bytesOfReadouts);
        return left < 0
            ? null
            : new PersistentDecoderPlan(
                kernel, blocks, warps, sharedBytes - left + (chunks * bytesOfChunk) + (readouts * bytesOfReadouts), chunks, readouts,
                Math.Max(Math.Max(Math.Max(first, second), Math.Max(prenet, config.Attention)), Math.Max(tokens, blocks + 1)));
    }

    /// <summary>Chunks that vectors of some widths take, each beginning with a chunk.</summary>
    public static int ChunksOf(params ReadOnlySpan<int> widths)
    {
        var chunks = 0;
        foreach (var width in widths)
        {
            chunks += CeilingOf(width, Chunk);
        }

        return chunks;
    }

    /// <summary>Rows of projection, gate and first prenet layer.</summary>
    public static int Small(Tacotron2Config config) => config.StepWidth + 1 + config.Prenet;

    /// <summary>Rows of weights that read the context, a multiple of 4.</summary>
    public static int ReadoutRows(Tacotron2Config config) => Gates * (config.AttentionRnn + config.DecoderRnn + CeilingOf(Small(config), Gates));

    /// <summary>Tokens of a row of readouts.</summary>
    public static int ReadoutStride(int tokens) => CeilingOf(tokens, ReadoutTokens) * ReadoutTokens;

    // The decoder LSTM's chunks come on top, as many as there is room for.
    private static int Weights(Tacotron2Config config, int blocks, int warps)
    {
        var (prenet, first, second) = (ChunksOf(config.Prenet), ChunksOf(config.AttentionRnn), ChunksOf(config.DecoderRnn));
        int Here(int rows) => CeilingOf(rows, blocks);
        var rows = (Here(Small(config)) * second) + (Here(config.Prenet) * prenet) + (Here(config.Attention) * first);
        return ChunkBytes * ((warps * (prenet + first) * Gates) + rows);
    }

    // The vector that has arrived last, alignment and cumulative alignment, a row's number and tokens; whether all have ended.
    private static int Vectors(Tacotron2Config config, int rows, int tokens)
    {
        var widest = Math.Max(config.Prenet, Math.Max(config.AttentionRnn, config.DecoderRnn));
        return (sizeof(float) * rows * ((ChunksOf(widest) * Chunk) + ReadoutStride(tokens) + tokens + 2)) + sizeof(float);
    }

    private static int CeilingOf(int count, int of) => (count + of - 1) / of;

    /// <summary>A kernel.</summary>
    /// <param name="Rows">Rows of the batch at most.</param>
    /// <param name="Kept">Chunks of the decoder LSTM that a warp keeps in registers.</param>
    /// <param name="MostWarps">Of a block, by the registers of a thread.</param>
    public sealed record KernelOf(int Rows, int Kept, int MostWarps)
    {
        /// <summary>Its name.</summary>
        public string Name => $"persistent_decoder_{Rows}_{Kept}_{MostWarps}_f16";

        /// <summary>Pairs of row and token that a warp has at most.</summary>
        public int MostPairs => Rows == 1 ? 1 : 2;
    }
}
