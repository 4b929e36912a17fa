using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>What the config.yml of kan-bayashi/ParallelWaveGAN's recipes says of every vocoder that they train.</summary>
internal static class KanBayashiSource
{
    /// <summary>Name of the file beside a checkpoint.</summary>
    public const string FileName = "config.yml";

    // The public recipes by their hop: 300 samples stand for 24 kHz (egs/*/voc1/conf/*.v1.yaml of the 24 kHz corpora), 256 for 22,050 Hz.
    private const int WideHop = 300;

    /// <summary>Whether a config is of such a recipe.</summary>
    public static bool IsMeant(SourceConfig source) => source.Has("generator_params");

    /// <summary>The mel of the recipes: 80-7600 Hz, base ten, normalised by mean and variance, at the rate that its hop stands for.</summary>
    public static MelContract MelOfRecipes(int bands, int hop) => new()
    {
        SampleRate = hop == WideHop ? 24_000 : 22_050,
        FftLength = hop == WideHop ? 2048 : 1024,
        WindowLength = hop == WideHop ? 1200 : 1024,
        HopLength = hop,
        MelBands = bands,
        LowestFrequency = 80,
        HighestFrequency = 7600,
        Log = MelLog.Log10,
        Floor = 1e-10,
        Normalisation = "mean-variance",
    };

    /// <summary>The mel that a config describes (bin/preprocess.py); what it leaves out is as in <paramref name="fallback"/>.</summary>
    /// <exception cref="WeightsException">A value is of another form.</exception>
    public static MelContract Mel(SourceConfig source, MelContract fallback)
    {
        var fft = source.Integer(source.FirstOf("mel.n_fft", "fft_size")) ?? fallback.FftLength;
        var mel = MelSource.Read(source, fallback with { FftLength = fft, WindowLength = source.Has("fft_size") ? fft : fallback.WindowLength });

        // A key that is there with no value stands for what Python's None does; log_base came later than the public models, whose base is ten.
        return mel with
        {
            LowestFrequency = source.IsNone("fmin") ? 0 : mel.LowestFrequency,
            HighestFrequency = source.IsNone("fmax") ? mel.SampleRate / 2.0 : mel.HighestFrequency,
            Log = source.IsNone("log_base") ? MelLog.Natural : Log(source, mel.Log),
        };
    }

    /// <summary>Refuses a variant that is none of the network's.</summary>
    /// <param name="source">The config.</param>
    /// <param name="network">What people call the network.</param>
    /// <param name="variants">What would be another one, and how the config says it.</param>
    /// <exception cref="WeightsException">Names the variant.</exception>
    public static void RequireSupported(SourceConfig source, string network, params ReadOnlySpan<(bool IsOther, string What)> variants)
    {
        foreach (var (isOther, what) in variants)
        {
            if (isOther)
            {
                throw new WeightsException($"{source.Source}: {what} is a variant of {network} that is not supported.");
            }
        }
    }

    private static MelLog Log(SourceConfig source, MelLog fallback) => source.Number("log_base") switch
    {
        null => fallback,
        10 => MelLog.Log10,
        > 2.718 and < 2.719 => MelLog.Natural,
        _ => throw source.Wrong("log_base", "10 or null"),
    };
}
