using System.Numerics;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pitch;

/// <summary>
/// StoneMask of WORLD: refines a pitch by the instantaneous frequencies of its harmonics, each weighted by its amplitude (Flanagan's equation: the
/// transform with a window and with the window's slope).
/// </summary>
internal sealed class StoneMask
{
    private const double LowestHertz = 40;
    private const int CoarseHarmonics = 2;
    private const int FineHarmonics = 6;
    private const double MostChange = 0.2;
    private const double Tiny = 1e-12;
    private const double Rate = PitchTrack.SampleRate;

    private readonly double[] _samples;
    private readonly Dictionary<int, RealFourierTransform> _transforms = [];

    private StoneMask(double[] samples) => _samples = samples;

    /// <summary>Refines every voiced frame [T] of samples [N] at 16 kHz.</summary>
    public static double[] Refine(double[] samples, double[] pitch)
    {
        var mask = new StoneMask(samples);
        return [.. pitch.Select((hertz, frame) => mask.Refine(hertz, frame * PitchTrack.FrameSeconds))];
    }

    private double Refine(double hertz, double seconds)
    {
        if (hertz is <= LowestHertz or > Rate / 12)
        {
            return 0;
        }

        var spectra = SpectraOf(hertz, seconds);
        var coarse = spectra.Fix(hertz, CoarseHarmonics);
        var fine = coarse <= 0 || coarse > 2 * hertz ? 0 : spectra.Fix(coarse, FineHarmonics);
        return Math.Abs(fine - hertz) > MostChange * hertz ? hertz : fine;
    }

    /// <summary>The frame's spectra, with a Blackman window of three periods and with the window's slope.</summary>
    private WindowSpectra SpectraOf(double hertz, double seconds)
    {
        var half = (int)Math.Floor((1.5 * Rate / hertz) + 1);
        var count = (2 * half) + 1;
        var window = new double[count + 2];
        var (plain, sloped) = (new double[count], new double[count]);
        var places = new int[count];
        for (var k = 0; k < count; k++)
        {
            // One sample early, as in the original, whose indices begin at 1.
            var place = (int)Math.Floor(((seconds + ((k - half) / Rate)) * Rate) + 0.5) - 1;
            var angle = 2 * Math.PI * ((place / Rate) - seconds) / (count / Rate);
            window[k + 1] = 0.42 + (0.5 * Math.Cos(angle)) + (0.08 * Math.Cos(2 * angle));
            places[k] = Math.Clamp(place, 0, _samples.Length - 1);
        }

        for (var k = 0; k < count; k++)
        {
            plain[k] = _samples[places[k]] * window[k + 1];
            sloped[k] = _samples[places[k]] * -(window[k + 2] - window[k]) / 2;
        }

        var length = 4 << BitOperations.Log2((uint)count);
        if (!_transforms.TryGetValue(length, out var transform))
        {
            _transforms.Add(length, transform = new RealFourierTransform(length));
        }

        return new WindowSpectra(transform, plain, sloped);
    }

    /// <summary>Power |A|^2 and the numerator Re A Im D - Im A Re D of a frame's instantaneous frequency.</summary>
    private readonly struct WindowSpectra
    {
        private readonly int _length;
        private readonly double[] _power;
        private readonly double[] _numerator;

        public WindowSpectra(RealFourierTransform transform, double[] plain, double[] sloped)
        {
            _length = transform.Length;
            var (re, im) = (new double[transform.Bins], new double[transform.Bins]);
            (_power, _numerator) = (new double[transform.Bins], new double[transform.Bins]);
            transform.Forward(plain, re, im);
            transform.Forward(sloped, _power, _numerator);
            for (var k = 0; k < re.Length; k++)
            {
                _numerator[k] = (re[k] * _numerator[k]) - (im[k] * _power[k]);
                _power[k] = (re[k] * re[k]) + (im[k] * im[k]);
            }
        }

        /// <summary>The fundamental of the first harmonics of a frequency.</summary>
        public double Fix(double hertz, int harmonics)
        {
            double weighted = 0, weights = 0;
            for (var harmonic = 1; harmonic <= harmonics; harmonic++)
            {
                var bin = Math.Min((int)Math.Floor((hertz * _length / Rate * harmonic) + 0.5), _length / 2);
                var correction = _power[bin] == 0 ? 0 : _numerator[bin] / _power[bin] * Rate / (2 * Math.PI);
                var amplitude = Math.Sqrt(_power[bin]);
                weighted += amplitude * (_power[bin] == 0 ? 0 : ((double)bin * Rate / _length) + correction);
                weights += amplitude * harmonic;
            }

            return weighted / (weights + Tiny);
        }
    }
}
