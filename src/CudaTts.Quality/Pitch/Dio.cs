using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pitch;

/// <summary>
/// DIO (Morise et al. 2009): the signal through low-passes half an octave apart. Where one leaves little but the fundamental, the distances between
/// rising and falling zeros, peaks and dips agree; per frame the channel in which they agree best gives the frequency, and a contour that jumps is cut.
/// </summary>
internal static class Dio
{
    private const int ChannelsPerOctave = 2;
    private const double LowCutHertz = 50;
    private const double Rejected = 100000;
    private const double Tiny = 1e-12;

    private static readonly double[] s_limits =
        [.. Enumerable.Range(1, 1 + (int)(ChannelsPerOctave * Math.Log2(PitchTrack.Ceiling / PitchTrack.Floor)))
            .Select(step => PitchTrack.Floor * Math.Pow(2, (double)step / ChannelsPerOctave))];

    /// <summary>The frequency [T] of every frame of samples [N] at 16 kHz, 0 where unvoiced.</summary>
    public static double[] Track(double[] samples)
    {
        var frames = PitchTrack.FramesOf(samples.Length);
        var candidates = new double[s_limits.Length][];
        var scores = new double[s_limits.Length][];
        var bank = new LowPassBank(samples);
        for (var channel = 0; channel < s_limits.Length; channel++)
        {
            candidates[channel] = new double[frames];
            scores[channel] = new double[frames];
            Judge(ZeroCrossings.Of(bank.Filter(s_limits[channel]), frames), s_limits[channel], candidates[channel], scores[channel]);
        }

        var best = new double[frames];
        for (var frame = 0; frame < frames; frame++)
        {
            var channel = 0;
            for (var other = 1; other < s_limits.Length; other++)
            {
                channel = scores[other][frame] < scores[channel][frame] ? other : channel;
            }

            best[frame] = candidates[channel][frame];
        }

        return ContourCleanup.Apply(best, candidates);
    }

    /// <summary>The mean of the four estimates of every frame, and how far they differ, relative to it.</summary>
    private static void Judge(double[][]? trains, double limit, double[] candidates, double[] scores)
    {
        for (var frame = 0; frame < candidates.Length; frame++)
        {
            double mean = 0, squares = 0;
            if (trains is not null)
            {
                mean = (trains[0][frame] + trains[1][frame] + trains[2][frame] + trains[3][frame]) / 4;
                foreach (var train in trains)
                {
                    squares += (train[frame] - mean) * (train[frame] - mean);
                }
            }

            var isHeld = trains is not null && mean <= limit && mean >= limit / 2 && mean <= PitchTrack.Ceiling && mean >= PitchTrack.Floor;
            candidates[frame] = isHeld ? mean : 0;
            scores[frame] = (isHeld ? Math.Sqrt(squares / 3) : Rejected) / (candidates[frame] + Tiny);
        }
    }

    /// <summary>The signal less its mean and what lies below 50 Hz, through low-passes of any limit.</summary>
    private sealed class LowPassBank
    {
        private readonly int _count;
        private readonly int _reach = (int)Math.Floor((PitchTrack.SampleRate / LowCutHertz) + 0.5);
        private readonly RealFourierTransform _transform;
        private readonly double[] _re;
        private readonly double[] _im;

        public LowPassBank(double[] samples)
        {
            _count = samples.Length + 1;
            var longest = 4 * HalfLength(s_limits[0]);
            _transform = new RealFourierTransform(RealFourierTransform.LengthFor(_count + (2 * _reach) + longest));
            var padded = new double[_count + (2 * _reach)];
            var mean = samples.Sum() / _count;
            for (var i = 0; i < _count; i++)
            {
                padded[_reach + i] = (i < samples.Length ? samples[i] : 0) - mean;
            }

            (_re, _im) = Spectrum(padded);
            CutLow();
        }

        /// <summary>The filtered signal [N + 1].</summary>
        public double[] Filter(double limit)
        {
            var half = HalfLength(limit);
            var window = new double[4 * half];
            for (var i = 0; i < window.Length; i++)
            {
                // The window of Nuttall, whose side lobes are below -98 dB, is the low-pass itself.
                var z = 2 * Math.PI * i / (window.Length - 1);
                window[i] = 0.355768 - (0.487396 * Math.Cos(z)) + (0.144232 * Math.Cos(2 * z)) - (0.012604 * Math.Cos(3 * z));
            }

            var (re, im) = Spectrum(window);
            Multiply(re, im, _re, _im);
            var filtered = new double[_transform.Length];
            _transform.Inverse(re, im, filtered);
            return filtered.AsSpan(_reach + (2 * half), _count).ToArray();
        }

        private static int HalfLength(double limit) => (int)Math.Floor((PitchTrack.SampleRate / limit / 2) + 0.5);

        // What a Hann window averages is what lies below the cut, and is taken away.
        private void CutLow()
        {
            var window = new double[(2 * _reach) + 1];
            for (var i = 0; i < window.Length; i++)
            {
                window[i] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 1) / (window.Length + 1)));
            }

            var sum = window.Sum();
            var filter = Array.ConvertAll(window, value => -value / sum);
            filter[_reach] += 1;

            // The filter's centre at time 0: its first half wraps round to the end.
            var centred = new double[_transform.Length];
            for (var i = 0; i < filter.Length; i++)
            {
                centred[(i - _reach + centred.Length) % centred.Length] = filter[i];
            }

            var (re, im) = Spectrum(centred);
            Multiply(_re, _im, re, im);
        }

        private (double[] Re, double[] Im) Spectrum(double[] signal)
        {
            var (re, im) = (new double[_transform.Bins], new double[_transform.Bins]);
            _transform.Forward(signal, re, im);
            return (re, im);
        }

        private static void Multiply(double[] re, double[] im, double[] otherRe, double[] otherIm)
        {
            for (var k = 0; k < re.Length; k++)
            {
                (re[k], im[k]) = ((re[k] * otherRe[k]) - (im[k] * otherIm[k]), (re[k] * otherIm[k]) + (im[k] * otherRe[k]));
            }
        }
    }
}
