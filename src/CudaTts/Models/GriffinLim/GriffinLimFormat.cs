using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.GriffinLim;

/// <summary>Griffin-Lim with a spectrogram network, as this project's training writes it: no public checkpoint of its layout is known.</summary>
internal sealed partial class GriffinLimFormat : VocoderFormat<GriffinLimConfig>
{
    private const int MostBlocks = 16;
    private const int MostDilations = 16;

    /// <summary>The only instance.</summary>
    public static GriffinLimFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => Vocoder.GriffinLimName;

    /// <inheritdoc/>
    public override string Title => "Griffin-Lim with a spectrogram network";

    /// <inheritdoc/>
    protected override JsonTypeInfo<GriffinLimConfig> Json => GriffinLimJson.Default.GriffinLimConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(GriffinLimConfig config) => GriffinLimTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        bool IsMeant(SourceConfig source) => source.Text("model_type") == Type;
        var source = ((SourceConfig?[])[import.Given, import.Inside]).FirstOrDefault(one => one is not null && IsMeant(one))
            ?? import.Beside(IsMeant);
        if (source is null || import.PrefixOf("conv_pre.") is not { } prefix)
        {
            return null;
        }

        var fallback = new GriffinLimConfig();
        var config = new GriffinLimConfig
        {
            Channels = source.Integer("channels") ?? fallback.Channels,
            ResidualDilations = source.IntegerLists("resblock_dilation_sizes") ?? fallback.ResidualDilations,
            Mel = MelSource.Read(source, fallback.Mel),
        };
        Check(config, source.Source);
        return new ConvertedModel(
            Type, Write(config), import.Renamed(prefix, name => name), Expected(config), [$"The config is {source.Source}."]);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(GriffinLimConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new GriffinLimVocoder(folder.Config<GriffinLimConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(GriffinLimConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        rules.Range("channels", config.Channels, 1, ConfigRules.WidthLimit);
        rules.Count("resblock_dilation_sizes", config.ResidualDilations, MostBlocks);
        foreach (var dilations in config.ResidualDilations)
        {
            rules.Count("resblock_dilation_sizes", dilations, MostDilations);
            Array.ForEach(dilations, dilation => rules.Range("resblock_dilation_sizes", dilation, 1, ConfigRules.WidthLimit / 2));
        }

        rules.Mel(config.Mel);
        rules.Require(config.Mel.Normalisation == "none", "mel.normalisation", "\"none\"", config.Mel.Normalisation);
        rules.Require(
            FourierTransform.IsSupported(config.Mel.FftLength), "mel.n_fft",
            $"a power of two from {FourierTransform.ShortestLength} to {FourierTransform.LongestLength}", config.Mel.FftLength);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(GriffinLimConfig))]
    private sealed partial class GriffinLimJson : JsonSerializerContext;
}
