using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.HifiGan;

/// <summary>The HiFi-GAN generator, in the spellings of jik876 and of kan-bayashi (<see cref="HifiGanLayout"/>).</summary>
internal sealed partial class HifiGanFormat : VocoderFormat<HifiGanConfig>
{
    private const int MostStages = 16;
    private const int MostDilations = 16;

    /// <summary>The only instance.</summary>
    public static HifiGanFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => HifiGanConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "HiFi-GAN";

    /// <inheritdoc/>
    protected override JsonTypeInfo<HifiGanConfig> Json => HifiGanJson.Default.HifiGanConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(HifiGanConfig config) => HifiGanTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        foreach (var landmark in HifiGanLayout.Landmarks)
        {
            if (import.PrefixOf(landmark) is { } prefix && HifiGanLayout.HasUpsampling(import.Checkpoint, prefix))
            {
                return Import(import, prefix, isOfficial: landmark == HifiGanLayout.Landmarks[0]);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(HifiGanConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new HifiGanGenerator(folder.Config<HifiGanConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(HifiGanConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        rules.Require(config.ResidualBlock is "1" or "2", "resblock", "\"1\" or \"2\"", config.ResidualBlock);
        var (rates, kernels) = (config.UpsampleRates, config.UpsampleKernels);
        var isPaired = rates.Length is > 0 and <= MostStages && rates.Length == kernels.Length;
        rules.Require(isPaired, "upsample_rates", "as many as upsample_kernel_sizes", rates.Length);
        for (var i = 0; i < rates.Length; i++)
        {
            rules.Range("upsample_kernel_sizes", kernels[i], 1, ConfigRules.WidthLimit);
            var fits = rates[i] >= 1 && rates[i] <= kernels[i] && (kernels[i] - rates[i]) % 2 == 0;
            rules.Require(fits, "upsample_rates", $"at most the kernel size {kernels[i]}, and an even number less", rates[i]);
        }

        var halvings = 1 << rates.Length;
        rules.Range("upsample_initial_channel", config.InitialChannels, halvings, ConfigRules.WidthLimit);
        rules.Require(config.InitialChannels % halvings == 0, "upsample_initial_channel", $"a multiple of {halvings}", config.InitialChannels);
        CheckResidualBlocks(config, rules);
        rules.Require(config.FinalSlope is >= 0 and <= 1, "final_leaky_relu_slope", "0 to 1", config.FinalSlope);
        rules.Mel(config.Mel);
        var hop = HopLength.Of(rates);
        rules.Require(hop == config.Mel.HopLength, "mel.hop_length", $"{hop}, the product of upsample_rates", config.Mel.HopLength);
    }

    private static void CheckResidualBlocks(HifiGanConfig config, ConfigRules rules)
    {
        var (kernels, dilations) = (config.ResidualKernels, config.ResidualDilations);
        var isPaired = kernels.Length is > 0 and <= MostStages && kernels.Length == dilations.Length;
        rules.Require(isPaired, "resblock_kernel_sizes", "as many as resblock_dilation_sizes", kernels.Length);
        for (var i = 0; i < kernels.Length; i++)
        {
            rules.Require(kernels[i] is > 0 and < ConfigRules.WidthLimit && kernels[i] % 2 == 1, "resblock_kernel_sizes", "odd numbers", kernels[i]);
            var count = dilations[i]?.Length;
            rules.Require(count is > 0 and <= MostDilations, "resblock_dilation_sizes", $"a list of 1 to {MostDilations} numbers for each block",
                count);
            foreach (var dilation in dilations[i]!)
            {
                rules.Range("resblock_dilation_sizes", dilation, 1, ConfigRules.WidthLimit - 1);
                var reach = (kernels[i] - 1L) * dilation;
                var most = ConfigRules.WidthLimit;
                rules.Require(
                    reach <= most, "resblock_dilation_sizes", $"at most {most} steps from the first of {kernels[i]} taps to the last", dilation);
            }
        }
    }

    private ConvertedModel Import(CheckpointImport import, string prefix, bool isOfficial)
    {
        var weights = HifiGanLayout.SingleConvolutions(WeightNorm.Fold(import.Renamed(prefix, HifiGanLayout.Canonical)));
        var notes = new List<string>();
        var mel = isOfficial ? new MelContract() : HifiGanLayout.KanBayashiMel;
        if (!isOfficial)
        {
            notes.Add(
                "kan-bayashi layout: the mel is taken as 80-7600 Hz, log10, normalised by mean and variance, the last leaky ReLU's slope as 0.01.");
        }

        var inside = import.Inside?.Has("upsample_rates") == true ? import.Inside : null;
        var source = import.Given ?? inside ?? import.Beside(file => file.Has("upsample_rates"));
        var config = source is null ? HifiGanLayout.Infer(weights, mel) : HifiGanLayout.FromSource(source, mel);
        notes.Add(source is null
            ? $"No config was given: rates {string.Join(",", config.UpsampleRates)} are half of the kernels and the dilations those of the "
            + "public configs; give --config if the voice sounds wrong."
            : $"The config is {source.Source}.");
        Check(config, source?.Source ?? import.Checkpoint.Path);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(HifiGanConfig))]
    private sealed partial class HifiGanJson : JsonSerializerContext;
}
