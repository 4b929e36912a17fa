using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// WaveNet vocoders, in the layouts of r9y9/wavenet_vocoder (<see cref="R9y9Layout"/>) and of NVIDIA/nv-wavenet (<see cref="NvidiaLayout"/>).
/// </summary>
internal sealed partial class WaveNetFormat : VocoderFormat<WaveNetConfig>
{
    private const long MostPast = 1L << 26;
    private const int MostLayers = 256;
    private const int MostCycle = 16;
    private const int MostChannels = 4096;
    private const int MostTaps = 63;
    private const int MostContext = 64;
    private const int MostScales = 16;
    private const int MostScale = 4095;
    private const int MostWindow = 1 << 14;
    private const int MostSpeakers = 1 << 16;

    /// <summary>The only instance.</summary>
    public static WaveNetFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => WaveNetConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "WaveNet";

    /// <inheritdoc/>
    protected override JsonTypeInfo<WaveNetConfig> Json => WaveNetJson.Default.WaveNetConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(WaveNetConfig config) => WaveNetTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        var isNvidia = import.PrefixOf(NvidiaLayout.Landmark) is not null;
        if ((import.PrefixOf(NvidiaLayout.Landmark) ?? import.PrefixOf(R9y9Layout.Landmark)) is not { } prefix)
        {
            return null;
        }

        var (weights, path) = (WeightNorm.Fold(import.Renamed(prefix, name => name)), import.Checkpoint.Path);
        var notes = new List<string>();
        var source = import.Given ?? import.Inside ?? import.Beside(IsMeant, "hparams.json") ?? import.Beside(IsMeant);
        var config = isNvidia ? NvidiaLayout.Infer(weights) : R9y9Layout.Infer(weights);
        notes.Add($"{config.Layers} layers of {config.ResidualChannels} channels, widths read off the tensors.");
        if (source is not null)
        {
            config = isNvidia ? NvidiaLayout.Complete(config, source, path) : R9y9Layout.Complete(config, source, path);
            notes.Add($"The config is {source.Source}.");
            var unsaid = isNvidia ? NvidiaLayout.Unsaid(source) : R9y9Layout.Unsaid(source, config);
            if (unsaid.Count > 0)
            {
                notes.Add($"It does not say {string.Join(", ", unsaid)}, which tensors do not tell either: taken as in the public recipe.");
            }
        }
        else
        {
            notes.Add($"No config was given: dilations that begin anew after {config.DilationCycle} layers, and the mel and the finish of the public "
                + "recipe; give --config hparams.json or config.json if the voice sounds wrong.");
        }

        if (config.Mel.Normalisation.StartsWith("mean-variance", StringComparison.Ordinal))
        {
            (weights, var mel) = StatisticsImport.Join(import, weights, config.Mel, notes);
            config = config with { Mel = mel };
        }

