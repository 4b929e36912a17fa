using System.Buffers.Binary;
using NAudio.Wave;

namespace CudaTts.Audio;

/// <summary>
/// Reads RIFF/WAVE (Microsoft, "New Multimedia Data Types and Data Techniques", 1994; WAVEFORMATEXTENSIBLE; RF64, EBU Tech 3306). Formats and codecs
/// are NAudio's. Where the sound lies is found here: NAudio's WaveFileReader takes the last of two data chunks, reads nothing of a file whose RIFF
/// size was never filled in, and allocates what an RF64 header claims.
/// </summary>
internal static class WavReader
{
    private const int RiffBytes = 12;
    private const int LongSizesBytes = 16;
    private const int LeastFormatBytes = 16;
    private const int ExtensibleFormatBytes = 40;
    private const int ExtensionBytes = 22;
    private const int SubFormatOffset = 6;

    // Writers that cannot seek (a pipe) put 2 or 4 GiB less a header or some pages, or nothing, for a length that they do not know yet.
    private const long Pages = 1 << 16;
    private const int ChunkNameBytes = 4;

    private static ReadOnlySpan<byte> SubFormatTail => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Whether a file with these first twelve bytes is WAV.</summary>
    public static bool Recognises(ReadOnlySpan<byte> signature) =>
        (signature.StartsWith("RIFF"u8) || signature.StartsWith("RF64"u8) || signature.StartsWith("BW64"u8)) && signature[8..].StartsWith("WAVE"u8);

    /// <summary>Reads a seekable stream from its start.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">Malformed, truncated, or of a kind that is not read.</exception>
    public static Waveform Read(Stream stream, string source)
    {
        Span<byte> riff = stackalloc byte[RiffBytes];
        if (stream.ReadAtLeast(riff, riff.Length, throwOnEndOfStream: false) < riff.Length || !Recognises(riff))
        {
            throw new AudioException(
                $"{source}: expected a RIFF/WAVE file, found something else; convert it with: ffmpeg -i IN -ac 1 -c:a pcm_s16le OUT.wav");
        }

        var isLong = !riff.StartsWith("RIFF"u8);
        long riffSize = BinaryPrimitives.ReadUInt32LittleEndian(riff[4..]);
        long? longDataSize = null;
        WaveFormat? format = null;
        foreach (var chunk in ContainerChunk.Walk(stream, source, bigEndian: false, openEnded: "data"))
        {
            switch (chunk.Name)
            {
                case "ds64" when isLong && chunk.Size >= LongSizesBytes:
                    (riffSize, longDataSize) = LongSizes(stream);
                    break;
                case "fmt ":
                    format = ReadFormat(stream, source, (int)Math.Min(chunk.Size, ExtensibleFormatBytes));
                    break;
                case "data":
                    var known = format ?? throw new AudioException($"{source}: the data chunk comes before any fmt chunk; the file is damaged.");
                    return ReadData(stream, source, known, chunk.Size == uint.MaxValue ? longDataSize ?? chunk.Size : chunk.Size, riffSize);
            }
        }

        throw new AudioException($"{source}: no data chunk; the file is truncated.");
    }

    private static (long Riff, long Data) LongSizes(Stream stream)
    {
        Span<byte> sizes = stackalloc byte[LongSizesBytes];
        stream.ReadExactly(sizes);
        return (BinaryPrimitives.ReadInt64LittleEndian(sizes), BinaryPrimitives.ReadInt64LittleEndian(sizes[8..]));
    }

    private static WaveFormat ReadFormat(Stream stream, string source, int size)
    {
        if (size < LeastFormatBytes)
        {
            throw new AudioException($"{source}: expected a fmt chunk of at least {LeastFormatBytes} bytes, found {size}; the file is damaged.");
        }

        // From memory: what NAudio reads cannot go beyond the chunk.
        var bytes = new byte[ExtensibleFormatBytes];
        stream.ReadExactly(bytes.AsSpan(0, size));
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var format = WaveFormat.FromFormatChunk(reader, size);
        if (format.Encoding == WaveFormatEncoding.Extensible)
        {
            format = SubFormat(format, (format as WaveFormatExtraData)?.ExtraData, source);
        }

        SoundReader.Check(format, source);
        return format;
    }

    /// <summary>The plain format of an extensible one: its own numbers, and the encoding that its sub-format names.</summary>
    private static WaveFormat SubFormat(WaveFormat format, ReadOnlySpan<byte> extension, string source)
    {
        var isKnown = extension.Length == ExtensionBytes && extension[(SubFormatOffset + 2)..].StartsWith(SubFormatTail);
        return isKnown
            ? WaveFormat.CreateCustomFormat(
                (WaveFormatEncoding)BinaryPrimitives.ReadUInt16LittleEndian(extension[SubFormatOffset..]), format.SampleRate, format.Channels,
                format.AverageBytesPerSecond, format.BlockAlign, format.BitsPerSample)
            : throw new AudioException(
                $"{source}: an extensible fmt chunk whose sub-format is not known; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
    }

    private static Waveform ReadData(Stream stream, string source, WaveFormat format, long claimed, long riffSize)
    {
        var left = stream.Length - stream.Position;
        var isUnknown = claimed > left ? IsPlaceholder(claimed)
            : claimed == 0 && left > 0 && (riffSize != stream.Length - 8 || !IsChunk(stream));
        var size = isUnknown ? left - (left % format.BlockAlign) : claimed;
        if (size < 0 || size > left || size % format.BlockAlign != 0)
        {
            throw new AudioException(
                $"{source}: the data chunk claims {size} bytes of {format.BlockAlign} a frame, {left} are there; the file is truncated or damaged.");
        }

        return SoundReader.Read(stream, format, size / format.BlockAlign, source);
    }

    private static bool IsPlaceholder(long size) =>
        size is (>= int.MaxValue - Pages and <= int.MaxValue + Pages) or (>= uint.MaxValue - Pages and <= uint.MaxValue);

    /// <summary>Whether a chunk's name is next, and not samples. The stream stays where it is.</summary>
    private static bool IsChunk(Stream stream)
    {
        Span<byte> name = stackalloc byte[ChunkNameBytes];
        var start = stream.Position;
        var count = stream.ReadAtLeast(name, name.Length, throwOnEndOfStream: false);
        stream.Position = start;
        return count == name.Length && !name.ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }
}
