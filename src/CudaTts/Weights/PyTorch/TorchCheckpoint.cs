namespace CudaTts.Weights.PyTorch;

/// <summary>
/// A checkpoint of torch.save, in the zip format or the legacy one, read as data: no Python runs, and nothing that the file names is
/// imported or called. Tensors point into the mapped file unless their strides had to be undone.
/// </summary>
public sealed class TorchCheckpoint
{
    private TorchCheckpoint(string format, Pickle pickle, IReadOnlyDictionary<string, WeightEntry> entries)
    {
        Format = format;
        Root = pickle.Root;
        NotCalled = pickle.NotCalled;
        Entries = entries;
    }

    /// <summary>"PyTorch zip" or "PyTorch legacy".</summary>
    public string Format { get; }

    /// <summary>
    /// The tensors by their path in the checkpoint, such as <c>generator.conv_pre.weight</c>; a lone tensor is called <c>tensor</c>.
    /// </summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>
    /// Functions and classes that Python would call to load the file, as it would the class of a network that was saved whole; here none of them was.
    /// A file that names what only an attack calls is not read at all.
    /// </summary>
    public IReadOnlyCollection<string> NotCalled { get; }

    /// <summary>The object that was saved, as nodes.</summary>
    internal object? Root { get; }

    private static ReadOnlySpan<byte> ZipSignature => "PK\x03\x04"u8;

    /// <summary>Opens and checks <paramref name="path"/>.</summary>
    /// <exception cref="WeightsException">The file cannot be opened, is malformed, or is of a kind that is not read.</exception>
    public static TorchCheckpoint Open(string path) => Parse(FileBytes.Map(path));

    internal static TorchCheckpoint Parse(FileBytes file)
    {
        var head = file.Slice(0, Math.Min(file.Length, LegacyCheckpoint.Magic.Length));
        if (head.Span.StartsWith(ZipSignature))
        {
            return Create("PyTorch zip", file.Source, ZipCheckpoint.Read(file));
        }

        if (head.Span.StartsWith(LegacyCheckpoint.Magic))
        {
            return Create("PyTorch legacy", file.Source, LegacyCheckpoint.Read(file));
        }

        // A pickle alone, of any protocol, is no checkpoint, but it may be an attack.
        var start = file.Slice(0, Math.Min(file.Length, PickleReader.LengthLimit));
        PickleGlobals.RequireHarmless(file.Source, start.Span);
        throw new WeightsException($"{file.Source}: {ForeignFile.Describe(start.Span)}");
    }

    private static TorchCheckpoint Create(string format, string source, PickledCheckpoint checkpoint)
    {
        var (pickle, storages) = checkpoint;
        var gatherer = new TensorGatherer(source, storages.Storages.Values.Sum(storage => storage.ByteCount));
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var (name, tensor) in TensorTree.Flatten(source, pickle.Root, pickle.Length))
        {
            entries.Add(name, gatherer.Entry(name, tensor));
        }

        return new TorchCheckpoint(format, pickle, entries);
    }
}

/// <summary>What the container formats of torch.save hold.</summary>
/// <param name="Pickle">The object that was saved.</param>
/// <param name="Storages">The storages that its tensors are views of, with their bytes.</param>
internal sealed record PickledCheckpoint(Pickle Pickle, StorageTable Storages);
