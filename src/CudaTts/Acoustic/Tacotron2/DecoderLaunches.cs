using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>Queues the kernels of a decoder step (kernels/README.md): seven launches, whose arguments are the same in every replay.</summary>
internal sealed class DecoderLaunches
{
    /// <summary>Rows of the batch that a block takes where there are several: <c>batch_rows</c> of kernels/decoder.cuh.</summary>
    public const int BatchRows = 8;

    private const int Threads = 256;
    private const int Warps = Threads / 32;
    private const int LstmThreads = 128;
    private const int LstmWarps = LstmThreads / 32;
    private const int EnergyThreads = 128;
    private const int EnergyTokens = 4;
    private const int ContextColumns = 32;
    private readonly Tacotron2Config _config;
    private readonly CudaDecoderWeights _w;
    private readonly CudaDecoderState _s;
    private readonly CudaStream _stream;
    private readonly KernelSet _single;
    private readonly KernelSet _batch;
    private readonly CudaKernel _memory;
    private readonly CudaKernel _keys;
    private readonly CudaKernel _energies;
    private readonly CudaKernel _context;

    /// <summary>Finds the kernels.</summary>
    public DecoderLaunches(Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream)
    {
        (_config, _w, _s, _stream) = (config, weights, state, stream);
        _single = new KernelSet(compute.Kernels, compute.Suffix);
        _batch = new KernelSet(compute.Kernels, $"batch_{compute.Suffix}");
        _memory = compute.Kernels["attention_memory_f32"];
        _keys = compute.Kernels[$"attention_keys_{compute.Suffix}"];
        _energies = compute.Kernels["attention_energies_f32"];
        _context = compute.Kernels["attention_context_f32"];
    }

    /// <summary>Once an utterance: the encoder's memory [rows, steps, E] into the state, and the keys of all its tokens.</summary>
    public void Prepare(CUdeviceptr encoded, int rows, int steps)
    {
        _memory.Launch(
            _stream, new Dim3(Blocks(_s.EncoderStride, Threads), _s.Tokens, rows), Threads, 0,
            encoded, _s.Memory, _s.RowTokens, steps, _config.EncoderEmbedding, _s.EncoderStride);
        var vectors = rows * _s.Tokens;
        _keys.Launch(
            _stream, new Dim3(Blocks(vectors, BatchRows), Blocks(_config.Attention, Warps)), Threads, 0,
            _s.Memory, CudaCompute.AddressOf(_w.Key), _s.Keys, vectors, _s.EncoderStride, _config.Attention);
    }

    /// <summary>From the frames of one step to those of the next.</summary>
    /// <param name="offset">Which step of its chunk.</param>
    /// <param name="slots">1, or a multiple of <see cref="BatchRows"/>.</param>
    /// <param name="tokens">At least the tokens of the longest row.</param>
    public void Step(int offset, int slots, int tokens)
    {
        var kernels = slots == 1 ? _single : _batch;
        var rows = slots == 1 ? 1 : BatchRows;
        var groups = slots / rows;
        var (last, next) = (offset % 2, (offset + 1) % 2);
        Prenet(kernels.Prenet, offset, rows, groups);
        AttentionLstm(kernels.Lstm, last, next, groups);
        kernels.Query.Launch(
            _stream, new Dim3(Blocks(_config.Attention, Warps), groups), Threads, 0,
            _s.AttentionHidden[next], CudaCompute.AddressOf(_w.Query), _s.Query, _s.Slots, _s.AttentionStride, _config.Attention);
        Attend(offset, slots, tokens);
        DecoderLstm(kernels.Lstm, last, next, groups);
        Project(kernels.Projection, offset, next, groups);
    }

