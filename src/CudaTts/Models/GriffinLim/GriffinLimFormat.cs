using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.GriffinLim;

/// <summary>Griffin-Lim with a spectrogram network, as this project's training writes it: no public checkpoint of its layout is known.</summary>
internal sealed partial class GriffinLimFormat : VocoderFormat<GriffinLimConfig>
{
    private const int MostBlocks = 16;
    private const int MostDilations = 16;

    // Frames over a sample: phases of more cost memory and tell nothing.
    private const int MostOverlap = 64;

    /// <summary>The only instance.</summary>
    public static GriffinLimFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => GriffinLimConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "Griffin-Lim with a spectrogram network";

    /// <inheritdoc/>
    protected override JsonTypeInfo<GriffinLimConfig> Json => GriffinLimJson.Default.GriffinLimConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(GriffinLimConfig config) => GriffinLimTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        // A HiFi-GAN's first layers have the same names; it goes on to raise the rate.
        if (import.PrefixOf("conv_pre.") is not { } prefix
            || import.Checkpoint.Entries.Keys.Any(name => name.StartsWith($"{prefix}ups.", StringComparison.Ordinal)))
        {
            return null;
        }

        bool IsMeant(SourceConfig config) => config.Text("model_type") == Type;
        var source = import.Given ?? (import.Inside is { } inside && IsMeant(inside) ? inside : import.Beside(IsMeant));
        if (source is null || !IsMeant(source))
        {
            return null;
        }

        var fallback = new GriffinLimConfig();
        var config = new GriffinLimConfig
        {
            Channels = source.Integer("channels") ?? fallback.Channels,
            ResidualDilations = source.IntegerLists("resblock_dilation_sizes") ?? fallback.ResidualDilations,
            Mel = MelSource.Read(source, fallback.Mel) with { MelBands = source.Section("mel")?.Integer("mel_bands") ?? fallback.Mel.MelBands },
        };
        Check(config, import.Checkpoint.Path, source);
        return new ConvertedModel(
            Type, Write(config), import.Renamed(prefix, name => name), Expected(config), [$"The config is {source.Source}."], source.Source);
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
        rules.Range("mel.mel_bands", config.Mel.MelBands, 1, MelFilterBank.MostBands);
        var (hop, least) = (config.Mel.HopLength, Ceiling.Of(config.Mel.FftLength, MostOverlap));
        rules.Require(
            hop >= least && hop <= config.Mel.WindowLength, "mel.hop_length", $"{least} to window_length {config.Mel.WindowLength}", hop);
        rules.Require(
            FourierTransform.IsSupported(config.Mel.FftLength), "mel.n_fft",
            $"a power of two from {FourierTransform.ShortestLength} to {FourierTransform.LongestLength}", config.Mel.FftLength);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(GriffinLimConfig))]
    private sealed partial class GriffinLimJson : JsonSerializerContext;
}