        Check(config, path, source);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, source?.Source);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(WaveNetConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new WaveNetVocoder(folder.Config<WaveNetConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(WaveNetConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        rules.Mel(config.Mel);
        rules.Require(
            Enum.IsDefined(config.Layout) && Enum.IsDefined(config.InputType) && Enum.IsDefined(config.Distribution)
            && Enum.IsDefined(config.SkipSum) && Enum.IsDefined(config.Upsampling), "layout", "a layout that there is", config.Layout);
        rules.Range("layers", config.Layers, 1, MostLayers);
        rules.Range("dilation_cycle", config.DilationCycle, 1, MostCycle);
        rules.Range("kernel_size", config.Kernel, 1, MostTaps);
        rules.Range("residual_channels", config.ResidualChannels, 1, MostChannels);
        rules.Range("gate_channels", config.GateChannels, 2, MostChannels);
        rules.Require(config.GateChannels % 2 == 0, "gate_channels", "an even number", config.GateChannels);
        rules.Range("skip_out_channels", config.SkipChannels, 1, MostChannels);
        rules.Range("gin_channels", config.SpeakerChannels, 0, MostChannels);
        rules.Range("n_speakers", config.Speakers, config.SpeakerChannels > 0 ? 1 : 0, MostSpeakers);
        CheckPast(config, rules);
        CheckSamples(config, rules);
        CheckUpsampling(config, rules);
        CheckLayout(config, rules);
    }

    // What every utterance keeps of its layers' inputs: a few weights with many taps, far apart, could else ask for all memory.
    private static void CheckPast(WaveNetConfig config, ConfigRules rules)
    {
        var steps = 0L;
        for (var layer = 0; layer < config.Layers; layer++)
        {
            steps += (config.Kernel - 1L) << (layer % config.DilationCycle);
        }

        rules.Require(
            steps * config.ResidualChannels <= MostPast, "layers",
            $"layers that look at no more than {MostPast} numbers of the past together (steps x residual_channels)", steps * config.ResidualChannels);
    }

    private static void CheckSamples(WaveNetConfig config, ConfigRules rules)
    {
        rules.Range("quantize_channels", config.QuantizeChannels, 2, 1 << 16);
        rules.Range("out_channels", config.OutputChannels, 2, MostChannels);
        if (config.DrawsClasses)
        {
            rules.Require(config.OutputChannels == config.QuantizeChannels, "out_channels", $"quantize_channels {config.QuantizeChannels}",
                config.OutputChannels);
            rules.Range("first_class", config.FirstClass, 0, config.QuantizeChannels - 1);
        }
        else
        {
            var isNormal = config.Distribution == SampleDistribution.Normal;
            rules.Require(
                config.OutputChannels % 3 == 0 || (isNormal && config.OutputChannels == 2), "out_channels",
                isNormal ? "2 or a multiple of 3" : "a multiple of 3", config.OutputChannels);
        }

        rules.Require(config.LeastLogScale is null || float.IsFinite(config.LeastLogScale.Value), "log_scale_min", "a number", config.LeastLogScale);
        rules.Require(config.Deemphasis is >= 0 and < 1, "deemphasis", "from 0 to less than 1", config.Deemphasis);
        rules.Require(config.Gain > 0 && float.IsFinite(config.Gain), "global_gain_scale", "a positive number", config.Gain);
    }

    private static void CheckUpsampling(WaveNetConfig config, ConfigRules rules)
    {
        if (config.Upsampling == Upsampling.Transposed)
        {
            rules.Range("upsample_window", config.UpsampleWindow, config.Mel.HopLength, MostWindow);
            return;
        }

        rules.Count("upsample_scales", config.UpsampleScales, MostScales);
        foreach (var scale in config.UpsampleScales)
        {
            rules.Range("upsample_scales", scale, 1, MostScale);
        }

        rules.Range("freq_axis_kernel_size", config.FrequencyKernel, 1, MostTaps);
        rules.Require(config.FrequencyKernel % 2 == 1, "freq_axis_kernel_size", "an odd number", config.FrequencyKernel);
        rules.Range("cin_pad", config.ContextFrames, 0, MostContext);
        var hop = HopLength.Of(config.UpsampleScales);
        rules.Require(hop == config.Mel.HopLength, "mel.hop_length", $"{hop}, the product of upsample_scales", config.Mel.HopLength);
    }

    private static void CheckLayout(WaveNetConfig config, ConfigRules rules)
    {
        var isNvidia = config.Layout == WaveNetLayout.Nvidia;
        rules.Require(
            isNvidia == (config.Upsampling == Upsampling.Transposed), "upsampling", "\"transposed\" in the layout nv and in no other",
            config.Upsampling);
        rules.Require(
            !isNvidia || (config.DrawsClasses && config.SpeakerChannels == 0), "input_type", "\"mulaw-quantize\" and no speakers in the layout nv",
            config.InputType);
    }

    private static bool IsMeant(SourceConfig config) =>
        config.Has("wavenet_config") || config.Text("model_type") == WaveNetConfig.TypeName || R9y9Layout.IsMeant(config);

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(WaveNetConfig))]
    private sealed partial class WaveNetJson : JsonSerializerContext;
}
