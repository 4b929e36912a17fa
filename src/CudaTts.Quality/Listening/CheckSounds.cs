using CudaTts.Audio;
using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening;

/// <summary>Sounds that tell whether a listener listens: made of the originals, of a quality that nobody doubts.</summary>
internal static class CheckSounds
{
    /// <summary>What the anchor of BS.1534-3 lets pass, Hz.</summary>
    public const double AnchorCutoff = 3500;

    // Noise louder than the speech that it follows, and a third of the sound missing.
    private const double NoiseToSpeech = 2;
    private const double DropSeconds = 0.04;
    private const int DropEvery = 3;

    private const double TrapLeadSeconds = 2;
    private const double TrapPauseSeconds = 0.2;
    private const double TrapFadeSeconds = 0.01;

    // A Hamming window of n taps falls off within 3.3 / n of the rate: here in about 150 Hz.
    private const double TapsPerRate = 0.022;

    /// <summary>The low anchor: the original through a low-pass filter (windowed sinc, linear phase, no delay).</summary>
    public static Waveform Anchor(Waveform original)
    {
        var reach = (int)(TapsPerRate * original.SampleRate / 2);
        var taps = LowPass(Math.Min(AnchorCutoff / original.SampleRate, 0.5), reach);
        var output = new float[original.Samples.Length];
        for (var i = 0; i < output.Length; i++)
        {
            double sum = 0;
            for (var j = Math.Max(-reach, -i); j <= Math.Min(reach, output.Length - 1 - i); j++)
            {
                sum += taps[j + reach] * original.Samples[i + j];
            }

            output[i] = (float)sum;
        }

        return new Waveform(output, original.SampleRate);
    }

    /// <summary>
    /// Badly broken speech: the modulated noise of ITU-T P.810 at Q = -6 dB, x (1 + 2 n) with n of unit power, and every third 40 ms silent.
    /// </summary>
    public static Waveform Broken(Waveform original)
    {
        var noise = new UniformSequence("broken");
        var drop = Math.Max(1, (int)(DropSeconds * original.SampleRate));
        var output = new float[original.Samples.Length];
        for (var i = 0; i < output.Length; i++)
        {
            // Uniform noise within -1 and 1 has a power of one third.
            var unit = Math.Sqrt(3) * ((2 * noise[i]) - 1);
            output[i] = i / drop % DropEvery == DropEvery - 1 ? 0 : (float)(original.Samples[i] * (1 + (NoiseToSpeech * unit)));
        }

        return new Waveform(output, original.SampleRate);
    }

    /// <summary>A trap: begins like any clip, and after two seconds says, as loud as the clip, which score to give.</summary>
    /// <param name="beginning">A clip of the test.</param>
    /// <param name="instruction">The spoken instruction, at any rate.</param>
    public static Waveform Trap(Waveform beginning, Waveform instruction)
    {
        var rate = beginning.SampleRate;
        var lead = beginning.Samples[..Math.Min(beginning.Samples.Length, (int)(TrapLeadSeconds * rate))];
        var fade = Math.Min(lead.Length, (int)(TrapFadeSeconds * rate));
        for (var i = 0; i < fade; i++)
        {
            lead[^(i + 1)] *= (float)i / fade;
        }

        var spoken = instruction.Resample(rate);
        if (ClipLevels.LoudnessOf(beginning) is { } wanted && ClipLevels.LoudnessOf(spoken) is { } found)
        {
            spoken = ClipLevels.Raise(spoken, wanted - found);
        }

        return new Waveform([.. lead, .. new float[(int)(TrapPauseSeconds * rate)], .. spoken.Samples], rate);
    }

    private static double[] LowPass(double cutoff, int reach)
    {
        double[] taps = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(j => Sinc(2 * cutoff * j) * Hamming(j, reach))];
        var sum = taps.Sum();
        return Array.ConvertAll(taps, tap => tap / sum);
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Hamming(int tap, int reach) => 0.54 + (0.46 * Math.Cos(Math.PI * tap / Math.Max(1, reach)));
}
