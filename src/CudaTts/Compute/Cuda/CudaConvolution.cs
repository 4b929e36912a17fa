namespace CudaTts.Compute.Cuda;

/// <content>Convolutions and embedding.</content>
public sealed partial class CudaCompute
{
    /// <inheritdoc/>
    public override Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding) => throw Missing("convolution");

    /// <inheritdoc/>
    public override Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding) => throw Missing("transposed convolution");

    /// <inheritdoc/>
    internal override void Embed(ReadOnlySpan<int> ids, Tensor table, Tensor output) => throw Missing("embedding");

    /// <inheritdoc/>
    private protected override void Convolve(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion fusion) => throw Missing("convolution");
}
