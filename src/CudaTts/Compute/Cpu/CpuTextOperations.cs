using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <content>The operations of networks that read a text as a whole.</content>
public sealed partial class CpuCompute
{
    /// <inheritdoc/>
    private protected override void RunLayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion) =>
        _text.LayerNorm(input, weights, output, fusion);

    /// <inheritdoc/>
    private protected override void RunSelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask) =>
        _text.SelfAttention(projected, heads, output, mask);

    /// <inheritdoc/>
    private protected override void RunDepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output) =>
        _text.DepthwiseConv1d(input, weights, output);

    /// <inheritdoc/>
    private protected override void RunUndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables) =>
        RationalQuadraticSpline.Undo(_team, parameters, coupling, variables);

    /// <inheritdoc/>
    private protected override void RunGather(Tensor input, ReadOnlySpan<int> places, Tensor output) =>
        TokenOperations.Gather(_team, input, places.ToArray(), output);

    /// <inheritdoc/>
    private protected override void RunDrawFrames(Tensor distributions, ReadOnlySpan<int> places, Tensor frames) =>
        TokenOperations.DrawFrames(_team, distributions, places.ToArray(), frames);

    /// <inheritdoc/>
    private protected override void RunAddPositions(Tensor input, Tensor frequencies, Tensor output, Tensor? mask) =>
        TokenOperations.AddPositions(_team, input, frequencies, output, mask);

    /// <inheritdoc/>
    private protected override void RunAddRowVectors(Tensor sequence, Tensor vectors) => TokenOperations.AddRowVectors(_team, sequence, vectors);
}
