namespace CudaTts.Audio;

/// <summary>Reads recordings: WAV, AIFF and MP3, known by their first bytes, whatever the file is called.</summary>
public static class AudioFile
{
    private const int SignatureBytes = 12;

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
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            return read(stream, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new AudioException($"{path}: cannot be read: {error.Message.ReplaceLineEndings(" ")}");
        }
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
