using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Models.WaveGlow;

/// <summary>
/// Recognises the three generations of public WaveGlow checkpoints and reads their widths off their tensors. The first has <c>res_layers</c> and
/// <c>skip_layers</c>, the first and the second <c>cond_layers</c>, where the current one has <c>res_skip_layers</c> and one <c>cond_layer</c>.
/// </summary>
internal static class WaveGlowLayout
{
    /// <summary>A beginning of names that tells where the network begins.</summary>
    public const string Landmark = "WN.0.start.";

    /// <summary>The names under which the first release's modules were pickled; it transformed the halves in turn.</summary>
    private const string FirstReleaseModule = "glow_old";

    /// <summary>The current generation's tensors of any generation's, weight norm folded in.</summary>
    public static ModelWeights Upgrade(ModelWeights folded)
    {
        var entries = folded.Names.ToDictionary(name => name, folded.Entry);
        for (var flow = 0; folded.Contains($"WN.{flow}.start.weight"); flow++)
        {
            var layers = Count(folded, $"WN.{flow}.in_layers.{{0}}.weight");
            foreach (var part in (string[])["weight", "bias"])
            {
                string Name(string list, int layer) => $"WN.{flow}.{list}.{layer}.{part}";
                if (entries.ContainsKey(Name("cond_layers", 0)))
                {
                    var names = Enumerable.Range(0, layers).Select(layer => Name("cond_layers", layer));
                    Join(folded, entries, $"WN.{flow}.cond_layer.{part}", [.. names]);
                }

                for (var layer = 0; layer < layers && entries.ContainsKey(Name("skip_layers", layer)); layer++)
                {
                    string[] names = entries.ContainsKey(Name("res_layers", layer)) ? [Name("res_layers", layer), Name("skip_layers", layer)]
                        : [Name("skip_layers", layer)];
                    Join(folded, entries, Name("res_skip_layers", layer), names);
                }
            }
        }

        return new ModelWeights(folded.Source, entries);
    }

    /// <summary>Whether the checkpoint's pickled module is of the first release.</summary>
    public static bool IsFirstRelease(object? root) => root switch
    {
        InertNode module => module.Type.Module.Split('.').Contains(FirstReleaseModule),
        DictionaryNode dictionary => IsFirstRelease(dictionary.Get("model") as InertNode),
        _ => false,
    };

    /// <summary>
    /// The widths that the tensors have; the hop, which leaves no trace, is a quarter of the upsampling's kernel as in the public models.
    /// </summary>
    /// <exception cref="WeightsException">A tensor is missing or has another number of dimensions.</exception>
    public static WaveGlowConfig Infer(ModelWeights upgraded)
    {
        var upsample = upgraded.ShapeOf("upsample.weight", 3);
        var flows = Count(upgraded, "convinv.{0}.conv.weight");
        var widths = Enumerable.Range(0, flows).Select(flow => upgraded.ShapeOf($"convinv.{flow}.conv.weight", 3)[0]).ToArray();
        var group = widths.Length > 0 ? widths[0] : throw new WeightsException($"{upgraded.Source}: tensor 'convinv.0.conv.weight' is missing.");
        var first = Array.FindIndex(widths, width => width != group);
        var fallback = new WaveGlowConfig();
        return new WaveGlowConfig
        {
            Flows = flows,
            Group = group,
            EarlyEvery = first < 0 ? fallback.EarlyEvery : first,
            EarlySize = first < 0 && flows > fallback.EarlyEvery ? 0 : first < 0 ? fallback.EarlySize : group - widths[first],
            Layers = Count(upgraded, "WN.0.in_layers.{0}.weight"),
            Channels = upgraded.ShapeOf("WN.0.start.weight", 3)[0],
            Kernel = upgraded.ShapeOf("WN.0.in_layers.0.weight", 3)[2],
            UpsampleKernel = upsample[2],
            Mel = fallback.Mel with { MelBands = upsample[0], HopLength = Math.Max(1, upsample[2] / 4) },
        };
    }

    /// <summary>The config with what tensors do not tell, checked against what they do.</summary>
    /// <exception cref="WeightsException">The source claims another width.</exception>
    public static WaveGlowConfig Complete(WaveGlowConfig config, SourceConfig source, string checkpoint)
    {
        var network = source.Section("waveglow_config") ?? source;
        var layers = network.Section("WN_config") ?? network;
        foreach (var (section, key, found) in ((SourceConfig, string, int)[])
        [
            (network, "n_mel_channels", config.Mel.MelBands),
            (network, "n_flows", config.Flows),
            (network, "n_group", config.Group),
            (layers, "n_layers", config.Layers),
            (layers, "n_channels", config.Channels),
            (layers, "kernel_size", config.Kernel),
        ])
        {
            if (section.Integer(key) is { } claimed && claimed != found)
            {
                throw new WeightsException($"{section.Source}: {key}: expected {found}, which the tensors of {checkpoint} have, found {claimed}.");
            }
        }

        return config with
        {
            EarlyEvery = network.Integer("n_early_every") ?? config.EarlyEvery,
            EarlySize = network.Integer("n_early_size") ?? config.EarlySize,
            AlternateHalves = source.Flag("alternate_halves") ?? config.AlternateHalves,
            Sigma = (float)(source.Number("sigma") ?? config.Sigma),
            Mel = MelSource.Read(source.Section("data_config") ?? source, config.Mel),
        };
    }

    // Tensors of one type, one after the other along the first dimension.
    private static void Join(ModelWeights weights, Dictionary<string, WeightEntry> entries, string joined, string[] names)
    {
        var parts = names.Select(weights.Entry).ToList();
        foreach (var part in parts)
        {
            if (part.Type != parts[0].Type || part.Shape.Length == 0 || !part.Shape.AsSpan(1).SequenceEqual(parts[0].Shape.AsSpan(1)))
            {
                throw new WeightsException(
                    $"{weights.Source}: tensors '{names[0]}' and its like: expected one type and width, "
                    + $"found {parts[0].Type} {Tensor.Describe(parts[0].Shape)} and {part.Type} {Tensor.Describe(part.Shape)}.");
            }
        }

        int[] shape = [parts.Sum(part => part.Shape[0]), .. parts[0].Shape[1..]];
        var bytes = parts.SelectMany(part => part.Bytes.ToArray()).ToArray();
        Array.ForEach(names, name => entries.Remove(name));
        if (!entries.TryAdd(joined, new WeightEntry(parts[0].Type, shape, bytes)))
        {
            throw new WeightsException($"{weights.Source}: tensor '{joined}' is there both joined and in parts.");
        }
    }

    private static int Count(ModelWeights weights, string pattern)
    {
        var count = 0;
        while (weights.Contains(pattern.Replace("{0}", $"{count}", StringComparison.Ordinal)))
        {
            count++;
        }

        return count;
    }
}
