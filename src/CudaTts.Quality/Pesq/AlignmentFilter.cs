using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// Prepares a signal for being aligned in time: without its mean, faded at both ends, with the band that carries speech emphasised.
/// </summary>
internal static class AlignmentFilter
{
    /// <summary>The filter of signals at 8 kHz; its coefficients are facts of Recommendation P.862.</summary>
    public static BiquadCascade At8000Hertz { get; } = new(
        new(0.885535424, -0.885535424, 0.0, -0.771070709, 0.0),
        new(0.895092588, 1.292907193, 0.449260174, 1.268869037, 0.442025372),
        new(4.04952794, -7.865190042, 3.815662102, -1.746859852, 0.786305963),
        new(0.500002353, -0.500002353, 0.0, 0.0, 0.0),
        new(0.565002834, -0.241585934, -0.306009671, 0.259688659, 0.249979657),
        new(2.115237288, 0.919935084, 1.141240051, -1.587313419, 0.665935315),
        new(0.912224584, -0.224397719, -0.641121413, -0.246029464, -0.55672059),
        new(0.444617727, -0.307589321, 0.141638062, -0.996391149, 0.502251622));

    /// <summary>The filter of signals at 16 kHz; its coefficients are facts of Recommendation P.862.</summary>
    public static BiquadCascade At16000Hertz { get; } = new(
        new(0.325631521, -0.08678286, -0.238848661, -1.07941649, 0.434583902),
        new(0.403961804, -0.556985881, 0.153024077, -0.415115835, 0.696590244),
        new(4.736162769, 3.287251046, 1.753289019, -1.859599046, 0.876284034),
        new(0.365373469, 0.0, 0.0, -0.634626531, 0.0),
        new(0.884811506, 0.0, 0.0, -0.256725271, 0.141536777),
        new(0.723593055, -1.447186099, 0.723593044, -1.129587469, 0.657232737),
        new(1.644910855, -1.817280902, 1.249658063, -1.778403899, 0.801724355),
        new(0.633692689, -0.284644314, -0.319789663, 0.0, 0.0),
        new(1.032763031, 0.268428979, 0.602913323, 0.0, 0.0),
        new(1.001616361, -0.823749013, 0.439731942, -0.885778255, 0.0),
        new(0.752472096, -0.37538899, 0.188977609, -0.077258216, 0.247230734),
        new(1.023700575, 0.001661628, 0.52128424, -0.183867259, 0.354324187));

    /// <summary>A copy of a signal, filtered.</summary>
    public static PaddedSignal Apply(PaddedSignal heard)
    {
        var filtered = new PaddedSignal([.. heard.Samples], heard.Rate);
        SubtractMean(filtered);
        Fade(filtered.Signal, heard.Rate.ActivityFrame);
        heard.Rate.Emphasis.Apply(filtered.Samples);
        return filtered;
    }

    // The original divides by the length with guards.
    private static void SubtractMean(PaddedSignal signal)
    {
        double sum = 0;
        foreach (var sample in signal.Signal)
        {
            sum += sample;
        }

        var mean = sum / signal.Length;
        foreach (ref var sample in signal.Signal)
        {
            sample -= mean;
        }
    }

    private static void Fade(Span<double> signal, int length)
    {
        for (var i = 0; i < length; i++)
        {
            signal[i] *= (0.5 + i) / length;
            signal[^(i + 1)] *= (0.5 + i) / length;
        }
    }
}
