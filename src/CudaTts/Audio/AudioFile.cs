using CudaTts.Files;

namespace CudaTts.Audio;

/// <summary>Reads recordings: WAV, AIFF and MP3, known by their first bytes, whatever the file is called.</summary>
public static class AudioFile
{
    private const int SignatureBytes = 12;

    // A pipe is held in memory: an hour and a half of 16 bits at 48 kHz.
    private const long MostPipedBytes = 1L << 29;

    /// <summary>Reads a recording; several channels are averaged into one.</summary>
    /// <param name="path">
    /// WAV of PCM (8, 16, 24, 32 bits), float (32, 64 bits), A-law or mu-law, plain, extensible or RF64; uncompressed AIFF or AIFC; MPEG audio of
    /// layers I, II and III.
    /// </param>
    /// <exception cref="AudioException">The file is missing, malformed, truncated, or of a kind that is not read.</exception>
    public static Waveform Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Open(path, Read);
    }

    /// <summary>Reads a file with a reader of streams.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Takes the stream and what messages call it.</param>
    /// <exception cref="AudioException">The file is missing or cannot be read, or what the reader says of it.</exception>
    internal static Waveform Open(string path, Func<Stream, string, Waveform> read)
    {
        try
        {
            using var stream = InputFile.Open(path);
            if (stream.CanSeek)
            {
                return read(stream, path);
            }

            using var whole = Buffered(stream, path);
            return read(whole, path);
        }
        catch (FileException error)
        {
            throw new AudioException(error.Message, error);
        }
        catch (EndOfStreamException)
        {
            throw new AudioException($"{path}: ends within a header; the file is truncated.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AudioException($"{path}: cannot be read: {FileFault.ReasonOf(error)}.");
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException)
        {
            throw new AudioException(
                $"{path}: expected the name of a recording, found one that no file can have, or a header that no recording has.");
        }
    }

    /// <summary>All of a pipe, which cannot be sought in.</summary>
    private static MemoryStream Buffered(Stream pipe, string source)
    {
        var whole = new MemoryStream();
        var block = new byte[1 << 16];
        for (var count = pipe.Read(block); count > 0; count = pipe.Read(block))
        {
            if (whole.Length + count > MostPipedBytes)
            {
                throw new AudioException($"{source}: more than {MostPipedBytes} bytes come from the pipe; write them to a file first.");
            }

            whole.Write(block, 0, count);
        }

        whole.Position = 0;
        return whole;
    }

    /// <summary>Reads a seekable stream from its start.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">Malformed, truncated, or of a kind that is not read.</exception>
    internal static Waveform Read(Stream stream, string source)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        signature.Clear();
        stream.ReadAtLeast(signature, signature.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return WavReader.Recognises(signature) ? WavReader.Read(stream, source)
            : AiffReader.Recognises(signature) ? AiffReader.Read(stream, source)
            : Mp3Reader.Recognises(signature) ? Mp3Reader.Read(stream, source)
            : throw new AudioException(
                $"{source}: expected WAV (RIFF/WAVE), AIFF or MP3, found something else; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
    }
}
