using System.Text;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.WaveGlow;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Models;

/// <summary>What a conversion did.</summary>
/// <param name="ModelType">"tacotron2", "hifigan", "waveglow" or "parallel_wavegan".</param>
/// <param name="Tensors">Number of tensors written.</param>
/// <param name="Notes">What the person who converts should know, one sentence each.</param>
public sealed record ConversionSummary(string ModelType, int Tensors, IReadOnlyList<string> Notes);

/// <summary>
/// Turns a public checkpoint into a model folder: <c>config.json</c> and <c>model.safetensors</c> under canonical names (NVIDIA/tacotron2's;
/// jik876/hifi-gan's, NVIDIA/waveglow's and kan-bayashi/ParallelWaveGAN's with weight norm folded in).
/// </summary>
public static class CheckpointConverter
{
    /// <summary>Name of the weights within a model folder.</summary>
    public const string WeightsName = "model.safetensors";

    /// <summary>Converts a checkpoint; the folder gets both files, or on failure neither.</summary>
    /// <param name="input">A PyTorch checkpoint (zip or legacy) or a safetensors file.</param>
    /// <param name="outputFolder">The model folder, created when it is not there.</param>
    /// <param name="configPath">The network's config, when it is not in the checkpoint or in a config.json beside it.</param>
    /// <param name="half">Whether to write floats as float16; otherwise each tensor keeps its type.</param>
    /// <param name="statisticsPath">Mean and scale of the mel that a Parallel WaveGAN reads (stats.h5, stats.npy), when they are not beside the checkpoint.</param>
    /// <exception cref="WeightsException">
    /// The input cannot be read, is of no known network, or has a tensor that is missing, unexpected, not finite or of another shape.
    /// </exception>
    public static ConversionSummary Convert(
        string input, string outputFolder, string? configPath = null, bool half = false, string? statisticsPath = null)
    {
        var checkpoint = CheckpointFile.Open(input);
        var model = Model(checkpoint, configPath is null ? null : SourceConfig.Read(configPath), statisticsPath);
        var entries = Checked(model);
        Write(outputFolder, model.ConfigText, half ? Halved(input, entries) : entries);
        return new ConversionSummary(model.Type, entries.Count, model.Notes);
    }

    internal static ConvertedModel Model(CheckpointFile checkpoint, SourceConfig? config, string? statisticsPath = null)
    {
        if (Prefix(checkpoint, name => Before(name, Tacotron2Layout.Landmark)) is { } acoustic)
        {
            return Tacotron2(checkpoint, acoustic, config);
        }

        if (Prefix(checkpoint, name => Before(name, WaveGlowLayout.Landmark)) is { } flow)
        {
            return WaveGlow(checkpoint, flow, config);
        }

        if (Prefix(checkpoint, name => Before(name, ParallelWaveGanLayout.Confirmation)) is { } waveNet)
        {
            return ParallelWaveGan(checkpoint, waveNet, config, statisticsPath);
        }

        foreach (var landmark in HifiGanLayout.Landmarks)
        {
            if (Prefix(checkpoint, name => Before(name, landmark)) is { } vocoder && HasUpsampling(checkpoint, vocoder))
            {
                return HifiGan(checkpoint, vocoder, config, isOfficial: landmark == HifiGanLayout.Landmarks[0]);
            }
        }

        var some = string.Join(", ", checkpoint.Entries.Keys.Take(3));
        throw new WeightsException(
            $"{checkpoint.Path}: no Tacotron 2, HiFi-GAN, WaveGlow or Parallel WaveGAN among its {checkpoint.Entries.Count} tensors "
            + $"({some}...); of a HiFi-GAN take the generator's file (g_...), not the discriminators' (do_...).");
    }

    /// <summary>Checks that exactly the expected tensors are there, each of its shape, of a float type and finite.</summary>
    internal static List<KeyValuePair<string, WeightEntry>> Checked(ConvertedModel model)
    {
        var entries = new List<KeyValuePair<string, WeightEntry>>();
        foreach (var (name, shape) in model.Expected)
        {
            model.Weights.Take(name, shape);
            entries.Add(KeyValuePair.Create(name, model.Weights.Entry(name)));
        }

        var known = entries.Select(entry => entry.Key).ToHashSet();
        var unknown = model.Weights.Names.Where(name => !known.Contains(name)).ToList();
        return unknown.Count == 0
            ? entries
            : throw new WeightsException(
                $"{model.Weights.Source}: tensor '{unknown[0]}' and {unknown.Count - 1} more belong to no {model.Type} of this config; it is a "
                + "variant that is not supported, or config.json is another's.");
    }

