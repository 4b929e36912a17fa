using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>Queues the kernels of a decoder step (kernels/README.md): seven launches, whose arguments are the same in every replay.</summary>
internal sealed class DecoderLaunches
{
    /// <summary>
    /// Slots that a block takes where there are several, except for the wide LSTM kernels: <c>batch_rows</c> of kernels/decoder.cuh and <c>tile_slots</c> of
    /// kernels/decoder_f16.cuh.
    /// </summary>
    public const int BatchRows = 8;

    private const int Threads = 256;
    private const int Warps = Threads / 32;
    private const int LstmThreads = 128;
    private const int LstmUnits = 4;
    private const int EnergyThreads = 128;
    private const int EnergyTokens = 8;
    private const int ContextColumns = 32;

    // A block of the wide LSTM kernels (kernels/lstm_f16.cu).
    private const int WideUnits = 32;
    private const int WideSlots = 64;
    private const int WideParts = 4;
    private const int WideStages = 4;
    private const int WideStageBytes = 8 * 1024;
    private const int WideStageBytesPerSlot = 128;
    private readonly Tacotron2Config _config;
    private readonly CudaDecoderWeights _w;
    private readonly CudaDecoderState _s;
    private readonly CudaStream _stream;
    private readonly KernelSet _single;
    private readonly KernelSet _batch;
    private readonly Func<int, CudaKernel?> _wideLstm;
    private readonly CudaKernel _memory;
    private readonly CudaKernel _keys;
    private readonly CudaKernel _energies;
    private readonly CudaKernel _context;

    /// <summary>Finds the kernels.</summary>
    public DecoderLaunches(Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream)
    {
        (_config, _w, _s, _stream) = (config, weights, state, stream);
        var isHalf = compute.Type == ElementType.Float16;
        _batch = isHalf ? new KernelSet(compute.Kernels, "f16", BatchRows, outputs: 16, threads: 128) : new KernelSet(compute.Kernels, "batch_f32", BatchRows, Warps, Threads);
        _single = isHalf ? _batch : new KernelSet(compute.Kernels, "f32", rows: 1, Warps, Threads);
        _wideLstm = slots => isHalf && slots > BatchRows ? compute.Kernels[$"lstm_cell_{Math.Min(slots, WideSlots)}_f16"] : null;
        _memory = compute.Kernels["attention_memory_f32"];
        _keys = compute.Kernels[$"attention_keys_{compute.Suffix}"];
        _energies = compute.Kernels["attention_energies_f32"];
        _context = compute.Kernels["attention_context_f32"];
    }

    /// <summary>Numbers that the wide LSTM kernels put down for each other, for a number of slots.</summary>
    public static long PartFloats(Tacotron2Config config, int slots) => slots <= BatchRows ? 0 : (long)WideTiles(config) * WideParts * WideUnits * 4 * slots;

    /// <summary>Counters that the kernels of a step need.</summary>
    public static int DoneCounters(Tacotron2Config config, int slots) => 1 + (WideTiles(config) * Blocks(slots, WideSlots));

    /// <summary>
    /// Once an utterance: the encoder's memory [rows, steps, E] into the state of as many rows from <paramref name="first"/> on, and the keys of all their tokens.
    /// </summary>
    public void Prepare(CUdeviceptr encoded, int rows, int steps, int first = 0)
    {
        var memory = _s.Memory + (sizeof(float) * (long)first * _s.Tokens * _s.EncoderStride);
        _memory.Launch(
            _stream, new Dim3(Blocks(_s.EncoderStride, Threads), _s.Tokens, rows), Threads, 0,
            encoded, memory, _s.RowTokens + (sizeof(int) * first), steps, _config.EncoderEmbedding, _s.EncoderStride);
        var vectors = rows * _s.Tokens;
        _keys.Launch(
            _stream, new Dim3(Blocks(vectors, BatchRows), Blocks(_config.Attention, Warps)), Threads, 0,
            memory, CudaCompute.AddressOf(_w.Key), _s.Keys + (sizeof(float) * (long)first * _s.Tokens * _config.Attention), vectors, _s.EncoderStride,
            _config.Attention);
    }

    /// <summary>From the frames of one step to those of the next.</summary>
    /// <param name="offset">Which step of its chunk.</param>
    /// <param name="slots">1, or a multiple of <see cref="BatchRows"/>.</param>
    /// <param name="tokens">At least the tokens of the longest row.</param>
    public void Step(int offset, int slots, int tokens)
    {
        var kernels = slots == 1 ? _single : _batch;
        var groups = Blocks(slots, kernels.Rows);
        var (last, next) = (offset % 2, (offset + 1) % 2);
        Prenet(kernels, offset, groups);
        Lstm(
            kernels, slots, [_s.Prenet, _s.Context, _s.AttentionHidden[last]], [_s.PrenetStride, _s.EncoderStride, _s.AttentionStride],
            (_w.AttentionLstm, _w.AttentionBias), _s.AttentionHidden[next], _s.AttentionCell, _config.AttentionRnn);
        kernels.Query.Launch(
            _stream, new Dim3(Blocks(_config.Attention, kernels.Outputs), groups), kernels.Threads, 0,
            _s.AttentionHidden[next], CudaCompute.AddressOf(_w.Query), _s.Query, _s.Slots, _s.AttentionStride, _config.Attention);
        Attend(offset, slots, tokens);
        Lstm(
            kernels, slots, [_s.AttentionHidden[next], _s.Context, _s.DecoderHidden[last]], [_s.AttentionStride, _s.EncoderStride, _s.DecoderStride],
            (_w.DecoderLstm, _w.DecoderBias), _s.DecoderHidden[next], _s.DecoderCell, _config.DecoderRnn);
        Project(kernels, offset, next, slots, groups);
    }

