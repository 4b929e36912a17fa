using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda;

/// <summary>
/// Rows that a GPU decodes side by side. A few that come while nothing else is decoded stay on the chip (<see cref="PersistentDecoder"/>), those that
/// came together in launches of their own. All others go step by step: each has a place in one state, from its first step to its last, and comes and
/// goes between two chunks of sixteen steps. A row ends the way that it began.
/// </summary>
internal sealed class CudaDecoderBatch(CudaTacotron2Decoder decoder, Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute)
    : DecoderBatch
{
    // Launches take turns, and each takes about a quarter of the time that all rows take step by step (predicted).
    private const int MostLaunches = 4;

    // Of a row on the chip: what the weights make of each token takes seventeen kilobytes at NVIDIA's size.
    private const int MostLaunchedTokens = 512;

    // Steps of a chunk; an even number, because hidden states are read and written by turns.
    private const int ChunkSteps = 16;
    private const int Places = CudaDecoderState.MostSlots;

    // Of all places together, as they lie in memory: a third of a gigabyte at NVIDIA's size. One row may have more.
    private const int MostTokens = 128 * 1024;

    // Of a place at least, so that the state is seldom made anew.
    private const int LeastTokens = 256;

    // Steps are counted by 32 bits; what matters is their distance from a row's first.
    private const int MostStart = 1 << 30;
    private readonly DecoderRow?[] _rows = new DecoderRow?[Places];
    private readonly int[] _firstSteps = new int[Places];
    private readonly List<Launched> _launched = [];
    private readonly Stack<PersistentDecoderRun> _idle = [];
    private Run? _run;
    private int _start;

    /// <inheritdoc/>
    public override int MostRows => Places;

    /// <inheritdoc/>
    public override long MostBytes => (MostTokens * (OfToken + (sizeof(float) * (3L + ChunkSteps)))) + (weights.Persistent is null
        ? 0
        : (long)MostLaunches * PersistentDecoder.MostRows * MostLaunchedTokens
            * (OfToken + (sizeof(short) * PersistentDecoderPlan.ProjectedRows(config))));

    // What the encoder makes of a token, and its key.
    private long OfToken => sizeof(float) * (long)(WeightRows.Padded(config.EncoderEmbedding) + config.Attention);

    // Rows that go step by step.
    private int Count => _rows.Count(row => row is not null);

    /// <inheritdoc/>
    public override bool HasRoomFor(IReadOnlyList<int> tokens)
    {
        var longest = DecoderChunks.RoundUp(tokens.Max());
        var launched = _launched.Sum(rows => rows.Count);
        return Count == 0
            ? launched + tokens.Count <= PlacesFor(Math.Max(LeastTokens, longest))
            : launched + Count + tokens.Count <= PlacesFor(_run!.State.Tokens) && longest <= _run.State.Tokens;
    }

    /// <inheritdoc/>
    public override void Join(EncodedRows encoded, IReadOnlyList<DecoderRow> rows)
    {
        if (encoded.Tokens.Longest > CudaTacotron2Decoder.MostTokens)
        {
            throw CudaTacotron2Decoder.TooLong(encoded.Tokens.Longest, compute);
        }

        if (TryOnTheChip(encoded, rows))
        {
            return;
        }

        // Anew also where long rows have left one that has few places.
        var tokens = DecoderChunks.RoundUp(Math.Max(LeastTokens, encoded.Tokens.Longest));
        if (Count == 0 && (_run is null || tokens > _run.State.Tokens || _run.State.Rows < PlacesFor(tokens)))
        {
            _run?.Dispose();
            _run = null;
            _run = new Run(config, weights, compute, PlacesFor(tokens), tokens);
        }

        var places = new int[rows.Count];
        for (var row = 0; row < places.Length; row++)
        {
            places[row] = Array.IndexOf(_rows, null);
            (_rows[places[row]], _firstSteps[places[row]]) = (rows[row], _start);
        }

        try
        {
            _run!.Inputs.Join(encoded, places, _rows.AsSpan(0, _run.State.Rows).ToArray(), _start);
        }
        catch
        {
            Array.ForEach(places, place => _rows[place] = null);
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Advance(IReadOnlyList<DecoderRow> rows, Func<bool> isInterrupted)
    {
        compute.Context.MakeCurrent();
        var stepwise = rows.Where(row => Array.IndexOf(_rows, row) >= 0).ToList();
        do
        {
            foreach (var launched in _launched)
            {
                launched.Advance(rows);
            }

            if (stepwise.Count > 0)
            {
                StepByStep(stepwise, () => _launched.Count > 0 || isInterrupted());
            }
        }
        while (!rows.Any(row => row.IsDone) && !isInterrupted());
    }

    /// <inheritdoc/>
    public override void Leave(DecoderRow row)
    {
        if (Array.IndexOf(_rows, row) is >= 0 and var place)
        {
            _rows[place] = null;
        }

        foreach (var launched in _launched.FindAll(launched => launched.IsLeftBy(row)))
        {
            _launched.Remove(launched);
            _idle.Push(launched.Run);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var run in _idle.Concat(_launched.Select(launched => launched.Run)).Where(run => !run.IsLost))
        {
            run.Dispose();
        }

        _idle.Clear();
        _launched.Clear();
        _run?.Dispose();
        _run = null;
    }

    /// <summary>
    /// Begins rows on the chip, with their first launch, as long as few others are decoded. What the device does not take is not tried again.
    /// </summary>
    private bool TryOnTheChip(EncodedRows encoded, IReadOnlyList<DecoderRow> rows)
    {
        var tokens = DecoderChunks.RoundUp(encoded.Tokens.Longest);
        while (Count == 0 && _launched.Count < MostLaunches && tokens <= MostLaunchedTokens && decoder.PlanFor(rows, tokens) is { } plan)
        {
            if (!_idle.TryPop(out var run) || !run.Holds(rows.Count, tokens, PersistentDecoderRun.SharedSteps, plan))
            {
                run?.Dispose();
                run = new PersistentDecoderRun(config, weights, compute, rows.Count, tokens, PersistentDecoderRun.SharedSteps, plan);
            }

            var launched = new Launched(run, [.. rows]);
            try
            {
                run.Start(encoded, rows);
                launched.Advance(rows);
                _launched.Add(launched);
                decoder.HasDecodedBy(plan);
                return true;
            }
            catch (CudaException error) when (rows.All(row => row.Steps == 0) && decoder.IsRefusal(error, plan))
            {
                run.Dispose();
            }
            catch when (!run.IsLost)
            {
                run.Dispose();
                throw;
            }
        }

        return false;
    }

    private void StepByStep(List<DecoderRow> rows, Func<bool> isInterrupted)
    {
        compute.Stages?.MoveTo(_run!.Stream);
        var chunks = _run!.Chunks;
        var slots = CudaDecoderState.SlotsFor(rows.Count);
        var tokens = chunks.TokensFor(rows.Max(row => row.Tokens));
        PutIntoSlots(rows, slots);
        var underWay = new Queue<DecoderChunks.Readback>();
        var isLast = false;
        do
        {
            // The device makes the next chunk while the host reads back the last one; with few rows there is little to read.
            while (!isLast && underWay.Count < (slots > DecoderLaunches.BatchRows ? 2 : 1) && StepsLeft(rows, underWay.Count) is > 0 and var steps)
            {
                underWay.Enqueue(chunks.Queue(_start, Math.Min(steps, ChunkSteps), slots, tokens));
                _start += ChunkSteps;
            }

            chunks.TakeOver(underWay.Dequeue(), place => _rows[place]!);
            isLast |= rows.Any(row => row.IsDone) || isInterrupted();
        }
        while (!isLast || underWay.Count > 0);
    }

    private static int PlacesFor(int tokens) => Math.Clamp(MostTokens / tokens, 1, Places);

    private static int StepsLeft(List<DecoderRow> rows, int chunksUnderWay) =>
        rows.Max(row => row.Limit - row.Steps) - (chunksUnderWay * ChunkSteps);

    /// <summary>
    /// Puts rows into the first slots. A row that has waited for some chunks, or whose last chunk was a short one, goes on where it was: its first
    /// step is moved.
    /// </summary>
    private void PutIntoSlots(List<DecoderRow> rows, int slots)
    {
        var (state, stream) = (_run!.State, _run.Stream);
        _start = _start > MostStart ? 0 : _start;
        var places = rows.Select(row => Array.IndexOf(_rows, row)).ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            var first = _start - rows[i].Steps;
            if (first != _firstSteps[places[i]])
            {
                state.StartAt(stream, places[i], first);
                _firstSteps[places[i]] = first;
            }
        }

        // An empty queue: the host gives out what has become free.
        stream.Upload<int>([state.Rows, state.Rows, .. DecoderChunks.InSlots(places, slots)], state.Queue);
    }

    /// <summary>Rows that stay on the chip, in launches of their own.</summary>
    private sealed class Launched(PersistentDecoderRun run, DecoderRow[] rows)
    {
        private readonly HashSet<DecoderRow> _left = [];

        public PersistentDecoderRun Run => run;

        /// <summary>Rows that have not left.</summary>
        public int Count => rows.Length - _left.Count;

        /// <summary>One launch with those of its rows that are wanted.</summary>
        public void Advance(IReadOnlyList<DecoderRow> wanted)
        {
            var active = rows.Where(row => !row.IsDone && wanted.Contains(row)).ToList();
            if (active.Count > 0)
            {
                run.Advance(rows, active);
            }
        }

        /// <summary>Whether no row is left when this one has gone.</summary>
        public bool IsLeftBy(DecoderRow row) => rows.Contains(row) && _left.Add(row) && _left.Count == rows.Length;
    }

    /// <summary>What the rows have on the device that go step by step.</summary>
    private sealed class Run : IDisposable
    {
        private readonly OwnedResources _owned = new();

        public Run(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens)
        {
            compute.Context.MakeCurrent();
            try
            {
                State = _owned.Add(new CudaDecoderState(config, compute.Context, rows, tokens, ChunkSteps));
                Stream = _owned.Add(new CudaStream(compute.Context));
                Nvtx.NameStream(Stream, "decoder\0"u8);
                Inputs = _owned.Add(new CudaDecoderInputs(config, weights, State, compute, Stream));
                Chunks = _owned.Add(new DecoderChunks(config, weights, State, compute, Stream));
                State.Reset(Stream);
            }
            catch
            {
                _owned.Dispose();
                throw;
            }
        }

        public CudaDecoderState State { get; }

        public CudaStream Stream { get; }

        public CudaDecoderInputs Inputs { get; }

        public DecoderChunks Chunks { get; }

        public void Dispose() => _owned.Dispose();
    }
}
