using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Tests;

/// <summary>Writes the two container formats of torch.save around a pickle and its storages.</summary>
internal static class TorchFileBuilder
{
    /// <summary>A float32 storage of <paramref name="values"/>.</summary>
    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>A zip checkpoint, local headers without sizes and checksums, ZIP64 end records, as PyTorch writes them.</summary>
    public static byte[] Zip(byte[] pickle, params (string Key, byte[] Bytes)[] storages) => new ZipBuilder()
        .Add("archive/data.pkl", pickle)
        .Add("archive/byteorder", "little"u8.ToArray())
        .AddAll(storages.Select(storage => ($"archive/data/{storage.Key}", storage.Bytes)))
        .Add("archive/version", "3\n"u8.ToArray())
        .Finish();

    /// <summary>A legacy checkpoint; each storage comes with its number of elements.</summary>
    public static byte[] Legacy(byte[] pickle, params (string Key, int Count, byte[] Bytes)[] storages)
    {
        var machine = new PickleBuilder().Dictionary(pairs => pairs
            .Text("protocol_version").Integer(1001).Text("little_endian").True()
            .Text("type_sizes").Dictionary(sizes => sizes.Text("short").Integer(2).Text("int").Integer(4).Text("long").Integer(4))).Finish();
        var keys = new PickleBuilder().List(items =>
        {
            foreach (var storage in storages)
            {
                items.Text(storage.Key);
            }
        }).Finish();
        var bytes = new List<byte>([.. LegacyCheckpoint.Magic, 0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', .. machine, .. pickle, .. keys]);
        foreach (var (_, count, content) in storages)
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, count);
            bytes.AddRange(length);
            bytes.AddRange(content);
        }

        return [.. bytes];
    }
}

/// <summary>Writes zip files, malformed ones included: every header field can be bent through <see cref="Change"/>.</summary>
internal sealed class ZipBuilder
{
    private readonly List<(string Name, byte[] Bytes)> _entries = [];

    /// <summary>Bends one entry's headers: name, whether it is the local one, and the header with its name behind it.</summary>
    public Action<string, bool, byte[]>? Change { get; init; }

    /// <summary>Whether entries' bytes begin at multiples of 64, behind a filled extra field, and are followed by their checksum and sizes.</summary>
    public bool IsAligned { get; init; }

    public ZipBuilder Add(string name, byte[] bytes)
    {
        _entries.Add((name, bytes));
        return this;
    }

    public ZipBuilder AddAll(IEnumerable<(string Name, byte[] Bytes)> entries)
    {
        _entries.AddRange(entries);
        return this;
    }

    public byte[] Finish()
    {
        var (file, directory) = (new List<byte>(), new List<byte>());
        foreach (var (name, bytes) in _entries)
        {
            directory.AddRange(Central(name, bytes, file.Count));
            file.AddRange(IsAligned ? Aligned(Local(name), file.Count) : Local(name));
            file.AddRange(bytes);
            file.AddRange(IsAligned ? Descriptor(bytes) : []);
        }

        var start = file.Count;
        file.AddRange(directory);
        file.AddRange(End(start, directory.Count));
        return [.. file];
    }

    private byte[] Local(string name)
    {
        var header = Header(30, 0x04034b50, name);
        Put(header, 6, 0x0808, 2);
        Put(header, 26, name.Length, 2);
        Change?.Invoke(name, true, header);
        return header;
    }

    /// <summary>The local header with an extra field of PyTorch's kind, "FB" and letters, as long as the alignment wants.</summary>
    private static byte[] Aligned(byte[] header, int at)
    {
        const int Alignment = 64, FieldHeader = 4;
        var letters = (Alignment - ((at + header.Length + FieldHeader) % Alignment)) % Alignment;
        Put(header, 28, FieldHeader + letters, 2);
        return [.. header, (byte)'F', (byte)'B', (byte)letters, 0, .. Enumerable.Repeat((byte)'Z', letters)];
    }

    private static byte[] Descriptor(byte[] bytes)
    {
        var descriptor = new byte[16];
        Put(descriptor, 0, 0x08074b50, 4);
        Put(descriptor, 4, Crc32.Of(bytes), 4);
        Put(descriptor, 8, bytes.Length, 4);
        Put(descriptor, 12, bytes.Length, 4);
        return descriptor;
    }

    private byte[] Central(string name, byte[] bytes, int local)
    {
        var header = Header(46, 0x02014b50, name);
        Put(header, 8, 0x0808, 2);
        Put(header, 16, Crc32.Of(bytes), 4);
        Put(header, 20, bytes.Length, 4);
        Put(header, 24, bytes.Length, 4);
        Put(header, 28, name.Length, 2);
        Put(header, 42, local, 4);
        Change?.Invoke(name, false, header);
        return header;
    }

    private byte[] End(int start, int length)
    {
        var end = new byte[56 + 20 + 22];
        Put(end, 0, 0x06064b50, 4);
        Put(end, 4, 44, 8);
        Put(end, 24, _entries.Count, 8);
        Put(end, 32, _entries.Count, 8);
        Put(end, 40, length, 8);
        Put(end, 48, start, 8);
        Put(end, 56, 0x07064b50, 4);
        Put(end, 64, start + length, 8);
        Put(end, 72, 1, 4);
        Put(end, 76, 0x06054b50, 4);
        Put(end, 84, _entries.Count, 2);
        Put(end, 86, _entries.Count, 2);
        Put(end, 88, length, 4);
        Put(end, 92, start, 4);
        return end;
    }

    private static byte[] Header(int length, uint signature, string name)
    {
        var header = new byte[length + name.Length];
        Put(header, 0, signature, 4);
        Encoding.ASCII.GetBytes(name).CopyTo(header, length);
        return header;
    }

    public static void Put(byte[] bytes, int at, long value, int size)
    {
        for (var i = 0; i < size; i++)
        {
            bytes[at + i] = (byte)(value >> (8 * i));
        }
    }
}
