using System.Collections.Concurrent;
using System.Diagnostics;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// A GPU's state for one call at a time of the decoder that stays on the chip (<see cref="PersistentDecoder"/>). One launch makes all steps; the host
/// takes each one over as it comes, and hands it on.
/// </summary>
internal sealed class PersistentDecoderRun : IDisposable
{
    /// <summary>
    /// Steps of a launch at most: 24 s of speech. What comes after them is made by another launch, which goes on from the state of the last.
    /// </summary>
    public const int MostSteps = 2048;

    /// <summary>
    /// Steps of a launch where others want the device too: where frames are made into audio as they come, or rows of other callers are decoded. That
    /// is 0.7 s of speech with one frame a step. Starting anew costs about a twentieth of it (predicted).
    /// </summary>
    public const int SharedSteps = 64;

    // Granularity of step counts: so that texts of similar lengths share a run.
    private const int StepBlock = 256;

    // Polls of memory between two checks of the stream and the clock.
    private const int PollsBetweenChecks = 256;

    // A step takes microseconds, and a kernel that waits in vain ends itself after some seconds; a device that does not even begin is given up.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // Runs whose launch never ended: their memory may still be written, and to free it would wait for ever.
    private static readonly ConcurrentBag<PersistentDecoderRun> s_lost = [];
    private readonly Tacotron2Config _config;
    private readonly CudaCompute _compute;
    private readonly CudaDecoderState _state;
    private readonly CudaStream _stream;
    private readonly CudaDecoderInputs _inputs;
    private readonly PersistentDecoderPlan _plan;
    private readonly PersistentDecoder _decoder;
    private readonly StepRecords _records;
    private readonly float[] _step;
    private readonly OwnedResources _owned = new();

