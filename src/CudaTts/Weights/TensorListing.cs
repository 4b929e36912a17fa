namespace CudaTts.Weights;

/// <summary>What a weight file holds, for a person to read.</summary>
/// <param name="Format">"safetensors", "PyTorch zip", "PyTorch legacy" or "ONNX".</param>
/// <param name="Tensors">The tensors in the file's order.</param>
/// <param name="Metadata">Strings that came with them.</param>
public sealed record TensorListing(string Format, IReadOnlyList<ListedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Functions and classes that Python would call to load the file; none of them was called.</summary>
    public IReadOnlyCollection<string> NotCalled { get; init; } = [];

    /// <summary>Lists <paramref name="path"/>, a safetensors file, a PyTorch checkpoint or an ONNX model, recognised by what it holds.</summary>
    /// <exception cref="WeightsException">The file cannot be opened, is malformed, or is of a kind that is not read.</exception>
    public static TensorListing Read(string path)
    {
        var file = CheckpointFile.Open(path);
        var tensors = file.Entries.Select(entry => new ListedTensor(entry.Key, entry.Value.Type, entry.Value.Shape));
        return new TensorListing(file.Format, [.. tensors], file.Metadata) { NotCalled = file.NotCalled ?? [] };
    }
}

/// <summary>One tensor of a <see cref="TensorListing"/>.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
public sealed record ListedTensor(string Name, DataType Type, int[] Shape);
