using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Cepstra;

/// <summary>
/// Mel-cepstral distortion (Kubichek, IEEE PACRIM 1993): 10 / ln 10 sqrt(2) times the mean Euclidean distance of mel-cepstra, in dB. Without c0 the
/// level does not count; the figures with c0 are those of the ParallelWaveGAN and ESPnet scripts, but for an exact warping in place of FastDTW.
/// </summary>
internal sealed class CepstralDistortion
{
    private static readonly double s_decibels = 10 / Math.Log(10) * Math.Sqrt(2);

    /// <summary>Compares two signals.</summary>
    /// <param name="reference">What it should sound like.</param>
    /// <param name="degraded">What it sounds like, of the same rate.</param>
    /// <param name="convention">How cepstra are taken; both signals are brought to its rate. Each must hold one frame.</param>
    public CepstralDistortion(Signal reference, Signal degraded, CepstralConvention convention)
    {
        Convention = convention;
        var first = MelCepstrum.Analyze(reference.Resample(convention.SampleRate), convention);
        var second = MelCepstrum.Analyze(degraded.Resample(convention.SampleRate), convention);
        Path = TimeWarping.Align(first, second, from: 1);
        Aligned = Mean(first, second, Path.Steps, from: 1);
        AlignedWithC0 = Mean(first, second, TimeWarping.Align(first, second, from: 0).Steps, from: 0);
        (int First, int Second)[] inStep = [.. Enumerable.Range(0, Math.Min(first.Length, second.Length)).Select(frame => (frame, frame))];
        Unaligned = Mean(first, second, inStep, from: 1);
        UnalignedWithC0 = Mean(first, second, inStep, from: 0);
    }

    /// <summary>How the cepstra were taken.</summary>
    public CepstralConvention Convention { get; }

    /// <summary>Which frames belong together, by c1 to cM.</summary>
    public WarpingPath Path { get; }

    /// <summary>The mean over the path of c1 to cM, dB.</summary>
    public double Aligned { get; }

    /// <summary>The same with c0, in the path too, dB.</summary>
    public double AlignedWithC0 { get; }

    /// <summary>Frame by frame, c1 to cM, dB.</summary>
    public double Unaligned { get; }

    /// <summary>Frame by frame, c0 to cM, dB.</summary>
    public double UnalignedWithC0 { get; }

    private static double Mean(double[][] first, double[][] second, (int First, int Second)[] pairs, int from) =>
        s_decibels * pairs.Average(pair => TimeWarping.Distance(first[pair.First], second[pair.Second], from));
}
