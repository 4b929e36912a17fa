namespace CudaTts.Quality.Pesq;

/// <summary>
/// What a listener's equipment does to a signal at its level: in narrow-band mode a telephone's receiver, in wide-band mode a high-pass (P.862.2).
/// </summary>
internal static class InputFilter
{
    private const int FadeLength = 16;

    /// <summary>The signal as the model hears it.</summary>
    public static PaddedSignal Apply(LevelAlignment level, PesqMode mode) => mode == PesqMode.WideBand ? WideBand(level) : NarrowBand(level);

    private static PaddedSignal NarrowBand(LevelAlignment level)
    {
        var heard = PaddedSignal.Silence(level.Samples.Length, level.Rate);
        level.Filter(ResponseCurve.Receiver, heard.SignalAndTail);
        foreach (ref var sample in heard.SignalAndTail)
        {
            sample *= level.Gain;
        }

        return heard;
    }

    private static PaddedSignal WideBand(LevelAlignment level)
    {
        var samples = new float[level.Samples.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)level.Samples[i] * level.Gain;
        }

        for (var i = 1; i < FadeLength; i++)
        {
            samples[i - 1] *= (float)i / FadeLength;
            samples[^i] *= (float)i / FadeLength;
        }

        SecondOrderSection.WideBand.ApplyInSinglePrecision(samples);
        var heard = PaddedSignal.Silence(samples.Length, level.Rate);
        for (var i = 0; i < samples.Length; i++)
        {
            heard.Signal[i] = samples[i];
        }

        return heard;
    }
}