    private void Prenet(CudaKernel kernel, int offset, int rows, int groups) => kernel.Launch(
        _stream, new Dim3(Blocks(_config.Prenet, Warps), groups), Threads, sizeof(float) * rows * _s.PrenetStride,
        _s.Frame, CudaCompute.AddressOf(_w.PrenetFirst), CudaCompute.AddressOf(_w.PrenetSecond), _s.Prenet, _s.KeepMasks, _s.KeepSteps, _s.Seeds,
        _s.Utterances, _s.Slots, _s.ChunkStart, offset, _config.Prenet, _s.FrameStride, _s.PrenetStride);

    private void AttentionLstm(CudaKernel kernel, int last, int next, int groups) => kernel.Launch(
        _stream, new Dim3(Blocks(_config.AttentionRnn, LstmWarps), groups), LstmThreads, 0,
        _s.Prenet, _s.Context, _s.AttentionHidden[last], CudaCompute.AddressOf(_w.AttentionLstm), CudaCompute.AddressOf(_w.AttentionBias),
        _s.AttentionHidden[next], _s.AttentionCell, _s.Slots, _s.PrenetStride, _s.EncoderStride, _s.AttentionStride, _config.AttentionRnn,
        _s.AttentionStride);

    private void Attend(int offset, int slots, int tokens)
    {
        var signals = 2 * (_config.LocationKernel + EnergyTokens - 1);
        _energies.Launch(
            _stream, new Dim3(Blocks(tokens, EnergyTokens), slots), EnergyThreads, sizeof(float) * signals,
            _s.Query, _s.Keys, _s.Previous, _s.Cumulative, CudaCompute.AddressOf(_w.Location), CudaCompute.AddressOf(_w.V), _s.Energies, _s.Slots,
            _s.RowTokens, _s.Windows, _config.Attention, _config.LocationKernel, _s.Tokens);
        _context.Launch(
            _stream, new Dim3(Blocks(_config.EncoderEmbedding, ContextColumns), slots), Threads, sizeof(float) * tokens,
            _s.Energies, _s.Memory, _s.Context, _s.Previous, _s.Cumulative, _s.Records, _s.Slots, _s.RowTokens, _config.EncoderEmbedding,
            _s.EncoderStride, _s.Tokens, offset, _s.ChunkSteps, _config.StepWidth + 1, _s.RecordWidth);
    }

    private void DecoderLstm(CudaKernel kernel, int last, int next, int groups) => kernel.Launch(
        _stream, new Dim3(Blocks(_config.DecoderRnn, LstmWarps), groups), LstmThreads, 0,
        _s.AttentionHidden[next], _s.Context, _s.DecoderHidden[last], CudaCompute.AddressOf(_w.DecoderLstm), CudaCompute.AddressOf(_w.DecoderBias),
        _s.DecoderHidden[next], _s.DecoderCell, _s.Slots, _s.AttentionStride, _s.EncoderStride, _s.DecoderStride, _config.DecoderRnn, _s.DecoderStride);

    private void Project(CudaKernel kernel, int offset, int next, int groups) => kernel.Launch(
        _stream, new Dim3(Blocks(_config.StepWidth + 1, Warps), groups), Threads, 0,
        _s.DecoderHidden[next], _s.Context, CudaCompute.AddressOf(_w.Projection), CudaCompute.AddressOf(_w.ProjectionBias), _s.Frame, _s.Records, _s.End,
        _s.GateLogits, _s.Slots, _s.ChunkStart, _s.DecoderStride, _s.EncoderStride, _config.StepWidth, _s.FrameStride, offset,
        _s.ChunkSteps, _s.RecordWidth);

    private static int Blocks(int count, int perBlock) => (count + perBlock - 1) / perBlock;

    /// <summary>The kernels that read the large weights, for one row or for groups of rows.</summary>
    private sealed class KernelSet(KernelLibrary kernels, string suffix)
    {
        public CudaKernel Prenet { get; } = kernels[$"prenet_{suffix}"];

        public CudaKernel Lstm { get; } = kernels[$"lstm_cell_{suffix}"];

        public CudaKernel Query { get; } = kernels[$"attention_query_{suffix}"];

        public CudaKernel Projection { get; } = kernels[$"projection_{suffix}"];
    }
}
