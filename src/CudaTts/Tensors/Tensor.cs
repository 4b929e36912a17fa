using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CudaTts.Tensors;

/// <summary>
/// A tensor in row-major order, in host memory or a device's. On the host it is float32 in a pinned managed array whose element 0 lies on a
/// 64-byte boundary, so a pointer to it stays valid as long as the tensor is reachable and nothing needs disposing.
/// </summary>
public sealed class Tensor
{
    private const int AlignmentFloats = 16;
    private readonly float[]? _storage;
    private readonly int _offset;
    private readonly nint _address;

    /// <summary>Creates a zero-filled tensor.</summary>
    /// <param name="shape">Dimensions, outermost first; an empty shape is a scalar.</param>
    public Tensor(params ReadOnlySpan<int> shape)
        : this(shape, GC.AllocateArray<float>(CountOf(shape) + AlignmentFloats, pinned: true))
    {
    }

    /// <summary>Describes device memory, whose owner sees that it lives longer than the tensor.</summary>
    /// <param name="address">Of element 0, on the device.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Dimensions, outermost first.</param>
    internal Tensor(nint address, ElementType type, params ReadOnlySpan<int> shape)
    {
        (_address, Type) = (address, type);
        Shape = shape.ToArray();
        Length = CountOf(shape);
    }

    private Tensor(ReadOnlySpan<int> shape, float[] storage)
    {
        Shape = shape.ToArray();
        Length = CountOf(shape);
        _storage = storage;
        _offset = AlignedOffset(storage);
    }

    private Tensor(Tensor viewed, int start, ReadOnlySpan<int> shape)
    {
        Shape = shape.ToArray();
        Length = CountOf(shape);
        (_storage, _offset) = (viewed._storage, viewed._offset + start);
        Type = viewed.Type;
        _address = viewed._address + ((nint)start * ElementSize);
    }

    /// <summary>Dimensions, outermost first. Not to be written to.</summary>
    public int[] Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Length;

    /// <summary>The elements of a host tensor in row-major order.</summary>
    /// <exception cref="InvalidOperationException">The tensor is in a device's memory.</exception>
    public Span<float> Span => HostStorage.AsSpan(_offset, Length);

    /// <summary>Type of the elements; always float32 on the host.</summary>
    internal ElementType Type { get; }

    /// <summary>Bytes of an element.</summary>
    internal int ElementSize => Type == ElementType.Float16 ? 2 : 4;

    /// <summary>How much of each row of a batch is real; null when all is.</summary>
    internal RowLengths? Rows { get; private init; }

    /// <summary>Steps of this sequence for each unit in which <see cref="Rows"/> counts.</summary>
    internal int StepsPerUnit { get; private init; } = 1;

    /// <summary>Address of element 0 of a host tensor. Whoever computes with it keeps the tensor alive until done.</summary>
    internal unsafe float* Pointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(HostStorage)) + _offset;

    /// <summary>Address of element 0 of a device tensor.</summary>
    internal nint Address => _storage is null ? _address : throw new InvalidOperationException("The tensor is in host memory; upload it first.");

    private float[] HostStorage => _storage ?? throw new InvalidOperationException("The tensor is in a device's memory; download it first.");

    /// <summary>The size of dimension <paramref name="dimension"/>.</summary>
    public int this[int dimension] => Shape[dimension];

    /// <summary>Creates a tensor that holds anything, all of which is to be written to: zeros would be written for nothing.</summary>
    internal static Tensor Uninitialized(params ReadOnlySpan<int> shape) =>
        new(shape, GC.AllocateUninitializedArray<float>(CountOf(shape) + AlignmentFloats, pinned: true));

    /// <summary>Creates a tensor that holds a copy of <paramref name="values"/>.</summary>
    public static Tensor From(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var tensor = Uninitialized(shape);
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

        return new Tensor(this, start: 0, shape);
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
        return new Tensor(this, start * row, shape);
    }

    /// <summary>Where in each dimension the element of a number in row-major order is.</summary>
    internal int[] PlaceOf(int index)
    {
        var place = new int[Rank];
        for (var dimension = Rank - 1; dimension >= 0; dimension--)
        {
            (index, place[dimension]) = Math.DivRem(index, Shape[dimension]);
        }

        return place;
    }

    /// <summary>The memory as that of a vector of float32.</summary>
    internal Tensor AsFloat32() => Type == ElementType.Float32 ? this : new Tensor(_address, ElementType.Float32, Length / 2);

    /// <summary>The first elements as a sequence [B, C, T x stepsPerUnit], T that of the longest row.</summary>
    internal Tensor AsSequence(RowLengths rows, int channels, int stepsPerUnit = 1)
    {
        ReadOnlySpan<int> shape = [rows.Count, channels, checked(rows.Longest * stepsPerUnit)];
        return CountOf(shape) <= Length
            ? new Tensor(this, start: 0, shape) { Rows = rows, StepsPerUnit = stepsPerUnit }
            : throw new ArgumentException($"A sequence {Describe(shape)} does not fit into {this}.");
    }

    /// <summary>The shape as a reader of PyTorch messages knows it: <c>[80, 512]</c>.</summary>
    public static string Describe(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <inheritdoc/>
    public override string ToString() => $"{(Type == ElementType.Float16 ? "float16" : "float32")} {Describe(Shape)}";

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

/// <summary>What a tensor's elements are.</summary>
internal enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16.</summary>
    Float16,
}
