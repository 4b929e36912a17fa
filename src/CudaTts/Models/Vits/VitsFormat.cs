using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.Vits;

/// <summary>VITS, in the spellings of jaywalnut310 and of Piper (<see cref="VitsLayout"/>).</summary>
internal sealed partial class VitsFormat : SpeechFormat<VitsConfig>
{
    private const int MostSpeakers = 1 << 16;

    // Of jaywalnut310/vits, text/symbols.py.
    private const int PublicSymbols = 178;

    // As of a break in a document.
    private const int LongestSilence = 60;

    /// <summary>The only instance.</summary>
    public static VitsFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => VitsConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "VITS";

    /// <inheritdoc/>
    protected override JsonTypeInfo<VitsConfig> Json => VitsJson.Default.VitsConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(VitsConfig config) => VitsTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        import = import.With(VitsGraph.Complete(import.Checkpoint));
        if (import.PrefixOf(VitsLayout.Landmark) is not { } prefix)
        {
            return null;
        }

        var weights = WeightNorm.Fold(VitsLayout.ForSpeaking(import.Renamed(prefix, name => name)));
        var source = new VitsSource(import, prefix);
        var notes = new List<string>();
        var config = VitsLayout.Config(weights, source, notes);
        Check(config, import.Checkpoint.Path, source.Config, source.Sizes);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, source.Sizes?.Source);
    }

    /// <inheritdoc/>
    protected override AcousticModel LoadAcoustic(ModelFolder folder, ComputeDevice device) =>
        new VitsAcoustic(folder.Config<VitsConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override Vocoder LoadVocoder(ModelFolder folder, ComputeDevice device) =>
        new VitsDecoder(folder.Config<VitsConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override TaughtText TextOf(VitsConfig config, out string? whyNot)
    {
        whyNot = config.Text switch
        {
            { Kind: VitsText.PiperKind, PhonemeIdMap.Count: 0 } =>
                "the voice's .json with its phoneme_id_map was not beside it nor given with --config",
            { Kind: VitsText.VitsKind } when config.Symbols != PublicSymbols || !config.AddsBlanks =>
                $"the network does not read the {PublicSymbols} public symbols with blanks between them",
            { Kind: VitsText.VitsKind, EspeakVoice: null } => "which language the network speaks is not in its config",
            _ => null,
        };
        return config.Text.Taught;
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(VitsConfig config) => config.Latent;

    /// <inheritdoc/>
    protected override void Check(VitsConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        foreach (var (name, width) in VitsLayout.Widths(config))
        {
            rules.Range(name, width, 1, name == "n_layers" ? ConfigRules.CountLimit : ConfigRules.WidthLimit);
        }

        rules.Require(config.InterChannels % 2 == 0, "inter_channels", "an even number", config.InterChannels);
        rules.Require(
            config.HiddenChannels % config.Heads == 0, "hidden_channels", $"a multiple of n_heads {config.Heads}", config.HiddenChannels);
        rules.Range("n_speakers", config.Speakers, 0, MostSpeakers);
        rules.Range("gin_channels", config.SpeakerChannels, config.Speakers > 0 ? 1 : 0, ConfigRules.WidthLimit);
        config.Decoder.Check(rules);
        var least = config.ResidualBlock == "1" ? 3 : 2;
        foreach (var dilations in config.ResidualDilations)
        {
            rules.Require(
                dilations.Length == least, "resblock_dilation_sizes", $"lists of {least}, as resblock \"{config.ResidualBlock}\" has",
                dilations.Length);
        }

        rules.Range("sampling_rate", config.SampleRate, 1000, 1_000_000);
        rules.Range("filter_length", config.FftLength, 16, ConfigRules.WidthLimit);
        rules.Require(
            config.Decoder.Hop is >= 1 and <= ConfigRules.WidthLimit, "upsample_rates", $"numbers whose product is 1 to {ConfigRules.WidthLimit}",
            config.Decoder.Hop);
        foreach (var (name, factor) in VitsLayout.Factors(config))
        {
            rules.Require(factor is >= 0 and <= 100, name, "0 to 100", factor);
        }

        rules.Require(config.LengthScale > 0, "length_scale", "above 0", config.LengthScale);
        CheckText(config, rules);
    }

    private static void CheckText(VitsConfig config, ConfigRules rules)
    {
        var text = config.Text;
        rules.Require(
            text.Kind is VitsText.VitsKind or VitsText.PiperKind, "text.kind", $"\"{VitsText.VitsKind}\" or \"{VitsText.PiperKind}\"", text.Kind);
        foreach (var (phoneme, ids) in text.PhonemeIdMap)
        {
            foreach (var id in ids)
            {
                rules.Range($"text.phoneme_id_map: '{phoneme}'", id, 0, config.Symbols - 1);
            }
        }

        foreach (var (phoneme, seconds) in text.PhonemeSilence)
        {
            rules.Require(
                seconds is >= 0 and <= LongestSilence, $"text.phoneme_silence: '{phoneme}'", $"seconds, 0 to {LongestSilence}", seconds);
        }

        foreach (var (speaker, number) in text.SpeakerIdMap)
        {
            rules.Range($"text.speaker_id_map: '{speaker}'", number, 0, Math.Max(0, config.Speakers - 1));
        }
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(VitsConfig))]
    private sealed partial class VitsJson : JsonSerializerContext;
}
