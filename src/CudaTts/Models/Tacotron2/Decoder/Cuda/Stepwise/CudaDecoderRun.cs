using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// A GPU's state for one call at a time, and the chunks of steps over it. The device decides in every step which rows end and gives their slots to
/// rows that wait; the host reads back once a chunk of steps, and takes over what the rows have put out.
/// </summary>
internal sealed class CudaDecoderRun : IDisposable
{
    // Steps of a graph; an even number, because hidden states are read and written by turns.
    private const int GraphSteps = 16;
    private readonly CudaDecoderState _state;
    private readonly CudaStream _stream;
    private readonly CudaDecoderInputs _inputs;
    private readonly DecoderChunks _chunks;
    private readonly OwnedResources _owned = new();

    /// <summary>
    /// Allocates what <paramref name="rows"/> rows of <paramref name="tokens"/> tokens (see <see cref="DecoderChunks.RoundUp"/>) need, at most
    /// <paramref name="mostSlots"/> of them at a time.
    /// </summary>
    public CudaDecoderRun(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens, int mostSlots)
    {
        try
        {
            _state = _owned.Add(new CudaDecoderState(config, compute.Context, rows, tokens, GraphSteps, mostSlots));
            _stream = _owned.Add(new CudaStream(compute.Context));
            Nvtx.NameStream(_stream, "decoder\0"u8);
            _inputs = _owned.Add(new CudaDecoderInputs(config, weights, _state, compute, _stream));
            _chunks = _owned.Add(new DecoderChunks(config, weights, _state, compute, _stream));
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
        _stream.Upload<int>([active.Length, rows.Count, .. DecoderChunks.InSlots(active, slots)], _state.Queue);
        var waiting = rows.Count > active.Length;
        var underWay = new Queue<DecoderChunks.Readback>();
        for (var start = 0; active.Length > 0;)
        {
            // The device makes the next chunk while the host reads back the last one;
            // with few rows there is little to read, and the last would be in vain.
            while (underWay.Count < (slots > DecoderLaunches.BatchRows ? 2 : 1)
                && StepsLeft(active, waiting, rows, underWay.Count) is > 0 and var steps)
            {
                underWay.Enqueue(_chunks.Queue(start, Math.Min(steps, _state.ChunkSteps), slots, tokens));
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
                    _stream.Upload<int>(DecoderChunks.InSlots(active, slots), _state.Slots);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    /// <summary>Tokens that a step must have blocks for: those of the longest row that is not done.</summary>
    private int TokensOf(IReadOnlyList<DecoderRow> rows) => _chunks.TokensFor(rows.Where(row => !row.IsDone).Max(row => row.Tokens));

    /// <summary>Steps that rows in slots may still take, those of chunks under way apart; at least a chunk where others wait.</summary>
    private int StepsLeft(int[] active, bool waiting, IReadOnlyList<DecoderRow> rows, int chunksUnderWay) =>
        waiting ? _state.ChunkSteps : active.Max(row => rows[row].Limit - rows[row].Steps) - (chunksUnderWay * _state.ChunkSteps);

    private (int[] Active, bool Waiting) TakeOver(DecoderChunks.Readback chunk, IReadOnlyList<DecoderRow> rows)
    {
        var taken = _chunks.TakeOver(chunk, row => rows[row]);
        foreach (var row in rows)
        {
            row.ThrowIfFailed();
        }

        return taken;
    }
}
