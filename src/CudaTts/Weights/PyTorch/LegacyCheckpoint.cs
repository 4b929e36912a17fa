using System.Buffers.Binary;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// The layout of torch.save before 1.6: five pickles one after another (magic number, protocol version, machine, the object, the list of
/// storage keys), then each storage as an int64 count and its elements.
/// </summary>
internal static class LegacyCheckpoint
{
    private const int Keys64 = sizeof(long);

    /// <summary>The first pickle, byte for byte: 0x1950a86a20f9469cfc6c. Only the literal form is accepted: a computed one is an attack.</summary>
    public static ReadOnlySpan<byte> Magic => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    /// <summary>The second pickle, byte for byte: 1001.</summary>
    private static ReadOnlySpan<byte> Version => [0x80, 2, (byte)'M', 0xe9, 3, (byte)'.'];

    /// <summary>Reads the object tree, with every storage's bytes attached.</summary>
    /// <exception cref="WeightsException">The file is malformed.</exception>
    public static PickledCheckpoint Read(FileBytes file)
    {
        var position = CheckPreamble(file);
        var machine = ReadPickle(file, ref position, NoPersistent).Root as DictionaryNode;
        if (machine?.Get("little_endian") is not true)
        {
            throw new WeightsException($"{file.Source}: the checkpoint is not marked as little-endian; save it again on a little-endian machine.");
        }

        var storages = new StorageTable(file.Source);
        var pickle = ReadPickle(file, ref position, storages.Resolve);
        var keys = ReadPickle(file, ref position, NoPersistent).Root as ListNode
            ?? throw new WeightsException($"{file.Source}: the checkpoint lacks its list of storages.");
        AttachAll(file, position, storages, keys);
        return new PickledCheckpoint(pickle, storages);

        object? NoPersistent(object? id) => throw new WeightsException($"{file.Source}: the checkpoint has a persistent id outside its object.");
    }

    private static long CheckPreamble(FileBytes file)
    {
        var length = Magic.Length + Version.Length;
        var head = file.Slice(0, Math.Min(file.Length, length));
        var found = head.Span;
        var fits = found.Length == length && found.StartsWith(Magic) && found.EndsWith(Version);
        GC.KeepAlive(head);
        return fits ? length : throw new WeightsException($"{file.Source}: not a legacy PyTorch checkpoint of protocol 1001.");
    }

    private static Pickle ReadPickle(FileBytes file, ref long position, Func<object?, object?> persistent)
    {
        var window = file.Slice(position, Math.Min(file.Length - position, PickleReader.LengthLimit));
        var pickle = PickleReader.Read(file.Source, window, persistent);
        position += pickle.Length;
        return pickle;
    }

    private static void AttachAll(FileBytes file, long position, StorageTable storages, ListNode keys)
    {
        var attached = new HashSet<string>();
        foreach (var item in keys.Items)
        {
            if (item is not string key || !storages.Storages.TryGetValue(key, out var storage) || !attached.Add(key))
            {
                throw new WeightsException($"{file.Source}: the list of storages names one that no tensor uses, or one twice.");
            }

            var count = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(position, Keys64).Span);
            if (count != storage.Count)
            {
                throw new WeightsException($"{file.Source}: storage '{key}': expected {storage.Count} elements, found {count}.");
            }

            storage.Bytes = file.Slice(position + Keys64, storage.ByteCount);
            position += Keys64 + storage.ByteCount;
        }

        if (attached.Count != storages.Storages.Count)
        {
            throw new WeightsException($"{file.Source}: {storages.Storages.Count} storages are used, but only {attached.Count} are in the file.");
        }

        if (position != file.Length)
        {
            throw new WeightsException(
                $"{file.Source}: {file.Length - position} bytes follow the last storage; the file is damaged or has something appended.");
        }
    }
}
