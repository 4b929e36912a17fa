using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// Stretches of frames with a great disturbance are aligned once more, each by itself and by up to 128 ms, and their frames keep the lesser disturbance:
/// what was badly aligned is not badly transmitted.
/// </summary>
internal sealed class BadIntervals
{
    private const int Smear = 2;
    private const int ShortestInterval = 5;
    private const int MostIntervals = 1000;
    private const int ReachInWindows = 4;
    private const double LeastPower = 1e-6;
    private const double LeastCorrelation = 0.5;

    private readonly ModelSignals _signals;
    private readonly ModelRate _rate;
    private readonly double[] _aligned;
    private readonly List<(int Start, int End)> _intervals;

    /// <summary>Finds the intervals of a pair.</summary>
    /// <param name="signals">The two signals.</param>
    /// <param name="disturbance">The symmetric disturbance of every frame.</param>
    public BadIntervals(ModelSignals signals, double[] disturbance)
    {
        _signals = signals;
        _rate = signals.Rate;
        _intervals = Find(disturbance);
        _aligned = _intervals.Count == 0 ? [] : Align(signals);
    }

    /// <summary>Measures the frames of the intervals again.</summary>
    public void Realign(Disturbances disturbances, BarkSpectra spectra, AuditoryTransform transform, FrameDisturbance model)
    {
        var realigned = _aligned[..];
        foreach (var interval in _intervals)
        {
            var (start, end) = Samples(interval);
            var delay = Delay(start, end);
            for (var i = start; i < end; i++)
            {
                realigned[i] = _aligned[Math.Clamp(i + delay, 0, _signals.Longest - 1)];
            }
        }

        foreach (var (start, end) in _intervals)
        {
            double? gain = 1;
            for (var frame = start; frame < end; frame++)
            {
                var reference = spectra.Reference(frame);
                var degraded = spectra.Degraded(frame);
                transform.Apply(realigned.AsSpan(_rate.Guard + (frame * _rate.Hop), _rate.ModelWindow), degraded);
                gain = model.CompensateGain(reference, degraded, gain);
                disturbances.Lessen(frame, model.Measure(reference, degraded));
            }
        }
    }

    private static List<(int Start, int End)> Find(double[] disturbance)
    {
        var last = disturbance.Length - 1;
        bool IsBad(int frame) => frame > 0 && disturbance[frame] > Disturbances.Bad;
        bool IsNearBad(int frame) => frame >= Smear && frame < last - Smear
            && Enumerable.Range(frame - Smear, Smear + 1).Any(IsBad) && Enumerable.Range(frame, Smear + 1).Any(IsBad);
        var intervals = new List<(int Start, int End)>();
        for (var frame = 0; frame < last && intervals.Count < MostIntervals; frame++)
        {
            var start = frame;
            while (frame < last && IsNearBad(frame))
            {
                frame++;
            }

            if (frame - start >= ShortestInterval)
            {
                intervals.Add((start, frame));
            }
        }

        return intervals;
    }

    /// <summary>The degraded signal in step with the reference, sample by sample.</summary>
    private static double[] Align(ModelSignals signals)
    {
        var aligned = new double[signals.Degraded.Length];
        for (var i = signals.Rate.Guard; i < signals.End; i++)
        {
            aligned[i] = signals.Degraded[Math.Clamp(i + signals.Delays.At(i), signals.Rate.Guard, signals.End - 1)];
        }

        return aligned;
    }

    private (int Start, int End) Samples((int Start, int End) interval) =>
        (_rate.Guard + (interval.Start * _rate.Hop), _rate.Guard + (interval.End * _rate.Hop) + _rate.ModelWindow);

    private int Delay(int start, int end)
    {
        var reach = ReachInWindows * _rate.ModelWindow;
        var length = end - start + (2 * reach);
        var reference = new double[length];
        var degraded = new double[length];
        _signals.Reference.AsSpan(start..end).CopyTo(reference.AsSpan(reach));
        for (var i = 0; i < length; i++)
        {
            degraded[i] = _aligned[Math.Clamp(start - reach + i, _rate.Guard, _signals.End - 1)];
        }

        for (var i = 0; i < length; i++)
        {
            (reference[i], degraded[i]) = (Math.Abs(reference[i]), Math.Abs(degraded[i]));
        }

        var transformLength = RealFourierTransform.LengthFor(2 * length);
        var p1 = reference.Sum(v => v * v) / transformLength;
        var p2 = degraded.Sum(v => v * v) / transformLength;
        if (p1 <= LeastPower || p2 <= LeastPower)
        {
            return 0;
        }

        var transform = new RealFourierTransform(transformLength);
        var (re, im) = (new double[transform.Bins], new double[transform.Bins]);
        var (re2, im2) = (new double[transform.Bins], new double[transform.Bins]);
        transform.Forward(reference, re, im);
        transform.Forward(degraded, re2, im2);
        for (var k = 0; k < re.Length; k++)
        {
            (re[k], im[k]) = ((re[k] * re2[k]) + (im[k] * im2[k]), (re[k] * im2[k]) - (im[k] * re2[k]));
        }

        var correlation = new double[transformLength];
        transform.Inverse(re, im, correlation);
        double greatest = 0;
        var delay = 0;
        for (var k = -reach; k < reach; k++)
        {
            var c = correlation[k & (transformLength - 1)] / transformLength / Math.Sqrt(p1 * p2);
            if (c > greatest)
            {
                (greatest, delay) = (c, k);
            }
        }

        return greatest < LeastCorrelation ? 0 : delay;
    }
}
