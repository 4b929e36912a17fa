using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>Tacotron 2, in the spellings of NVIDIA and of torchaudio (<see cref="Tacotron2Layout"/>).</summary>
internal sealed partial class Tacotron2Format : AcousticFormat<Tacotron2Config>
{
    /// <summary>The only instance.</summary>
    public static Tacotron2Format Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => Tacotron2Config.TypeName;

    /// <inheritdoc/>
    public override string Title => "Tacotron 2";

    /// <inheritdoc/>
    protected override JsonTypeInfo<Tacotron2Config> Json => Tacotron2Json.Default.Tacotron2Config;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(Tacotron2Config config) => Tacotron2Tensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        if (import.PrefixOf(Tacotron2Layout.Landmark) is not { } prefix)
        {
            return null;
        }

        var (weights, path) = (import.Renamed(prefix, Tacotron2Layout.Canonical), import.Checkpoint.Path);
        var config = Tacotron2Layout.Infer(weights);
        var notes = new List<string> { $"{config.Symbols} symbols, {config.FramesPerStep} frames a step, widths read off the tensors." };
        SourceConfig?[] claims = [import.Inside, import.Given ?? import.Beside(file => file.Text("model_type") == Type)];
        foreach (var claimed in claims)
        {
            if (claimed is not null)
            {
                Tacotron2Layout.CheckAgainst(config, claimed, path);
                config = config with { Mel = MelSource.Read(claimed, config.Mel) };
                notes.Add($"The widths agree with {claimed.Source}.");
            }
        }

        Check(config, path, claims);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, claims.LastOrDefault(claim => claim is not null)?.Source);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(Tacotron2Config config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new Tacotron2Model(folder.Config<Tacotron2Config>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(Tacotron2Config config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        foreach (var (name, value) in Tacotron2Layout.Widths(config))
        {
            rules.Range(name, value, 1, name.EndsWith("n_convolutions", StringComparison.Ordinal) ? ConfigRules.CountLimit : ConfigRules.WidthLimit);
        }

        var isJoined = config.SymbolsEmbedding == config.EncoderEmbedding;
        rules.Require(isJoined, "symbols_embedding_dim", $"{config.EncoderEmbedding}, as encoder_embedding_dim", config.SymbolsEmbedding);
        rules.Require(config.EncoderEmbedding % 2 == 0, "encoder_embedding_dim", "an even number", config.EncoderEmbedding);
        rules.Require(config.PostnetConvolutions >= 2, "postnet_n_convolutions", "at least 2", config.PostnetConvolutions);
        foreach (var (name, kernel) in (ReadOnlySpan<(string, int)>)
            [
                ("encoder_kernel_size", config.EncoderKernel),
                ("attention_location_kernel_size", config.LocationKernel),
                ("postnet_kernel_size", config.PostnetKernel),
            ])
        {
            rules.Require(kernel % 2 == 1, name, "an odd number, which keeps the length", kernel);
        }

        rules.Mel(config.Mel);
        rules.Require(config.Mel.MelBands == config.MelBands, "mel.mel_bands", $"{config.MelBands}, as n_mel_channels", config.Mel.MelBands);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(Tacotron2Config))]
    private sealed partial class Tacotron2Json : JsonSerializerContext;
}
