using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// Queues the kernels of a decoder step (kernels/README.md): seven launches, or nine of which two run beside the others, whose arguments are the same
/// in every replay.
/// </summary>
internal sealed class DecoderLaunches : IDisposable
{
    /// <summary>
    /// Slots that a block takes where there are several, except for the divided LSTM cells: <c>batch_rows</c> of kernels/decoder.cuh and
    /// <c>tile_slots</c> of kernels/decoder_f16.cuh.
    /// </summary>
    [KernelConstant("batch_rows")]
    [KernelConstant("tile_slots")]
    public const int BatchRows = 8;

    [KernelConstant("attention_threads")]
    [KernelConstant("prenet_threads")]
    [KernelConstant("projection_threads")]
    private const int Threads = 256;
    private const int Warps = Threads / 32;

    [KernelConstant("energy_threads")]
    private const int EnergyThreads = 128;

    [KernelConstant("energy_tokens")]
    private const int EnergyTokens = 8;

    private const int ContextColumns = 32;
    private readonly Tacotron2Config _config;
    private readonly CudaDecoderWeights _w;
    private readonly CudaDecoderState _s;
    private readonly CudaStream _stream;
    private readonly KernelSet _single;
    private readonly KernelSet _batch;
    private readonly LstmLaunches _attention;
    private readonly LstmLaunches _decoder;
    private readonly Beside? _beside;
    private readonly CudaKernel _energies;
    private readonly CudaKernel _context;

    /// <summary>Finds the kernels.</summary>
    public DecoderLaunches(Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream)
    {
        (_config, _w, _s, _stream) = (config, weights, state, stream);
        var isHalf = compute.Type == ElementType.Float16;
        _batch = isHalf
            ? new KernelSet(compute.Kernels, "f16", BatchRows, outputs: 16, threads: 128)
            : new KernelSet(compute.Kernels, "batch_f32", BatchRows, Warps, Threads);
        _single = isHalf ? _batch : new KernelSet(compute.Kernels, "f32", rows: 1, Warps, Threads);
        _attention = new LstmLaunches(compute, state, weights.AttentionLstm, state.AttentionLstm);
        _decoder = new LstmLaunches(compute, state, weights.DecoderLstm, state.DecoderLstm);
        _energies = compute.Kernels[$"attention_energies_{compute.Suffix}"];
        _context = compute.Kernels["attention_context_f32"];

        // Not when it is first needed: that is while a graph is recorded, when a thread had better make neither streams nor events.
        _beside = _attention.IsDivided(state.SlotCount) ? new Beside(compute.Context) : null;
    }

    /// <summary>From the frames of one step to those of the next.</summary>
    /// <param name="offset">Which step of its chunk.</param>
    /// <param name="slots">1, or a multiple of <see cref="BatchRows"/>.</param>
    /// <param name="tokens">At least the tokens of the longest row.</param>
    /// <param name="isLast">Whether the steps that are queued together end with it.</param>
    public void Step(int offset, int slots, int tokens, bool isLast)
    {
        var kernels = slots == 1 ? _single : _batch;
        var groups = Ceiling.Of(slots, kernels.Rows);
        var (last, next) = (offset % 2, (offset + 1) % 2);
        LstmLaunches.Input prenet = new(_s.Prenet, _s.PrenetStride);
        LstmLaunches.Input context = new(_s.Context, _s.EncoderStride);
        LstmLaunches.Input Attention(int step) => new(_s.AttentionHidden[step], _s.AttentionStride);
        LstmLaunches.Input decoder = new(_s.DecoderHidden[last], _s.DecoderStride);
        if (!_attention.IsDivided(slots))
        {
            Prenet(kernels, offset, groups);
            _attention.Whole(_stream, slots, context, Attention(last), prenet, _s.AttentionHidden[next]);
            Attend(kernels, offset, next, slots, tokens);
            _decoder.Whole(_stream, slots, Attention(next), decoder, context, _s.DecoderHidden[next]);
        }
        else
        {
            var beside = _beside!;
            if (offset == 0)
            {
                beside.Attention.Fork(_stream, stream => _attention.Early(stream, slots, context, Attention(last)));
            }

            Prenet(kernels, offset, groups);
            beside.Attention.Join(_stream);
            _attention.Late(_stream, slots, prenet, _s.AttentionHidden[next], offset, ofLastStep: true);
            beside.Decoder.Fork(_stream, stream => _decoder.Early(stream, slots, Attention(next), decoder));
            Attend(kernels, offset, next, slots, tokens);
            if (!isLast)
            {
                beside.Attention.Fork(_stream, stream => _attention.Early(stream, slots, context, Attention(next)));
            }

            beside.Decoder.Join(_stream);
            _decoder.Late(_stream, slots, context, _s.DecoderHidden[next], offset, ofLastStep: false);
        }

        Project(kernels, offset, next, slots, groups);
    }

    /// <inheritdoc/>
    public void Dispose() => _beside?.Dispose();

