using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>A recognised network: its config, its tensors under canonical names, and the tensors that the config asks for.</summary>
/// <param name="Type">The <c>model_type</c>.</param>
/// <param name="ConfigText">The config as JSON text.</param>
/// <param name="Weights">Its tensors.</param>
/// <param name="Expected">Those that the config asks for.</param>
/// <param name="Notes">What the person who converts should know.</param>
/// <param name="ConfigSource">What messages call the file that the config was read from; null where it follows from the tensors alone.</param>
internal sealed record ConvertedModel(
    string Type, string ConfigText, ModelWeights Weights, IEnumerable<(string Name, int[] Shape)> Expected, IReadOnlyList<string> Notes,
    string? ConfigSource = null);

/// <summary>A checkpoint on its way into a model folder, with what lies beside it: what a format's import reads.</summary>
/// <param name="checkpoint">The checkpoint.</param>
/// <param name="given">The config that the caller names, if any.</param>
/// <param name="statisticsPath">The mel statistics that the caller names, if any.</param>
internal sealed class CheckpointImport(CheckpointFile checkpoint, SourceConfig? given = null, string? statisticsPath = null)
{
    private HashSet<string> _leftAside = [];

    /// <summary>The checkpoint that is imported.</summary>
    public CheckpointFile Checkpoint => checkpoint;

    /// <summary>The config that the caller names, if any.</summary>
    public SourceConfig? Given => given;

    /// <summary>The config within the checkpoint, if any.</summary>
    public SourceConfig? Inside => checkpoint.Config is null ? null
        : new SourceConfig($"{checkpoint.Path}: {checkpoint.ConfigName}", checkpoint.Config);

    /// <summary>Configs beside the checkpoint that are none of the network's.</summary>
    public IReadOnlyCollection<string> LeftAside => _leftAside;

    /// <summary>The config of a name beside the checkpoint, where it is the network's.</summary>
    public SourceConfig? Beside(Func<SourceConfig, bool> isMeant, string name = ConfigJson.FileName)
    {
        var path = InFolder(name);
        if (!File.Exists(path))
        {
            return null;
        }

        var config = SourceConfig.Read(path);
        if (isMeant(config))
        {
            return config;
        }

        _leftAside.Add(path);
        return null;
    }

    /// <summary>The mel statistics that the caller names, else those beside the checkpoint, if any.</summary>
    public string? StatisticsPath => statisticsPath ?? ((string[])["stats.h5", "stats.npy"]).Select(InFolder).FirstOrDefault(File.Exists);

    /// <summary>The same import of a checkpoint of which more is known.</summary>
    public CheckpointImport With(CheckpointFile completed) => new(completed, given, statisticsPath) { _leftAside = _leftAside };

    /// <summary>What the names of the one network begin with that has a tensor of this name, or null where there is none.</summary>
    /// <param name="landmark">A tensor's name, or the beginning of one, that the network has.</param>
    /// <exception cref="WeightsException">There is more than one such network.</exception>
    public string? PrefixOf(string landmark)
    {
        var prefixes = checkpoint.Entries.Keys.Select(name => Before(name, landmark)).OfType<string>().Distinct().Take(2).ToList();
        return prefixes.Count < 2
            ? prefixes.FirstOrDefault()
            : throw new WeightsException(
                $"{checkpoint.Path}: holds more than one such network, at '{prefixes[0]}' and '{prefixes[1]}'; save the one that is meant alone.");
    }

    /// <summary>The tensors below a prefix under their canonical names, weight norm as it is.</summary>
    /// <exception cref="WeightsException">A tensor is there under two spellings.</exception>
    public ModelWeights Renamed(string prefix, Func<string, string> canonical)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var (name, entry) in checkpoint.Entries)
        {
            // A batch norm's step count serves training only, and old checkpoints lack it.
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            {
                continue;
            }

            if (!entries.TryAdd(canonical(name[prefix.Length..]), entry))
            {
                throw new WeightsException($"{checkpoint.Path}: tensor '{name}' is there under two spellings.");
            }
        }

        return new ModelWeights(checkpoint.Path, entries);
    }

    private static string? Before(string name, string landmark)
    {
        var at = name.IndexOf(landmark, StringComparison.Ordinal);
        return at == 0 || (at > 0 && name[at - 1] == '.') ? name[..at] : null;
    }

    private string InFolder(string name) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path))!, name);
}
