using System.Buffers.Binary;
using NAudio.Wave;

namespace CudaTts.Audio;

/// <summary>
/// Reads AIFF and AIFC without compression (Apple, "Audio Interchange File Format", 1989) through NAudio, once its chunks have been looked over.
/// </summary>
internal static class AiffReader
{
    private const int FormBytes = 12;
    private const int CommonBytes = 18;
    private const int CommonBytesOfAifc = 22;
    private const int SoundHeaderBytes = 8;

    /// <summary>Whether a file with these first twelve bytes is AIFF.</summary>
    public static bool Recognises(ReadOnlySpan<byte> signature) =>
        signature.StartsWith("FORM"u8) && (signature[8..].StartsWith("AIFF"u8) || signature[8..].StartsWith("AIFC"u8));

    /// <summary>Reads a seekable stream from its start.</summary>
    /// <param name="stream">The file, which has been recognised.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">Malformed, truncated, or of a kind that is not read.</exception>
    public static Waveform Read(Stream stream, string source)
    {
        var frames = RequireWhole(stream, source);
        stream.Position = 0;
        using var file = Open(stream, source);
        SoundReader.Check(file.WaveFormat, source);
        if (frames * file.WaveFormat.BlockAlign > file.Length)
        {
            throw new AudioException(
                $"{source}: {frames} frames of {file.WaveFormat.BlockAlign} bytes are announced, {file.Length} bytes are there; "
                + "the file is truncated or damaged.");
        }

        return SoundReader.Read(file, file.WaveFormat, frames, source);
    }

    /// <summary>Looks at every chunk; the number of frames that the COMM chunk announces.</summary>
    private static long RequireWhole(Stream stream, string source)
    {
        Span<byte> form = stackalloc byte[FormBytes];
        stream.ReadExactly(form);
        var isAifc = form[8..].StartsWith("AIFC"u8);
        long? frames = null;
        var hasSound = false;
        foreach (var chunk in ContainerChunk.Walk(stream, source, bigEndian: true))
        {
            if (chunk.Name == "COMM")
            {
                frames = Frames(stream, chunk, isAifc, source);
            }
            else if (chunk.Name == "SSND")
            {
                hasSound = chunk.Size >= SoundHeaderBytes;
            }
        }

        return hasSound && frames is { } count
            ? count
            : throw new AudioException($"{source}: expected a COMM chunk and an SSND chunk; the file is truncated or damaged.");
    }

    private static long Frames(Stream stream, ContainerChunk chunk, bool isAifc, string source)
    {
        Span<byte> common = stackalloc byte[CommonBytesOfAifc];
        var needed = isAifc ? CommonBytesOfAifc : CommonBytes;
        if (chunk.Size < needed)
        {
            throw new AudioException($"{source}: expected a COMM chunk of at least {needed} bytes, found {chunk.Size}; the file is damaged.");
        }

        stream.ReadExactly(common[..needed]);
        var (channels, bits) = (BinaryPrimitives.ReadInt16BigEndian(common), BinaryPrimitives.ReadInt16BigEndian(common[6..]));
        if (channels is < 1 or > SoundReader.MostChannels || bits is not (8 or 16 or 24 or 32))
        {
            throw new AudioException(
                $"{source}: expected 1 to {SoundReader.MostChannels} channels of 8, 16, 24 or 32 bits, found {channels} channels of {bits} bits; "
                + "convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
        }

        return !isAifc || common[CommonBytes..].SequenceEqual("NONE"u8)
            ? BinaryPrimitives.ReadUInt32BigEndian(common[2..])
            : throw new AudioException(
                $"{source}: AIFC with compression, or in another order of bytes, is not read; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
    }

    private static AiffFileReader Open(Stream stream, string source)
    {
        try
        {
            return new AiffFileReader(stream);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or ArgumentException or OverflowException)
        {
            throw new AudioException($"{source}: its COMM or SSND chunk holds numbers that no recording has; the file is damaged.");
        }
    }
}
