namespace CudaTts.Weights.PyTorch;

/// <summary>A block of elements that tensors are views of. Its bytes are attached after the pickle that names it has been read.</summary>
internal sealed class Storage(string key, DataType type, long count)
{
    /// <summary>Its name in the file.</summary>
    public string Key { get; } = key;

    /// <summary>Element type; an untyped storage counts bytes.</summary>
    public DataType Type { get; } = type;

    /// <summary>Number of elements.</summary>
    public long Count { get; } = count;

    /// <summary>Number of bytes.</summary>
    public long ByteCount => Count * Type.ByteSize();

    /// <summary>The elements, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }
}

/// <summary>Turns the persistent ids of a checkpoint into <see cref="Storage"/>s, one a key.</summary>
internal sealed class StorageTable(string source)
{
    private const long CountLimit = 1L << 40;
    private readonly Dictionary<string, Storage> _storages = [];

    /// <summary>The storages by key, in order of first mention.</summary>
    public IReadOnlyDictionary<string, Storage> Storages => _storages;

    /// <summary>
    /// The object of a persistent id: <c>('storage', type, key, location, count[, view])</c>, or of a legacy file
    /// <c>('module', class, source file, source text)</c>, where the class is all that is kept.
    /// </summary>
    /// <exception cref="WeightsException">The id has another form, or contradicts an earlier one of the same key.</exception>
    public object? Resolve(object? id) => id switch
    {
        TupleNode { Items: ["storage", GlobalNode type, string key, string or null, long count] } => Whole(type, key, count),
        TupleNode { Items: ["storage", GlobalNode type, string key, string or null, long count, var view] } => View(Whole(type, key, count), view),
        TupleNode { Items: ["module", GlobalNode type, string or null, string or null] } => type,
        _ => throw Broken("has a persistent id of unknown form"),
    };

    private StorageNode Whole(GlobalNode type, string key, long count)
    {
        var element = TypeOf(type);
        if (count is < 0 or > CountLimit)
        {
            throw Broken($"gives storage '{key}' {count} elements");
        }

        if (!_storages.TryGetValue(key, out var storage))
        {
            storage = new Storage(key, element, count);
            _storages.Add(key, storage);
        }
        else if (storage.Type != element || storage.Count != count)
        {
            throw Broken($"describes storage '{key}' as {storage.Count} {storage.Type} and as {count} {element}");
        }

        return new StorageNode(storage, 0, count);
    }

    private StorageNode View(StorageNode whole, object? view) => view switch
    {
        null => whole,
        TupleNode { Items: [string, long and >= 0 and var offset, long and >= 0 and var count] }
            when offset <= whole.Count && count <= whole.Count - offset
            => new StorageNode(whole.Storage, offset, count),
        _ => throw Broken($"has a view of storage '{whole.Storage.Key}' that leaves its {whole.Count} elements"),
    };

    private DataType TypeOf(GlobalNode type) => (type.Module, type.Name) switch
    {
        ("torch" or "torch.cuda", "FloatStorage") => DataType.F32,
        ("torch" or "torch.cuda", "HalfStorage") => DataType.F16,
        ("torch" or "torch.cuda", "BFloat16Storage") => DataType.BF16,
        ("torch" or "torch.cuda", "DoubleStorage") => DataType.F64,
        ("torch" or "torch.cuda", "LongStorage") => DataType.I64,
        ("torch" or "torch.cuda", "IntStorage") => DataType.I32,
        ("torch" or "torch.cuda", "ShortStorage") => DataType.I16,
        ("torch" or "torch.cuda", "CharStorage") => DataType.I8,
        ("torch" or "torch.cuda", "ByteStorage") => DataType.U8,
        ("torch" or "torch.cuda", "BoolStorage") => DataType.BOOL,
        ("torch" or "torch.cuda", "ComplexFloatStorage") => DataType.C64,
        ("torch.storage" or "torch", "UntypedStorage") => DataType.U8,
        _ => throw Broken($"has a storage of type {type.FullName}, which is not supported"),
    };

    private WeightsException Broken(string how) => new($"{source}: the checkpoint {how}.");
}
