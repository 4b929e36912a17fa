namespace CudaTts.Weights.PyTorch;

/// <summary>
/// A checkpoint of torch.save, in the zip format or the legacy one, read as data: no Python runs, and nothing that the file names is
/// imported or called. Tensors point into the mapped file unless their strides had to be undone.
/// </summary>
public sealed class TorchCheckpoint
{
    private TorchCheckpoint(string format, object? root, IReadOnlyDictionary<string, WeightEntry> entries)
    {
        Format = format;
        Root = root;
        Entries = entries;
    }

    /// <summary>"PyTorch zip" or "PyTorch legacy".</summary>
    public string Format { get; }

    /// <summary>
    /// The tensors by their path in the checkpoint, such as <c>generator.conv_pre.weight</c>; a lone tensor is called <c>tensor</c>.
    /// </summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

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

        throw new WeightsException($"{file.Source}: {Unreadable(file)}");
    }

    private static TorchCheckpoint Create(string format, string source, (object? Root, StorageTable Storages) checkpoint)
    {
        var gatherer = new TensorGatherer(source, checkpoint.Storages.Storages.Values.Sum(storage => storage.ByteCount));
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var (name, tensor) in TensorTree.Flatten(source, checkpoint.Root))
        {
            entries.Add(name, gatherer.Entry(name, tensor));
        }

        return new TorchCheckpoint(format, checkpoint.Root, entries);
    }

    private static string Unreadable(FileBytes file)
    {
        const int TarMagicAt = 257;
        if (file.Length >= TarMagicAt + 5 && file.Slice(TarMagicAt, 5).Span.SequenceEqual("ustar"u8))
        {
            return "this is a tar archive: a checkpoint of PyTorch 0.1 (load it in PyTorch and save it again) or a .nemo model (not supported).";
        }

        return file.Length >= 4 && file.Slice(0, 4).Span.SequenceEqual((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F'])
            ? "this is an HDF5 file (Keras, or statistics), which is not supported."
            : "neither a safetensors file nor a PyTorch checkpoint (zip or legacy); is it complete?";
    }
}
