using CudaTts.Weights.PyTorch;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Weights;

/// <summary>A weight file of any format that is read.</summary>
/// <param name="Path">Where it came from.</param>
/// <param name="Format">"safetensors", "PyTorch zip" or "PyTorch legacy".</param>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">Strings that came with them.</param>
/// <param name="Config">The checkpoint's own <c>config</c> dict, when it has one.</param>
/// <param name="Root">The object that a PyTorch checkpoint holds, as nodes.</param>
/// <param name="NotCalled">Functions and classes that Python would have called to load a PyTorch checkpoint, and that were not.</param>
internal sealed record CheckpointFile(
    string Path,
    string Format,
    IReadOnlyDictionary<string, WeightEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata,
    DictionaryNode? Config,
    object? Root = null,
    IReadOnlyCollection<string>? NotCalled = null)
{
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

        var checkpoint = TorchCheckpoint.Parse(file);
        var config = (checkpoint.Root as DictionaryNode)?.Get("config") as DictionaryNode;
        return new CheckpointFile(
            file.Source, checkpoint.Format, checkpoint.Entries, new Dictionary<string, string>(), config, checkpoint.Root, checkpoint.NotCalled);
    }

    // A length that the format allows, then '{': PyTorch's signatures would be lengths of many gigabytes.
    private static bool LooksLikeSafetensors(FileBytes file)
    {
        const int HeadLength = 9;
        if (file.Length < HeadLength)
        {
            return file.Source.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        }

        var head = file.Slice(0, HeadLength).Span;
        return head[8] == '{' && BitConverter.ToUInt64(head) <= SafetensorsHeader.LengthLimit;
    }
}
