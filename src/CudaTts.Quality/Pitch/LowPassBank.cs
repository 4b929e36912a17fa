using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pitch;

/// <summary>
/// The filters of DIO: what lies below 50 Hz is taken out, and then one low-pass a channel. Both are of finite length, so they are one filter each,
/// and the signal goes through in blocks whose transform all channels share (overlap and save).
/// </summary>
internal sealed class LowPassBank
{
    private const double LowCutHertz = 50;

    // In digital silence what is left is rounding noise, and with it whether a frame beside speech has a pitch: of the reference pairs one frame of
    // one pair depends on this length. With this one all frames are as in the original.
    private const int BlockLength = 8192;

    private static readonly int s_reach = (int)Math.Floor((PitchTrack.SampleRate / LowCutHertz) + 0.5);
    private static readonly Lazy<LowPassBank> s_bank = new(() => new LowPassBank());

    private readonly (double[] Re, double[] Im)[] _responses;
    private readonly int[] _halves;

    private LowPassBank()
    {
        var transform = new RealFourierTransform(BlockLength);
        _halves = [.. Dio.Limits.Select(limit => (int)Math.Floor((PitchTrack.SampleRate / limit / 2) + 0.5))];
        var (cutRe, cutIm) = Spectrum(transform, LowCut());
        _responses = Array.ConvertAll(_halves, half =>
        {
            var (re, im) = Spectrum(transform, LowPass(half));
            Multiply(re, im, cutRe, cutIm);
            return (re, im);
        });
    }

    /// <summary>The signal [N], one zero behind it, less its mean, through the filter of each channel [channels][N + 1].</summary>
    public static double[][] Filter(double[] samples) => s_bank.Value.Apply(samples);

    private double[][] Apply(double[] samples)
    {
        var count = samples.Length + 1;
        var mean = samples.Sum() / count;
        var transform = new RealFourierTransform(BlockLength);
        var filtered = Array.ConvertAll(_halves, _ => new double[count]);
        var overlap = (2 * s_reach) + (4 * _halves[0]);
        var step = BlockLength - overlap;
        var block = new double[BlockLength];

        // A channel's sample m is the filter's output at m + reach + 2 half, of which the block that begins at a has those from a + overlap on.
        for (var start = 0; start < count + s_reach + (2 * _halves[0]); start += step)
        {
            for (var i = 0; i < BlockLength; i++)
            {
                var at = start - overlap + i;
                block[i] = at < 0 || at >= count ? 0 : (at < samples.Length ? samples[at] : 0) - mean;
            }

            var (re, im) = Spectrum(transform, block);
            for (var channel = 0; channel < filtered.Length; channel++)
            {
                var (channelRe, channelIm) = (re[..], im[..]);
                Multiply(channelRe, channelIm, _responses[channel].Re, _responses[channel].Im);
                transform.Inverse(channelRe, channelIm, block);
                var first = start - s_reach - (2 * _halves[channel]);
                for (var i = Math.Max(0, -first); i < step && first + i < count; i++)
                {
                    filtered[channel][first + i] = block[overlap + i];
                }
            }
        }

        return filtered;
    }

    // What a Hann window averages is what lies below the cut, and is taken away.
    private static double[] LowCut()
    {
        var window = Windows.HannWithoutZeros((2 * s_reach) + 1);
        var sum = window.Sum();
        var filter = Array.ConvertAll(window, value => -value / sum);
        filter[s_reach] += 1;
        return filter;
    }

    // The window of Nuttall, whose side lobes are below -98 dB, is the low-pass itself.
    private static double[] LowPass(int half)
    {
        var window = new double[4 * half];
        for (var i = 0; i < window.Length; i++)
        {
            var z = 2 * Math.PI * i / (window.Length - 1);
            window[i] = 0.355768 - (0.487396 * Math.Cos(z)) + (0.144232 * Math.Cos(2 * z)) - (0.012604 * Math.Cos(3 * z));
        }

        return window;
    }

    private static (double[] Re, double[] Im) Spectrum(RealFourierTransform transform, double[] signal)
    {
        var (re, im) = (new double[transform.Bins], new double[transform.Bins]);
        transform.Forward(signal, re, im);
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
