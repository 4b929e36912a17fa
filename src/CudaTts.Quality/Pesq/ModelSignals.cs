namespace CudaTts.Quality.Pesq;

/// <summary>The two signals as the model hears them, in buffers of one length, and which frames of 32 ms are compared.</summary>
internal sealed class ModelSignals
{
    private const double QuietSum = 500;
    private const int QuietSamples = 5;

    /// <summary>Takes signals that have passed <see cref="InputFilter"/>.</summary>
    public ModelSignals(PaddedSignal reference, PaddedSignal degraded, DelayMap delays)
    {
        Rate = reference.Rate;
        Delays = delays;
        Longest = Math.Max(reference.Length, degraded.Length);
        Reference = Extend(reference.Samples, Longest + Rate.Padding);
        Degraded = Extend(degraded.Samples, Longest + Rate.Padding);
        var skippedAtStart = Quiet(Rate.Guard, 1);
        var skippedAtEnd = Quiet(End - 1, -1);
        FirstFrame = skippedAtStart / Rate.Hop;
        LastFrame = ((SoundLength - skippedAtEnd) / Rate.Hop) - 1;
    }

    /// <summary>What holds at their rate.</summary>
    public ModelRate Rate { get; }

    /// <summary>Delays by sample of the reference.</summary>
    public DelayMap Delays { get; }

    /// <summary>Samples of the longer one with its guards; M in the formulas.</summary>
    public int Longest { get; }

    /// <summary>The reference, <see cref="Longest"/> and the padding long.</summary>
    public double[] Reference { get; }

    /// <summary>The degraded signal, as long as the reference.</summary>
    public double[] Degraded { get; }

    /// <summary>Where the tail of the longer signal ends.</summary>
    public int End => Longest - Rate.Guard + Rate.Padding;

    /// <summary>Samples of the longer signal and its tail, Z in the formulas.</summary>
    public int SoundLength => End - Rate.Guard;

    /// <summary>The first frame that counts for the score.</summary>
    public int FirstFrame { get; }

    /// <summary>The last frame that is computed.</summary>
    public int LastFrame { get; }

    private static double[] Extend(double[] samples, int length)
    {
        var extended = samples;
        Array.Resize(ref extended, length);
        return extended;
    }

    /// <summary>How many samples of the reference, from one on in steps of 1 or -1, come before five that are not nearly silent.</summary>
    private int Quiet(int start, int step)
    {
        for (var count = 0; count < Longest / 2; count++)
        {
            double sum = 0;
            for (var i = count; i < count + QuietSamples; i++)
            {
                sum += Math.Abs(Reference[start + (step * i)]);
            }

            if (sum >= QuietSum)
            {
                return count;
            }
        }

        return Longest / 2;
    }
}
