using CudaTts.Weights.Onnx;
using CudaTts.Weights.PyTorch;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Weights;

/// <summary>A weight file of any format that is read.</summary>
/// <param name="Path">Where it came from.</param>
/// <param name="Format">"safetensors", "PyTorch zip", "PyTorch legacy" or "ONNX".</param>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">Strings that came with them.</param>
/// <param name="Config">The checkpoint's own <c>config</c> dict, when it has one.</param>
/// <param name="Root">The object that a PyTorch checkpoint holds, as nodes.</param>
/// <param name="NotCalled">Functions and classes that Python would have called to load a PyTorch checkpoint, and that were not.</param>
/// <param name="Graph">The graph that the tensors are the constants of, when the file is an ONNX model.</param>
/// <param name="ConfigName">What error messages call the config within the file.</param>
internal sealed record CheckpointFile(
    string Path,
    string Format,
    IReadOnlyDictionary<string, WeightEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata,
    DictionaryNode? Config,
    object? Root = null,
    IReadOnlyCollection<string>? NotCalled = null,
    OnnxGraph? Graph = null,
    string ConfigName = "config")
{
    // What tells a format from the others.
    private const int HeadLength = 9;
    private const int ArchiveHeadLength = 512;

    /// <summary>Opens the file by what it holds, whatever its extension.</summary>
    /// <exception cref="WeightsException">The file cannot be opened, is malformed, or is of a kind that is not read.</exception>
    public static CheckpointFile Open(string path) => Parse(FileBytes.Map(path));

    internal static CheckpointFile Parse(FileBytes file)
    {
        if (LooksLikeSafetensors(file))
        {
            var safetensors = SafetensorsFile.Parse(file);
            return new CheckpointFile(file.Source, "safetensors", safetensors.Entries, safetensors.Metadata, null);
        }

        if (OnnxFile.Looks(file.Slice(0, Math.Min(file.Length, HeadLength)).Span))
        {
            var graph = OnnxFile.Parse(file);
            var entries = new PyTorchNames(file.Source, graph).Entries();
            return new CheckpointFile(file.Source, "ONNX", entries, graph.Metadata, null, Graph: graph);
        }

        if (NeMoArchive.Looks(file.Slice(0, Math.Min(file.Length, ArchiveHeadLength)).Span))
        {
            return NeMoArchive.Parse(file);
        }

        var checkpoint = TorchCheckpoint.Parse(file);
        var config = (checkpoint.Root as DictionaryNode)?.Get("config") as DictionaryNode;
        return new CheckpointFile(
            file.Source, checkpoint.Format, checkpoint.Entries, new Dictionary<string, string>(), config, checkpoint.Root, checkpoint.NotCalled);
    }

    // A length that the format allows, then '{': PyTorch's signatures would be lengths of many gigabytes.
    private static bool LooksLikeSafetensors(FileBytes file)
    {
        if (file.Length < HeadLength)
        {
            return file.Source.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        }

        var head = file.Slice(0, HeadLength).Span;
        return head[8] == '{' && BitConverter.ToUInt64(head) <= SafetensorsHeader.LengthLimit;
    }
}