    private static ConvertedModel Tacotron2(CheckpointFile checkpoint, string prefix, SourceConfig? given)
    {
        var weights = Renamed(checkpoint, prefix, Tacotron2Layout.Canonical);
        var config = Tacotron2Layout.Infer(weights);
        var notes = new List<string> { $"{config.Symbols} symbols, {config.FramesPerStep} frames a step, widths read off the tensors." };
        var inside = Inside(checkpoint);
        foreach (var claimed in (SourceConfig?[])[inside, given ?? Beside(checkpoint, file => file.Text("model_type") == Tacotron2Config.TypeName)])
        {
            if (claimed is not null)
            {
                Tacotron2Layout.CheckAgainst(config, claimed, checkpoint.Path);
                config = config with { Mel = claimed.Mel(config.Mel) };
                notes.Add($"The widths agree with {claimed.Source}.");
            }
        }

        ConfigCheck.Check(config, checkpoint.Path);
        return new ConvertedModel(Tacotron2Config.TypeName, ConfigJson.Write(config), weights, Tacotron2Tensors.Expected(config), notes);
    }

    private static ConvertedModel HifiGan(CheckpointFile checkpoint, string prefix, SourceConfig? given, bool isOfficial)
    {
        var folded = WeightNorm.Fold(Renamed(checkpoint, prefix, HifiGanLayout.Canonical));
        folded = SingleConvolutions(folded);
        var notes = new List<string>();
        var mel = isOfficial ? new Audio.MelContract() : HifiGanLayout.KanBayashiMel;
        if (!isOfficial)
        {
            notes.Add(
                "kan-bayashi layout: the mel is taken as 80-7600 Hz, log10, normalised by mean and variance, the last leaky ReLU's slope as 0.01.");
        }

        var inside = Inside(checkpoint);
        var source = given ?? (inside?.Has("upsample_rates") == true ? inside : Beside(checkpoint, file => file.Has("upsample_rates")));
        var config = source is null ? HifiGanLayout.Infer(folded, mel) : HifiGanLayout.FromSource(source, mel);
        notes.Add(source is null
            ? $"No config was given: rates {string.Join(",", config.UpsampleRates)} are half of the kernels and the dilations those of the "
            + "public configs; give --config if the voice sounds wrong."
            : $"The config is {source.Source}.");
        ConfigCheck.Check(config, source?.Source ?? checkpoint.Path);
        return new ConvertedModel(HifiGanConfig.TypeName, ConfigJson.Write(config), folded, HifiGanTensors.Expected(config), notes);
    }

    private static ConvertedModel WaveGlow(CheckpointFile checkpoint, string prefix, SourceConfig? given)
    {
        var weights = WaveGlowLayout.Upgrade(WeightNorm.Fold(Renamed(checkpoint, prefix, name => name)));
        var config = WaveGlowLayout.Infer(weights) with { AlternateHalves = WaveGlowLayout.IsFirstRelease(checkpoint.Root) };
        var notes = new List<string>
        {
            $"{config.Channels} channels, {config.Flows} steps of the flow of {config.Layers} layers, widths read off the tensors.",
        };
        foreach (var claimed in (SourceConfig?[])
            [Inside(checkpoint), given ?? Beside(checkpoint, file => file.Has("waveglow_config") || file.Text("model_type") == WaveGlowConfig.TypeName)])
        {
            if (claimed is not null)
            {
                config = WaveGlowLayout.Complete(config, claimed, checkpoint.Path);
                notes.Add($"The widths agree with {claimed.Source}.");
            }
        }

        if (config.AlternateHalves)
        {
            notes.Add("A model of the first release: odd steps of its flow transform the other half of the channels.");
        }

        ConfigCheck.Check(config, checkpoint.Path);
        return new ConvertedModel(WaveGlowConfig.TypeName, ConfigJson.Write(config), weights, WaveGlowTensors.Expected(config), notes);
    }

    private static ConvertedModel ParallelWaveGan(CheckpointFile checkpoint, string prefix, SourceConfig? given, string? statisticsPath)
    {
        var weights = WeightNorm.Fold(Renamed(checkpoint, prefix, name => name));
        var config = ParallelWaveGanLayout.Infer(weights);
        var notes = new List<string> { $"{config.Layers} layers of {config.ResidualChannels} channels, widths read off the tensors." };
        var source = given ?? Inside(checkpoint) ?? Beside(checkpoint, file => file.Has("generator_params"), "config.yml") ?? Beside(checkpoint, file => file.Has("generator_params"));
        if (source is not null)
        {
            config = ParallelWaveGanLayout.Complete(config, source, checkpoint.Path);
        }

        notes.Add(source is null
            ? $"No config was given: {config.Stacks} stacks of dilations and the mel of the public LJSpeech recipe; give --config config.yml if the voice sounds wrong."
            : $"The config is {source.Source}.");
        (weights, config) = WithStatistics(checkpoint, weights, config, statisticsPath, notes);
        ConfigCheck.Check(config, checkpoint.Path);
        return new ConvertedModel(ParallelWaveGanConfig.TypeName, ConfigJson.Write(config), weights, ParallelWaveGanTensors.Expected(config), notes);
    }

