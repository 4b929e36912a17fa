using CudaTts.Compute;
using CudaTts.Compute.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// The decoder on a GPU: few rows in half precision by one launch that keeps the weights on the chip (<see cref="PersistentDecoder"/>), others step by
/// step, seven kernels a step, sixteen steps a graph. Either way a row's numbers do not depend on the rows beside it; the two agree to rounding.
/// </summary>
internal sealed class CudaTacotron2Decoder(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute) : Tacotron2Decoder
{
    // The context's kernel keeps a row's weights in shared memory.
    private const int MostTokens = 12 * 1024;

    private CudaDecoderRun? _idle;
    private PersistentDecoderRun? _idlePersistent;

    /// <inheritdoc/>
    public override IReadOnlyList<DecoderOutput> Decode(
        Tensor memory, RowLengths tokens, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation)
    {
        if (tokens.Longest > MostTokens)
        {
            throw new TextException(
                $"The text has {tokens.Longest} tokens; at most {MostTokens} can be spoken at once on {compute.Name}. Divide it into sentences.");
        }

        var rows = new DecoderRow[tokens.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            var dropout = new PrenetDropout(config, options[row]);
            rows[row] = new DecoderRow(config, options[row], dropout, tokens.Values[row], StepLimit(config, options[row], dropout, tokens.Values[row]));
        }

        // Calls that overlap each have a run of their own; the last to end leaves its behind.
        compute.Enter();
        var stride = CudaDecoderRun.RoundUp(tokens.Longest);

        // A window is the stepwise kernels' alone.
        if (options.All(row => row.Window is null) && PersistentDecoder.PlanFor(config, weights, compute, tokens.Count, stride) is { } plan)
        {
            OnTheChip(memory, rows, stride, plan, cancellation);
        }
        else
        {
            StepByStep(memory, rows, stride, cancellation);
        }

        GC.KeepAlive(memory);
        return [.. rows.Select(row => row.Output)];
    }

    private void OnTheChip(Tensor memory, DecoderRow[] rows, int tokens, PersistentDecoderPlan plan, CancellationToken cancellation)
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
            run.Decode(memory, rows, cancellation);
        }
        finally
        {
            Interlocked.Exchange(ref _idlePersistent, run)?.Dispose();
        }
    }

    private void StepByStep(Tensor memory, DecoderRow[] rows, int tokens, CancellationToken cancellation)
    {
        var run = Interlocked.Exchange(ref _idle, null);
        if (run is null || !run.Holds(rows.Length, tokens))
        {
            run?.Dispose();
            run = new CudaDecoderRun(config, weights, compute, rows.Length, tokens);
        }

        try
        {
            run.Decode(memory, rows, cancellation);
        }
        finally
        {
            Interlocked.Exchange(ref _idle, run)?.Dispose();
        }
    }
}
