using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>Takes layers out of a checkpoint and packs them for a device.</summary>
/// <param name="weights">The tensors of <see cref="FastPitchTensors.Expected"/>.</param>
/// <param name="memory">Where they are kept.</param>
internal sealed class LayerReader(ModelWeights weights, ModelMemory memory)
{
    /// <summary>The checkpoint's tensors.</summary>
    public ModelWeights Weights => weights;

    /// <summary>Where the layers are kept.</summary>
    public ModelMemory Memory => memory;

    /// <summary>A convolution that keeps the length of its input.</summary>
    public Conv1dWeights Convolution(string name, int outputs, int inputs, int taps) => memory.PackCostlyConv1d(
        weights.Take($"{name}.weight", outputs, inputs, taps), weights.Take($"{name}.bias", outputs), dilation: 1, padding: taps / 2);

    /// <summary>A linear layer, which is a convolution of one tap.</summary>
    public Conv1dWeights Linear(string name, int outputs, int inputs, bool hasBias = true)
    {
        var weight = weights.Take($"{name}.weight", outputs, inputs).Reshape(outputs, inputs, 1);
        return memory.PackConv1d(weight, hasBias ? weights.Take($"{name}.bias", outputs) : null, dilation: 1, padding: 0);
    }

    /// <summary>A layer normalisation over so many channels.</summary>
    public LayerNormWeights Norm(string name, int channels) =>
        memory.PackLayerNorm(weights.Take($"{name}.weight", channels), weights.Take($"{name}.bias", channels));
}
