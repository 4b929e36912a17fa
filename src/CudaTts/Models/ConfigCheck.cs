using CudaTts.Audio;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.WaveGlow;

namespace CudaTts.Models;

/// <summary>Refuses configs that no network can have, before a size from one is used.</summary>
internal sealed class ConfigCheck
{
    private const int WidthLimit = 1 << 16;
    private const int CountLimit = 64;
    private readonly string _source;

    private ConfigCheck(string source) => _source = source;

    /// <summary>Checks a config of any model.</summary>
    /// <exception cref="WeightsException">A value is out of its range; the message names it by its name in config.json.</exception>
    public static void Check(object config, string source)
    {
        var check = new ConfigCheck(source);
        switch (config)
        {
            case Tacotron2Config tacotron2:
                check.CheckTacotron2(tacotron2);
                break;
            case HifiGanConfig hifiGan:
                check.CheckHifiGan(hifiGan);
                break;
            case WaveGlowConfig waveGlow:
                check.CheckMel(waveGlow.Mel);
                WaveGlowGeometry.Check(waveGlow, source);
                break;
            case ParallelWaveGanConfig parallelWaveGan:
                check.CheckMel(parallelWaveGan.Mel);
                check.Require(parallelWaveGan.UpsampleScales is not null, "upsample_scales", "a list of numbers", "null");
                ParallelWaveGanGeometry.Check(parallelWaveGan, source);
                break;
        }
    }

    private void CheckTacotron2(Tacotron2Config config)
    {
        CheckType(config.ModelType, Tacotron2Config.TypeName);
        foreach (var (name, value) in Tacotron2Layout.Widths(config))
        {
            CheckRange(name, value, 1, name.EndsWith("n_convolutions", StringComparison.Ordinal) ? CountLimit : WidthLimit);
        }

        var isJoined = config.SymbolsEmbedding == config.EncoderEmbedding;
        Require(isJoined, "symbols_embedding_dim", $"{config.EncoderEmbedding}, as encoder_embedding_dim", config.SymbolsEmbedding);
        Require(config.EncoderEmbedding % 2 == 0, "encoder_embedding_dim", "an even number", config.EncoderEmbedding);
        Require(config.PostnetConvolutions >= 2, "postnet_n_convolutions", "at least 2", config.PostnetConvolutions);
        foreach (var (name, kernel) in (ReadOnlySpan<(string, int)>)
            [
                ("encoder_kernel_size", config.EncoderKernel),
                ("attention_location_kernel_size", config.LocationKernel),
                ("postnet_kernel_size", config.PostnetKernel),
            ])
        {
            Require(kernel % 2 == 1, name, "an odd number", kernel);
        }

        CheckMel(config.Mel);
        Require(config.Mel.MelBands == config.MelBands, "mel.mel_bands", $"{config.MelBands}, as n_mel_channels", config.Mel.MelBands);
    }

    private void CheckHifiGan(HifiGanConfig config)
    {
        CheckType(config.ModelType, HifiGanConfig.TypeName);
        Require(config.ResidualBlock is "1" or "2", "resblock", "\"1\" or \"2\"", config.ResidualBlock);
        var (rates, kernels) = (config.UpsampleRates, config.UpsampleKernels);
        Require(rates.Length is > 0 and <= 16 && rates.Length == kernels.Length, "upsample_rates", "as many as upsample_kernel_sizes", rates.Length);
        for (var i = 0; i < rates.Length; i++)
        {
            CheckRange("upsample_kernel_sizes", kernels[i], 1, WidthLimit);
            var fits = rates[i] >= 1 && rates[i] <= kernels[i] && (kernels[i] - rates[i]) % 2 == 0;
            Require(fits, "upsample_rates", $"at most the kernel size {kernels[i]}, and an even number less", rates[i]);
        }

        CheckRange("upsample_initial_channel", config.InitialChannels, 1 << rates.Length, WidthLimit);
        var halvings = 1 << rates.Length;
        Require(config.InitialChannels % halvings == 0, "upsample_initial_channel", $"a multiple of {halvings}", config.InitialChannels);
        CheckResidualBlocks(config);
        Require(float.IsFinite(config.FinalSlope), "final_leaky_relu_slope", "a number", config.FinalSlope);
        CheckMel(config.Mel);
        var hop = HopLength.Of(rates);
        Require(hop == config.Mel.HopLength, "mel.hop_length", $"{hop}, the product of upsample_rates", config.Mel.HopLength);
    }

    private void CheckResidualBlocks(HifiGanConfig config)
    {
        var (kernels, dilations) = (config.ResidualKernels, config.ResidualDilations);
        var isPaired = kernels.Length is > 0 and <= 16 && kernels.Length == dilations.Length;
        Require(isPaired, "resblock_kernel_sizes", "as many as resblock_dilation_sizes", kernels.Length);
        for (var i = 0; i < kernels.Length; i++)
        {
            Require(kernels[i] is > 0 and < WidthLimit && kernels[i] % 2 == 1, "resblock_kernel_sizes", "odd numbers", kernels[i]);
            var count = dilations[i]?.Length;
            Require(count is > 0 and <= 16, "resblock_dilation_sizes", "a list of 1 to 16 numbers for each block", count);
            foreach (var dilation in dilations[i]!)
            {
                CheckRange("resblock_dilation_sizes", dilation, 1, WidthLimit);
            }
        }
    }

    private void CheckMel(MelContract mel)
    {
        CheckRange("mel.sample_rate", mel.SampleRate, 1000, 1_000_000);
        CheckRange("mel.n_fft", mel.FftLength, 16, WidthLimit);
        CheckRange("mel.hop_length", mel.HopLength, 1, mel.FftLength);
        CheckRange("mel.window_length", mel.WindowLength, 1, mel.FftLength);
        CheckRange("mel.mel_bands", mel.MelBands, 1, mel.FftLength / 2);
        var isOrdered = mel.LowestFrequency >= 0 && mel.LowestFrequency < mel.HighestFrequency;
        Require(isOrdered, "mel.fmin", FormattableString.Invariant($"within 0 and fmax {mel.HighestFrequency}"), mel.LowestFrequency);
        Require(mel.HighestFrequency <= mel.SampleRate / 2.0, "mel.fmax", $"at most half of sample_rate {mel.SampleRate}", mel.HighestFrequency);
        Require(mel.Floor > 0 && double.IsFinite(mel.Floor), "mel.floor", "above 0", mel.Floor);
    }

    private void CheckType(string found, string expected) => Require(found == expected, "model_type", $"\"{expected}\"", found);

    private void CheckRange(string name, int value, int least, int most) =>
        Require(value >= least && value <= most, name, $"{least} to {most}", value);

    private void Require<T>(bool holds, string name, string expected, T found)
    {
        if (!holds)
        {
            throw new WeightsException(FormattableString.Invariant($"{_source}: {name}: expected {expected}, found {found}."));
        }
    }
}
