namespace CudaTts.Weights.Safetensors;

/// <summary>
/// A memory-mapped safetensors file (format: github.com/huggingface/safetensors). Opening checks the whole header by the format's rules;
/// tensors point into the mapping, which lives as long as any of them.
/// </summary>
public sealed class SafetensorsFile
{
    private SafetensorsFile(string source, IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, WeightEntry> entries)
    {
        Metadata = metadata;
        Entries = entries;
        Weights = new ModelWeights(source, entries);
    }

    /// <summary>The header's <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors by name, in the header's order.</summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>The tensors as a model's weights.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Opens and checks <paramref name="path"/>.</summary>
    /// <exception cref="WeightsException">The file cannot be opened or breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path) => Parse(FileBytes.Map(path));

    internal static SafetensorsFile Parse(FileBytes file)
    {
        var header = SafetensorsHeader.Read(file);
        var entries = new Dictionary<string, WeightEntry>(header.Tensors.Count);
        foreach (var tensor in header.Tensors)
        {
            var bytes = file.Slice(header.DataStart + tensor.Begin, tensor.End - tensor.Begin);
            entries.Add(tensor.Name, new WeightEntry(tensor.Type, tensor.Shape, bytes));
        }

        return new SafetensorsFile(file.Source, header.Metadata, entries);
    }
}
