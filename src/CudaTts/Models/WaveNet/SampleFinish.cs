namespace CudaTts.Models.WaveNet;

/// <summary>
/// Makes audio of what the network drew: undoes the mu-law, the pre-emphasis and the gain with which it was trained. Nothing is clipped: that is
/// for whoever writes it to a file.
/// </summary>
internal static class SampleFinish
{
    /// <summary>Makes audio of the samples that follow.</summary>
    /// <param name="config">What the network was trained on.</param>
    /// <param name="drawn">Numbers, or classes as numbers.</param>
    /// <param name="previous">The sample before, with its pre-emphasis undone; 0 at the beginning. Becomes the last one.</param>
    /// <param name="audio">As many.</param>
    public static void Apply(WaveNetConfig config, ReadOnlySpan<float> drawn, ref float previous, Span<float> audio)
    {
        var mu = config.QuantizeChannels - 1;
        for (var i = 0; i < drawn.Length; i++)
        {
            var value = config.DrawsClasses ? (2 * drawn[i] / mu) - 1 : drawn[i];
            if (config.InputType != SampleKind.Raw)
            {
                value = MathF.CopySign((MathF.Pow(1 + mu, MathF.Abs(value)) - 1) / mu, value);
            }

            previous = value + (config.Deemphasis * previous);
            audio[i] = previous / config.Gain;
        }
    }
}
