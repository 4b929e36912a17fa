using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Spectra;

/// <summary>
/// Distances of spectra frame by frame, in the framing of HiFi-GAN's mel front end (Kong, Kim, Bae 2020; github.com/jik876/hifi-gan, meldataset.py)
/// at the files' own rate: 1024 samples every 256, 384 reflected at either end.
/// </summary>
/// <param name="LogMelL1">Mean absolute difference of natural log-mels of 80 bands up to 8 kHz or half the rate.</param>
/// <param name="LogSpectralDistanceDb">Mean over frames of the root mean square difference of log power spectra, dB.</param>
public readonly record struct SpectralDistances(double LogMelL1, double LogSpectralDistanceDb)
{
    internal const int FrameLength = 1024;
    internal const int Hop = 256;
    private const int Padding = (FrameLength - Hop) / 2;
    private const double PowerFloor = 1e-10;

    /// <summary>Compares two sounds; null where one is too short to be reflected, 385 samples.</summary>
    /// <param name="reference">What it should sound like.</param>
    /// <param name="degraded">What it sounds like, of the same rate and in step.</param>
    public static SpectralDistances? Measure(Signal reference, Signal degraded)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(degraded);
        if (Math.Min(reference.Samples.Length, degraded.Samples.Length) <= Padding)
        {
            return null;
        }

        var (first, second) = (Padded(reference.Samples), Padded(degraded.Samples));
        var frames = Math.Min((first.Length - FrameLength) / Hop, (second.Length - FrameLength) / Hop) + 1;
        var analysis = new FrameAnalysis(reference.SampleRate);
        var (a, b) = (new FrameSpectra(), new FrameSpectra());
        double mel = 0, spectral = 0;
        for (var frame = 0; frame < frames; frame++)
        {
            analysis.Analyze(first.AsSpan(frame * Hop, FrameLength), a);
            analysis.Analyze(second.AsSpan(frame * Hop, FrameLength), b);
            mel += MeanAbsolute(a.LogMel, b.LogMel);
            spectral += 10 * RootMeanSquare(a.LogPower, b.LogPower);
        }

        return new SpectralDistances(mel / frames, spectral / frames);
    }

    // The sample at either end is not repeated.
    private static double[] Padded(double[] samples)
    {
        var padded = new double[samples.Length + (2 * Padding)];
        samples.CopyTo(padded, Padding);
        for (var i = 1; i <= Padding; i++)
        {
            padded[Padding - i] = samples[i];
            padded[Padding + samples.Length - 1 + i] = samples[samples.Length - 1 - i];
        }

        return padded;
    }

    private static double MeanAbsolute(double[] a, double[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return sum / a.Length;
    }

    private static double RootMeanSquare(double[] a, double[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return Math.Sqrt(sum / a.Length);
    }

    /// <summary>What one frame becomes.</summary>
    private sealed class FrameSpectra
    {
        public double[] LogMel { get; } = new double[SlaneyMel.Bands];

        public double[] LogPower { get; } = new double[(FrameLength / 2) + 1];
    }

    /// <summary>The transform of frames and its working memory.</summary>
    private sealed class FrameAnalysis(int sampleRate)
    {
        // Under the root, so that its slope stays finite where the network is trained; repeated here to be comparable.
        private const double RootFloor = 1e-9;

        private readonly RealFourierTransform _transform = new(FrameLength);
        private readonly double[] _window = Windows.Hann(FrameLength);
        private readonly double[] _frame = new double[FrameLength];
        private readonly double[] _power = new double[(FrameLength / 2) + 1];
        private readonly SlaneyMel _mel = new(sampleRate, FrameLength);

        public void Analyze(ReadOnlySpan<double> frame, FrameSpectra result)
        {
            for (var i = 0; i < FrameLength; i++)
            {
                _frame[i] = frame[i] * _window[i];
            }

            _transform.Power(_frame, _power, result.LogPower);
            for (var k = 0; k < _power.Length; k++)
            {
                result.LogPower[k] = Math.Log10(Math.Max(_power[k], PowerFloor));
                _power[k] = Math.Sqrt(_power[k] + RootFloor);
            }

            _mel.Log(_power, result.LogMel);
        }
    }
}
