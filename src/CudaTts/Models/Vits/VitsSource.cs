using CudaTts.Weights;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Models.Vits;

/// <summary>
/// Where a checkpoint's sizes and the rest of its config are: a Piper's training checkpoint has the sizes among its hyper-parameters, and what else
/// is to know in a config.json that has no sizes; jaywalnut310's has both in its config.json.
/// </summary>
internal sealed class VitsSource
{
    private const string PiperModule = "model_g.";

    /// <param name="import">The checkpoint.</param>
    /// <param name="prefix">What the names of the network's tensors begin with.</param>
    public VitsSource(CheckpointImport import, string prefix)
    {
        var path = import.Checkpoint.Path;
        Config = import.Given ?? import.Beside(IsMeant, $"{System.IO.Path.GetFileName(path)}.json") ?? import.Beside(IsMeant);
        Sizes = HyperParameters(import.Checkpoint) ?? Within(import.Inside) ?? Within(Config);
        IsPiper = Config is not null ? IsPiperConfig(Config)
            : prefix.EndsWith(PiperModule, StringComparison.Ordinal) || VitsGraph.IsPiper(import.Checkpoint);
        if (import.Given is { } given && !IsMeant(given))
        {
            throw new WeightsException(
                $"{given.Source}: expected the config of a VITS, with model and data, or of a Piper, with phoneme_id_map; found neither.");
        }
    }

    /// <summary>What has the sizes, if anything.</summary>
    public SourceConfig? Sizes { get; }

    /// <summary>What has the rest, if anything.</summary>
    public SourceConfig? Config { get; }

    /// <summary>Whether the network is a Piper.</summary>
    public bool IsPiper { get; }

    private static bool IsMeant(SourceConfig config) =>
        IsPiperConfig(config) || Within(config) is not null || config.Text("model_type") == VitsConfig.TypeName;

    private static bool IsPiperConfig(SourceConfig config) => config.Has("phoneme_id_map");

    private static SourceConfig? Within(SourceConfig? config) =>
        config is null ? null : config.Has("upsample_rates") ? config : HasModel(config) ? config.Section("model") : null;

    private static bool HasModel(SourceConfig config) => config.Has("model") && config.Section("model")!.Has("upsample_rates");

    // PyTorch Lightning keeps them as a dict, or as a class that is one.
    private static SourceConfig? HyperParameters(CheckpointFile checkpoint)
    {
        var values = (checkpoint.Root as DictionaryNode)?.Get("hyper_parameters") switch
        {
            DictionaryNode dictionary => dictionary,
            InertNode inert => inert.Pairs,
            _ => null,
        };
        return values?.Get("upsample_rates") is null ? null : new SourceConfig($"{checkpoint.Path}: hyper_parameters", values);
    }
}