    // Statistics are given, are the checkpoint's own buffers, or lie beside it.
    private static (ModelWeights Weights, ParallelWaveGanConfig Config) WithStatistics(
        CheckpointFile checkpoint, ModelWeights weights, ParallelWaveGanConfig config, string? path, List<string> notes)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path))!;
        path ??= ((string[])["stats.h5", "stats.npy"]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        var entries = weights.Names.ToDictionary(name => name, weights.Entry);
        var bands = config.Mel.MelBands;
        var statistics = path is not null ? MelStatistics.Read(path) : weights.Contains("mean") ? MelStatistics.Of(weights, bands) : null;
        if (statistics is null)
        {
            notes.Add(
                "No statistics of the mel were found (stats.h5 or stats.npy): mels must come normalised. kan-bayashi's recipes have them beside the checkpoint; give --statistics.");
            return (weights, config);
        }

        if (statistics.Mean.Length != bands)
        {
            throw new WeightsException($"{path}: expected statistics of {bands} bands, found {statistics.Mean.Length}.");
        }

        foreach (var (name, entry) in statistics.Entries())
        {
            entries[name] = entry;
        }

        notes.Add($"The mel's statistics are {path ?? "the checkpoint's own"}.");
        return (new ModelWeights(weights.Source, entries), config with { Mel = config.Mel with { Normalisation = statistics.Contract } });
    }

    private static SourceConfig? Inside(CheckpointFile checkpoint) =>
        checkpoint.Config is null ? null : new SourceConfig($"{checkpoint.Path}: config", checkpoint.Config);

    // Blocks of "convs1" without "convs2" (kan-bayashi's use_additional_convs = False) are the official blocks of single convolutions.
    private static ModelWeights SingleConvolutions(ModelWeights weights)
    {
        var isPaired = weights.Names.Any(name => name.Contains(".convs2.", StringComparison.Ordinal));
        return isPaired ? weights : new ModelWeights(
            weights.Source, weights.Names.ToDictionary(name => name.Replace(".convs1.", ".convs.", StringComparison.Ordinal), weights.Entry));
    }

    private static SourceConfig? Beside(CheckpointFile checkpoint, Func<SourceConfig, bool> isMeant, string name = ConfigJson.FileName)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path))!, name);
        return File.Exists(path) && SourceConfig.Read(path) is var config && isMeant(config) ? config : null;
    }

    private static ModelWeights Renamed(CheckpointFile checkpoint, string prefix, Func<string, string> canonical)
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

    private static string? Prefix(CheckpointFile checkpoint, Func<string, string?> prefixOf)
    {
        var prefixes = checkpoint.Entries.Keys.Select(prefixOf).OfType<string>().Distinct().Take(2).ToList();
        return prefixes.Count < 2
            ? prefixes.FirstOrDefault()
            : throw new WeightsException(
                $"{checkpoint.Path}: holds more than one such network, at '{prefixes[0]}' and '{prefixes[1]}'; save the one that is meant alone.");
    }

    private static string? Before(string name, string landmark)
    {
        var at = name.IndexOf(landmark, StringComparison.Ordinal);
        return at == 0 || (at > 0 && name[at - 1] == '.') ? name[..at] : null;
    }

    private static bool HasUpsampling(CheckpointFile checkpoint, string prefix) => checkpoint.Entries.Keys.Any(name =>
        name.StartsWith($"{prefix}ups.0.", StringComparison.Ordinal) || name.StartsWith($"{prefix}upsamples.0.1.", StringComparison.Ordinal));

    private static List<KeyValuePair<string, WeightEntry>> Halved(string source, List<KeyValuePair<string, WeightEntry>> entries)
    {
        var weights = new ModelWeights(source, entries.ToDictionary());
        return entries.ConvertAll(entry => KeyValuePair.Create(entry.Key, Halved(weights, entry.Key, entry.Value)));
    }

    private static WeightEntry Halved(ModelWeights weights, string name, WeightEntry entry)
    {
        if (entry.Type == DataType.F16)
        {
            return entry;
        }

        var values = Array.ConvertAll(weights.Take(name, entry.Shape).Span.ToArray(), value => (double)value);
        return entry with { Type = DataType.F16, Bytes = FloatBytes.Narrow(weights.Source, name, values, DataType.F16) };
    }

    private static void Write(string folder, string configJson, List<KeyValuePair<string, WeightEntry>> entries)
    {
        var ordered = SafetensorsWriter.Ordered(entries);
        var isNew = !Directory.Exists(folder);
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFiles.Write(
                (Path.Combine(folder, WeightsName), stream => SafetensorsWriter.Write(stream, ordered, null)),
                (Path.Combine(folder, ConfigJson.FileName), stream => stream.Write(Encoding.UTF8.GetBytes(configJson + "\n"))));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{folder}: cannot be created: {error.Message}", error);
        }
        catch (WeightsException) when (isNew)
        {
            Directory.Delete(folder);
            throw;
        }
    }
}

/// <summary>A recognised network: its config, its tensors under canonical names, and the tensors that the config asks for.</summary>
internal sealed record ConvertedModel(
    string Type, string ConfigText, ModelWeights Weights, IEnumerable<(string Name, int[] Shape)> Expected, IReadOnlyList<string> Notes);
