using System.Buffers.Binary;

namespace CudaTts.Audio;

/// <summary>Signed 16-bit little-endian PCM, the format of WAV files and of raw output (<c>s16le</c> in ffmpeg's and aplay's words).</summary>
public static class Pcm16
{
    /// <summary>Bytes a sample takes.</summary>
    public const int BytesPerSample = 2;

    // 32768, not 32767: with it a 16-bit recording that is read and written again keeps every bit.
    private const float FullScale = 32768f;
    private const int SamplesPerBlock = 8192;

    /// <summary>The nearest 16-bit value of each sample; what lies outside -1 and 1 is clamped.</summary>
    /// <param name="samples">Samples [N].</param>
    /// <param name="destination">Receives two bytes a sample.</param>
    /// <exception cref="AudioException">A sample is not finite.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Convert(ReadOnlySpan<float> samples, Span<byte> destination)
    {
        if (destination.Length / BytesPerSample < samples.Length)
        {
            throw new ArgumentException($"{samples.Length} samples do not fit {destination.Length} bytes.", nameof(destination));
        }

        for (var i = 0; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
            {
                throw new AudioException(FormattableString.Invariant(
                    $"sample {i} is {samples[i]}, which no sound file can hold; the model's weights or its input are damaged."));
            }

            var scaled = MathF.Round(samples[i] * FullScale, MidpointRounding.AwayFromZero);
            BinaryPrimitives.WriteInt16LittleEndian(destination[(i * BytesPerSample)..], (short)Math.Clamp(scaled, short.MinValue, short.MaxValue));
        }
    }

    /// <summary>Writes the samples as they stand in a WAV file's data chunk, without any header.</summary>
    /// <param name="stream">Receives two bytes a sample.</param>
    /// <param name="samples">Samples [N].</param>
    /// <exception cref="AudioException">A sample is not finite.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> samples)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> block = new byte[Math.Min(samples.Length, SamplesPerBlock) * BytesPerSample];
        while (samples.Length > 0)
        {
            var part = samples[..Math.Min(samples.Length, SamplesPerBlock)];
            Convert(part, block);
            stream.Write(block[..(part.Length * BytesPerSample)]);
            samples = samples[part.Length..];
        }
    }
}
