namespace CudaTts.Quality.Pesq;

/// <summary>The Bark spectra of both signals, frame by frame, each frame of the degraded signal from where its utterance's delay says.</summary>
internal sealed class BarkSpectra
{
    private const double SilentPower = 1e7;
    private const double LoudMargin = 100;
    private const double CompensationOffset = 1000;
    private const double MostCompensation = 100;

    private readonly ModelRate _rate;
    private readonly double[] _reference;
    private readonly double[] _degraded;

    /// <summary>Computes the frames 0 to <see cref="ModelSignals.LastFrame"/> of two signals.</summary>
    public BarkSpectra(ModelSignals signals, AuditoryTransform transform)
    {
        _rate = signals.Rate;
        Frames = signals.LastFrame + 1;
        _reference = new double[Frames * Bands];
        _degraded = new double[Frames * Bands];
        for (var frame = 0; frame < Frames; frame++)
        {
            var start = Start(frame);
            transform.Apply(signals.Reference.AsSpan(start, _rate.ModelWindow), Reference(frame));
            var delayed = start + signals.Delays.At(start);
            if (delayed > 0 && delayed + _rate.ModelWindow < signals.Degraded.Length)
            {
                transform.Apply(signals.Degraded.AsSpan(delayed, _rate.ModelWindow), Degraded(frame));
            }
        }

        CompensateResponse((signals.SoundLength / _rate.Hop) - 1);
    }

    /// <summary>How many frames there are.</summary>
    public int Frames { get; }

    private int Bands => _rate.Bands.Length;

    /// <summary>The reference's spectrum [bands] of a frame, after compensation.</summary>
    public Span<double> Reference(int frame) => _reference.AsSpan(frame * Bands, Bands);

    /// <summary>The degraded signal's spectrum [bands] of a frame.</summary>
    public Span<double> Degraded(int frame) => _degraded.AsSpan(frame * Bands, Bands);

    /// <summary>Computes frames of the degraded signal again.</summary>
    /// <param name="start">The first frame.</param>
    /// <param name="end">The first frame after them.</param>
    /// <param name="aligned">The signal in step with the reference.</param>
    /// <param name="transform">Makes the spectra.</param>
    public void Replace(int start, int end, double[] aligned, AuditoryTransform transform)
    {
        for (var frame = start; frame < end; frame++)
        {
            transform.Apply(aligned.AsSpan(Start(frame), _rate.ModelWindow), Degraded(frame));
        }
    }

    private int Start(int frame) => _rate.Guard + (frame * _rate.Hop);

    /// <summary>
    /// A listener hardly minds a constant linear filter between the signals: each band of the reference is moved towards the mean of the degraded
    /// signal, by at most 20 dB. Means are over the frames in which the reference is not silent, divided by the number of frames of the original's
    /// convention.
    /// </summary>
    private void CompensateResponse(int divisor)
    {
        var spoken = Enumerable.Range(0, Frames).Where(frame => Loudness.Audible(Reference(frame), _rate.Bands, LoudMargin) >= SilentPower).ToArray();
        for (var b = 0; b < Bands; b++)
        {
            double reference = 0, degraded = 0;
            var limit = LoudMargin * _rate.Bands[b].Threshold;
            foreach (var frame in spoken)
            {
                reference += Reference(frame)[b] > limit ? Reference(frame)[b] : 0;
                degraded += Degraded(frame)[b] > limit ? Degraded(frame)[b] : 0;
            }

            var ratio = ((degraded / divisor) + CompensationOffset) / ((reference / divisor) + CompensationOffset);
            for (var frame = 0; frame < Frames; frame++)
            {
                Reference(frame)[b] *= Math.Clamp(ratio, 1 / MostCompensation, MostCompensation);
            }
        }
    }
}
