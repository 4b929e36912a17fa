namespace CudaTts.Models.Vits;

/// <summary>How many frames each token of an utterance lasts.</summary>
/// <param name="Frames">[T].</param>
/// <param name="Stop">Whether there was room for all of them.</param>
internal sealed record FrameDurations(int[] Frames, StopReason Stop)
{
    private const double FramesPerToken = 50;
    private const double FewFrames = 200;

    /// <summary>The sum of all durations.</summary>
    public int Total { get; } = Frames.Sum();

    /// <summary>Durations of predicted logarithms, or those that are given.</summary>
    /// <param name="logarithms">Of durations in frames, [T].</param>
    /// <param name="options">Factors, limits, or the durations themselves.</param>
    /// <param name="mostOfAll">What no utterance exceeds.</param>
    /// <exception cref="CudaTtsException">A prediction is no number, or those given are of another number or size.</exception>
    public static FrameDurations Of(ReadOnlySpan<float> logarithms, VitsOptions options, int mostOfAll)
    {
        if (options.Durations is { } given)
        {
            return Given(given, logarithms.Length, mostOfAll);
        }

        var factors = new double[logarithms.Length];
        for (var token = 0; token < factors.Length; token++)
        {
            factors[token] = options.LengthScale / (options.Prosody?[token].Pace ?? 1);
        }

        var most = (int)Math.Min(mostOfAll, options.MostFrames ?? (FewFrames + (FramesPerToken * factors.Sum())));
        var frames = new int[logarithms.Length];
        var total = 0;
        for (var token = 0; token < frames.Length; token++)
        {
            var duration = Math.Ceiling(Math.Exp(logarithms[token]) * factors[token]);
            if (double.IsNaN(duration))
            {
                throw new CudaTtsException("the model vits predicted a duration that is no number; its weights are damaged.");
            }

            frames[token] = (int)Math.Clamp(duration, 1, most - total);
            total += frames[token];
            if (total == most && (token < frames.Length - 1 || duration > frames[token]))
            {
                return new FrameDurations(frames, StopReason.FrameLimit);
            }
        }

        return new FrameDurations(frames, StopReason.Durations);
    }

    /// <summary>The token of each frame, [F].</summary>
    public int[] Places() => DurationResult.TokensOfFrames(Frames);

    private static FrameDurations Given(int[] durations, int tokens, int mostOfAll)
    {
        if (durations.Length != tokens)
        {
            throw new CudaTtsException($"durations: expected {tokens}, one for each id, found {durations.Length}.");
        }

        var total = 0L;
        foreach (var duration in durations)
        {
            total += duration >= 0 ? duration : throw new CudaTtsException($"durations: expected frames from 0 on, found {duration}.");
        }

        return total > 0 && total <= mostOfAll
            ? new FrameDurations(durations, StopReason.Durations)
            : throw new CudaTtsException($"durations: expected 1 to {mostOfAll} frames together, found {total}.");
    }
}
