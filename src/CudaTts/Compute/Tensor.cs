using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CudaTts.Compute;

/// <summary>
/// A float32 tensor in row-major order whose rows start on a 64-byte boundary only at element 0 of its storage.
/// Storage is a pinned managed array, so a pointer to it stays valid as long as the tensor is reachable and nothing needs disposing.
/// </summary>
public sealed class Tensor
{
    private const int AlignmentFloats = 16;
    private readonly float[] _storage;
    private readonly int _offset;

    /// <summary>Creates a zero-filled tensor.</summary>
    /// <param name="shape">Dimensions, outermost first; an empty shape is a scalar.</param>
    public Tensor(params ReadOnlySpan<int> shape)
    {
        Shape = shape.ToArray();
        Length = CountOf(shape);
        _storage = GC.AllocateArray<float>(Length + AlignmentFloats, pinned: true);
        _offset = AlignedOffset(_storage);
    }

    private Tensor(float[] storage, int offset, ReadOnlySpan<int> shape)
    {
        Shape = shape.ToArray();
        Length = CountOf(shape);
        _storage = storage;
        _offset = offset;
    }

    /// <summary>Dimensions, outermost first. Not to be written to.</summary>
    public int[] Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Length;

    /// <summary>The elements in row-major order.</summary>
    public Span<float> Span => _storage.AsSpan(_offset, Length);

    /// <summary>Address of element 0. Whoever computes with it keeps the tensor alive until done.</summary>
    internal unsafe float* Pointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_storage)) + _offset;

    /// <summary>The size of dimension <paramref name="dimension"/>.</summary>
    public int this[int dimension] => Shape[dimension];

    /// <summary>Creates a tensor that holds a copy of <paramref name="values"/>.</summary>
    public static Tensor From(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(shape);
        if (values.Length != tensor.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill shape {Describe(shape)}.");
        }

        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>The same elements under another shape with as many elements.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> shape)
    {
        if (CountOf(shape) != Length)
        {
            throw new ArgumentException($"Shape {Describe(Shape)} cannot be read as {Describe(shape)}.");
        }

        return new Tensor(_storage, _offset, shape);
    }

    /// <summary>A view of <paramref name="count"/> entries of the outermost dimension from <paramref name="start"/> on.</summary>
    public Tensor Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Shape[0]);
        var row = Length / Math.Max(1, Shape[0]);
        var shape = (int[])Shape.Clone();
        shape[0] = count;
        return new Tensor(_storage, _offset + (start * row), shape);
    }

    /// <summary>The shape as a reader of PyTorch messages knows it: <c>[80, 512]</c>.</summary>
    public static string Describe(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <inheritdoc/>
    public override string ToString() => $"float32 {Describe(Shape)}";

    private static int CountOf(ReadOnlySpan<int> shape)
    {
        var count = 1;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size);
            count = checked(count * size);
        }

        return count;
    }

    private static unsafe int AlignedOffset(float[] pinned)
    {
        fixed (float* start = pinned)
        {
            var past = (int)((nuint)start % (AlignmentFloats * sizeof(float))) / sizeof(float);
            return past == 0 ? 0 : AlignmentFloats - past;
        }
    }
}
