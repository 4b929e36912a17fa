namespace CudaTts.Quality.Pesq;

/// <summary>Prepares a signal for being aligned in time: without its mean, faded at both ends, with the band that carries speech emphasised.</summary>
internal static class AlignmentFilter
{
    /// <summary>A copy of a signal, filtered.</summary>
    public static PaddedSignal Apply(PaddedSignal heard)
    {
        var filtered = new PaddedSignal([.. heard.Samples], heard.Rate);
        SubtractMean(filtered);
        Fade(filtered.Signal, heard.Rate.ActivityFrame);
        foreach (var section in heard.Rate.AlignmentFilter)
        {
            section.Apply(filtered.Samples);
        }

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