    private void Prenet(KernelSet kernels, int offset, int groups) => kernels.Prenet.Launch(
        _stream, new Dim3(Ceiling.Of(_config.Prenet, kernels.Outputs), groups), Threads, sizeof(float) * kernels.Rows * _s.PrenetStride,
        _s.Frame, CudaCompute.AddressOf(_w.PrenetFirst), CudaCompute.AddressOf(_w.PrenetSecond), _s.Prenet, _s.KeepMasks, _s.KeepSteps, _s.Seeds,
        _s.Utterances, _s.Slots, _s.RowStarts, _s.ChunkStart, offset, _config.Prenet, _s.FrameStride, _s.PrenetStride);

    private void Attend(KernelSet kernels, int offset, int next, int slots, int tokens)
    {
        kernels.Query.Launch(
            _stream, new Dim3(Ceiling.Of(_config.Attention, kernels.Outputs), Ceiling.Of(slots, kernels.Rows)), kernels.Threads, 0,
            _s.AttentionHidden[next], CudaCompute.AddressOf(_w.Query), _s.Query, _s.Slots, _s.AttentionStride, _config.Attention);
        var signals = 2 * (PairedLocationFilter.PaddedTaps(_config.LocationKernel) + EnergyTokens);
        _energies.Launch(
            _stream, new Dim3(Ceiling.Of(tokens, EnergyTokens), slots), EnergyThreads, sizeof(float) * signals,
            _s.Query, _s.Keys, _s.Previous, _s.Cumulative, CudaCompute.AddressOf(_w.LocationPairs), CudaCompute.AddressOf(_w.V), _s.Energies,
                _s.Slots,
            _s.RowTokens, _s.Windows, _config.Attention, _config.LocationKernel, _s.Tokens);
        _context.Launch(
            _stream, new Dim3(Ceiling.Of(_config.EncoderEmbedding, ContextColumns), slots), Threads, sizeof(float) * tokens,
            _s.Energies, _s.Memory, _s.Context, _s.Previous, _s.Cumulative, _s.Records, _s.Slots, _s.RowTokens, _config.EncoderEmbedding,
            _s.EncoderStride, _s.Tokens, offset, _s.ChunkSteps, _config.StepWidth + 1, _s.RecordWidth);
    }

    private void Project(KernelSet kernels, int offset, int next, int slots, int groups) => kernels.Projection.Launch(
        _stream, new Dim3(Ceiling.Of(_config.StepWidth + 1, kernels.Outputs), groups), kernels.Threads, 0,
        _s.DecoderHidden[next], _s.Context, CudaCompute.AddressOf(_w.Projection), CudaCompute.AddressOf(_w.ProjectionBias), _s.Frame, _s.Records,
            _s.End,
        _s.GateLogits, _s.Slots, _s.ChunkRows, _s.RowStarts, _s.Queue, _s.Done, _s.ChunkStart, _s.DecoderStride, _s.EncoderStride, _config.StepWidth,
        _s.FrameStride, slots, offset, _s.ChunkSteps, _s.RecordWidth);

    /// <summary>The kernels that read the weights, for one row or for groups of rows.</summary>
    /// <param name="kernels">Where they are.</param>
    /// <param name="suffix">Of their names.</param>
    /// <param name="rows">Slots of a block.</param>
    /// <param name="outputs">Of a block.</param>
    /// <param name="threads">Of a block, but for the prenet's.</param>
    private sealed class KernelSet(KernelLibrary kernels, string suffix, int rows, int outputs, int threads)
    {
        public int Rows { get; } = rows;

        public int Outputs { get; } = outputs;

        public int Threads { get; } = threads;

        public CudaKernel Prenet { get; } = kernels[$"prenet_{suffix}"];

        public CudaKernel Query { get; } = kernels[$"attention_query_{suffix}"];

        public CudaKernel Projection { get; } = kernels[$"projection_{suffix}"];
    }

    /// <summary>A second stream, and what is queued there for each cell.</summary>
    private sealed class Beside : IDisposable
    {
        private readonly CudaStream _stream;

        public Beside(CudaContext context)
        {
            _stream = new CudaStream(context);
            Nvtx.NameStream(_stream, "decoder early\0"u8);
            (Attention, Decoder) = (new Branch(context, _stream), new Branch(context, _stream));
        }

        public Branch Attention { get; }

        public Branch Decoder { get; }

        public void Dispose()
        {
            Attention.Dispose();
            Decoder.Dispose();
            _stream.Dispose();
        }
    }

    /// <summary>Work on the second stream between two points of the first.</summary>
    private sealed class Branch(CudaContext context, CudaStream stream) : IDisposable
    {
        private readonly CudaEvent _forked = new(context, timing: false);
        private readonly CudaEvent _done = new(context, timing: false);

        public void Fork(CudaStream from, Action<CudaStream> work)
        {
            _forked.Record(from);
            stream.Wait(_forked);
            work(stream);
            _done.Record(stream);
        }

        public void Join(CudaStream to) => to.Wait(_done);

        public void Dispose()
        {
            _forked.Dispose();
            _done.Dispose();
        }
    }
}
