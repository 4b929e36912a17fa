using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// A FastPitch of NVIDIA/NeMo: <c>model_weights.ckpt</c> of a .nemo archive, and <c>model_config.yaml</c> beside it. Its tensors say what NVIDIA's
/// do; what they do not say is checked here.
/// </summary>
internal static class NeMoSource
{
    /// <summary>The name of the config in a .nemo archive.</summary>
    public const string FileName = "model_config.yaml";

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

        // NeMo's own padding symbol comes behind all others and never stands in a text.
        var config = inferred with { PaddingId = -1 };
        var model = given?.Section("model") ?? given;
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

        return model?.Section("preprocessor") is { } mel ? config with
        {
            Mel = config.Mel with
            {
                SampleRate = mel.Integer("sample_rate") ?? config.Mel.SampleRate,
                FftLength = mel.Integer("n_fft") ?? config.Mel.FftLength,
                WindowLength = mel.Integer("n_window_size") ?? config.Mel.WindowLength,
                HopLength = mel.Integer("n_window_stride") ?? config.Mel.HopLength,
                LowestFrequency = mel.Number("lowfreq") ?? config.Mel.LowestFrequency,
                HighestFrequency = mel.Number("highfreq") ?? config.Mel.HighestFrequency,
            },
        } : config;
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
