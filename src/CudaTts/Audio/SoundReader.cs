using System.Buffers.Binary;
using NAudio.Codecs;
using NAudio.Wave;

namespace CudaTts.Audio;

/// <summary>
/// The samples of a file that NAudio has opened, as one channel of float32. The mean of the channels is taken in float64, and only it is rounded;
/// NAudio's own sample providers round each channel first.
/// </summary>
internal static class SoundReader
{
    /// <summary>The most samples of one file: 1 GiB of float32, 3.4 hours at 22,050 Hz.</summary>
    public const long MostSamples = 1 << 28;

    /// <summary>The most channels of one file.</summary>
    public const int MostChannels = 64;

    private const int HighestRate = 1_000_000;
    private const int FramesPerBlock = 4096;

    /// <summary>Refuses what no recording has, before anything is read or allocated.</summary>
    /// <exception cref="AudioException">An encoding that is not read, or numbers that cannot be right.</exception>
    public static void Check(WaveFormat format, string source)
    {
        var isKnown = (format.Encoding, format.BitsPerSample) is (WaveFormatEncoding.Pcm, 8 or 16 or 24 or 32)
            or (WaveFormatEncoding.IeeeFloat, 32 or 64) or (WaveFormatEncoding.ALaw or WaveFormatEncoding.MuLaw, 8);
        if (!isKnown)
        {
            throw new AudioException(
                $"{source}: expected PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law or mu-law, found format {(ushort)format.Encoding} "
                + $"({format.Encoding}) of {format.BitsPerSample} bits; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
        }

        var frameBytes = format.Channels * (format.BitsPerSample / 8);
        if (format.Channels is < 1 or > MostChannels || format.SampleRate is < 1 or > HighestRate || format.BlockAlign != frameBytes)
        {
            throw new AudioException(
                $"{source}: expected 1 to {MostChannels} channels, 1 to {HighestRate} Hz and as many bytes a frame, found "
                + $"{format.Channels} channels, {format.SampleRate} Hz, {format.BlockAlign} bytes a frame; the file is damaged.");
        }
    }

    /// <summary>Reads from the stream's place on.</summary>
    /// <param name="stream">The sound, of a format that has been checked.</param>
    /// <param name="format">What the bytes mean.</param>
    /// <param name="frames">How many samples of each channel are there.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">More samples than are read, or one that is not finite.</exception>
    public static Waveform Read(Stream stream, WaveFormat format, long frames, string source)
    {
        RequireLength(frames, source);
        var samples = new float[frames];
        var block = new byte[Math.Min(frames, FramesPerBlock) * format.BlockAlign];
        for (var start = 0; start < samples.Length; start += FramesPerBlock)
        {
            var part = samples.AsSpan(start, Math.Min(FramesPerBlock, samples.Length - start));
            stream.ReadExactly(block.AsSpan(0, part.Length * format.BlockAlign));
            Average(block, format, part);
        }

        return Finite(samples, format.SampleRate, source);
    }

    /// <summary>Refuses a recording that is longer than is read.</summary>
    public static void RequireLength(long samples, string source)
    {
        if (samples > MostSamples)
        {
            throw new AudioException($"{source}: {samples} samples are more than the {MostSamples} that are read; split the recording.");
        }
    }

    /// <summary>The samples as they are, unless one of them is not a number.</summary>
    public static Waveform Finite(float[] samples, int sampleRate, string source)
    {
        var damaged = samples.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return damaged < 0
            ? new Waveform(samples, sampleRate)
            : throw new AudioException(FormattableString.Invariant($"{source}: sample {damaged} is {samples[damaged]}; the file is damaged."));
    }

    private static void Average(ReadOnlySpan<byte> block, WaveFormat format, Span<float> samples)
    {
        var (encoding, bits, channels) = (format.Encoding, format.BitsPerSample, format.Channels);
        for (var i = 0; i < samples.Length; i++)
        {
            double sum = 0;
            for (var channel = 0; channel < channels; channel++)
            {
                sum += Value(block, encoding, bits);
                block = block[(bits / 8)..];
            }

            samples[i] = (float)(sum / channels);
        }
    }

    private static double Value(ReadOnlySpan<byte> bytes, WaveFormatEncoding encoding, int bits) => (encoding, bits) switch
    {
        (WaveFormatEncoding.Pcm, 8) => (bytes[0] - 128) / 128.0,
        (WaveFormatEncoding.Pcm, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0,
        (WaveFormatEncoding.Pcm, 24) => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 2147483648.0,
        (WaveFormatEncoding.Pcm, _) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0,
        (WaveFormatEncoding.ALaw, _) => ALawDecoder.ALawToLinearSample(bytes[0]) / 32768.0,
        (WaveFormatEncoding.MuLaw, _) => MuLawDecoder.MuLawToLinearSample(bytes[0]) / 32768.0,
        (_, 32) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };
}