    /// <summary>Allocates what <paramref name="rows"/> rows of <paramref name="tokens"/> tokens need.</summary>
    /// <param name="config">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="compute">The device.</param>
    /// <param name="rows">B.</param>
    /// <param name="tokens">Of a row at most.</param>
    /// <param name="steps">Of a launch at most, see <see cref="StepsFor"/>.</param>
    /// <param name="plan">How the device holds the decoder.</param>
    /// <param name="firstTag">Where the tags of mailboxes begin.</param>
    /// <param name="polls">Of a word before a kernel gives it up.</param>
    public PersistentDecoderRun(
        Tacotron2Config config,
        CudaDecoderWeights weights,
        CudaCompute compute,
        int rows,
        int tokens,
        int steps,
        PersistentDecoderPlan plan,
        uint firstTag = 1,
        uint polls = AbandonedWait.MostPolls)
    {
        (_config, _compute, _plan) = (config, compute, plan);
        try
        {
            _state = _owned.Add(new CudaDecoderState(config, compute.Context, rows, tokens, chunkSteps: 1));
            _records = _owned.Add(new StepRecords(compute.Context, rows, steps, config.StepWidth + 1 + tokens));
            _stream = _owned.Add(new CudaStream(compute.Context));
            Nvtx.NameStream(_stream, "decoder\0"u8);
            _inputs = _owned.Add(new CudaDecoderInputs(config, weights, _state, compute, _stream));
            _decoder = _owned.Add(new PersistentDecoder(config, weights, _state, compute, _stream, plan, firstTag) { MostPolls = polls });
            _step = new float[_records.Width];
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Whether a launch never ended: then the run must be neither used again nor disposed of.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Steps of a launch that a run should have memory for.</summary>
    /// <param name="limit">Steps of the longest row.</param>
    public static int StepsFor(int limit) => Math.Min(MostSteps, Ceiling.Multiple(limit, StepBlock));

    /// <summary>Whether this is large enough, and its plan the one for so many.</summary>
    public bool Holds(int rows, int tokens, int steps, PersistentDecoderPlan plan) =>
        rows <= _state.Rows && tokens <= _state.Tokens && steps <= _records.Steps && plan.Kernel == _plan.Kernel;

    /// <summary>Decodes rows side by side.</summary>
    /// <param name="encoded">What the encoder made.</param>
    /// <param name="rows">What to decode, in the order of the memory's rows.</param>
    /// <param name="cancellation">Ends decoding with the steps under way.</param>
    public void Decode(EncodedRows encoded, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        Start(encoded, rows);
        using var cancelled = cancellation.Register(() => _records.Cancel());
        var active = Enumerable.Range(0, rows.Count).ToArray();
        var most = rows.Any(row => row.Options.Frames is not null) ? Math.Min(SharedSteps, _records.Steps) : _records.Steps;
        for (var start = 0; active.Length > 0; start += most)
        {
            Launch(start, most, active, rows, cancellation);
            Array.ForEach(active, row => rows[row].ThrowIfFailed());
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            active = Array.FindAll(active, row => !rows[row].IsDone);
        }
    }

    /// <summary>Queues what rows begin with that are then decoded by <see cref="Advance"/>.</summary>
    /// <param name="encoded">What the encoder made.</param>
    /// <param name="rows">What to decode, in the order of the memory's rows.</param>
    public void Start(EncodedRows encoded, IReadOnlyList<DecoderRow> rows)
    {
        _inputs.Start([encoded], rows);
        _decoder.Prepare(rows.Count);
        _records.Cancel(isCancelled: false);
    }

    /// <summary>A launch of <see cref="SharedSteps"/> for rows that are equally far, which all are that have always been wanted.</summary>
    /// <param name="rows">Those that were started with.</param>
    /// <param name="wanted">Of these the ones that still get further.</param>
    public void Advance(IReadOnlyList<DecoderRow> rows, IReadOnlyCollection<DecoderRow> wanted)
    {
        foreach (var active in Enumerable.Range(0, rows.Count).Where(row => wanted.Contains(rows[row])).GroupBy(row => rows[row].Steps).ToList())
        {
            Launch(active.Key, SharedSteps, [.. active], rows, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    /// <summary>One launch, from its start to its end.</summary>
    private void Launch(int start, int most, int[] active, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        _stream.Upload<int>(active, _state.Slots);
        var steps = Math.Min(most, active.Max(row => rows[row].Limit) - start);
        var tag = _decoder.Run(start, steps, active.Length, _records);
        var isTaken = false;
        try
        {
            isTaken = TakeOver(start, steps, tag, active, rows, cancellation);
        }
        finally
        {
            // Where no more is taken, the kernel need not go on.
            if (!isTaken)
            {
                _records.Cancel();
            }

            if (!IsLost)
            {
                _stream.Synchronize();
            }
        }
    }

    /// <summary>Takes what a launch makes, step by step; false when it was cancelled.</summary>
    private bool TakeOver(int start, int steps, uint tag, int[] active, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        for (var step = 0; step < steps; step++)
        {
            for (var slot = 0; slot < active.Length; slot++)
            {
                var row = rows[active[slot]];
                if (!row.IsDone && !TakeOver(row, _records.Of(slot, step), tag + (uint)step, start + step, cancellation))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Waits for a row's step and takes it; false when the launch has ended without it, because it was cancelled.</summary>
    private bool TakeOver(DecoderRow row, ReadOnlySpan<ulong> words, uint tag, int step, CancellationToken cancellation)
    {
        var values = _step.AsSpan(0, _config.StepWidth + 1 + row.Tokens);
        var spin = default(SpinWait);
        var began = Stopwatch.GetTimestamp();
        for (var (come, hasEnded) = (0, false); ;)
        {
            come = StepRecords.Read(words, tag, values, come);
            if (come == values.Length)
            {
                row.Append(values, _config.StepWidth);
                row.IsDone |= values[_config.StepWidth] > row.GateLogit || step + 1 == row.Limit;
                return true;
            }

            if (hasEnded)
            {
                return cancellation.IsCancellationRequested
                    ? false
                    : throw new CudaTtsException(
                        $"The decoder on {_compute.Name} ended before step {step}: expected {values.Length} numbers, found {come}.");
            }

            // What a kernel that has ended, or failed, does not write will never come. Between polls the thread gives way, but does not sleep: that
            // takes as long as a hundred steps.
            if (spin.Count % PollsBetweenChecks == PollsBetweenChecks - 1)
            {
                hasEnded = _stream.IsDone();
                GiveUpAfter(Stopwatch.GetElapsedTime(began), step);
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void GiveUpAfter(TimeSpan waited, int step)
    {
        if (waited > s_patience)
        {
            IsLost = true;
            s_lost.Add(this);
            throw new CudaTtsException(
                $"The decoder on {_compute.Name} has not made step {step} within {s_patience.TotalSeconds:0} s, and its launch goes on; "
                + "another program may hold the device. Start again, or set CUDATTS_DECODER=stepwise, "
                + "which decodes without a kernel whose blocks wait for each other.");
        }
    }
}