    private void Prenet(KernelSet kernels, int offset, int groups) => kernels.Prenet.Launch(
        _stream, new Dim3(Blocks(_config.Prenet, kernels.Outputs), groups), kernels.Threads, sizeof(float) * kernels.Rows * _s.PrenetStride,
        _s.Frame, CudaCompute.AddressOf(_w.PrenetFirst), CudaCompute.AddressOf(_w.PrenetSecond), _s.Prenet, _s.KeepMasks, _s.KeepSteps, _s.Seeds,
        _s.Utterances, _s.Slots, _s.RowStarts, _s.ChunkStart, offset, _config.Prenet, _s.FrameStride, _s.PrenetStride);

    private void Lstm(
        KernelSet kernels, int slots, ReadOnlySpan<CUdeviceptr> inputs, ReadOnlySpan<int> widths, (Tensor Weights, Tensor Bias) layer, CUdeviceptr hidden,
        CUdeviceptr cell, int units)
    {
        var (weights, bias, stride) = (CudaCompute.AddressOf(layer.Weights), CudaCompute.AddressOf(layer.Bias), widths[2]);
        if (_wideLstm(slots) is { } wide)
        {
            var group = Math.Min(slots, WideSlots);
            wide.Launch(
                _stream, new Dim3(Blocks(units, WideUnits), slots / group, WideParts), group == WideSlots ? 2 * LstmThreads : LstmThreads,
                WideStages * (WideStageBytes + (WideStageBytesPerSlot * group)),
                inputs[0], inputs[1], inputs[2], weights, bias, hidden, cell, _s.Slots, _s.Parts, _s.Done + sizeof(uint), widths[0], widths[1], widths[2], units,
                stride);
            return;
        }

        kernels.Lstm.Launch(
            _stream, new Dim3(Blocks(units, LstmUnits), Blocks(slots, kernels.Rows)), LstmThreads, 0,
            inputs[0], inputs[1], inputs[2], weights, bias, hidden, cell, _s.Slots, widths[0], widths[1], widths[2], units, stride);
    }

    private void Attend(int offset, int slots, int tokens)
    {
        var signals = 2 * (_config.LocationKernel + EnergyTokens);
        _energies.Launch(
            _stream, new Dim3(Blocks(tokens, EnergyTokens), slots), EnergyThreads, sizeof(float) * signals,
            _s.Query, _s.Keys, _s.Previous, _s.Cumulative, CudaCompute.AddressOf(_w.Location), CudaCompute.AddressOf(_w.V), _s.Energies, _s.Slots,
            _s.RowTokens, _s.Windows, _config.Attention, _config.LocationKernel, _s.Tokens);
        _context.Launch(
            _stream, new Dim3(Blocks(_config.EncoderEmbedding, ContextColumns), slots), Threads, sizeof(float) * tokens,
            _s.Energies, _s.Memory, _s.Context, _s.Previous, _s.Cumulative, _s.Records, _s.Slots, _s.RowTokens, _config.EncoderEmbedding,
            _s.EncoderStride, _s.Tokens, offset, _s.ChunkSteps, _config.StepWidth + 1, _s.RecordWidth);
    }

    private void Project(KernelSet kernels, int offset, int next, int slots, int groups) => kernels.Projection.Launch(
        _stream, new Dim3(Blocks(_config.StepWidth + 1, kernels.Outputs), groups), kernels.Threads, 0,
        _s.DecoderHidden[next], _s.Context, CudaCompute.AddressOf(_w.Projection), CudaCompute.AddressOf(_w.ProjectionBias), _s.Frame, _s.Records, _s.End,
        _s.GateLogits, _s.Slots, _s.ChunkRows, _s.RowStarts, _s.Queue, _s.Done, _s.ChunkStart, _s.DecoderStride, _s.EncoderStride, _config.StepWidth,
        _s.FrameStride, slots, offset, _s.ChunkSteps, _s.RecordWidth);

    private static int WideTiles(Tacotron2Config config) => Blocks(Math.Max(config.AttentionRnn, config.DecoderRnn), WideUnits);

    private static int Blocks(int count, int perBlock) => (count + perBlock - 1) / perBlock;

    /// <summary>The kernels that read the weights, for one row or for groups of rows.</summary>
    /// <param name="kernels">Where they are.</param>
    /// <param name="suffix">Of their names.</param>
    /// <param name="rows">Slots of a block.</param>
    /// <param name="outputs">Of a block; the LSTM has its own.</param>
    /// <param name="threads">Of a block; the LSTM has its own.</param>
    private sealed class KernelSet(KernelLibrary kernels, string suffix, int rows, int outputs, int threads)
    {
        public int Rows { get; } = rows;

        public int Outputs { get; } = outputs;

        public int Threads { get; } = threads;

        public CudaKernel Prenet { get; } = kernels[$"prenet_{suffix}"];

        public CudaKernel Lstm { get; } = kernels[$"lstm_cell_{suffix}"];

        public CudaKernel Query { get; } = kernels[$"attention_query_{suffix}"];

        public CudaKernel Projection { get; } = kernels[$"projection_{suffix}"];
    }
}
