using System.Text;
using CudaTts.Files;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Models;

/// <summary>What a conversion did.</summary>
/// <param name="ModelType">"tacotron2", "hifigan", "waveglow", "parallel_wavegan" or "spectrogram-network".</param>
/// <param name="Tensors">Number of tensors written.</param>
/// <param name="Notes">What the person who converts should know, one sentence each.</param>
public sealed record ConversionSummary(string ModelType, int Tensors, IReadOnlyList<string> Notes);

/// <summary>
/// Turns a public checkpoint into a model folder: <c>config.json</c> and <c>model.safetensors</c> under canonical names (NVIDIA/tacotron2's;
/// jik876/hifi-gan's, NVIDIA/waveglow's and kan-bayashi/ParallelWaveGAN's with weight norm folded in).
/// </summary>
public static class CheckpointConverter
{
    /// <summary>Converts a checkpoint; the folder gets both files, or on failure neither.</summary>
    /// <param name="input">A PyTorch checkpoint (zip or legacy), a safetensors file, or an ONNX model that PyTorch exported.</param>
    /// <param name="outputFolder">The model folder, created when it is not there.</param>
    /// <param name="configPath">The network's config, when it is not in the checkpoint or in a config.json beside it.</param>
    /// <param name="half">Whether to write floats as float16; otherwise each tensor keeps its type.</param>
    /// <param name="statisticsPath">Mean and scale of the mel that a Parallel WaveGAN reads (stats.h5, stats.npy), when they are not beside the
    /// checkpoint.</param>
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
        IReadOnlyList<string> notCalled = checkpoint.NotCalled is { Count: > 0 } names
            ? [$"Python would have called {string.Join(", ", names)} to load the file; nothing of it was run."]
            : [];
        return new ConversionSummary(model.Type, entries.Count, [.. model.Notes, .. notCalled]);
    }

    internal static ConvertedModel Model(CheckpointFile checkpoint, SourceConfig? config, string? statisticsPath = null)
    {
        if (checkpoint.Graph?.QuantizedOperator is { } quantized)
        {
            throw new WeightsException(
                $"{checkpoint.Path}: expected weights that are floats, found a quantised ONNX graph (operation {quantized}); take the one that it "
                + "was made from.");
        }

        var import = new CheckpointImport(checkpoint, config, statisticsPath);
        if (ForeignNetwork.IsOtherTacotron(checkpoint.Entries.Keys))
        {
            throw Unknown(checkpoint);
        }

        foreach (var format in ModelFormat.All)
        {
            if (format.Import(import) is { } model)
            {
                return config is not { IsRead: false }
                    ? model with { Notes = [.. model.Notes, .. import.LeftAside.Select(path => LeftAside(path, format))] }
                    : throw new WeightsException($"{config.Source}: expected the config of a {format.Title}, found none of its keys.");
            }
        }

        throw Unknown(checkpoint);
    }

    private static string LeftAside(string path, ModelFormat format) =>
        $"{path} lies beside the checkpoint and was not taken: nothing in it says that it is the config of a {format.Title}; give it with "
        + "--config if it is.";

    private static WeightsException Unknown(CheckpointFile checkpoint)
    {
        var networks = string.Join(" or ", ModelFormat.All.Select(format => format.Title));
        return (ForeignNetwork.Of(checkpoint.Entries.Keys) ?? checkpoint.Graph?.Describe()) is { } other
            ? new($"{checkpoint.Path}: expected {networks}, found {other}.")
            : new(
                $"{checkpoint.Path}: no {networks} among its {checkpoint.Entries.Count} tensors "
                + $"({string.Join(", ", checkpoint.Entries.Keys.Take(3))}...).");
    }

    /// <summary>Checks that exactly the expected tensors are there, each of its shape, of a float type and finite.</summary>
    internal static List<KeyValuePair<string, WeightEntry>> Checked(ConvertedModel model)
    {
        var entries = new List<KeyValuePair<string, WeightEntry>>();
        foreach (var (name, shape) in model.Expected)
        {
            RequireAsClaimed(model, name, shape);
            model.Weights.Take(name, shape);
            entries.Add(KeyValuePair.Create(name, model.Weights.Entry(name)));
        }

        var known = entries.Select(entry => entry.Key).ToHashSet();
        var unknown = model.Weights.Names.Where(name => !known.Contains(name)).ToList();
        return unknown.Count == 0
            ? entries
            : throw new WeightsException(
                $"{model.Weights.Source}: tensor '{unknown[0]}' and {unknown.Count - 1} more belong to no {model.Type} of this config; it is a "
                + $"variant that is not supported, or {model.ConfigSource ?? ConfigJson.FileName} is another's.");
    }

    private static void RequireAsClaimed(ConvertedModel model, string name, int[] shape)
    {
        var found = model.Weights.Contains(name) ? model.Weights.Entry(name).Shape : null;
        if (model.ConfigSource is { } claim && (found is null || !shape.AsSpan().SequenceEqual(found)))
        {
            throw new WeightsException(
                $"{model.Weights.Source}: tensor '{name}'"
                + (found is null ? $" is missing; {claim} asks for one of the shape {Tensor.Describe(shape)}."
                    : $": expected shape {Tensor.Describe(shape)}, found {Tensor.Describe(found)}; does {claim} belong to these weights?"));
        }
    }

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
        try
        {
            AtomicFiles.WriteFolder(
                folder,
                (ModelFolder.WeightsFileName, stream => SafetensorsWriter.Write(stream, ordered, null)),
                (ConfigJson.FileName, stream => stream.Write(Encoding.UTF8.GetBytes(configJson + "\n"))));
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }
}
