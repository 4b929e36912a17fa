using System.Buffers.Binary;
using CudaTts.Files;

namespace CudaTts.Audio;

/// <summary>
/// WAV files: many kinds are read (<see cref="WavReader"/>), 16-bit PCM of one channel is written. Writing is our own: NAudio's writer needs a stream
/// that seeks and writes to the file itself, where we stream to a pipe, and name a file only once it is whole.
/// </summary>
public static class WavFile
{
    internal const int HeaderBytes = 44;
    private const ushort PcmTag = 1;

    /// <summary>Reads a WAV file, of the kinds that <see cref="AudioFile.Read(string)"/> names; several channels are averaged into one.</summary>
    /// <exception cref="AudioException">The file is missing, malformed, truncated, or of a kind that is not read.</exception>
    public static Waveform Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return AudioFile.Open(path, WavReader.Read);
    }

    /// <summary>
    /// Writes a 16-bit PCM WAV file. The bytes go to a temporary file beside it that is renamed when complete: whatever fails,
    /// a file that was there before is unharmed and nothing half-written stays.
    /// </summary>
    /// <exception cref="AudioException">The folder is missing or read-only, the disk is full, or a sample is not finite.</exception>
    public static void Write(string path, Waveform waveform)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        Write(path, waveform.SampleRate, [waveform.Samples]);
    }

    /// <summary>Writes sound that is still being made: each part is written and forgotten before the next is asked for.</summary>
    /// <param name="path">
    /// The file; as with a whole waveform it appears when complete. A device or a pipe is written into: its first byte waits for the last part.
    /// </param>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    /// <param name="parts">The samples [N] in order. What their enumeration throws passes through.</param>
    /// <exception cref="AudioException">As with a whole waveform, or the sound is longer than the format's 4 GiB.</exception>
    public static void Write(string path, int sampleRate, IEnumerable<float[]> parts)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(parts);
        try
        {
            AtomicFiles.Write((path, stream => Write(stream, sampleRate, parts)));
        }
        catch (FileException error)
        {
            throw new AudioException(error.Message, error);
        }
        catch (AudioException error)
        {
            throw new AudioException($"{path}: cannot be written: {error.Message}");
        }
    }

    /// <summary>Writes a 16-bit PCM WAV file to a stream, which need not be seekable.</summary>
    /// <exception cref="AudioException">A sample is not finite, or the sound is longer than the format's 4 GiB.</exception>
    public static void Write(Stream stream, Waveform waveform)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(waveform);
        stream.Write(Header(waveform.Samples.Length, waveform.SampleRate));
        Pcm16.Write(stream, waveform.Samples);
    }

    /// <summary>The 44 bytes before the samples: RIFF header, fmt chunk, data chunk's header.</summary>
    internal static byte[] Header(long samples, int sampleRate)
    {
        RequireLength(samples);
        var dataBytes = samples * Pcm16.BytesPerSample;
        var header = new byte[HeaderBytes];
        var span = header.AsSpan();
        "RIFF"u8.CopyTo(span);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], (uint)(dataBytes + HeaderBytes - 8));
        "WAVEfmt "u8.CopyTo(span[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(span[20..], PcmTag);
        BinaryPrimitives.WriteUInt16LittleEndian(span[22..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(span[24..], (uint)sampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(span[28..], (uint)sampleRate * Pcm16.BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(span[32..], Pcm16.BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(span[34..], 8 * Pcm16.BytesPerSample);
        "data"u8.CopyTo(span[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[40..], (uint)dataBytes);
        return header;
    }

    /// <summary>
    /// The 44 bytes before samples whose number nobody knows yet: both sizes are 0xFFFFFFFF, which players of streams take for "until the end".
    /// </summary>
    internal static byte[] StreamHeader(int sampleRate)
    {
        var header = Header(0, sampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(HeaderBytes - sizeof(uint)), uint.MaxValue);
        return header;
    }

    private static void RequireLength(long samples)
    {
        if ((samples * Pcm16.BytesPerSample) + HeaderBytes - 8 > uint.MaxValue)
        {
            throw new AudioException($"{samples} samples exceed the 4 GiB of a WAV file; write the text in several parts.");
        }
    }

    private static void Write(Stream stream, int sampleRate, IEnumerable<float[]> parts)
    {
        if (!stream.CanSeek)
        {
            Write(stream, new Waveform([.. parts.SelectMany(part => part)], sampleRate));
            return;
        }

        long samples = 0;
        stream.Write(Header(samples, sampleRate));
        foreach (var part in parts)
        {
            samples += part.Length;
            RequireLength(samples);
            Pcm16.Write(stream, part);
        }

        // Only now is the length known.
        stream.Position = 0;
        stream.Write(Header(samples, sampleRate));
    }
}
