using System.Buffers.Binary;

namespace CudaTts.Audio;

/// <summary>
/// Parser of RIFF/WAVE (Microsoft, "New Multimedia Data Types and Data Techniques", 1994; WAVEFORMATEXTENSIBLE).
/// Believes no size before comparing it with the bytes that are there; memory is what the samples that are there need.
/// </summary>
internal static class WavReader
{
    internal const ushort PcmTag = 1;
    private const ushort FloatTag = 3;
    private const ushort ExtensibleTag = 0xFFFE;
    private const int ExtensibleFormatBytes = 40;
    private const int MaximumChannels = 64;
    private const int MaximumSampleRate = 1_000_000;
    private const long MaximumSamples = 1 << 28; // 1 GiB of float32: 3.4 hours at 22,050 Hz

    // What writers that cannot seek (a pipe) put for a length they do not know yet: the data run to the end of the file.
    private const uint UnknownSize = uint.MaxValue;

    private static ReadOnlySpan<byte> SubFormatTail => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Reads a seekable stream from its start.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="AudioException">Malformed, truncated, or of a kind that is not read.</exception>
    public static Waveform Read(Stream stream, string source)
    {
        Span<byte> riff = stackalloc byte[12];
        if (stream.ReadAtLeast(riff, riff.Length, throwOnEndOfStream: false) < riff.Length
            || !riff[..4].SequenceEqual("RIFF"u8) || !riff[8..].SequenceEqual("WAVE"u8))
        {
            throw new AudioException(
                $"{source}: expected a RIFF/WAVE file, found something else; convert it with: ffmpeg -i IN -ac 1 -c:a pcm_s16le OUT.wav");
        }

        SampleFormat? format = null;
        Span<byte> chunk = stackalloc byte[8];
        while (stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) == chunk.Length)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            var left = stream.Length - stream.Position;
            if (chunk[..4].SequenceEqual("data"u8))
            {
                var dataFormat = format ?? throw new AudioException($"{source}: the data chunk comes before any fmt chunk; the file is damaged.");
                return ReadData(stream, source, dataFormat, size == UnknownSize ? left - (left % dataFormat.FrameBytes) : size, left);
            }

            if (size > left)
            {
                throw new AudioException($"{source}: a chunk claims {size} bytes, {left} are left; the file is truncated or damaged.");
            }

            // Chunks start at even offsets; the padding byte is not part of the size.
            var next = Math.Min(stream.Length, stream.Position + size + (size & 1));
            if (chunk[..4].SequenceEqual("fmt "u8))
            {
                format = ReadFormat(stream, source, (int)Math.Min(size, ExtensibleFormatBytes));
            }

            stream.Position = next;
        }

        throw new AudioException($"{source}: no data chunk; the file is truncated.");
    }

    private static SampleFormat ReadFormat(Stream stream, string source, int size)
    {
        Span<byte> bytes = stackalloc byte[ExtensibleFormatBytes];
        bytes.Clear();
        if (size < 16)
        {
            throw new AudioException($"{source}: expected a fmt chunk of at least 16 bytes, found {size}; the file is damaged.");
        }

        stream.ReadExactly(bytes[..size]);
        var tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (tag == ExtensibleTag)
        {
            if (size < ExtensibleFormatBytes || !bytes[26..].SequenceEqual(SubFormatTail))
            {
                throw new AudioException(
                    $"{source}: an extensible fmt chunk whose sub-format is not known; convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
            }

            tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);
        }

        var format = new SampleFormat(
            tag == FloatTag,
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
            (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])));
        Check(format, tag, BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]), source);
        return format;
    }

    private static void Check(SampleFormat format, ushort tag, ushort blockAlign, string source)
    {
        var known = tag == PcmTag ? format.Bits is 8 or 16 or 24 or 32 : tag == FloatTag && format.Bits is 32 or 64;
        if (!known)
        {
            throw new AudioException(
                $"{source}: expected PCM of 8, 16, 24 or 32 bits or float of 32 or 64, found format {tag} of {format.Bits} bits; "
                + "convert it with: ffmpeg -i IN -c:a pcm_s16le OUT.wav");
        }

        if (format.Channels is < 1 or > MaximumChannels || format.SampleRate is < 1 or > MaximumSampleRate || blockAlign != format.FrameBytes)
        {
            throw new AudioException(
                $"{source}: a fmt chunk with {format.Channels} channels, {format.SampleRate} Hz, {blockAlign} bytes a frame "
                + $"(expected {format.FrameBytes}); the file is damaged.");
        }
    }

    private static Waveform ReadData(Stream stream, string source, SampleFormat format, long size, long left)
    {
        if (size > left || size % format.FrameBytes != 0)
        {
            throw new AudioException(
                $"{source}: the data chunk claims {size} bytes of {format.FrameBytes} a frame, {left} are there; the file is truncated or damaged.");
        }

        var count = size / format.FrameBytes;
        if (count > MaximumSamples)
        {
            throw new AudioException($"{source}: {count} samples are more than the {MaximumSamples} that are read; split the recording.");
        }

        var samples = new float[count];
        var block = new byte[Math.Min(size, 4096L * format.FrameBytes)];
        var framesPerBlock = block.Length / format.FrameBytes;
        for (var start = 0; start < samples.Length; start += framesPerBlock)
        {
            var frames = Math.Min(framesPerBlock, samples.Length - start);
            stream.ReadExactly(block.AsSpan(0, frames * format.FrameBytes));
            MixDown(block, format, samples.AsSpan(start, frames));
        }

        var damaged = samples.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return damaged < 0
            ? new Waveform(samples, format.SampleRate)
            : throw new AudioException($"{source}: sample {damaged} is {samples[damaged]}; the file is damaged.");
    }

    private static void MixDown(ReadOnlySpan<byte> block, SampleFormat format, Span<float> samples)
    {
        var step = format.Bits / 8;
        for (var i = 0; i < samples.Length; i++)
        {
            double sum = 0;
            for (var channel = 0; channel < format.Channels; channel++)
            {
                sum += Value(block, format);
                block = block[step..];
            }

            samples[i] = (float)(sum / format.Channels);
        }
    }

    private static double Value(ReadOnlySpan<byte> bytes, SampleFormat format) => (format.IsFloat, format.Bits) switch
    {
        (false, 8) => (bytes[0] - 128) / 128.0,
        (false, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0,
        (false, 24) => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 2147483648.0,
        (false, _) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0,
        (true, 32) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        (true, _) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    /// <summary>What a fmt chunk says of the samples.</summary>
    private readonly record struct SampleFormat(bool IsFloat, int Bits, int Channels, int SampleRate)
    {
        /// <summary>Bytes of one sample of every channel.</summary>
        public int FrameBytes => Channels * (Bits / 8);
    }
}
