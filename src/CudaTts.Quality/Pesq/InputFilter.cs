using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// What a listener's equipment does to a signal at its level: in narrow-band mode a telephone's receiver, in wide-band mode a high-pass (P.862.2).
/// </summary>
internal static class InputFilter
{
    private const int FadeLength = 16;

    // Coefficients of P.862.2 at 16 kHz.
    private static readonly Biquad s_wideBand = new(2.740826, -5.4816519, 2.740826, -1.9444777, 0.94597794);

    /// <summary>The signal as the model hears it.</summary>
    public static PaddedSignal Apply(LevelAlignment level, PesqMode mode) => mode == PesqMode.WideBand ? WideBand(level) : NarrowBand(level);

    private static PaddedSignal NarrowBand(LevelAlignment level)
    {
        var heard = PaddedSignal.Silence(level.Samples.Length, level.Rate);
        level.Filter(ResponseCurve.Receiver, heard.SignalAndTail);
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

        FilterInSinglePrecision(samples);
        var heard = PaddedSignal.Silence(samples.Length, level.Rate);
        for (var i = 0; i < samples.Length; i++)
        {
            heard.Signal[i] = samples[i];
        }

        return heard;
    }

    // With poles this near to the unit circle, the rounding of the original, which is in single precision throughout, shows in the score.
    private static void FilterInSinglePrecision(Span<float> samples)
    {
        var (b0, b1, b2) = ((float)s_wideBand.B0, (float)s_wideBand.B1, (float)s_wideBand.B2);
        var (a1, a2) = ((float)s_wideBand.A1, (float)s_wideBand.A2);
        float w1 = 0, w2 = 0;
        foreach (ref var sample in samples)
        {
            var w = sample - (a1 * w1) - (a2 * w2);
            sample = (b0 * w) + (b1 * w1) + (b2 * w2);
            (w2, w1) = (w1, w);
        }
    }
}
