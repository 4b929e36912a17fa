using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// What undoes one step of a normalising flow whose affine coupling transforms half of the channels and whose 1x1 convolution then mixes all.
/// </summary>
/// <param name="Inverse">[G, G]: the inverse of the 1x1 convolution.</param>
/// <param name="TransformsFirstHalf">
/// Whether the coupling transforms the first half of the channels by the second instead of the second by the first.
/// </param>
internal sealed record FlowStep(Tensor Inverse, bool TransformsFirstHalf)
{
    /// <summary>The number of channels, G.</summary>
    public int Channels => Inverse[0];
}
