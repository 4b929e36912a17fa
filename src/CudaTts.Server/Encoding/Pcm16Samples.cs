using System.Runtime.InteropServices;
using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>Samples of 16 bits as numbers, for encoders that take numbers.</summary>
internal static class Pcm16Samples
{
    /// <summary>The nearest 16-bit value of each sample.</summary>
    public static short[] Of(ReadOnlySpan<float> samples)
    {
        var numbers = new short[samples.Length];
        Pcm16.Convert(samples, MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }
}
