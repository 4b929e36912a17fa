using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <content>The operations of networks that read a text as a whole.</content>
public sealed partial class CudaCompute
{
    /// <inheritdoc/>
    private protected override void RunLayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunSelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunDepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunUndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunGather(Tensor input, ReadOnlySpan<int> places, Tensor output) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunDrawFrames(Tensor distributions, ReadOnlySpan<int> places, Tensor frames) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunAddPositions(Tensor input, Tensor frequencies, Tensor output, Tensor? mask) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    private protected override void RunAddRowVectors(Tensor sequence, Tensor vectors) =>
        throw new NotImplementedException();
}
