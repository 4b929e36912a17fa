using CudaTts.Audio;

namespace CudaTts.Tests.Models.GriffinLim;

/// <summary>
/// The fast Griffin-Lim algorithm over all frames of an utterance at once, written for reading: the reference of the one in blocks.
/// </summary>
internal static class WholeGriffinLim
{
    private const int Length = 1024;
    private const int Hop = 256;
    private const int Bins = (Length / 2) + 1;

    private static readonly FourierTransform s_transform = new(Length);
    private static readonly float[] s_window = HannWindow.Create(Length, Length);

    /// <summary>The spectrum [bins] of each frame of a signal [(F - 1) * hop + N].</summary>
    public static (float[] Re, float[] Im)[] Analyze(float[] signal)
    {
        var frames = new (float[], float[])[((signal.Length - Length) / Hop) + 1];
        for (var frame = 0; frame < frames.Length; frame++)
        {
            var (re, im) = (new float[Length], new float[Length]);
            var part = Enumerable.Range(0, Length).Select(i => signal[(frame * Hop) + i] * s_window[i]).ToArray();
            s_transform.Forward(part, new float[Length], re, im);
            frames[frame] = (re[..Bins], im[..Bins]);
        }

        return frames;
    }

    /// <summary>Makes a signal [(F - 1) * hop + N] of magnitudes [F, bins].</summary>
    public static float[] Generate(float[] magnitudes, int iterations, float momentum)
    {
        var random = new Random(1);
        var phases = magnitudes.Select((_, i) => i % Bins is 0 or Bins - 1 ? 0 : 2 * Math.PI * random.NextDouble()).ToArray();
        var last = new (float Re, float Im)[magnitudes.Length];
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var spectra = Analyze(Synthesize(magnitudes, phases));
            for (var i = 0; i < magnitudes.Length; i++)
            {
                var (re, im) = (spectra[i / Bins].Re[i % Bins], spectra[i / Bins].Im[i % Bins]);
                phases[i] = Math.Atan2(im + (momentum * (im - last[i].Im)), re + (momentum * (re - last[i].Re)));
                last[i] = (re, im);
            }
        }

        return Synthesize(magnitudes, phases);
    }

    /// <summary>How far a signal's magnitudes are from those that were wanted: the norm of the difference over that of the wanted ones.</summary>
    public static double Convergence(float[] signal, float[] magnitudes)
    {
        var (error, power) = (0.0, 0.0);
        var spectra = Analyze(signal);
        for (var i = 0; i < magnitudes.Length; i++)
        {
            var (re, im) = (spectra[i / Bins].Re[i % Bins], spectra[i / Bins].Im[i % Bins]);
            error += Math.Pow(Math.Sqrt((re * re) + (im * im)) - magnitudes[i], 2);
            power += Math.Pow(magnitudes[i], 2);
        }

        return Math.Sqrt(error / power);
    }

    private static float[] Synthesize(float[] magnitudes, double[] phases)
    {
        var frames = magnitudes.Length / Bins;
        var (signal, power) = (new float[((frames - 1) * Hop) + Length], new float[((frames - 1) * Hop) + Length]);
        for (var frame = 0; frame < frames; frame++)
        {
            var (re, im) = (new float[Length], new float[Length]);
            for (var k = 0; k < Bins; k++)
            {
                var i = (frame * Bins) + k;
                (re[k], im[k]) = ((float)(magnitudes[i] * Math.Cos(phases[i])), (float)(magnitudes[i] * Math.Sin(phases[i])));
                (re[(Length - k) % Length], im[(Length - k) % Length]) = (re[k], -im[k]);
            }

            (im[0], im[Length / 2]) = (0, 0);
            var (resultRe, resultIm) = (new float[Length], new float[Length]);
            s_transform.Forward(im, re, resultIm, resultRe);
            for (var i = 0; i < Length; i++)
            {
                signal[(frame * Hop) + i] += resultRe[i] * s_window[i] / Length;
                power[(frame * Hop) + i] += s_window[i] * s_window[i];
            }
        }

        return [.. signal.Select((sample, i) => sample / Math.Max(power[i], 1e-3f))];
    }
}
