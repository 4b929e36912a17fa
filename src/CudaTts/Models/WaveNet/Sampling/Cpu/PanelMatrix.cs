using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>
/// A matrix in the order in which the products of a sample read it: panels of as many rows as registers hold the sums of, [columns, rows] each,
/// filled up with zeros.
/// </summary>
internal sealed unsafe class PanelMatrix
{
    private readonly SampleKernels _kernels;
    private readonly Tensor _panels;
    private readonly int _count;

    /// <param name="kernels">What will multiply by it.</param>
    /// <param name="rows">Rows, padding not counted.</param>
    /// <param name="columns">Columns.</param>
    public PanelMatrix(SampleKernels kernels, int rows, int columns)
    {
        (_kernels, Columns) = (kernels, columns);
        _count = Ceiling.Of(rows, kernels.PanelRows);
        _panels = new Tensor(_count, columns, kernels.PanelRows);
    }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>The matrix [rows, columns].</summary>
    public static PanelMatrix Of(SampleKernels kernels, Tensor matrix)
    {
        var packed = new PanelMatrix(kernels, matrix[0], matrix[1]);
        for (var row = 0; row < matrix[0]; row++)
        {
            packed.Place(row, 0, matrix.Span.Slice(row * matrix[1], matrix[1]));
        }

        return packed;
    }

    /// <summary>Sets a part of a row, from a column on.</summary>
    public void Place(int row, int column, ReadOnlySpan<float> values)
    {
        var (panel, lane) = Math.DivRem(row, _kernels.PanelRows);
        for (var i = 0; i < values.Length; i++)
        {
            _panels.Span[(((panel * Columns) + column + i) * _kernels.PanelRows) + lane] = values[i];
        }
    }

    /// <summary>y = W x + b for several vectors, each panel read once for all of them.</summary>
    public void Multiply(VectorProduct* products, int count)
    {
        var weights = _panels.Pointer;
        for (var panel = 0; panel < _count; panel++, weights += (nint)Columns * _kernels.PanelRows)
        {
            _kernels.Multiply(weights, Columns, products, count, panel * _kernels.PanelRows);
        }

        GC.KeepAlive(_panels);
    }
}
