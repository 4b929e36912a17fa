namespace CudaTts.Tensors;

/// <summary>A matrix as a checkpoint holds it.</summary>
internal sealed class StoredMatrix
{
    private readonly Lazy<Tensor> _values;

    /// <summary>A matrix that is not in half precision.</summary>
    public StoredMatrix(Tensor values)
    {
        (Rows, Columns) = (values[0], values[1]);
        _values = new Lazy<Tensor>(values);
    }

    /// <summary>A matrix in half precision.</summary>
    /// <param name="rows">R.</param>
    /// <param name="columns">K.</param>
    /// <param name="halves">Its numbers row by row.</param>
    /// <param name="widen">Makes float32 of them.</param>
    public StoredMatrix(int rows, int columns, ReadOnlyMemory<byte> halves, Func<Tensor> widen)
    {
        (Rows, Columns, Halves) = (rows, columns, halves);
        _values = new Lazy<Tensor>(widen);
    }

    /// <summary>R of [R, K].</summary>
    public int Rows { get; }

    /// <summary>K of [R, K].</summary>
    public int Columns { get; }

    /// <summary>[R, K], float32; halves are widened when somebody asks for it first.</summary>
    public Tensor Values => _values.Value;

    /// <summary>The same numbers in half precision, row by row, where the checkpoint has them so; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Halves { get; }

    /// <summary>Whether the checkpoint has them in half precision.</summary>
    public bool IsHalf => !Halves.IsEmpty;
}
