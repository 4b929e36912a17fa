namespace CudaTts.Models.WaveNet.Sampling;

/// <summary>Draws a sample from what the network says of it.</summary>
internal static class SampleChoice
{
    /// <summary>The sample: a number within -1 and 1, or a class.</summary>
    /// <param name="config">What is drawn.</param>
    /// <param name="output">The network's output [C].</param>
    /// <param name="mixture">A uniform number for each component.</param>
    /// <param name="noise">A uniform or normal number.</param>
    /// <param name="sigma">Factor on the spread of numbers.</param>
    public static float Draw(WaveNetConfig config, ReadOnlySpan<float> output, ReadOnlySpan<float> mixture, float noise, float sigma)
    {
        if (config.DrawsClasses)
        {
            return Class(output, noise);
        }

        var mixtures = config.Mixtures;
        var component = config.ChoosesComponent ? Component(output[..mixtures], mixture) : 0;
        var means = output[^(2 * mixtures)..];
        var logScale = Math.Max(means[mixtures + component], config.LeastLogScale ?? float.NegativeInfinity);
        var spread = config.Distribution == SampleDistribution.Logistic ? MathF.Log(noise) - MathF.Log(1 - noise) : noise;
        return Math.Clamp(means[component] + (sigma * MathF.Exp(logScale) * spread), -1, 1);
    }

    private static int Component(ReadOnlySpan<float> logits, ReadOnlySpan<float> uniform)
    {
        var (best, component) = (float.NegativeInfinity, 0);
        for (var i = 0; i < logits.Length; i++)
        {
            var score = logits[i] - MathF.Log(-MathF.Log(uniform[i]));
            if (score > best)
            {
                (best, component) = (score, i);
            }
        }

        return component;
    }

    // The first class whose cumulative probability is above the uniform number.
    private static int Class(ReadOnlySpan<float> output, float uniform)
    {
        var largest = float.NegativeInfinity;
        foreach (var value in output)
        {
            largest = Math.Max(largest, value);
        }

        Span<float> powers = stackalloc float[output.Length];
        double sum = 0;
        for (var i = 0; i < output.Length; i++)
        {
            powers[i] = MathF.Exp(output[i] - largest);
            sum += powers[i];
        }

        var (wanted, cumulative) = (uniform * sum, 0.0);
        for (var i = 0; i < output.Length; i++)
        {
            cumulative += powers[i];
            if (cumulative > wanted)
            {
                return i;
            }
        }

        return output.Length - 1;
    }
}
