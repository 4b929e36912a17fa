using System.Numerics;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// Chunks of steps over a GPU's state: each is queued as one graph and read back as a whole. The graphs are recorded once for a number of slots and
/// of tokens.
/// </summary>
internal sealed class DecoderChunks : IDisposable
{
    // Granularity of token counts: so that texts of similar lengths share state and graphs.
    private const int TokenBlock = 32;
    private readonly Tacotron2Config _config;
    private readonly CudaCompute _compute;
    private readonly CudaDecoderState _state;
    private readonly CudaStream _stream;
    private readonly OwnedResources _owned = new();
    private readonly DecoderLaunches _launches;
    private readonly Readback[] _readbacks;
    private readonly Dictionary<(int Slots, int Tokens), CudaGraph> _graphs = [];

    /// <summary>Finds the kernels and allocates what is read back.</summary>
    public DecoderChunks(Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream)
    {
        (_config, _compute, _state, _stream) = (config, compute, state, stream);
        try
        {
            _launches = _owned.Add(new DecoderLaunches(config, weights, state, compute, stream));
            _readbacks = [_owned.Add(new Readback(compute.Context, state)), _owned.Add(new Readback(compute.Context, state))];

            // Records are copied to the host whole, with what lies beyond a row's tokens.
            stream.Clear(state.Records, state.RecordBytes);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Tokens that a state has memory for.</summary>
    public static int RoundUp(int tokens) => Ceiling.Multiple(tokens, TokenBlock);

    /// <summary>The row in each slot: the first slots have one.</summary>
    public static int[] InSlots(ReadOnlySpan<int> active, int slots)
    {
        // Kernels that take slots in groups read whole ones.
        var inSlots = new int[Math.Max(slots, DecoderLaunches.BatchRows)];
        inSlots.AsSpan().Fill(-1);
        active.CopyTo(inSlots);
        return inSlots;
    }

    /// <summary>Tokens that a step must have blocks for, where the longest row has so many.</summary>
    public int TokensFor(int longest)
    {
        // Powers of two, so that few graphs serve all lengths: blocks beyond a row's own tokens end at once.
        var most = BitOperations.RoundUpToPowerOf2((uint)RoundUp(longest));
        return Math.Min(_state.Tokens, (int)most);
    }

    /// <summary>Queues a chunk as one graph, or what is left before the last row's limit step by step, and the copies of what it puts out.</summary>
    /// <param name="start">The number of its first step, whole chunks from 0 on.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="slots">The slots in use.</param>
    /// <param name="tokens">See <see cref="TokensFor"/>.</param>
    public Readback Queue(int start, int steps, int slots, int tokens)
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

    /// <summary>Waits for a chunk and hands what it has put out to the rows.</summary>
    /// <param name="readback">The chunk.</param>
    /// <param name="rowOf">The row of a number.</param>
    /// <returns>The rows that are in slots after it, and whether others wait.</returns>
    public (int[] Active, bool Waiting) TakeOver(Readback readback, Func<int, DecoderRow> rowOf)
    {
        var (steps, slots) = (readback.Steps, readback.Slots);
        var report = readback.Report();
        var inSlots = report[CudaDecoderState.QueueLength..][..slots];
        var chunkRows = report[_state.ChunkRowsAt..];
        for (var slot = 0; slot < slots; slot++)
        {
            for (var step = 0; step < steps; step++)
            {
                if (chunkRows[(step * slots) + slot] is >= 0 and var number)
                {
                    var row = rowOf(number);
                    row.Append(readback.Record((slot * _state.ChunkSteps) + step, _state.RecordWidth), _config.StepWidth);
                    var next = step + 1 < steps ? chunkRows[((step + 1) * slots) + slot] : inSlots[slot];
                    row.IsDone |= next != number;
                }
            }
        }

        return (inSlots.ToArray().Where(row => row >= 0).ToArray(), report[0] < report[1]);
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

    private void Steps(int count, int slots, int tokens)
    {
        for (var offset = 0; offset < count; offset++)
        {
            _launches.Step(offset, slots, tokens, isLast: offset == count - 1);
        }
    }

    /// <summary>The host's copy of what a chunk has put out.</summary>
    public sealed class Readback(CudaContext context, CudaDecoderState state) : IDisposable
    {
        private readonly PinnedMemory _records = new(context, state.RecordBytes);
        private readonly PinnedMemory _report = new(context, sizeof(int) * state.ReportLength);
        private readonly CudaEvent _isThere = new(context, timing: false);

        /// <summary>Steps of the chunk.</summary>
        public int Steps { get; private set; }

        /// <summary>The slots in use.</summary>
        public int Slots { get; private set; }

        /// <summary>Queues the copy.</summary>
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

        /// <summary>One step of one slot.</summary>
        public ReadOnlySpan<float> Record(int index, int width) => _records.Span<float>().Slice(index * width, width);

        /// <inheritdoc/>
        public void Dispose()
        {
            _records.Dispose();
            _report.Dispose();
            _isThere.Dispose();
        }
    }
}
