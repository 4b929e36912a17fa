namespace CudaTts.Tensors;

/// <summary>A matrix as a checkpoint holds it.</summary>
/// <param name="Values">[R, K], float32.</param>
/// <param name="Halves">The same numbers in half precision, row by row, where the checkpoint has them so; otherwise empty.</param>
internal readonly record struct StoredMatrix(Tensor Values, ReadOnlyMemory<byte> Halves)
{
    /// <summary>Whether the checkpoint has them in half precision.</summary>
    public bool IsHalf => !Halves.IsEmpty;
}
