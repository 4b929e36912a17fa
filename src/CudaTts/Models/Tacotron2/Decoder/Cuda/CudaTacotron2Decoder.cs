using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda;

/// <summary>
/// The decoder on a GPU: few rows in half precision by one launch that keeps the weights on the chip
/// (<see cref="PersistentDecoder"/>), others step by step, seven or nine kernels a step, sixteen steps
/// a graph. Either way a row's numbers do not depend on the rows beside it; the two agree to rounding.
/// </summary>
internal sealed class CudaTacotron2Decoder(
    Tacotron2Config config,
    CudaDecoderWeights weights,
    CudaCompute compute,
    int mostSlots = CudaDecoderState.MostSlots,
    DecoderWay way = DecoderWay.AsItFits) : Tacotron2Decoder
{
    /// <summary>Tokens of a row at most: the context's kernel keeps a row's weights in shared memory.</summary>
    internal const int MostTokens = 12 * 1024;

    // Of a run, all rows together, as they lie in memory: 1.4 gigabytes at NVIDIA's size.
    private const long MostRunTokens = 512 * 1024;

    private CudaDecoderRun? _idle;
    private PersistentDecoderRun? _idlePersistent;

    // The device has fewer multiprocessors for this process than it says, which
    // only a launch brings to light: under a limit of the multi-process service.
    private volatile bool _isRefused;

    // The same of clusters, or the driver does not start clusters all at once.
    private volatile bool _clustersAreRefused;
    private volatile string _way = "persistent";

    /// <summary>The decoder with its weights on a GPU.</summary>
    /// <exception cref="CudaTtsException">The persistent kernel is asked for and cannot be had.</exception>
    public static CudaTacotron2Decoder Create(Tacotron2Config config, ModelWeights weights, CudaModelMemory memory, DecoderWay way)
    {
        var cuda = memory.Compute;
        var stored = new CudaDecoderWeights(config, weights, memory, isPersistent: way != DecoderWay.Stepwise);
        if (way == DecoderWay.Persistent && stored.Persistent is null)
        {
            var (multiprocessors, bytes) = (cuda.Context.Multiprocessors, cuda.Context.SharedMemoryPerBlock);
            throw new CudaTtsException(cuda.Precision == Precision.Half
                ? $"{DecoderChoice.Variable}=persistent: the decoder does not fit onto {cuda.Name} with {multiprocessors} multiprocessors "
                    + $"of {bytes} bytes of shared memory; use {DecoderChoice.Variable}=stepwise."
                : $"{DecoderChoice.Variable}=persistent: expected float16, found float32 on {cuda.Name}; "
                    + $"use --precision float16 or {DecoderChoice.Variable}=stepwise.");
        }

        return new CudaTacotron2Decoder(config, stored, cuda, way: way);
    }

    /// <inheritdoc/>
    public override string Way => weights.Persistent is null ? "stepwise" : _isRefused ? "stepwise_after_refusal" : _way;

    /// <inheritdoc/>
    public override int WeightBytes => compute.ElementBytes;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Interlocked.Exchange(ref _idle, null)?.Dispose();
        Interlocked.Exchange(ref _idlePersistent, null)?.Dispose();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<DecoderOutput> Decode(
        IReadOnlyList<EncodedRows> encoded, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation)
    {
        int[] tokens = [.. encoded.SelectMany(group => group.Tokens.Values)];
        if (tokens.Max() > MostTokens)
        {
            throw TooLong(tokens.Max(), compute);
        }

        var rows = new DecoderRow[tokens.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = RowOf(config, options[row], tokens[row]);
        }

        // Calls that overlap each have a run of their own; the last to end leaves its behind.
        var stride = DecoderChunks.RoundUp(tokens.Max());

        if (encoded.Count > 1 || !TryOnTheChip(encoded[0], rows, stride, cancellation))
        {
            InRuns(encoded, rows, cancellation);
        }

        return [.. rows.Select(row => row.Output)];
    }

    /// <inheritdoc/>
    public override DecoderBatch CreateBatch() => new CudaDecoderBatch(this, config, weights, compute);

    /// <summary>How rows stay on the chip; nothing where they go step by step. A window is the stepwise kernels' alone.</summary>
    public PersistentDecoderPlan? PlanFor(IReadOnlyList<DecoderRow> rows, int tokens) =>
        _isRefused || rows.Any(row => row.Options.Window is not null)
            ? null
            : PersistentDecoder.PlanFor(config, weights, compute, rows.Count, tokens, way != DecoderWay.Grid && !_clustersAreRefused);

    /// <summary>
    /// Whether an error of a plan's first launch means that the device does not take it. Then it is not planned again: clusters, which the grid does
    /// without, and after that the launch as such.
    /// </summary>
    public bool IsRefusal(CudaException error, PersistentDecoderPlan plan)
    {
        // Too few multiprocessors for this process; of clusters also that the driver does not start them all at once.
        var isRefusal = plan.Kernel.Cluster > 1
            ? error.Result is CUresult.CooperativeLaunchTooLarge or CUresult.NotSupported or CUresult.InvalidClusterSize or CUresult.InvalidValue
                or CUresult.LaunchOutOfResources
            : error.Result is CUresult.CooperativeLaunchTooLarge && way != DecoderWay.Persistent;
        if (isRefusal)
        {
            (_clustersAreRefused, _isRefused) = (true, plan.Kernel.Cluster == 1);
        }

        return isRefusal;
    }

    /// <summary>Takes note of a plan by which rows have been decoded.</summary>
    public void HasDecodedBy(PersistentDecoderPlan plan) => _way = plan.Kernel.Cluster > 1 ? "persistent_in_clusters" : "persistent_in_the_grid";

    /// <summary>What a text of more than <see cref="MostTokens"/> is told.</summary>
    internal static TextException TooLong(int tokens, CudaCompute compute) => new(
        $"The text has {tokens} tokens; at most {MostTokens} can be spoken at once on {compute.Name}. Divide it into sentences.");

    /// <summary>Decodes groups of rows together as long as their memory is bounded.</summary>
    private void InRuns(IReadOnlyList<EncodedRows> encoded, DecoderRow[] rows, CancellationToken cancellation)
    {
        var done = 0;
        for (int first = 0, groups; first < encoded.Count; first += groups)
        {
            var (count, longest) = (0, 0);
            for (groups = 0; first + groups < encoded.Count; groups++)
            {
                var next = encoded[first + groups].Tokens;
                var most = DecoderChunks.RoundUp(Math.Max(longest, next.Longest));
                if (groups > 0 && (long)(count + next.Count) * most > MostRunTokens)
                {
                    break;
                }

                (count, longest) = (count + next.Count, most);
            }

            StepByStep([.. encoded.Skip(first).Take(groups)], rows[done..(done + count)], longest, cancellation);
            done += count;
        }
    }

    /// <summary>Decodes by the persistent kernel; false where rows go step by step.</summary>
    private bool TryOnTheChip(EncodedRows encoded, DecoderRow[] rows, int tokens, CancellationToken cancellation)
    {
        while (PlanFor(rows, tokens) is { } plan)
        {
            try
            {
                OnTheChip(encoded, rows, tokens, plan, cancellation);
                HasDecodedBy(plan);
                return true;
            }
            catch (CudaException error) when (rows.All(row => row.Steps == 0) && IsRefusal(error, plan))
            {
                Interlocked.Exchange(ref _idlePersistent, null)?.Dispose();
            }
        }

        return false;
    }

    private void OnTheChip(EncodedRows encoded, DecoderRow[] rows, int tokens, PersistentDecoderPlan plan, CancellationToken cancellation)
    {
        var run = Interlocked.Exchange(ref _idlePersistent, null);
        var steps = PersistentDecoderRun.StepsFor(rows.Max(row => row.Limit));
        if (run is null || !run.Holds(rows.Length, tokens, steps, plan))
        {
            run?.Dispose();
            run = new PersistentDecoderRun(config, weights, compute, rows.Length, tokens, steps, plan);
        }

        try
        {
            run.Decode(encoded, rows, cancellation);
        }
        finally
        {
            if (!run.IsLost)
            {
                Interlocked.Exchange(ref _idlePersistent, run)?.Dispose();
            }
        }
    }

    private void StepByStep(EncodedRows[] encoded, DecoderRow[] rows, int tokens, CancellationToken cancellation)
    {
        var run = Interlocked.Exchange(ref _idle, null);
        if (run is null || !run.Holds(rows.Length, tokens))
        {
            run?.Dispose();
            run = new CudaDecoderRun(config, weights, compute, rows.Length, tokens, mostSlots);
        }

        try
        {
            run.Decode(encoded, rows, cancellation);
        }
        finally
        {
            Interlocked.Exchange(ref _idle, run)?.Dispose();
        }
    }
}
