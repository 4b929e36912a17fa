namespace CudaTts.Quality.Pesq;

/// <summary>One number from the disturbances of all frames: over stretches of 320 ms with a power of 6, over time with a power of 2.</summary>
internal static class Aggregation
{
    private const double Best = 4.5;
    private const double SymmetricWeight = 0.1;
    private const double AsymmetricWeight = 0.0309;
    private const double MostDisturbance = 45;
    private const int StretchFrames = 20;
    private const double StretchExponent = 6;

    // Frames; 16 s, after which the end of a signal counts more than its beginning.
    private const int LongSignal = 1000;
    private const double MemorySpan = 5500;
    private const double MostForgotten = 0.5;

    /// <summary>The raw score.</summary>
    public static double Raw(Disturbances disturbances, ModelSignals signals)
    {
        var weights = TimeWeights(disturbances.Symmetric.Length, ((signals.Longest - (2 * signals.Rate.Guard)) / signals.Rate.Hop) - 1);
        var symmetric = Total(Weigh(disturbances.Symmetric, disturbances.ReferencePower), signals.FirstFrame, weights);
        var asymmetric = Total(Weigh(disturbances.Asymmetric, disturbances.ReferencePower), signals.FirstFrame, weights);
        return Best - (SymmetricWeight * symmetric) - (AsymmetricWeight * asymmetric);
    }

    /// <summary>Disturbances count more in quiet frames.</summary>
    private static double[] Weigh(double[] disturbance, double[] power) =>
        [.. disturbance.Select((value, frame) => Math.Min(MostDisturbance, value / Math.Pow((power[frame] + 1e5) / 1e7, 0.04)))];

    private static double[] TimeWeights(int frames, int signalFrames)
    {
        var forgotten = frames > LongSignal ? Math.Min(MostForgotten, (signalFrames - LongSignal) / MemorySpan) : 0;
        return [.. Enumerable.Range(0, frames).Select(frame => 1 - forgotten + (forgotten * frame / signalFrames))];
    }

    private static double Total(double[] disturbance, int first, double[] weights)
    {
        double sum = 0, weightSum = 0;
        for (var start = first; start < disturbance.Length; start += StretchFrames / 2)
        {
            // The weights count from the first frame with sound, as in the original.
            var weight = weights[start - first];
            var weighted = weight * Stretch(disturbance.AsSpan(start, Math.Min(StretchFrames, disturbance.Length - start)));
            sum += weighted * weighted;
            weightSum += weight * weight;
        }

        return Math.Sqrt(sum / weightSum);
    }

    private static double Stretch(ReadOnlySpan<double> disturbance)
    {
        double sum = 0;
        foreach (var value in disturbance)
        {
            sum += Math.Pow(value, StretchExponent);
        }

        return Math.Pow(sum / StretchFrames, 1 / StretchExponent);
    }
}
