using CudaTts.Acoustic.Tacotron2;
using CudaTts.Audio;
using CudaTts.Vocoders.HifiGan;

namespace CudaTts.Weights;

/// <summary>Refuses configs that no network can have, before a size from one is used.</summary>
internal static class ConfigCheck
{
    private const int WidthLimit = 1 << 16;
    private const int CountLimit = 64;

    /// <summary>Checks a config of any model.</summary>
    /// <exception cref="WeightsException">A value is out of its range; the message names it by its name in config.json.</exception>
    public static void Check(object config, string source)
    {
        switch (config)
        {
            case Tacotron2Config tacotron2:
                CheckTacotron2(tacotron2, source);
                break;
            case HifiGanConfig hifiGan:
                CheckHifiGan(hifiGan, source);
                break;
        }
    }

    private static void CheckTacotron2(Tacotron2Config config, string source)
    {
        CheckType(config.ModelType, Tacotron2Config.TypeName, source);
        foreach (var (name, value) in Tacotron2Layout.Widths(config))
        {
            CheckRange(name, value, 1, name.EndsWith("n_convolutions", StringComparison.Ordinal) ? CountLimit : WidthLimit, source);
        }

        Require(config.SymbolsEmbedding == config.EncoderEmbedding, source, "symbols_embedding_dim", $"{config.EncoderEmbedding}, as encoder_embedding_dim", config.SymbolsEmbedding);
        Require(config.EncoderEmbedding % 2 == 0, source, "encoder_embedding_dim", "an even number", config.EncoderEmbedding);
        Require(config.PostnetConvolutions >= 2, source, "postnet_n_convolutions", "at least 2", config.PostnetConvolutions);
        foreach (var (name, kernel) in (ReadOnlySpan<(string, int)>)
            [("encoder_kernel_size", config.EncoderKernel), ("attention_location_kernel_size", config.LocationKernel), ("postnet_kernel_size", config.PostnetKernel)])
        {
            Require(kernel % 2 == 1, source, name, "an odd number", kernel);
        }

        CheckMel(config.Mel, source);
        Require(config.Mel.MelBands == config.MelBands, source, "mel.mel_bands", $"{config.MelBands}, as n_mel_channels", config.Mel.MelBands);
    }

    private static void CheckHifiGan(HifiGanConfig config, string source)
    {
        CheckType(config.ModelType, HifiGanConfig.TypeName, source);
        Require(config.ResidualBlock is "1" or "2", source, "resblock", "\"1\" or \"2\"", config.ResidualBlock);
        var (rates, kernels) = (config.UpsampleRates, config.UpsampleKernels);
        Require(rates.Length is > 0 and <= 16 && rates.Length == kernels.Length, source, "upsample_rates", "as many as upsample_kernel_sizes", rates.Length);
        for (var i = 0; i < rates.Length; i++)
        {
            CheckRange("upsample_kernel_sizes", kernels[i], 1, WidthLimit, source);
            Require(rates[i] >= 1 && rates[i] <= kernels[i] && (kernels[i] - rates[i]) % 2 == 0, source, "upsample_rates", $"at most the kernel size {kernels[i]}, and an even number less", rates[i]);
        }

        CheckRange("upsample_initial_channel", config.InitialChannels, 1 << rates.Length, WidthLimit, source);
        Require(config.InitialChannels % (1 << rates.Length) == 0, source, "upsample_initial_channel", $"a multiple of {1 << rates.Length}", config.InitialChannels);
        CheckResidualBlocks(config, source);
        Require(float.IsFinite(config.FinalSlope), source, "final_leaky_relu_slope", "a number", config.FinalSlope);
        CheckMel(config.Mel, source);
        var hop = rates.Aggregate(1L, (product, rate) => Math.Min(product * rate, int.MaxValue));
        Require(hop == config.Mel.HopLength, source, "mel.hop_length", $"{hop}, the product of upsample_rates", config.Mel.HopLength);
    }

    private static void CheckResidualBlocks(HifiGanConfig config, string source)
    {
        var (kernels, dilations) = (config.ResidualKernels, config.ResidualDilations);
        Require(kernels.Length is > 0 and <= 16 && kernels.Length == dilations.Length, source, "resblock_kernel_sizes", "as many as resblock_dilation_sizes", kernels.Length);
        for (var i = 0; i < kernels.Length; i++)
        {
            Require(kernels[i] is > 0 and < WidthLimit && kernels[i] % 2 == 1, source, "resblock_kernel_sizes", "odd numbers", kernels[i]);
            Require(dilations[i] is { Length: > 0 and <= 16 }, source, "resblock_dilation_sizes", "a list of 1 to 16 numbers for each block", dilations[i]?.Length);
            foreach (var dilation in dilations[i])
            {
                CheckRange("resblock_dilation_sizes", dilation, 1, WidthLimit, source);
            }
        }
    }

    private static void CheckMel(MelContract mel, string source)
    {
        CheckRange("mel.sample_rate", mel.SampleRate, 1000, 1_000_000, source);
        CheckRange("mel.n_fft", mel.FftLength, 16, WidthLimit, source);
        CheckRange("mel.hop_length", mel.HopLength, 1, mel.FftLength, source);
        CheckRange("mel.window_length", mel.WindowLength, 1, mel.FftLength, source);
        CheckRange("mel.mel_bands", mel.MelBands, 1, mel.FftLength / 2, source);
        Require(mel.LowestFrequency >= 0 && mel.LowestFrequency < mel.HighestFrequency, source, "mel.fmin", $"within 0 and fmax {mel.HighestFrequency}", mel.LowestFrequency);
        Require(mel.HighestFrequency <= mel.SampleRate / 2.0, source, "mel.fmax", $"at most half of sample_rate {mel.SampleRate}", mel.HighestFrequency);
        Require(mel.Floor > 0 && double.IsFinite(mel.Floor), source, "mel.floor", "above 0", mel.Floor);
    }

    private static void CheckType(string found, string expected, string source) => Require(found == expected, source, "model_type", $"\"{expected}\"", found);

    private static void CheckRange(string name, int value, int least, int most, string source) =>
        Require(value >= least && value <= most, source, name, $"{least} to {most}", value);

    private static void Require<T>(bool holds, string source, string name, string expected, T found)
    {
        if (!holds)
        {
            throw new WeightsException(FormattableString.Invariant($"{source}: {name}: expected {expected}, found {found}."));
        }
    }
}
