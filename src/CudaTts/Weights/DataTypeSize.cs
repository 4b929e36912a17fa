namespace CudaTts.Weights;

/// <summary>Sizes of <see cref="DataType"/> values in bytes.</summary>
internal static class DataTypeSize
{
    /// <summary>Bytes of one element.</summary>
    public static int ByteSize(this DataType type) => type switch
    {
        DataType.BOOL or DataType.U8 or DataType.I8 => 1,
        DataType.U16 or DataType.I16 or DataType.F16 or DataType.BF16 => 2,
        DataType.U32 or DataType.I32 or DataType.F32 => 4,
        _ => 8,
    };

    /// <summary>Bytes of a whole tensor.</summary>
    /// <exception cref="OverflowException">The product does not fit 63 bits.</exception>
    public static long ByteSize(this DataType type, ReadOnlySpan<int> shape)
    {
        long size = type.ByteSize();
        foreach (var dimension in shape)
        {
            size = checked(size * dimension);
        }

        return size;
    }
}
