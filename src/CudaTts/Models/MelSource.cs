using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>The mel contract that a config of others claims.</summary>
internal static class MelSource
{
    /// <summary>
    /// Reads this engine's own <c>mel</c> section, or the flat keys of the public configs (NVIDIA's hparams.py, HiFi-GAN's config.json); what is
    /// absent is as in <paramref name="fallback"/>.
    /// </summary>
    /// <exception cref="WeightsException">A value is of another form.</exception>
    public static MelContract Read(SourceConfig source, MelContract fallback)
    {
        var mel = source.Section("mel") ?? source;
        return fallback with
        {
            SampleRate = mel.Integer(mel.FirstOf("mel.sample_rate", "sample_rate", "sampling_rate")) ?? fallback.SampleRate,
            FftLength = mel.Integer(mel.FirstOf("mel.n_fft", "n_fft", "filter_length")) ?? fallback.FftLength,
            HopLength = mel.Integer(mel.FirstOf("mel.hop_length", "hop_length", "hop_size")) ?? fallback.HopLength,
            WindowLength = mel.Integer(mel.FirstOf("mel.window_length", "window_length", "win_size", "win_length")) ?? fallback.WindowLength,
            LowestFrequency = mel.Number(mel.FirstOf("mel.fmin", "fmin", "mel_fmin")) ?? fallback.LowestFrequency,
            HighestFrequency = mel.Number(mel.FirstOf("mel.fmax", "fmax", "mel_fmax")) ?? fallback.HighestFrequency,
            Floor = mel.Number("floor") ?? fallback.Floor,
            Log = mel.Text("log") switch
            {
                null => fallback.Log,
                "natural" => MelLog.Natural,
                "log10" => MelLog.Log10,
                _ => throw mel.Wrong("log", "\"natural\" or \"log10\""),
            },
            Normalisation = mel.Text("normalisation") ?? fallback.Normalisation,
        };
    }
}
