using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// A convolution and the batch normalisation after it as one convolution: at inference the normalisation is a scale and a shift a channel,
/// weight' = weight s and bias' = (bias - mean) s + shift with s = scale / sqrt(variance + eps). Folded in float64, rounded once.
/// </summary>
internal static class FoldedConvolution
{
    // PyTorch's default, which every public checkpoint was trained with.
    private const double Epsilon = 1e-5;

    /// <summary>
    /// Takes <c>name.0.conv</c> and <c>name.1</c>; the convolution keeps the length of its input, which is float32 if it is a network's first.
    /// </summary>
    public static Conv1dWeights Take(ModelMemory memory, ModelWeights weights, string name, int outputs, int inputs, int taps, bool isFirst = false)
    {
        var weight = weights.Take($"{name}.0.conv.weight", outputs, inputs, taps);
        var bias = weights.Take($"{name}.0.conv.bias", outputs);
        var scale = weights.Take($"{name}.1.weight", outputs);
        var shift = weights.Take($"{name}.1.bias", outputs);
        var mean = weights.Take($"{name}.1.running_mean", outputs);
        var variance = weights.Take($"{name}.1.running_var", outputs);
        for (var output = 0; output < outputs; output++)
        {
            var factor = scale.Span[output] / Math.Sqrt(variance.Span[output] + Epsilon);
            foreach (ref var value in weight.Span.Slice(output * inputs * taps, inputs * taps))
            {
                value = (float)(value * factor);
            }

            bias.Span[output] = (float)(((bias.Span[output] - (double)mean.Span[output]) * factor) + shift.Span[output]);
        }

        return isFirst ? memory.PackFirstConv1d(weight, bias, dilation: 1, padding: taps / 2)
            : memory.PackConv1d(weight, bias, dilation: 1, padding: taps / 2);
    }
}
