using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>Queues kernels/persistent_decoder.cu: many steps of one to four rows in one launch, the weights divided among all multiprocessors.</summary>
internal sealed class PersistentDecoder : IDisposable
{
    /// <summary>Rows of a launch at most.</summary>
    public const int MostRows = 4;

    /// <summary>
    /// Steps of a launch. Reading the weights in again costs about as much as two steps (predicted), so more would gain little, and the host looks at the
    /// results, and for cancellation, after each launch.
    /// </summary>
    public const int LaunchSteps = 96;

    private const int Warps = 8;
    private const int Threads = 32 * Warps;
    private const int Gates = 4;

    // A lane has four components of the attention's width.
    private const int MostAttention = 4 * 32;
    private const int Boxes = 8;
    private readonly Tacotron2Config _config;
    private readonly CudaDecoderWeights _w;
    private readonly PersistentDecoderWeights _chunks;
    private readonly CudaDecoderState _s;
    private readonly CudaKernel _kernel;
    private readonly CudaStream _stream;
    private readonly CudaMemory _mail;
    private readonly Plan _plan;

    /// <summary>Finds the kernel for a plan.</summary>
    public PersistentDecoder(Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream, Plan plan)
    {
        (_config, _w, _s, _stream, _plan) = (config, weights, state, stream, plan);
        _chunks = weights.Persistent!;
        _kernel = compute.Kernels[plan.Kernel];
        _mail = new CudaMemory(compute.Context, 2L * Boxes * plan.Rows * plan.BoxWidth * sizeof(ulong));
    }

    /// <summary>Whether a device can hold a model at all.</summary>
    public static bool Fits(Tacotron2Config config, CudaCompute compute) => compute.Type == ElementType.Float16 && PlanOn(config, compute, rows: 1, tokens: 1) is not null;

    /// <summary>How a device decodes so many rows; nothing where it goes step by step.</summary>
    public static Plan? PlanFor(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens) =>
        weights.Persistent is null ? null : PlanOn(config, compute, rows, tokens);

    private static Plan? PlanOn(Tacotron2Config config, CudaCompute compute, int rows, int tokens) =>
        Plan.For(config, compute.Context.SharedMemoryPerBlock, rows, tokens) is { } plan &&
        compute.Kernels[plan.Kernel].MostCooperativeBlocks(Threads, plan.SharedBytes) >= plan.Blocks
            ? plan
            : null;

    /// <summary>How a device holds the decoder.</summary>
    /// <param name="Rows">Rows of the kernel: 1, 2 or 4.</param>
    /// <param name="Blocks">One to a multiprocessor.</param>
    /// <param name="SharedBytes">Of a block.</param>
    /// <param name="SharedChunks">Chunks of the decoder LSTM that a warp has in shared memory; what comes after them is read from L2 in every step.</param>
    /// <param name="BoxWidth">Words of a box's row.</param>
    public sealed record Plan(int Rows, int Blocks, int SharedBytes, int SharedChunks, int BoxWidth)
    {
        /// <summary>The kernel's name.</summary>
        public string Kernel => Rows == 1 ? "persistent_decoder_f16" : $"persistent_decoder_{Rows}_f16";

        /// <summary>Divides the weights among blocks.</summary>
        /// <param name="config">The model.</param>
        /// <param name="sharedBytes">Shared memory that a block can have.</param>
        /// <param name="rows">Rows to decode.</param>
        /// <param name="tokens">Tokens of a row in memory.</param>
        /// <returns>Nothing where they do not fit: then the decoder goes step by step.</returns>
        public static Plan? For(Tacotron2Config config, int sharedBytes, int rows, int tokens)
        {
            var small = config.StepWidth + 1 + config.Prenet;
            int[] warps = [config.AttentionRnn, config.DecoderRnn, small, config.Attention, tokens];
            var blocks = (warps.Max() + Warps - 1) / Warps;
            if (rows > MostRows || config.Attention > MostAttention || blocks > small)
            {
                return null;
            }

            var (kernelRows, kept) = rows switch { 1 => (1, 4), 2 => (2, 3), _ => (4, 1) };
            int[] widths = [config.Prenet, config.AttentionRnn, config.EncoderEmbedding, config.DecoderRnn];
            var (prenet, first, encoder, second) = (
                PersistentDecoderWeights.ChunksOf(widths[0]), PersistentDecoderWeights.ChunksOf(widths[1]), PersistentDecoderWeights.ChunksOf(widths[2]), PersistentDecoderWeights.ChunksOf(widths[3]));
            int Here(int count) => (count + blocks - 1) / blocks;
            const int ChunkBytes = 2 * PersistentDecoderWeights.Chunk;
            var halves = ChunkBytes * ((Warps * (prenet + encoder + first) * Gates) + (Here(small) * (second + encoder)) + (Here(config.Prenet) * prenet) + (Here(config.Attention) * first));
            var floats = sizeof(float) * kernelRows * ((PersistentDecoderWeights.ChunksOf(widths.Max()) * PersistentDecoderWeights.Chunk) + (3 * tokens) + (4 * Warps));
            var chunks = Math.Min(encoder + first + second - Math.Min(kept, encoder + first + second), (sharedBytes - halves - floats) / (Warps * Gates * ChunkBytes));
            return chunks < 0 || halves + floats > sharedBytes
                ? null
                : new Plan(kernelRows, blocks, halves + floats + (chunks * Warps * Gates * ChunkBytes), chunks, Math.Max(widths.Max(), Math.Max(config.Attention, tokens)));
        }
    }

    /// <summary>Queues steps of the rows in the first slots.</summary>
    /// <param name="start">The first step's number.</param>
    /// <param name="steps">At most <see cref="LaunchSteps"/>.</param>
    /// <param name="active">Rows.</param>
    public void Run(int start, int steps, int active)
    {
        _stream.Clear(_mail.Address, _mail.Bytes);
        _kernel.LaunchCooperative(
            _stream, _plan.Blocks, Threads, _plan.SharedBytes,
            _s.AttentionHidden[0], _s.AttentionCell, _s.Context, _s.DecoderHidden[0], _s.DecoderCell, _s.Previous, _s.Cumulative, _s.Keys, _s.Memory,
            CudaCompute.AddressOf(_chunks.AttentionLstm), CudaCompute.AddressOf(_chunks.DecoderLstm), CudaCompute.AddressOf(_chunks.Small),
            CudaCompute.AddressOf(_chunks.PrenetSecond), CudaCompute.AddressOf(_chunks.Query), CudaCompute.AddressOf(_w.AttentionBias),
            CudaCompute.AddressOf(_w.DecoderBias), CudaCompute.AddressOf(_chunks.SmallBias), CudaCompute.AddressOf(_w.Location), CudaCompute.AddressOf(_w.V),
            _s.KeepMasks, _s.KeepSteps, _s.Seeds, _s.Utterances, _s.Slots, _s.RowTokens, _s.End, _s.GateLogits, _s.Records, _mail.Address, _plan.BoxWidth,
            _plan.SharedChunks, active, _config.AttentionRnn, _config.DecoderRnn, _config.Prenet, _config.EncoderEmbedding, _config.StepWidth, _config.Attention,
            _config.LocationKernel, _s.Tokens, start, steps, LaunchSteps);
    }

    /// <inheritdoc/>
    public void Dispose() => _mail.Dispose();
}
