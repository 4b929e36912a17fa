using System.Numerics;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// A GPU's state for one call at a time, and the graphs recorded over it. The device decides in every step which rows end and gives their slots to
/// rows that wait; the host reads back once a chunk of steps, and takes over what the rows have put out.
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
    private readonly CudaDecoderInputs _inputs;
    private readonly DecoderLaunches _launches;
    private readonly Readback[] _readbacks;
    private readonly OwnedResources _owned = new();
    private readonly Dictionary<(int Slots, int Tokens), CudaGraph> _graphs = [];

    /// <summary>
    /// Allocates what <paramref name="rows"/> rows of <paramref name="tokens"/> tokens (see <see cref="RoundUp"/>) need, at most
    /// <paramref name="mostSlots"/> of them at a time.
    /// </summary>
    public CudaDecoderRun(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens, int mostSlots)
    {
        (_config, _compute) = (config, compute);
        try
        {
            _state = _owned.Add(new CudaDecoderState(config, compute.Context, rows, tokens, GraphSteps, mostSlots));
            _stream = _owned.Add(new CudaStream(compute.Context));
            Nvtx.NameStream(_stream, "decoder\0"u8);
            _inputs = _owned.Add(new CudaDecoderInputs(config, weights, _state, compute, _stream));
            _launches = _owned.Add(new DecoderLaunches(config, weights, _state, compute, _stream));
            _readbacks = [_owned.Add(new Readback(compute.Context, _state)), _owned.Add(new Readback(compute.Context, _state))];

            // Records are copied to the host whole, with what lies beyond a row's tokens.
            _stream.Clear(_state.Records, _state.RecordBytes);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Whether this is large enough.</summary>
    public bool Holds(int rows, int tokens) => rows <= _state.Rows && tokens <= _state.Tokens;

    /// <summary>Decodes rows: the first ones at once, the others as slots become free.</summary>
    /// <param name="encoded">The encoder's output, on the device.</param>
    /// <param name="rows">What to decode, in the order of the output's rows.</param>
    /// <param name="cancellation">Checked between chunks.</param>
    public void Decode(IReadOnlyList<EncodedRows> encoded, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        _inputs.Start(encoded, rows);
        var slots = CudaDecoderState.SlotsFor(Math.Min(rows.Count, _state.SlotCount));
        var active = Enumerable.Range(0, Math.Min(rows.Count, slots)).ToArray();
        var tokens = TokensOf(rows);
        _stream.Upload<int>([active.Length, rows.Count, .. InSlots(active, slots)], _state.Queue);
        var waiting = rows.Count > active.Length;
        var underWay = new Queue<Readback>();
        for (var start = 0; active.Length > 0;)
        {
            // The device makes the next chunk while the host reads back the last one;
            // with few rows there is little to read, and the last would be in vain.
            while (underWay.Count < (slots > DecoderLaunches.BatchRows ? 2 : 1)
                && StepsLeft(active, waiting, rows, underWay.Count) is > 0 and var steps)
            {
                underWay.Enqueue(QueueChunk(start, Math.Min(steps, _state.ChunkSteps), slots, tokens));
                start += _state.ChunkSteps;
            }

            (active, waiting) = TakeOver(underWay.Dequeue(), rows);
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            if (!waiting && active.Length > 0 && CudaDecoderState.SlotsFor(active.Length) < slots)
            {
                while (underWay.TryDequeue(out var readback))
                {
                    (active, _) = TakeOver(readback, rows);
                }

                slots = CudaDecoderState.SlotsFor(active.Length);
                if (active.Length > 0)
                {
                    tokens = TokensOf(rows);
                    _stream.Upload<int>(InSlots(active, slots), _state.Slots);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var graph in _graphs.Values)
        {
            graph.Dispose();
        }

        _owned.Dispose();
    }

    /// <summary>Tokens that a run has memory for.</summary>
    public static int RoundUp(int tokens) => Ceiling.Multiple(tokens, TokenBlock);

    /// <summary>The row in each slot: the first slots have one.</summary>
    private static int[] InSlots(int[] active, int slots)
    {
        // Kernels that take slots in groups read whole ones.
        var inSlots = new int[Math.Max(slots, DecoderLaunches.BatchRows)];
        inSlots.AsSpan().Fill(-1);
        active.CopyTo(inSlots, 0);
        return inSlots;
    }

    /// <summary>Tokens that a step must have blocks for: those of the longest row that is not done.</summary>
    private int TokensOf(IReadOnlyList<DecoderRow> rows)
    {
        // Powers of two, so that few graphs serve all lengths: blocks beyond a row's own tokens end at once.
        var longest = BitOperations.RoundUpToPowerOf2((uint)RoundUp(rows.Where(row => !row.IsDone).Max(row => row.Tokens)));
        return Math.Min(_state.Tokens, (int)longest);
    }

    /// <summary>Steps that rows in slots may still take, those of chunks under way apart; at least a chunk where others wait.</summary>
    private int StepsLeft(int[] active, bool waiting, IReadOnlyList<DecoderRow> rows, int chunksUnderWay) =>
        waiting ? _state.ChunkSteps : active.Max(row => rows[row].Limit - rows[row].Steps) - (chunksUnderWay * _state.ChunkSteps);

    /// <summary>Queues a chunk as one graph, or what is left before the last row's limit step by step, and the copies of what it puts out.</summary>
    private Readback QueueChunk(int start, int steps, int slots, int tokens)
    {
        _stream.Fill(_state.ChunkStart, (uint)start, 1);
        if (steps < _state.ChunkSteps || _compute.Context.RecordsLaunches)
        {
            Steps(steps, slots, tokens);
        }
        else
        {
            if (!_graphs.TryGetValue((slots, tokens), out var graph))
            {
                graph = _stream.Capture(() => Steps(_state.ChunkSteps, slots, tokens));
                _graphs.Add((slots, tokens), graph);
            }

            graph.Launch(_stream);
        }

        var readback = _readbacks[start / _state.ChunkSteps % _readbacks.Length];
        readback.Queue(_stream, _state, steps, slots);
        return readback;
    }

    private void Steps(int count, int slots, int tokens)
    {
        for (var offset = 0; offset < count; offset++)
        {
            _launches.Step(offset, slots, tokens, isLast: offset == count - 1);
        }
    }

    /// <summary>Waits for a chunk and hands what it has put out to the rows.</summary>
    /// <returns>The rows that are in slots after it, and whether others wait.</returns>
    private (int[] Active, bool Waiting) TakeOver(Readback readback, IReadOnlyList<DecoderRow> rows)
    {
        var (steps, slots) = (readback.Steps, readback.Slots);
        var report = readback.Report();
        var inSlots = report[CudaDecoderState.QueueLength..][..slots];
        var chunkRows = report[_state.ChunkRowsAt..];
        for (var slot = 0; slot < slots; slot++)
        {
            for (var step = 0; step < steps; step++)
            {
                if (chunkRows[(step * slots) + slot] is >= 0 and var row)
                {
                    rows[row].Append(readback.Record((slot * _state.ChunkSteps) + step, _state.RecordWidth), _config.StepWidth);
                    var next = step + 1 < steps ? chunkRows[((step + 1) * slots) + slot] : inSlots[slot];
                    rows[row].IsDone = next != row;
                }
            }
        }

        return (inSlots.ToArray().Where(row => row >= 0).ToArray(), report[0] < report[1]);
    }

    /// <summary>The host's copy of what a chunk has put out.</summary>
    private sealed class Readback(CudaContext context, CudaDecoderState state) : IDisposable
    {
        private readonly PinnedMemory _records = new(context, state.RecordBytes);
        private readonly PinnedMemory _report = new(context, sizeof(int) * state.ReportLength);
        private readonly CudaEvent _isThere = new(context, timing: false);

        /// <summary>Steps of the chunk.</summary>
        public int Steps { get; private set; }

        /// <summary>The slots in use.</summary>
        public int Slots { get; private set; }

        public void Queue(CudaStream stream, CudaDecoderState from, int steps, int slots)
        {
            (Steps, Slots) = (steps, slots);
            stream.Download(from.Records, _records, sizeof(float) * (long)slots * from.ChunkSteps * from.RecordWidth);
            stream.Download(from.Report, _report, sizeof(int) * from.ReportLength);
            _isThere.Record(stream);
        }

        /// <summary>Waits for the copy.</summary>
        public ReadOnlySpan<int> Report()
        {
            _isThere.Synchronize();
            return _report.Span<int>();
        }

        public ReadOnlySpan<float> Record(int index, int width) => _records.Span<float>().Slice(index * width, width);

        public void Dispose()
        {
            _records.Dispose();
            _report.Dispose();
            _isThere.Dispose();
        }
    }
}
