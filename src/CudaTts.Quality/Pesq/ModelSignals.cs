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
        var skippedAtStart = Quiet(i => Rate.Guard + i);
        var skippedAtEnd = Quiet(i => End - 1 - i);
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

    /// <summary>How many samples of the reference, in an order, come before five that are not nearly silent.</summary>
    private int Quiet(Func<int, int> order)
    {
        double Sum(int first) => Enumerable.Range(first, QuietSamples).Sum(i => Math.Abs(Reference[order(i)]));
        var count = 0;
        while (count < Longest / 2 && Sum(count) < QuietSum)
        {
            count++;
        }

        return count;
    }
}
