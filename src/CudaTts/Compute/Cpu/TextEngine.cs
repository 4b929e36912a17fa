using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>The operations of networks that read a text as a whole, on one kind of vector unit.</summary>
internal abstract class TextEngine
{
    public abstract void LayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion);

    public abstract void SelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask);

    public abstract void DepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output);
}

/// <inheritdoc/>
internal sealed class TextEngine<TSimd, TVector>(ThreadTeam team) : TextEngine
    where TSimd : IDecoderSimd<TVector>
{
    public override void LayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion) =>
        LayerNormalization<TSimd, TVector>.Run(team, input, weights, output, fusion);

    public override void SelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask) =>
        SelfAttention<TSimd, TVector>.Run(team, projected, heads, output, mask);

    public override void DepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output) =>
        DepthwiseConvolution<TSimd, TVector>.Run(team, input, weights, output);
}
