using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// A GPU's state for one call at a time, and the graphs recorded over it. The device decides in every step which rows end; the host looks once a
/// chunk of steps, takes over what they have put out and gives the slots to the rows that go on.
/// </summary>
internal sealed class CudaDecoderRun : IDisposable
{
    // Granularity of token counts: so that texts of similar lengths share state and graphs.
    private const int TokenBlock = 32;

    // Steps of a graph; an even number, because hidden states are read and written by turns.
    private const int GraphSteps = 16;
    private readonly Tacotron2Config _config;
    private readonly CudaCompute _compute;
    private readonly CudaDecoderState _state;
    private readonly CudaStream _stream;
    private readonly DecoderLaunches _launches;
    private readonly PersistentDecoder.Plan? _plan;
    private readonly PersistentDecoder? _persistent;
    private readonly PinnedMemory _records;
    private readonly PinnedMemory _ends;
    private readonly Dictionary<(int Slots, int Tokens), CudaGraph> _graphs = [];
    private CudaMemory? _masks;

    /// <summary>Allocates what <paramref name="rows"/> rows of <paramref name="tokens"/> tokens (see <see cref="RoundUp"/>) need.</summary>
    public CudaDecoderRun(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens, PersistentDecoder.Plan? plan)
    {
        (_config, _compute) = (config, compute);
        _plan = plan;
        _state = new CudaDecoderState(config, compute.Context, rows, tokens, plan is null ? GraphSteps : PersistentDecoder.LaunchSteps);
        _stream = new CudaStream(compute.Context);
        Nvtx.NameStream(_stream, "decoder\0"u8);
        _launches = new DecoderLaunches(config, weights, _state, compute, _stream);
        _persistent = plan is null ? null : new PersistentDecoder(config, weights, _state, compute, _stream, plan);
        _records = new PinnedMemory(compute.Context, sizeof(float) * (long)rows * _state.ChunkSteps * _state.RecordWidth);
        _ends = new PinnedMemory(compute.Context, sizeof(int) * rows);

        // Records are copied to the host whole, with what lies beyond a row's tokens.
        _stream.Clear(_state.Records, _state.RecordBytes);
    }

    /// <summary>Whether this is large enough, and decodes as a run made for so many would: what a text gives does not depend on the one before.</summary>
    public bool Holds(int rows, int tokens, PersistentDecoder.Plan? plan) =>
        rows <= _state.Rows && tokens <= _state.Tokens && plan?.Rows == _plan?.Rows;

    /// <summary>Decodes rows.</summary>
    /// <param name="memory">[B, T, E] of the device.</param>
    /// <param name="rows">What to decode, in the order of the memory's rows.</param>
    /// <param name="cancellation">Looked at between chunks.</param>
    public void Decode(Tensor memory, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        Start(memory, rows);
        var active = Enumerable.Range(0, rows.Count).ToArray();
        var tokens = RoundUp(rows.Max(row => row.Tokens));
        Place(active);
        for (var start = 0; active.Length > 0; start += _state.ChunkSteps)
        {
            Queue(start, Math.Min(_state.ChunkSteps, active.Max(row => rows[row].Limit) - start), active.Length, tokens);
            TakeOver(start, active, rows);
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            var left = Array.FindAll(active, row => !rows[row].IsDone);
            if (left.Length < active.Length && left.Length > 0)
            {
                Place(left);
            }

            active = left;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var graph in _graphs.Values)
        {
            graph.Dispose();
        }

        _persistent?.Dispose();
        _masks?.Dispose();
        _records.Dispose();
        _ends.Dispose();
        _stream.Dispose();
        _state.Dispose();
    }

    /// <summary>Tokens that a run has room for.</summary>
    public static int RoundUp(int tokens) => (tokens + TokenBlock - 1) / TokenBlock * TokenBlock;

