using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Intelligibility;

/// <summary>Envelopes of STOI: the frames in which the reference speaks, in fifteen bands of a third of an octave from 150 Hz on.</summary>
internal static class StoiBands
{
    public const int Count = 15;
    private const int Frame = 256;
    private const int Hop = 128;
    private const int FftLength = 512;
    private const double LowestCentre = 150;
    private const double DynamicRange = 40;
    private const double Epsilon = 2.220446049250313e-16;

    private static readonly double[] s_window = Windows.HannWithoutZeros(Frame);
    private static readonly int[] s_edges = [.. Enumerable.Range(0, Count + 1).Select(Edge)];

    /// <summary>The envelopes [bands, frames] of both signals [N] at 10 kHz.</summary>
    public static (double[,] Clean, double[,] Processed) Of(double[] reference, double[] degraded)
    {
        var kept = SpokenFrames(reference);
        return (Envelopes(Rebuild(reference, kept)), Envelopes(Rebuild(degraded, kept)));
    }

    // A frame that ends exactly with the signal is left out, as in the original.
    private static int FramesOf(int samples) => samples <= Frame ? 0 : ((samples - Frame - 1) / Hop) + 1;

    private static List<int> SpokenFrames(double[] reference)
    {
        var levels = new double[FramesOf(reference.Length)];
        for (var frame = 0; frame < levels.Length; frame++)
        {
            double sum = 0;
            for (var i = 0; i < Frame; i++)
            {
                var value = s_window[i] * reference[(frame * Hop) + i];
                sum += value * value;
            }

            levels[frame] = 20 * Math.Log10(Math.Sqrt(sum) + Epsilon);
        }

        var floor = levels.DefaultIfEmpty().Max() - DynamicRange;
        return [.. Enumerable.Range(0, levels.Length).Where(frame => levels[frame] > floor)];
    }

    private static double[] Rebuild(double[] signal, List<int> frames)
    {
        var rebuilt = new double[frames.Count == 0 ? 0 : ((frames.Count - 1) * Hop) + Frame];
        for (var n = 0; n < frames.Count; n++)
        {
            for (var i = 0; i < Frame; i++)
            {
                rebuilt[(n * Hop) + i] += s_window[i] * signal[(frames[n] * Hop) + i];
            }
        }

        return rebuilt;
    }

    private static double[,] Envelopes(double[] signal)
    {
        var transform = new RealFourierTransform(FftLength);
        var envelopes = new double[Count, FramesOf(signal.Length)];
        var windowed = new double[Frame];
        var (power, work) = (new double[transform.Bins], new double[transform.Bins]);
        for (var frame = 0; frame < envelopes.GetLength(1); frame++)
        {
            for (var i = 0; i < Frame; i++)
            {
                windowed[i] = s_window[i] * signal[(frame * Hop) + i];
            }

            transform.Power(windowed, power, work);
            for (var band = 0; band < Count; band++)
            {
                double sum = 0;
                for (var bin = s_edges[band]; bin < s_edges[band + 1]; bin++)
                {
                    sum += power[bin];
                }

                envelopes[band, frame] = Math.Sqrt(sum);
            }
        }

        return envelopes;
    }

    /// <summary>The bin nearest to the lower edge of a band, which is the upper edge of the band below.</summary>
    private static int Edge(int band)
    {
        var hertz = LowestCentre * Math.Pow(2, ((2 * band) - 1) / 6.0);
        return Enumerable.Range(0, (FftLength / 2) + 1).MinBy(bin => Math.Abs(((double)bin * Stoi.SampleRate / FftLength) - hertz));
    }
}
