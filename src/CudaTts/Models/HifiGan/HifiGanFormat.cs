using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.HifiGan;

/// <summary>The HiFi-GAN generator, in the spellings of jik876 and of kan-bayashi (<see cref="HifiGanLayout"/>).</summary>
internal sealed partial class HifiGanFormat : VocoderFormat<HifiGanConfig>
{
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
                return landmark == HifiGanLayout.Landmarks[0] ? ImportOfficial(import, prefix) : ImportRecipe(import, prefix);
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
        config.Sizes.Check(rules);
        rules.Require(config.FinalSlope is >= 0 and <= 1, "final_leaky_relu_slope", "0 to 1", config.FinalSlope);
        rules.Mel(config.Mel);
        var hop = config.Sizes.Hop;
        rules.Require(hop == config.Mel.HopLength, "mel.hop_length", $"{hop}, the product of upsample_rates", config.Mel.HopLength);
    }

    private ConvertedModel ImportOfficial(CheckpointImport import, string prefix)
    {
        var weights = Weights(import, prefix);
        var inside = import.Inside?.Has("upsample_rates") == true ? import.Inside : null;
        var source = import.Given ?? inside ?? import.Beside(file => file.Has("upsample_rates"));
        var config = source is null
            ? HifiGanLayout.Infer(weights, (bands, hop) => new MelContract { MelBands = bands, HopLength = hop })
            : HifiGanLayout.FromSource(source, new MelContract());
        Check(config, import.Checkpoint.Path, source);

        // The official code would make one sample more of every step.
        var odd = config.UpsampleRates.Zip(config.UpsampleKernels).FirstOrDefault(stage => (stage.Second - stage.First) % 2 == 1);
        return odd.First == 0
            ? Converted(config, source, weights, [NoteOn(source, config)])
            : throw new WeightsException(
                $"{source?.Source ?? import.Checkpoint.Path}: upsample_rates: expected an even number less than the kernel size {odd.Second}, found "
                + $"{odd.First}.");
    }

    private ConvertedModel ImportRecipe(CheckpointImport import, string prefix)
    {
        var weights = Weights(import, prefix);
        var source = import.Given ?? (import.Inside is { } inside && KanBayashiSource.IsMeant(inside) ? inside : null)
            ?? import.Beside(KanBayashiSource.IsMeant, KanBayashiSource.FileName)
            ?? import.Beside(file => KanBayashiSource.IsMeant(file) || file.Has("upsample_rates"));
        if (source is not null && !KanBayashiSource.IsMeant(source) && !source.Has("upsample_rates"))
        {
            throw new WeightsException(
                $"{source.Source}: expected generator_params, as kan-bayashi's config.yml has them, or upsample_rates, as a HiFi-GAN's config.json "
                + "has.");
        }

        var config = source is null ? HifiGanLayout.Infer(weights, KanBayashiSource.MelOfRecipes)
            : KanBayashiSource.IsMeant(source) ? HifiGanLayout.FromRecipe(source)
            : HifiGanLayout.FromSource(source, KanBayashiSource.MelOfRecipes(new MelContract().MelBands, new MelContract().HopLength));
        var notes = new List<string>
        {
            FormattableString.Invariant(
                $"kan-bayashi layout: the mel is taken as {config.Mel.LowestFrequency}-{config.Mel.HighestFrequency} Hz ")
            + $"at {config.Mel.SampleRate} Hz, {(config.Mel.Log == MelLog.Log10 ? "log10" : "natural log")}, normalised by mean and variance, "
            + "the last leaky ReLU's slope as 0.01.",
            NoteOn(source, config),
        };
        (weights, var mel) = StatisticsImport.Join(import, weights, config.Mel, notes);
        config = config with { Mel = mel };
        Check(config, import.Checkpoint.Path, source);
        return Converted(config, source, weights, notes);
    }

    private static ModelWeights Weights(CheckpointImport import, string prefix) =>
        HifiGanLayout.SingleConvolutions(WeightNorm.Fold(import.Renamed(prefix, HifiGanLayout.Canonical)));

    private static string NoteOn(SourceConfig? source, HifiGanConfig config) => source is null
        ? $"No config was given: rates {string.Join(",", config.UpsampleRates)} are half of the kernels, the dilations those of the public configs "
        + $"and the sample rate {config.Mel.SampleRate} Hz; give --config if the voice sounds wrong."
        : $"The config is {source.Source}.";

    private ConvertedModel Converted(HifiGanConfig config, SourceConfig? source, ModelWeights weights, List<string> notes) =>
        new(Type, Write(config), weights, Expected(config), notes, source?.Source);

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(HifiGanConfig))]
    private sealed partial class HifiGanJson : JsonSerializerContext;
}