    private void Start(Tensor memory, IReadOnlyList<DecoderRow> rows)
    {
        // The encoder's work is queued on the device's own stream.
        using var encoded = new CudaEvent(_compute.Context);
        encoded.Record(_compute.Enter());
        _stream.Wait(encoded);
        _compute.Stages?.MoveTo(_stream);
        _state.Reset(_stream);
        Upload(_state.RowTokens, rows, row => row.Tokens);
        Upload(_state.Windows, rows, row => row.Options.Window ?? AttentionWindow.None);
        Upload(_state.End, rows, row => row.Limit);
        Upload(_state.GateLogits, rows, row => row.GateLogit);
        Upload(_state.Seeds, rows, row => row.Options.Seed);
        Upload(_state.Utterances, rows, row => row.Options.Utterance);
        UploadMasks(rows);
        _launches.Prepare(CudaCompute.AddressOf(memory), rows.Count, memory[1]);
    }

    private void UploadMasks(IReadOnlyList<DecoderRow> rows)
    {
        long bytes = rows.Sum(row => row.Options.PrenetKeep?.Length ?? 0);
        if (bytes > (_masks?.Bytes ?? 0))
        {
            _masks?.Dispose();
            _masks = new CudaMemory(_compute.Context, bytes);
        }

        var next = _masks?.Address ?? default;
        var addresses = new List<ulong>(rows.Count);
        foreach (var row in rows)
        {
            addresses.Add((ulong)next.Value);
            if (row.Options.PrenetKeep is { } keep)
            {
                _stream.Upload<byte>(keep, next);
                next += keep.Length;
            }
        }

        _stream.Upload<ulong>(addresses.ToArray(), _state.KeepMasks);
        Upload(_state.KeepSteps, rows, row => row.Dropout.Steps ?? 0);
    }

    private void Upload<T>(CUdeviceptr target, IReadOnlyList<DecoderRow> rows, Func<DecoderRow, T> value)
        where T : unmanaged => _stream.Upload<T>(rows.Select(value).ToArray(), target);

    /// <summary>Gives the first slots to rows.</summary>
    private void Place(int[] active)
    {
        var slots = new int[CudaDecoderState.SlotsFor(active.Length)];
        slots.AsSpan().Fill(-1);
        active.CopyTo(slots, 0);
        _stream.Upload<int>(slots, _state.Slots);
    }

    /// <summary>Queues a chunk as one launch or one graph, or step by step: what is left before the last row's limit, and where launches are timed.</summary>
    private void Queue(int start, int steps, int rows, int tokens)
    {
        if (_persistent is not null)
        {
            _persistent.Run(start, steps, rows);
            return;
        }

        var slots = CudaDecoderState.SlotsFor(rows);
        _stream.Fill(_state.ChunkStart, (uint)start, 1);
        if (steps < _state.ChunkSteps || _compute.Context.RecordsLaunches)
        {
            Steps(steps, slots, tokens);
            return;
        }

        if (!_graphs.TryGetValue((slots, tokens), out var graph))
        {
            graph = _stream.Capture(() => Steps(_state.ChunkSteps, slots, tokens));
            _graphs.Add((slots, tokens), graph);
        }

        graph.Launch(_stream);
    }

    private void Steps(int count, int slots, int tokens)
    {
        for (var offset = 0; offset < count; offset++)
        {
            _launches.Step(offset, slots, tokens);
        }
    }

    /// <summary>Waits for a chunk and hands what it has put out to the rows.</summary>
    private void TakeOver(int start, int[] active, IReadOnlyList<DecoderRow> rows)
    {
        var rowFloats = _state.ChunkSteps * _state.RecordWidth;
        _stream.Download(_state.Records, _records, sizeof(float) * (long)active.Length * rowFloats);
        _stream.Download(_state.End, _ends, sizeof(int) * rows.Count);
        _stream.Synchronize();
        for (var slot = 0; slot < active.Length; slot++)
        {
            var end = _ends.Span<int>()[active[slot]];
            var records = _records.Span<float>().Slice(slot * rowFloats, rowFloats);
            for (var step = start; step < Math.Min(end, start + _state.ChunkSteps); step++)
            {
                rows[active[slot]].Append(records, _config.StepWidth);
                records = records[_state.RecordWidth..];
            }

            rows[active[slot]].IsDone = end <= start + _state.ChunkSteps;
        }
    }
}
