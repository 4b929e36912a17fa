using CudaTts.Weights;

namespace CudaTts.Compute.Cuda;

/// <content>The bidirectional LSTM, and matrices for kernels that are bound by reading them.</content>
public sealed partial class CudaCompute
{
    /// <summary>Weights of a matrix in one 128-bit load.</summary>
    internal int VectorColumns => Type == ElementType.Float16 ? 8 : 4;

    /// <inheritdoc/>
    internal override BidirectionalLstm PackLstm(ModelWeights weights, string prefix, int inputs, int hidden) =>
        new CudaBidirectionalLstm(this, weights, prefix, inputs, hidden);

    /// <summary>A matrix in this device's memory and precision.</summary>
    /// <exception cref="WeightsException">A weight is too large for half precision.</exception>
    internal Tensor StoreMatrix(Tensor matrix)
    {
        if (Type == ElementType.Float32)
        {
            return Store(matrix);
        }

        var halves = new Half[matrix.Length];
        for (var i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)matrix.Span[i];
            if (!Half.IsFinite(halves[i]))
            {
                throw new WeightsException($"The weight {matrix.Span[i]} is beyond half precision (65,504); use --precision float32.");
            }
        }

        var stored = Allocate(ElementType.Float16, matrix.Shape);
        Enter().Upload<Half>(halves, AddressOf(stored));
        return stored;
    }
}
