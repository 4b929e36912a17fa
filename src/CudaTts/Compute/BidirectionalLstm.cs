using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>One bidirectional LSTM layer on some device.</summary>
internal abstract class BidirectionalLstm
{
    /// <summary>Runs over every row; the backward direction starts at the row's own end.</summary>
    /// <param name="input">[B, I, T].</param>
    /// <returns>
    /// [B, T, 2H] in float32 in the device's memory, the caller's to give back: the forward direction's hidden states, then the backward direction's.
    /// </returns>
    public abstract DeviceBuffer Run(Tensor input);
}
