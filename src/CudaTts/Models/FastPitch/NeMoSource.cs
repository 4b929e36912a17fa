using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// A FastPitch of NVIDIA/NeMo: a .nemo archive, or its <c>model_weights.ckpt</c> with <c>model_config.yaml</c> beside it. Its tensors
/// say what NVIDIA's do; what they do not say is checked here.
/// </summary>
internal static class NeMoSource
{
    /// <summary>What of the network its tensors do not tell; what no config says is as NeMo's example has it.</summary>
    /// <param name="inferred">From the tensors.</param>
    /// <param name="given">model_config.yaml, if it is there.</param>
    /// <param name="path">What error messages call the checkpoint.</param>
    /// <exception cref="WeightsException">The network is of a kind that is not supported.</exception>
    public static FastPitchConfig Complete(FastPitchConfig inferred, SourceConfig? given, string path)
    {
        if (inferred.SpeakerCount > 1)
        {
            throw new WeightsException(
                $"{path}: a FastPitch of NeMo with {inferred.SpeakerCount} speakers is not supported: what a speaker is added to differs between its "
                + "releases, and the file does not tell them apart.");
        }

        var model = given?.Section("model") ?? given;
        if (model is not null)
        {
            RequireWidths(inferred, model, path);
        }

        // NeMo's own padding symbol comes behind all others and never stands in a text.
        var config = inferred with { PaddingId = -1, HasSpectrumEnergy = inferred.HasEnergy };
        foreach (var part in (string[])["input_fft", "output_fft"])
        {
            if (model?.Section(part) is { } transformer)
            {
                RequireSupported(transformer);
                var heads = transformer.Integer("n_head") ?? 1;
                config = part == "input_fft" ? config with { EncoderHeads = heads, EncoderHeadWidth = Divided(transformer, config.EncoderHeadWidth) }
                    : config with { DecoderHeads = heads, DecoderHeadWidth = Divided(transformer, config.DecoderHeadWidth) };
            }
        }

        return model?.Section("preprocessor") is { } mel ? config with { Mel = Mel(mel, config.Mel) } : config;
    }

    private static MelContract Mel(SourceConfig mel, MelContract fallback)
    {
        var rate = mel.Integer(mel.FirstOf("mel.sample_rate", "sample_rate")) ?? fallback.SampleRate;
        return fallback with
        {
            SampleRate = rate,
            FftLength = mel.Integer(mel.FirstOf("mel.n_fft", "n_fft")) ?? fallback.FftLength,
            WindowLength = mel.Integer(mel.FirstOf("mel.window_length", "n_window_size")) ?? fallback.WindowLength,
            HopLength = mel.Integer(mel.FirstOf("mel.hop_length", "n_window_stride")) ?? fallback.HopLength,
            LowestFrequency = mel.Number(mel.FirstOf("mel.fmin", "lowfreq")) ?? fallback.LowestFrequency,
            HighestFrequency = mel.Number(mel.FirstOf("mel.fmax", "highfreq")) ?? (mel.IsNone("highfreq") ? rate / 2.0 : fallback.HighestFrequency),
        };
    }

    private static void RequireWidths(FastPitchConfig inferred, SourceConfig model, string path)
    {
        foreach (var (section, key, found) in ((SourceConfig?, string, int)[])
        [
            (model, "n_mel_channels", inferred.MelBands),
            (model, "symbols_embedding_dim", inferred.Width),
            (model, "pitch_embedding_kernel_size", inferred.PitchEmbeddingKernel),
            (model.Section("input_fft"), "n_layer", inferred.EncoderLayers),
            (model.Section("input_fft"), "d_inner", inferred.EncoderFilter),
            (model.Section("input_fft"), "kernel_size", inferred.EncoderKernel),
            (model.Section("output_fft"), "n_layer", inferred.DecoderLayers),
            (model.Section("output_fft"), "d_inner", inferred.DecoderFilter),
            (model.Section("output_fft"), "kernel_size", inferred.DecoderKernel),
            (model.Section("duration_predictor"), "n_layers", inferred.DurationLayers),
            (model.Section("duration_predictor"), "filter_size", inferred.DurationFilter),
            (model.Section("duration_predictor"), "kernel_size", inferred.DurationKernel),
            (model.Section("pitch_predictor"), "n_layers", inferred.PitchLayers),
            (model.Section("pitch_predictor"), "filter_size", inferred.PitchFilter),
            (model.Section("pitch_predictor"), "kernel_size", inferred.PitchKernel),
        ])
        {
            if (section?.Integer(key) is { } claimed && claimed != found)
            {
                throw new WeightsException($"{section.Source}: {key}: expected {found}, which the tensors of {path} have, found {claimed}.");
            }
        }
    }

    private static void RequireSupported(SourceConfig transformer)
    {
        if (transformer.Flag("pre_lnorm") == true)
        {
            throw new WeightsException($"{transformer.Source}: pre_lnorm: expected false, found true, which is not supported.");
        }
    }

    private static int Divided(SourceConfig transformer, int width)
    {
        var heads = transformer.Integer("n_head") ?? 1;
        return heads > 0 && width % heads == 0
            ? width / heads
            : throw transformer.Wrong("n_head", $"a number of heads that divides the attention's {width} channels");
    }
}
