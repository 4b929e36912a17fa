using NLayer;

namespace CudaTts.Audio;

/// <summary>
/// Reads MPEG audio (ISO/IEC 11172-3 and 13818-3, layers I, II and III) through NLayer, a decoder in managed code. That a file is truncated can be
/// seen where its encoder has written how long it is; without that it has the frames that it has. The decoder's own delay of 529 samples stays in
/// front of the sound.
/// </summary>
internal static class Mp3Reader
{
    // NLayer keeps a record of every frame: a longer file would need too much for them.
    private const long MostBytes = 1 << 28;
    private const int BlockSamples = 1 << 13;

    // The first frames of a recording that was cut out of a longer one refer to bits that are gone, and are left out.
    private const int FramesThatMayBeMissing = 2;
    private const int MostSamplesOfAFrame = 1152;

    /// <summary>Whether a file with these first bytes can be MPEG audio: an ID3 tag, or a header's eleven bits in a row and a layer.</summary>
    public static bool Recognises(ReadOnlySpan<byte> signature) =>
        signature.StartsWith("ID3"u8) || (signature[0] == 0xFF && (signature[1] & 0xE0) == 0xE0 && (signature[1] & 0x06) != 0);

    /// <summary>Reads a seekable stream from its start.</summary>
    /// <param name="stream">The file, which has been recognised.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">Malformed, truncated, or longer than is read.</exception>
    public static Waveform Read(Stream stream, string source)
    {
        if (stream.Length > MostBytes)
        {
            throw new AudioException($"{source}: {stream.Length} bytes of MP3 are more than the {MostBytes} that are read; split the recording.");
        }

        MpegFrames.Require(stream, source);
        stream.Position = 0;
        try
        {
            using var file = new MpegFile(stream);
            return Decode(file, source);
        }
        catch (Exception error) when (error is not (AudioException or OutOfMemoryException or UnauthorizedAccessException)
            && (error is not IOException || error is EndOfStreamException or InvalidDataException))
        {
            // A decoder that walks over damaged bits fails in ways of its own, an index out of range among them.
            throw new AudioException(
                $"{source}: expected MPEG audio, found something else or damaged frames; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
        }
    }

    private static Waveform Decode(MpegFile file, string source)
    {
        var (rate, channels) = (file.SampleRate, file.Channels);
        var expected = file.Length / sizeof(float) / channels;
        SoundReader.RequireLength(expected, source);
        var samples = new List<float>();
        var block = new float[BlockSamples * channels];
        for (var count = file.ReadSamples(block); count > 0; count = file.ReadSamples(block))
        {
            SoundReader.RequireLength(samples.Count + (count / channels), source);
            for (var frame = 0; frame + channels <= count; frame += channels)
            {
                samples.Add(channels == 1 ? block[frame] : (block[frame] + block[frame + 1]) / 2);
            }
        }

        return samples.Count > 0 && samples.Count >= expected - (FramesThatMayBeMissing * MostSamplesOfAFrame)
            ? SoundReader.Finite([.. samples], rate, source)
            : throw new AudioException(
                $"{source}: {expected} samples are announced, {samples.Count} could be decoded; the file is truncated or damaged.");
    }
}
