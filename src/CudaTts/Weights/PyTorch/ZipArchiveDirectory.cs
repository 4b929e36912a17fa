using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// The central directory of a zip file as torch.save writes it (APPNOTE.TXT 6.3; PyTorch leaves sizes and checksums out of the local
/// headers). Only stored, unencrypted entries are read, each where both of its headers say it is, and none overlapping another: the tricks
/// by which two readers see different contents in one file are refused. Of an archive with other entries only the names are known, by which
/// somebody can tell what it is.
/// </summary>
internal sealed class ZipArchiveDirectory
{
    private const int EntryLimit = 65_536;
    private const int NameLimit = 1024;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const ushort Encrypted = 0x2041; // Bits 0, 6 and 13: encryption, strong encryption, masked headers.
    private const ushort Zip64Extra = 1;

    private readonly FileBytes _file;
    private readonly Dictionary<string, Entry> _entries = [];
    private string? _notStored;

    private ZipArchiveDirectory(FileBytes file) => _file = file;

    /// <summary>The entries' names.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads and checks the directory.</summary>
    /// <exception cref="WeightsException">A rule above is broken.</exception>
    public static ZipArchiveDirectory Read(FileBytes file)
    {
        var directory = new ZipArchiveDirectory(file);
        var (count, size, start) = directory.ReadEnd();
        directory.ReadEntries(count, size, start);
        directory.CheckSpans(start);
        return directory;
    }

    /// <summary>Refuses an archive with an entry that is encrypted or compressed.</summary>
    /// <exception cref="WeightsException">Names the first such entry.</exception>
    public void RequireStored()
    {
        if (_notStored is not null)
        {
            throw Broken(_notStored);
        }
    }

    /// <summary>Whether there is an entry of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The bytes of an entry, after its checksum has been verified.</summary>
    /// <exception cref="WeightsException">There is no such entry, or its checksum differs.</exception>
    public ReadOnlyMemory<byte> Bytes(string name)
    {
        RequireStored();
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw Broken($"has no entry '{name}'");
        }

