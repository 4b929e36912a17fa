using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// A matrix W [R, K] laid out for y = W x + b. The product of a matrix and one vector is bound by reading W, so W is stored in the order of reading:
/// panels of two rows, within a panel one vector of each row after the other, rows and columns padded with zeros; panels are read in four places at
/// a time. Weights that the file holds in half precision stay so, which halves the time; sums are float32 always.
/// </summary>
internal sealed unsafe class DecoderMatrix
{
    /// <summary>Rows that lie together.</summary>
    public const int PanelRows = 2;

    /// <summary>Units of an LSTM whose four gates lie together.</summary>
    public const int GateBlock = 16;

    /// <summary>
    /// 2^112, the quotient of the exponent biases of float and half, by which the input is multiplied once for eight rows of halves. The products are
    /// exact, for subnormal halves too, as long as inputs are below 2^16; they are activations, of the order of 1.
    /// </summary>
    public const float HalfScale = 5.192296858534828e33f;

    private const int Alignment = 64;
    private readonly DecoderKernels _kernels;
    private readonly byte[] _storage; // Keeps what _panels points into alive.
    private readonly byte* _panels;

    /// <summary>Makes a matrix of zeros.</summary>
    /// <param name="kernels">What will multiply by it; its vector width decides the layout.</param>
    /// <param name="rows">R.</param>
    /// <param name="columns">K.</param>
    /// <param name="isHalf">Whether weights are stored in half precision.</param>
    public DecoderMatrix(DecoderKernels kernels, int rows, int columns, bool isHalf)
    {
        _kernels = kernels;
        IsHalf = isHalf;
        Columns = PaddedInput(columns);
        Panels = Ceiling.Of(rows, PanelRows);
        var bytes = (long)Panels * PanelRows * Columns * (isHalf ? sizeof(ushort) : sizeof(float));
        var storage = GC.AllocateArray<byte>(checked((int)(bytes + (2 * Alignment))), pinned: true);
        _storage = storage;
        var start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(storage));
        _panels = (byte*)((start + Alignment - 1) / Alignment * Alignment);
    }

    /// <summary>Whether weights are stored in half precision.</summary>
    public bool IsHalf { get; }

    /// <summary>K rounded up: how many floats of the input are read. What lies beyond K is multiplied by zero and must be finite.</summary>
    public int Columns { get; }

    /// <summary>Panels of <see cref="PanelRows"/> rows: the unit in which threads share the work.</summary>
    public int Panels { get; }

    /// <summary>Rows rounded up: how many floats of the output are written.</summary>
    public int Rows => Panels * PanelRows;

    /// <summary>How long a buffer must be that serves as input of <paramref name="columns"/> values, at every vector width.</summary>
    public static int PaddedInput(int columns) => Ceiling.Multiple(columns, 16);

    /// <summary>Where row <paramref name="row"/> of the four stacked gates [4H, ...] lies: gates of <see cref="GateBlock"/> units together.</summary>
    public static int GateRow(int row, int hidden)
    {
        var (gate, unit) = Math.DivRem(row, hidden);
        return (((unit / GateBlock * 4) + gate) * GateBlock) + (unit % GateBlock);
    }

    /// <summary>Packs matrices [rows, columns] one below the other.</summary>
    public static DecoderMatrix FromRows(DecoderKernels kernels, params ReadOnlySpan<StoredMatrix> parts)
    {
        var rows = 0;
        var isHalf = true;
        foreach (var part in parts)
        {
            rows += part.Rows;
            isHalf &= part.IsHalf;
        }

        var matrix = new DecoderMatrix(kernels, rows, parts[0].Columns, isHalf);
        var first = 0;
        foreach (var part in parts)
        {
            matrix.Place(part, 0, row => first + row);
            first += part.Rows;
        }

        return matrix;
    }

    /// <summary>Packs an LSTM's matrices [4H, columns], their columns side by side and their rows as <see cref="GateRow"/> says.</summary>
    public static DecoderMatrix FromGates(DecoderKernels kernels, int hidden, params ReadOnlySpan<StoredMatrix> parts)
    {
        var columns = 0;
        var isHalf = true;
        foreach (var part in parts)
        {
            columns += part.Columns;
            isHalf &= part.IsHalf;
        }

        var matrix = new DecoderMatrix(kernels, 4 * PaddedInput(hidden), columns, isHalf);
        var first = 0;
        foreach (var part in parts)
        {
            matrix.Place(part, first, row => GateRow(row, hidden));
            first += part.Columns;
        }

        return matrix;
    }

    /// <summary>y[row] = b[row] + sum over k of W[row, k] x[k] for the rows of panels [Start, End).</summary>
    /// <param name="x">Input, <see cref="Columns"/> values.</param>
    /// <param name="b">What is added, <see cref="Rows"/> values.</param>
    /// <param name="y">Output, <see cref="Rows"/> values.</param>
    /// <param name="panels">The panels to compute.</param>
    public void Multiply(float* x, float* b, float* y, (int Start, int End) panels) => Multiply(PanelStreams.Of(panels), x, b, y);

    /// <summary>
    /// The same for several vectors. Each panel is read from memory once and stays in the nearest cache for all of them; a vector's sums do not
    /// depend on the vectors beside it.
    /// </summary>
    public void Multiply(ReadOnlySpan<VectorPair> vectors, float* b, (int Start, int End) panels)
    {
        var streams = PanelStreams.Of(panels);
        if (vectors.Length == 1)
        {
            Multiply(streams, vectors[0].Input, b, vectors[0].Output);
            return;
        }

        for (var index = 0; index < streams.Count; index++)
        {
            foreach (var vector in vectors)
            {
                Multiply(streams.At(index), vector.Input, b, vector.Output);
            }
        }
    }

    private void Multiply(PanelStreams streams, float* x, float* b, float* y)
    {
        if (IsHalf)
        {
            _kernels.Multiply((ushort*)_panels, Columns, streams, x, b, y);
        }
        else
        {
            _kernels.Multiply((float*)_panels, Columns, streams, x, b, y);
        }
    }

    private void Place(StoredMatrix part, int firstColumn, Func<int, int> target)
    {
        var (rows, columns) = (part.Rows, part.Columns);
        var halves = IsHalf ? MemoryMarshal.Cast<byte, ushort>(part.Halves.Span) : default;
        for (var row = 0; row < rows; row++)
        {
            if (IsHalf)
            {
                Place(target(row), firstColumn, halves.Slice(row * columns, columns));
            }
            else
            {
                Place<float>(target(row), firstColumn, part.Values.Span.Slice(row * columns, columns));
            }
        }

        // A span does not keep a mapped file mapped.
        GC.KeepAlive(part.Halves);
    }

    /// <summary>Copies one row's weights, or a part of them, to columns from <paramref name="column"/> on.</summary>
    private void Place<T>(int row, int column, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var panel = (T*)_panels + ((long)(row / PanelRows) * PanelRows * Columns);
        var width = _kernels.Width;
        while (!values.IsEmpty)
        {
            var (chunk, lane) = Math.DivRem(column, width);
            var count = Math.Min(width - lane, values.Length);
            values[..count].CopyTo(new Span<T>(panel + (((chunk * PanelRows) + (row % PanelRows)) * width) + lane, count));
            values = values[count..];
            column += count;
        }
    }
}

/// <summary>A vector that a matrix is multiplied by, and where the product goes.</summary>
internal readonly unsafe struct VectorPair(float* input, float* output)
{
    public float* Input => input;

    public float* Output => output;
}
