using System.Runtime.InteropServices;
using CudaTts.Tensors;

namespace CudaTts.Weights;

/// <summary>One named array as a weight file holds it.</summary>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Bytes">Little-endian row-major elements; may point into a memory-mapped file.</param>
public sealed record WeightEntry(DataType Type, int[] Shape, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// The tensors of one model by checkpoint name, widened to float32 when taken. Every mismatch is a <see cref="WeightsException"/>
/// that names the file, the tensor and both shapes.
/// </summary>
public sealed class ModelWeights
{
    private readonly IReadOnlyDictionary<string, WeightEntry> _entries;

    /// <summary>Wraps entries read from <paramref name="source"/>.</summary>
    /// <param name="source">What error messages call these weights: usually the file's path.</param>
    /// <param name="entries">The tensors by name.</param>
    public ModelWeights(string source, IReadOnlyDictionary<string, WeightEntry> entries)
    {
        Source = source;
        _entries = entries;
    }

    /// <summary>What error messages call these weights: usually the file's path.</summary>
    public string Source { get; }

    /// <summary>The tensors' names, in the source's order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Whether a tensor of this name exists.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The tensor as the file holds it.</summary>
    /// <exception cref="WeightsException">There is no tensor of this name.</exception>
    public WeightEntry Entry(string name) =>
        _entries.TryGetValue(name, out var entry)
            ? entry
            : throw new WeightsException($"{Source}: tensor '{name}' is missing.");

    /// <summary>The shape of a tensor of so many dimensions.</summary>
    /// <exception cref="WeightsException">Missing, or of another number of dimensions.</exception>
    internal int[] ShapeOf(string name, int rank)
    {
        var shape = Entry(name).Shape;
        return shape.Length == rank
            ? shape
            : throw new WeightsException($"{Source}: tensor '{name}': expected {rank} dimensions, found shape {Tensor.Describe(shape)}.");
    }

    /// <summary>The tensor widened to float32, checked against the shape that the model's config asks for.</summary>
    /// <exception cref="WeightsException">Missing, another shape, a type that is not a float, or a value that is not finite.</exception>
    public Tensor Take(string name, params ReadOnlySpan<int> shape)
    {
        var entry = Entry(name);
        if (!shape.SequenceEqual(entry.Shape))
        {
            throw new WeightsException(
                $"{Source}: tensor '{name}': expected shape {Tensor.Describe(shape)}, found {Tensor.Describe(entry.Shape)}; does config.json "
                + "belong to these weights?");
        }

        var tensor = Tensor.Uninitialized(shape);
        Widen(name, entry, tensor.Span);
        // A span does not keep a mapped file mapped; the entry does.
        GC.KeepAlive(entry);
        var wrong = tensor.Span.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (wrong >= 0)
        {
            throw new WeightsException(FormattableString.Invariant(
                $"{Source}: tensor '{name}' holds a value that is not finite ({tensor.Span[wrong]} at {Tensor.Describe(tensor.PlaceOf(wrong))}); ")
                + "the file is damaged or its training diverged.");
        }

        return tensor;
    }

    /// <summary>The same for a matrix; where the file has it in half precision, its halves stay so until somebody asks for floats.</summary>
    /// <inheritdoc cref="Take" path="/exception"/>
    internal StoredMatrix TakeMatrix(string name, int rows, int columns)
    {
        var entry = Entry(name);
        return entry is { Type: DataType.F16, Shape: [var height, var width] } && height == rows && width == columns
            && HalfPrecision.AreFinite(MemoryMarshal.Cast<byte, ushort>(entry.Bytes.Span))
            ? new StoredMatrix(rows, columns, entry.Bytes, () => Take(name, rows, columns))
            : new StoredMatrix(Take(name, rows, columns));
    }

    private void Widen(string name, WeightEntry entry, Span<float> destination)
    {
        var bytes = entry.Bytes.Span;
        switch (entry.Type)
        {
            case DataType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            case DataType.F16:
                HalfPrecision.Widen(MemoryMarshal.Cast<byte, ushort>(bytes), destination);
                break;
            case DataType.BF16:
                var upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < destination.Length; i++)
                {
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                }

                break;
            case DataType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (var i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)doubles[i];
                }

                break;
            default:
                throw new WeightsException($"{Source}: tensor '{name}': expected a float type, found {entry.Type}.");
        }
    }
}