        var bytes = _file.Slice(entry.DataStart, entry.Size);
        var crc = Crc32.Of(bytes.Span);
        GC.KeepAlive(bytes);
        return crc == entry.Crc
            ? bytes
            : throw new WeightsException(
                $"{_file.Source}: entry '{name}': expected CRC-32 {entry.Crc:x8}, found {crc:x8}; the file is damaged, or was saved without "
                + "checksums (torch.serialization.set_crc32_options): save it again with them.");
    }

    private (long Count, long Size, long Start) ReadEnd()
    {
        // PyTorch writes no archive comment, so the end record is exactly the last 22 bytes; anything else would be an ambiguous file.
        var at = _file.Length - EndLength;
        var end = at < 0 ? default : _file.Slice(at, EndLength).Span;
        if (end.IsEmpty || U32(end, 0) != 0x06054b50 || U16(end, 20) != 0)
        {
            throw Broken("does not end with a zip directory; it is truncated or has something appended");
        }

        if (U16(end, 4) != 0 && U16(end, 4) != ushort.MaxValue)
        {
            throw Broken("is one part of a split archive");
        }

        var (count, size, start) = ((long)U16(end, 10), (long)U32(end, 12), (long)U32(end, 16));
        if (at >= Locator64Length && U32(_file.Slice(at - Locator64Length, Locator64Length).Span, 0) == 0x07064b50)
        {
            (at, count, size, start) = ReadEnd64(at - Locator64Length);
        }

        if (count > EntryLimit || size < 0 || start < 0 || start > at || size != at - start)
        {
            throw Broken($"has a directory of {count} entries, {size} bytes at {start}, which does not fit the file");
        }

        return (count, size, start);
    }

    private (long At, long Count, long Size, long Start) ReadEnd64(long locatorAt)
    {
        var locator = _file.Slice(locatorAt, Locator64Length).Span;
        var at = I64(locator, 8);
        if (at < 0 || at != locatorAt - End64Length)
        {
            throw Broken("has a ZIP64 locator that points elsewhere than before itself");
        }

        var end = _file.Slice(at, End64Length).Span;
        if (U32(end, 0) != 0x06064b50 || I64(end, 4) != End64Length - 12 || I64(end, 24) != I64(end, 32))
        {
            throw Broken("has a malformed ZIP64 end record");
        }

        var count = I64(end, 32);
        return (at, count < 0 ? long.MaxValue : count, I64(end, 40), I64(end, 48));
    }

    private void ReadEntries(long count, long size, long start)
    {
        var directory = _file.Slice(start, size);
        var rest = directory.Span;
        for (var i = 0L; i < count; i++)
        {
            if (rest.Length < CentralLength || U32(rest, 0) != 0x02014b50)
            {
                throw Broken($"has a directory that breaks off at entry {i} of {count}");
            }

            var length = CentralLength + U16(rest, 28) + U16(rest, 30) + U16(rest, 32);
            if (length > rest.Length)
            {
                throw Broken($"has a directory that breaks off at entry {i} of {count}");
            }

            ReadEntry(rest[..length], start);
            rest = rest[length..];
        }

        if (!rest.IsEmpty)
        {
            throw Broken("has bytes after its directory's last entry");
        }

        GC.KeepAlive(directory);
    }

    private void ReadEntry(ReadOnlySpan<byte> record, long directoryStart)
    {
        var name = Name(record.Slice(CentralLength, U16(record, 28)));
        var method = U16(record, 10);
        if ((U16(record, 8) & Encrypted) != 0 || method != 0)
        {
            _notStored ??= $"has entry '{name}' encrypted or compressed (method {method}); PyTorch only stores: unpack it and save it again";
            _entries.TryAdd(name, default);
            return;
        }

        var extra = record.Slice(CentralLength + U16(record, 28), U16(record, 30));
        var (size, packed, local) = Sizes64(name, extra, U32(record, 24), U32(record, 20), U32(record, 42));
        if (size != packed || U16(record, 34) is not (0 or ushort.MaxValue))
        {
            throw Broken($"has entry '{name}' with {packed} bytes stored for {size}");
        }

        var entry = new Entry(local, LocalEnd(name, local, record.Slice(CentralLength, U16(record, 28))), size, U32(record, 16));
        if (size < 0 || entry.DataStart > directoryStart || size > directoryStart - entry.DataStart)
        {
            throw Broken($"has entry '{name}' of {size} bytes at {entry.DataStart}, outside the file");
        }

        if (!_entries.TryAdd(name, entry))
        {
            throw Broken($"has two entries '{name}'");
        }
    }

    // A field of all ones stands for the next 64-bit value of the ZIP64 extra field.
    private (long Size, long Packed, long Local) Sizes64(string name, ReadOnlySpan<byte> extra, uint size, uint packed, uint local)
    {
        var wide = ReadOnlySpan<byte>.Empty;
        while (extra.Length >= 4)
        {
            var length = U16(extra, 2);
            if (length > extra.Length - 4)
            {
                throw Broken($"has a malformed extra field at entry '{name}'");
            }

            wide = U16(extra, 0) == Zip64Extra ? extra.Slice(4, length) : wide;
            extra = extra[(4 + length)..];
        }

        return (Next(size, ref wide), Next(packed, ref wide), Next(local, ref wide));

        long Next(uint value, ref ReadOnlySpan<byte> values)
        {
            if (value != uint.MaxValue)
            {
                return value;
            }

            if (values.Length < 8)
            {
                throw Broken($"lacks the ZIP64 sizes of entry '{name}'");
            }

            var result = I64(values, 0);
            values = values[8..];
            return result;
        }
    }

    private long LocalEnd(string name, long at, ReadOnlySpan<byte> centralName)
    {
        if (at < 0 || at > _file.Length - LocalLength)
        {
            throw Broken($"has entry '{name}' at {at}, outside the file");
        }

        var header = _file.Slice(at, LocalLength).Span;
        if (U32(header, 0) != 0x04034b50 || (U16(header, 6) & Encrypted) != 0 || U16(header, 8) != 0)
        {
            throw Broken($"has a local header of entry '{name}' that contradicts the directory");
        }

        var localName = _file.Slice(at + LocalLength, U16(header, 26));
        if (!localName.Span.SequenceEqual(centralName))
        {
            throw Broken($"calls entry '{name}' otherwise in its local header");
        }

        return at + LocalLength + U16(header, 26) + U16(header, 28);
    }

    private void CheckSpans(long directoryStart)
    {
        var position = 0L;
        foreach (var (name, entry) in _entries.OrderBy(entry => entry.Value.LocalStart))
        {
            if (entry.LocalStart < position)
            {
                throw Broken($"has entry '{name}' overlapping another");
            }

            position = entry.DataStart + entry.Size;
        }

        if (position > directoryStart)
        {
            throw Broken("has an entry that reaches into its directory");
        }
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > NameLimit || !Utf8.IsValid(bytes) || bytes.ContainsAny("\\:\0"u8) || bytes[0] == '/')
        {
            throw Broken("has an entry whose name PyTorch would not write");
        }

        var name = Encoding.UTF8.GetString(bytes);
        return name.Split('/').Contains("..") ? throw Broken($"has an entry '{name}' that points out of the archive") : name;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private WeightsException Broken(string how) => new($"{_file.Source}: the checkpoint {how}.");

    private readonly record struct Entry(long LocalStart, long DataStart, long Size, uint Crc);
}
