using System.Runtime.CompilerServices;

namespace CudaTts.Audio;

/// <summary>
/// Triangular filters whose edges are evenly spaced on Slaney's mel scale (linear below 1 kHz, logarithmic above; Auditory Toolbox, 1998),
/// each of unit area over Hz: the filter bank of librosa's and of the public TTS recipes' mel spectrograms.
/// </summary>
public sealed class MelFilterBank
{
    /// <summary>Most bands of a mel spectrogram.</summary>
    public const int MostBands = 4096;

    private const double LinearHertzPerMel = 200.0 / 3;
    private const double BreakHertz = 1000;
    private const double BreakMel = BreakHertz / LinearHertzPerMel;
    private static readonly double LogStep = Math.Log(6.4) / 27;

    private readonly float[][] _weights;
    private readonly int[] _starts;

    /// <summary>Computes the filters of a contract.</summary>
    /// <exception cref="AudioException">The contract's numbers do not describe a filter bank.</exception>
    public MelFilterBank(MelContract mel)
    {
        ArgumentNullException.ThrowIfNull(mel);
        CheckContract(mel);
        Bands = mel.MelBands;
        Bins = (mel.FftLength / 2) + 1;
        _weights = new float[Bands][];
        _starts = new int[Bands];
        var lowest = MelOfHertz(mel.LowestFrequency);
        var step = (MelOfHertz(mel.HighestFrequency) - lowest) / (Bands + 1);
        var hertzPerBin = (double)mel.SampleRate / mel.FftLength;
        for (var band = 0; band < Bands; band++)
        {
            var left = HertzOfMel(lowest + (step * band));
            var centre = HertzOfMel(lowest + (step * (band + 1)));
            var right = HertzOfMel(lowest + (step * (band + 2)));
            var first = Math.Max(0, (int)Math.Ceiling(left / hertzPerBin));
            var last = Math.Min(Bins - 1, (int)Math.Floor(right / hertzPerBin));
            _starts[band] = first;
            _weights[band] = new float[Math.Max(0, last - first + 1)];
            for (var i = 0; i < _weights[band].Length; i++)
            {
                var hertz = (first + i) * hertzPerBin;
                var height = Math.Min((hertz - left) / (centre - left), (right - hertz) / (right - centre));
                _weights[band][i] = (float)(Math.Max(0, height) * 2 / (right - left));
            }
        }
    }

    /// <summary>Number of filters.</summary>
    public int Bands { get; }

    /// <summary>Number of frequency bins of a spectrum, N / 2 + 1.</summary>
    public int Bins { get; }

    /// <summary>The first bin that a filter reads.</summary>
    public int Start(int band) => _starts[band];

    /// <summary>A filter's weights from bin <see cref="Start"/> on; all others are zero.</summary>
    public ReadOnlySpan<float> Weights(int band) => _weights[band];

    /// <summary>The weighted sum of each filter.</summary>
    /// <param name="magnitudes">Magnitudes of a spectrum [bins].</param>
    /// <param name="mel">Receives the sums [bands].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<float> magnitudes, Span<float> mel)
    {
        for (var band = 0; band < Bands; band++)
        {
            ReadOnlySpan<float> weights = _weights[band];
            var part = magnitudes.Slice(_starts[band], weights.Length);
            float sum = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * part[i];
            }

            mel[band] = sum;
        }
    }

    private static double MelOfHertz(double hertz) =>
        hertz < BreakHertz ? hertz / LinearHertzPerMel : BreakMel + (Math.Log(hertz / BreakHertz) / LogStep);

    private static double HertzOfMel(double mel) =>
        mel < BreakMel ? mel * LinearHertzPerMel : BreakHertz * Math.Exp((mel - BreakMel) * LogStep);

    private static void CheckContract(MelContract mel)
    {
        if (!FourierTransform.IsSupported(mel.FftLength))
        {
            throw new AudioException(
                $"mel contract: expected n_fft to be a power of two from {FourierTransform.ShortestLength} to {FourierTransform.LongestLength}, "
                + $"found {mel.FftLength}.");
        }

        if (mel.SampleRate <= 0 || mel.MelBands is < 1 or > MostBands
            || mel.HopLength < 1 || mel.HopLength > mel.WindowLength || mel.WindowLength > mel.FftLength)
        {
            throw new AudioException(
                $"mel contract: expected a positive rate, 1 to {MostBands} bands and hop <= window <= n_fft, "
                + $"found {mel.SampleRate} Hz, {mel.MelBands} bands, hop {mel.HopLength}, window {mel.WindowLength}, n_fft {mel.FftLength}.");
        }

        if (!(mel.LowestFrequency >= 0 && mel.LowestFrequency < mel.HighestFrequency && mel.HighestFrequency <= mel.SampleRate / 2.0))
        {
            throw new AudioException(
                "mel contract: expected 0 <= fmin < fmax <= half the rate, "
                + FormattableString.Invariant($"found fmin {mel.LowestFrequency} Hz, fmax {mel.HighestFrequency} Hz at {mel.SampleRate} Hz."));
        }

        if (!(mel.Floor > 0) || mel.Normalisation != "none")
        {
            throw new AudioException(FormattableString.Invariant(
                $"mel contract: expected a positive floor and normalisation 'none', found {mel.Floor} and '{mel.Normalisation}'."));
        }
    }
}
