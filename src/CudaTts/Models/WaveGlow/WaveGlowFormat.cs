using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.WaveGlow;

/// <summary>WaveGlow, in the spellings of all its public releases (<see cref="WaveGlowLayout"/>).</summary>
internal sealed partial class WaveGlowFormat : VocoderFormat<WaveGlowConfig>
{
    private const int MostFlows = 64;
    private const int MostGroup = 64;
    private const int MostLayers = 16;
    private const int MostChannels = 4096;
    private const int MostTaps = 63;
    private const int MostUpsampleTaps = 1 << 14;

    /// <summary>The only instance.</summary>
    public static WaveGlowFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => WaveGlowConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "WaveGlow";

    /// <inheritdoc/>
    protected override JsonTypeInfo<WaveGlowConfig> Json => WaveGlowJson.Default.WaveGlowConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(WaveGlowConfig config) => WaveGlowTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        if (import.PrefixOf(WaveGlowLayout.Landmark) is not { } prefix)
        {
            return null;
        }

        var (weights, path) = (WaveGlowLayout.Upgrade(WeightNorm.Fold(import.Renamed(prefix, name => name))), import.Checkpoint.Path);
        var config = WaveGlowLayout.Infer(weights) with { AlternateHalves = WaveGlowLayout.IsFirstRelease(import.Checkpoint.Root) };
        var notes = new List<string>
        {
            $"{config.Channels} channels, {config.Flows} steps of the flow of {config.Layers} layers, widths read off the tensors.",
        };
        var beside = import.Given ?? import.Beside(file => file.Has("waveglow_config") || file.Text("model_type") == Type);
        SourceConfig?[] claims = [import.Inside, beside];
        foreach (var claimed in claims)
        {
            if (claimed is not null)
            {
                config = WaveGlowLayout.Complete(config, claimed, path);
                notes.Add($"The widths agree with {claimed.Source}.");
            }
        }

        if (config.AlternateHalves)
        {
            notes.Add("A model of the first release: odd steps of its flow transform the other half of the channels.");
        }

        Check(config, path, claims);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, claims.LastOrDefault(claim => claim is not null)?.Source);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(WaveGlowConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new WaveGlowGenerator(folder.Config<WaveGlowConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(WaveGlowConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        rules.Mel(config.Mel);
        rules.Range("n_flows", config.Flows, 1, MostFlows);
        rules.Range("n_group", config.Group, 2, MostGroup);
        rules.Require(config.Group % 2 == 0, "n_group", "an even number", config.Group);
        rules.Range("n_early_every", config.EarlyEvery, 1, int.MaxValue);
        rules.Require(config.EarlySize >= 0 && config.EarlySize % 2 == 0, "n_early_size", "an even number from 0 on", config.EarlySize);
        var staying = config.Group - ((config.Flows - 1L) / config.EarlyEvery * config.EarlySize);
        rules.Require(staying >= 2, "n_early_size", $"so few channels that 2 of the {config.Group} of n_group stay to the end", config.EarlySize);
        rules.Range("n_layers", config.Layers, 1, MostLayers);
        rules.Range("n_channels", config.Channels, 1, MostChannels);
        rules.Range("kernel_size", config.Kernel, 1, MostTaps);
        rules.Require(config.Kernel % 2 == 1, "kernel_size", "an odd number", config.Kernel);
        var hop = config.Mel.HopLength;
        rules.Require(hop % config.Group == 0, "mel.hop_length", $"a multiple of n_group {config.Group}", hop);
        rules.Range("upsample_kernel_size", config.UpsampleKernel, hop, MostUpsampleTaps);
        rules.Require(config.UpsampleKernel % config.Group == 0, "upsample_kernel_size", $"a multiple of n_group {config.Group}",
            config.UpsampleKernel);
        rules.Require(config.Sigma >= 0 && float.IsFinite(config.Sigma), "sigma", "a number from 0 on", config.Sigma);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(WaveGlowConfig))]
    private sealed partial class WaveGlowJson : JsonSerializerContext;
}
