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

    // One that goes step by step and one that stays on the chip, so that single sentences and batches by turns do not drive out each other's graphs.
    private readonly CudaDecoderRun?[] _idle = new CudaDecoderRun?[2];

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

        // A window is the stepwise kernels' alone.
        var stride = CudaDecoderRun.RoundUp(tokens.Longest);
        var plan = options.Any(row => row.Window is not null) ? null : PersistentDecoder.PlanFor(config, weights, compute, tokens.Count, stride);

        // Calls that overlap each have a run of their own; the last to end leaves its behind.
        compute.Enter();
        ref var idle = ref _idle[plan is null ? 0 : 1];
        var run = Interlocked.Exchange(ref idle, null);
        if (run is null || !run.Holds(tokens.Count, tokens.Longest, plan))
        {
            run?.Dispose();
            run = new CudaDecoderRun(config, weights, compute, tokens.Count, stride, plan);
        }

        try
        {
            run.Decode(memory, rows, cancellation);
        }
        finally
        {
            Interlocked.Exchange(ref idle, run)?.Dispose();
        }

        GC.KeepAlive(memory);
        return [.. rows.Select(row => row.Output)];
    }
}
