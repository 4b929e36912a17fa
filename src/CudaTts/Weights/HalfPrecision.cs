using System.Runtime.Intrinsics;

namespace CudaTts.Weights;

/// <summary>
/// Half-precision numbers, a vector at a time. A conversion one by one took most of the time of loading a model, and .NET has no instruction for it.
/// </summary>
internal static class HalfPrecision
{
    private const ushort ExponentBits = 0x7C00;

    // The quotient of the exponent biases of float and half: 2^112.
    private const float Scale = 5.192296858534828e33f;

    // What infinities and NaN become by the scale alone, at least: one more than the largest half has room for.
    private const float TooLarge = 65536;

    /// <summary>The numbers as float32, exactly.</summary>
    /// <param name="halves">Their bits.</param>
    /// <param name="destination">Receives as many.</param>
    public static void Widen(ReadOnlySpan<ushort> halves, Span<float> destination)
    {
        var i = 0;
        for (; i <= halves.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(halves[i..]).AsInt16());
            Widen(lower).CopyTo(destination[i..]);
            Widen(upper).CopyTo(destination[(i + Vector256<float>.Count)..]);
        }

        for (; i < halves.Length; i++)
        {
            destination[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
        }
    }

    /// <summary>Whether none is an infinity or no number.</summary>
    public static bool AreFinite(ReadOnlySpan<ushort> halves)
    {
        var i = 0;
        var exponent = Vector256.Create(ExponentBits);
        for (; i <= halves.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            if (Vector256.EqualsAny(Vector256.Create(halves[i..]) & exponent, exponent))
            {
                return false;
            }
        }

        foreach (var half in halves[i..])
        {
            if ((half & ExponentBits) == ExponentBits)
            {
                return false;
            }
        }

        return true;
    }

    // Sign-extended to 32 bits, shifted to where a float has exponent and fraction, without the copies of the sign between sign and
    // exponent: so it is the number times 2^-112, a subnormal too. The exponent of infinities and NaN is all ones in both.
    private static Vector256<float> Widen(Vector256<int> halves)
    {
        var small = ((halves << 13) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle();
        var widened = small * Vector256.Create(Scale);
        var isTooLarge = Vector256.GreaterThanOrEqual(Vector256.Abs(widened), Vector256.Create(TooLarge));
        return widened | (isTooLarge & Vector256.Create(float.PositiveInfinity));
    }
}
