using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Compute.Cuda;

/// <content>The bidirectional LSTM, and matrices for kernels that are bound by reading them.</content>
public sealed partial class CudaCompute
{
    /// <inheritdoc/>
    internal override BidirectionalLstm PackLstm(ModelWeights weights, string prefix, int inputs, int hidden) =>
        new CudaBidirectionalLstm(this, weights, prefix, inputs, hidden);

    /// <summary>A matrix in this device's memory and precision.</summary>
    /// <exception cref="WeightsException">A weight is too large for half precision.</exception>
    internal Tensor StoreMatrix(Tensor matrix) => Type == ElementType.Float32 ? Store(matrix) : StoreHalf(matrix);
}
