using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// The Parallel WaveGAN generator, in kan-bayashi's spelling (<see cref="ParallelWaveGanLayout"/>), with the statistics of its mel.
/// </summary>
internal sealed partial class ParallelWaveGanFormat : VocoderFormat<ParallelWaveGanConfig>
{
    private const int MostLayers = 256;
    private const int MostLayersOfStack = 16;
    private const int MostChannels = 4096;
    private const int MostTaps = 63;
    private const int MostContext = 64;
    private const int MostScales = 16;
    private const int MostScale = 4095;

    /// <summary>The only instance.</summary>
    public static ParallelWaveGanFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => ParallelWaveGanConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "Parallel WaveGAN";

    /// <inheritdoc/>
    protected override JsonTypeInfo<ParallelWaveGanConfig> Json => ParallelWaveGanJson.Default.ParallelWaveGanConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(ParallelWaveGanConfig config) => ParallelWaveGanTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        if (import.PrefixOf(ParallelWaveGanLayout.Confirmation) is not { } prefix)
        {
            return null;
        }

        var (weights, path) = (WeightNorm.Fold(import.Renamed(prefix, name => name)), import.Checkpoint.Path);
        var config = ParallelWaveGanLayout.Infer(weights);
        var notes = new List<string> { $"{config.Layers} layers of {config.ResidualChannels} channels, widths read off the tensors." };
        var source = import.Given ?? import.Inside ?? import.Beside(KanBayashiSource.IsMeant, KanBayashiSource.FileName)
            ?? import.Beside(KanBayashiSource.IsMeant);
        if (source is not null)
        {
            config = ParallelWaveGanLayout.Complete(config, source, path);
        }

        notes.Add(source is null
            ? $"No config was given: {config.Stacks} stacks of dilations and the mel of the public LJSpeech recipe; "
            + "give --config config.yml if the voice sounds wrong."
            : $"The config is {source.Source}.");
        (weights, var mel) = StatisticsImport.Join(import, weights, config.Mel, notes);
        config = config with { Mel = mel };
        Check(config, path, source);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, source?.Source);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(ParallelWaveGanConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new ParallelWaveGanGenerator(folder.Config<ParallelWaveGanConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(ParallelWaveGanConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        rules.Mel(config.Mel);
        rules.Range("layers", config.Layers, 1, MostLayers);
        rules.Range("stacks", config.Stacks, 1, MostLayers);
        var isDivided = config.Layers % config.Stacks == 0 && config.Layers / config.Stacks <= MostLayersOfStack;
        rules.Require(
            isDivided, "stacks", $"a divisor of the {config.Layers} layers that gives each stack at most {MostLayersOfStack}", config.Stacks);
        rules.Range("kernel_size", config.Kernel, 1, MostTaps);
        rules.Require(config.Kernel % 2 == 1, "kernel_size", "an odd number", config.Kernel);
        rules.Range("residual_channels", config.ResidualChannels, 1, MostChannels);
        rules.Range("gate_channels", config.GateChannels, 1, MostChannels);
        rules.Require(config.GateChannels % 2 == 0, "gate_channels", "an even number", config.GateChannels);
        rules.Range("skip_channels", config.SkipChannels, 1, MostChannels);
        rules.Range("aux_context_window", config.ContextWindow, 0, MostContext);
        rules.Count("upsample_scales", config.UpsampleScales, MostScales);
        foreach (var scale in config.UpsampleScales)
        {
            rules.Range("upsample_scales", scale, 1, MostScale);
        }

        var hop = HopLength.Of(config.UpsampleScales);
        rules.Require(hop == config.Mel.HopLength, "mel.hop_length", $"{hop}, the product of upsample_scales", config.Mel.HopLength);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(ParallelWaveGanConfig))]
    private sealed partial class ParallelWaveGanJson : JsonSerializerContext;
}
