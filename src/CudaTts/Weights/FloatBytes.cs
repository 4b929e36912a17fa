using System.Runtime.InteropServices;

namespace CudaTts.Weights;

/// <summary>Stores float64 values as a narrower float type.</summary>
internal static class FloatBytes
{
    /// <summary>The values rounded to nearest in <paramref name="type"/>, little-endian.</summary>
    /// <exception cref="WeightsException">A value is beyond the type's range.</exception>
    public static byte[] Narrow(string source, string name, ReadOnlySpan<double> values, DataType type)
    {
        var bytes = new byte[values.Length * type.ByteSize()];
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i]) && !IsFiniteIn(values[i], type))
            {
                throw new WeightsException(FormattableString.Invariant(
                    $"{source}: tensor '{name}': {values[i]} is beyond the range of {type}; keep the file's own type."));
            }
        }

        switch (type)
        {
            case DataType.F64:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case DataType.F32:
                Fill(values, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), value => (float)value);
                break;
            case DataType.F16:
                Fill(values, MemoryMarshal.Cast<byte, Half>(bytes.AsSpan()), value => (Half)value);
                break;
            default:
                Fill(values, MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan()), BrainFloat);
                break;
        }

        return bytes;
    }

    private static bool IsFiniteIn(double value, DataType type) => type switch
    {
        DataType.F16 => Half.IsFinite((Half)value),
        DataType.F64 => true,
        _ => float.IsFinite((float)value),
    };

    private static void Fill<T>(ReadOnlySpan<double> values, Span<T> destination, Func<double, T> convert)
    {
        for (var i = 0; i < values.Length; i++)
        {
            destination[i] = convert(values[i]);
        }
    }

    // bfloat16 is the upper half of a float32: round to nearest, ties to even, by adding just under half of the last kept bit.
    private static ushort BrainFloat(double value)
    {
        var bits = BitConverter.SingleToUInt32Bits((float)value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
