using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Weights;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Models.FastPitch;

/// <summary>FastPitch 1.0 and 1.1, in the layouts of NVIDIA/DeepLearningExamples and of NVIDIA/NeMo (<see cref="FastPitchLayout"/>).</summary>
internal sealed partial class FastPitchFormat : AcousticFormat<FastPitchConfig>
{
    // A convolution of more taps would see more of a sentence than attention is there for; no network has them.
    private const int MostTaps = 1023;

    /// <summary>The only instance.</summary>
    public static FastPitchFormat Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => FastPitchConfig.TypeName;

    /// <inheritdoc/>
    public override string Title => "FastPitch";

    /// <inheritdoc/>
    protected override JsonTypeInfo<FastPitchConfig> Json => FastPitchJson.Default.FastPitchConfig;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, int[] Shape)> Expected(FastPitchConfig config) => FastPitchTensors.Expected(config);

    /// <inheritdoc/>
    public override ConvertedModel? Import(CheckpointImport import)
    {
        if (FastPitchLayout.PrefixOf(import) is not { } prefix)
        {
            return null;
        }

        var (weights, path) = (FastPitchLayout.WithoutAligner(import.Renamed(prefix, name => name)), import.Checkpoint.Path);
        var config = FastPitchLayout.Infer(weights);
        var notes = new List<string>
        {
            $"FastPitch {(config.HasEnergy ? "1.1, with energy" : "without energy, as 1.0 is")}: {config.Symbols} symbols, "
            + $"{(config.SpeakerCount > 1 ? $"{config.SpeakerCount} speakers" : "one voice")}, widths read off the tensors.",
        };
        if (FastPitchLayout.IsAveraged(prefix))
        {
            notes.Add("The averaged weights (ema_state_dict) are taken.");
        }

        var isNeMo = FastPitchLayout.IsNeMo(prefix);
        var claims = isNeMo ? [import.Given ?? import.Inside ?? import.Beside(_ => true, NeMoArchive.ConfigName)] : Claims(import);
        config = isNeMo ? CompleteNeMo(claims[0], path, config, notes) : Complete(claims, path, config, notes);
        Check(config, path, claims);
        return new ConvertedModel(Type, Write(config), weights, Expected(config), notes, claims.LastOrDefault(claim => claim is not null)?.Source);
    }

    /// <inheritdoc/>
    protected override MelContract MelOf(FastPitchConfig config) => config.Mel;

    /// <inheritdoc/>
    protected override Model Load(ModelFolder folder, ComputeDevice device) =>
        new FastPitchModel(folder.Config<FastPitchConfig>(), folder.Weights, device);

    /// <inheritdoc/>
    protected override void Check(FastPitchConfig config, ConfigRules rules)
    {
        rules.Type(config.ModelType, Type);
        foreach (var (name, value) in FastPitchLayout.Widths(config))
        {
            var isKernel = name.EndsWith("kernel_size", StringComparison.Ordinal);
            var isCount = name.EndsWith("n_layers", StringComparison.Ordinal) || name.EndsWith("n_heads", StringComparison.Ordinal);
            rules.Range(name, value, 1, isKernel ? MostTaps : isCount ? ConfigRules.CountLimit : ConfigRules.WidthLimit);
            rules.Require(!isKernel || value % 2 == 1, name, "an odd number, which keeps the length", value);
        }

        foreach (var (name, output) in (ReadOnlySpan<(string, int)>)
            [("in_fft_output_size", config.EncoderOutput), ("out_fft_output_size", config.DecoderOutput)])
        {
            rules.Require(output == config.Width, name, $"{config.Width}, as symbols_embedding_dim", output);
        }

        rules.Require(config.Width % 2 == 0, "symbols_embedding_dim", "an even number, half of it sines", config.Width);
        rules.Range("padding_idx", config.PaddingId, -1, config.Symbols - 1);
        rules.Require(Math.Abs(config.SpeakerWeight) < 1e6, "speaker_emb_weight", "a number of at most a million", config.SpeakerWeight);
        rules.Mel(config.Mel);
        rules.Require(config.Mel.MelBands == config.MelBands, "mel.mel_bands", $"{config.MelBands}, as n_mel_channels", config.Mel.MelBands);
    }

    // What the training was set up with; then the config that is given, which counts for more than the one inside, which counts for more than one
    // that only lies there.
    private static SourceConfig?[] Claims(CheckpointImport import)
    {
        var setup = import.Checkpoint.Root is DictionaryNode root && root.Get("train_setup") is DictionaryNode values
            ? new SourceConfig($"{import.Checkpoint.Path}: train_setup", values) : null;
        return [setup, import.Given ?? import.Inside ?? import.Beside(file => file.Text("model_type") == FastPitchConfig.TypeName)];
    }

    private static FastPitchConfig Complete(SourceConfig?[] claims, string path, FastPitchConfig inferred, List<string> notes)
    {
        if (claims[0] is { } setup)
        {
            inferred = inferred with { Mel = MelSource.Read(setup, inferred.Mel) };
            if (setup.Number("p_arpabet") is { } share)
            {
                notes.Add(FormattableString.Invariant($"Its training gave words as their sounds (p_arpabet) with probability {share}."));
            }
        }

        if (claims[1] is not { } claimed)
        {
            notes.Add("There is no config: one head and padding id 0 are assumed, as the published network has them.");
            return inferred;
        }

        notes.Add($"The widths agree with {claimed.Source}.");
        return FastPitchLayout.Complete(inferred, claimed, path);
    }

    private static FastPitchConfig CompleteNeMo(SourceConfig? given, string path, FastPitchConfig inferred, List<string> notes)
    {
        var source = given is null ? $"one head and the published mel, because there is no {NeMoArchive.ConfigName}" : given.Source;
        notes.Add($"NeMo's layout, with {source}: its symbols are others than NVIDIA's 148, so give ids of its own tokeniser.");
        return NeMoSource.Complete(inferred, given, path);
    }

    [JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(FastPitchConfig))]
    private sealed partial class FastPitchJson : JsonSerializerContext;
}
