namespace CudaTts.Quality.Pesq;

/// <summary>The disturbance of every frame of a pair.</summary>
internal sealed class Disturbances
{
    /// <summary>From this symmetric disturbance on a frame is bad: perhaps it was aligned badly.</summary>
    public const double Bad = 30;

    private Disturbances(int frames)
    {
        Symmetric = new double[frames];
        Asymmetric = new double[frames];
        ReferencePower = new double[frames];
    }

    /// <summary>What differs [frames].</summary>
    public double[] Symmetric { get; }

    /// <summary>What was added [frames].</summary>
    public double[] Asymmetric { get; }

    /// <summary>The audible power of the reference [frames].</summary>
    public double[] ReferencePower { get; }

    /// <summary>Measures the frames of two signals, and again those of bad intervals after another alignment.</summary>
    public static Disturbances Of(ModelSignals signals, List<Utterance> utterances)
    {
        var transform = new AuditoryTransform(signals.Rate);
        var spectra = new BarkSpectra(signals, transform);
        var model = new FrameDisturbance(signals.Rate.Bands);
        var disturbances = new Disturbances(spectra.Frames);
        disturbances.Measure(spectra, model, signals.Rate);
        var isAnyBad = Array.Exists(disturbances.Symmetric, value => value > Bad);
        disturbances.Forgive(utterances, signals.Rate);
        if (isAnyBad && BadIntervals.Find(disturbances.Symmetric) is { Count: > 0 } intervals)
        {
            var realigned = BadIntervals.Realign(signals, intervals);
            foreach (var (start, end) in intervals)
            {
                spectra.Replace(start, end, realigned, transform);
                disturbances.Remeasure(start, end, spectra, model);
            }
        }

        return disturbances;
    }

    private void Measure(BarkSpectra spectra, FrameDisturbance model, ModelRate rate)
    {
        double? gain = null;
        for (var frame = 0; frame < spectra.Frames; frame++)
        {
            var reference = spectra.Reference(frame);
            var degraded = spectra.Degraded(frame);
            ReferencePower[frame] = Loudness.Audible(reference, rate.Bands, 1);
            gain = model.CompensateGain(reference, degraded, gain);
            (Symmetric[frame], Asymmetric[frame]) = model.Measure(reference, degraded);
        }
    }

    /// <summary>Frames that have been aligned again keep the lesser disturbance; the gain starts anew, as if it had been 1 before.</summary>
    private void Remeasure(int start, int end, BarkSpectra spectra, FrameDisturbance model)
    {
        double? gain = 1;
        for (var frame = start; frame < end; frame++)
        {
            var reference = spectra.Reference(frame);
            var degraded = spectra.Degraded(frame);
            gain = model.CompensateGain(reference, degraded, gain);
            var (symmetric, asymmetric) = model.Measure(reference, degraded);
            Symmetric[frame] = Math.Min(Symmetric[frame], symmetric);
            Asymmetric[frame] = Math.Min(Asymmetric[frame], asymmetric);
        }
    }

    /// <summary>
    /// Where the delay falls by more than half a frame, the degraded signal lacks what the frames there would be compared with: they do not count.
    /// </summary>
    private void Forgive(List<Utterance> utterances, ModelRate rate)
    {
        var guard = ModelRate.GuardFrames;
        for (var u = 1; u < utterances.Count; u++)
        {
            var (before, after) = (utterances[u - 1], utterances[u]);
            var change = after.Delay - before.Delay;
            if (change < -rate.Hop)
            {
                var begin = ((after.Start - guard) * rate.ActivityFrame) + after.Delay;
                var finish = ((before.End - guard) * rate.ActivityFrame) + before.Delay;
                var first = Math.Max(0, Math.Min(begin / rate.Hop, finish / rate.Hop));
                var last = ((((after.Start - guard) * rate.ActivityFrame) - change) / rate.Hop) + 1;
                for (var frame = first; frame <= last && frame < Symmetric.Length - 1; frame++)
                {
                    (Symmetric[frame], Asymmetric[frame]) = (0, 0);
                }
            }
        }
    }
}
