using System.Buffers.Binary;

namespace CudaTts.Audio;

/// <summary>
/// Walks the frames of MPEG audio by their headers (ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; 13818-3). NLayer looks for a frame byte by byte, which
/// takes a minute for a file of nothing else; here it is seen at once whether a file is made of frames.
/// </summary>
internal static class MpegFrames
{
    // Tags behind the sound, with a picture in them, are the largest part that is no frame.
    private const long MostOtherBytes = 4 << 20;
    private const int HeaderBytes = 4;
    private const int TagHeaderBytes = 10;
    private const int WindowBytes = 1 << 16;

    // kbit/s by the index of the header, from 1 on.
    private static readonly int[] s_layer1 = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
    private static readonly int[] s_layer2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    private static readonly int[] s_layer3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] s_lowLayer1 = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
    private static readonly int[] s_lowOthers = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] s_rates = [44_100, 48_000, 32_000];

    /// <summary>Refuses a file that is mostly something else. The stream's place afterwards is any.</summary>
    /// <exception cref="AudioException">More than some tags is no frame.</exception>
    public static void Require(Stream stream, string source)
    {
        var window = new byte[WindowBytes];
        var others = 0L;
        for (var at = TagLength(stream, window); at + HeaderBytes <= stream.Length;)
        {
            var bytes = Window(stream, at, window);
            if (bytes.Length < HeaderBytes)
            {
                // The file has become shorter since it was asked for its length.
                break;
            }

            while (bytes.Length >= HeaderBytes && others <= MostOtherBytes)
            {
                var length = FrameLength(bytes);
                if (length == 0 || (length + HeaderBytes <= bytes.Length && FrameLength(bytes[length..]) == 0))
                {
                    // Not a frame, or none that another one follows: on to the next byte that may begin one.
                    var next = bytes[1..].IndexOf((byte)0xFF);
                    length = next < 0 ? bytes.Length : next + 1;
                    others += length;
                }

                at += length;
                bytes = length < bytes.Length ? bytes[length..] : default;
            }

            if (others > MostOtherBytes)
            {
                throw new AudioException(
                    $"{source}: expected MPEG audio, found more than {MostOtherBytes} bytes of something else; convert it with: "
                    + "ffmpeg -i IN -c:a pcm_s16le OUT.wav");
            }
        }
    }

    /// <summary>Bytes of the frame whose header this is, at most some thousand; 0 where it is none, or one that does not say its length.</summary>
    private static int FrameLength(ReadOnlySpan<byte> header)
    {
        var bits = BinaryPrimitives.ReadUInt32BigEndian(header);
        var (version, layer) = ((bits >> 19) & 3, 4 - (int)((bits >> 17) & 3));
        var (bitrate, rate, padding) = ((int)((bits >> 12) & 15), (int)((bits >> 10) & 3), (int)((bits >> 9) & 1));
        if (bits >> 21 != 0x7FF || version == 1 || layer == 4 || bitrate is 0 or 15 || rate == 3)
        {
            return 0;
        }

        var isLow = version != 3;
        var kilobits = (isLow ? layer == 1 ? s_lowLayer1 : s_lowOthers : layer == 1 ? s_layer1 : layer == 2 ? s_layer2 : s_layer3)[bitrate - 1];
        var hertz = s_rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
        return layer == 1
            ? 4 * ((12_000 * kilobits / hertz) + padding)
            : ((layer == 3 && isLow ? 72_000 : 144_000) * kilobits / hertz) + padding;
    }

    /// <summary>Bytes of an ID3 tag at the start, whose length has seven bits a byte.</summary>
    private static long TagLength(Stream stream, byte[] window)
    {
        var start = Window(stream, 0, window);
        return start.Length >= TagHeaderBytes && start.StartsWith("ID3"u8)
            ? TagHeaderBytes + ((start[6] & 127) << 21) + ((start[7] & 127) << 14) + ((start[8] & 127) << 7) + (start[9] & 127)
            : 0;
    }

    private static ReadOnlySpan<byte> Window(Stream stream, long at, byte[] window)
    {
        stream.Position = at;
        return window.AsSpan(0, stream.ReadAtLeast(window, window.Length, throwOnEndOfStream: false));
    }
}
