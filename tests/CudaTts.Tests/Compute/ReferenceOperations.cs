using CudaTts.Tensors;

namespace CudaTts.Tests;

/// <summary>The operations as their definitions say, in double precision: the specification that every implementation is held against.</summary>
internal static class ReferenceOperations
{
    public static double[] Conv1d(Tensor input, Tensor weight, Tensor? bias, int dilation, int padding, float inputSlope)
    {
        var (batch, channels, steps) = (input[0], input[1], input[2]);
        var (outputs, taps) = (weight[0], weight[2]);
        var length = steps + (2 * padding) - (dilation * (taps - 1));
        var output = new double[batch * outputs * length];
        for (var index = 0; index < output.Length; index++)
        {
            var (row, t) = (index / length, index % length);
            var (b, o) = (row / outputs, row % outputs);
            double sum = bias?.Span[o] ?? 0;
            for (var c = 0; c < channels; c++)
            {
                for (var k = 0; k < taps; k++)
                {
                    var from = t + (k * dilation) - padding;
                    if (from >= 0 && from < steps)
                    {
                        sum += weight.Span[(((o * channels) + c) * taps) + k] * LeakyRelu(
                            input.Span[(((b * channels) + c) * steps) + from], inputSlope);
                    }
                }
            }

            output[index] = sum;
        }

        return output;
    }

    public static double[] ConvTranspose1d(Tensor input, Tensor weight, Tensor? bias, int stride, int padding, float inputSlope)
    {
        var (batch, channels, steps) = (input[0], input[1], input[2]);
        var (outputs, taps) = (weight[1], weight[2]);
        var length = ((steps - 1) * stride) - (2 * padding) + taps;
        var output = new double[batch * outputs * length];
        for (var b = 0; b < batch; b++)
        {
            for (var o = 0; o < outputs; o++)
            {
                var to = output.AsSpan(((b * outputs) + o) * length, length);
                to.Fill(bias?.Span[o] ?? 0);
                for (var c = 0; c < channels; c++)
                {
                    for (var t = 0; t < steps; t++)
                    {
                        var x = LeakyRelu(input.Span[(((b * channels) + c) * steps) + t], inputSlope);
                        for (var k = 0; k < taps; k++)
                        {
                            var at = (t * stride) + k - padding;
                            if (at >= 0 && at < length)
                            {
                                to[at] += x * weight.Span[(((c * outputs) + o) * taps) + k];
                            }
                        }
                    }
                }
            }
        }

        return output;
    }

    public static double[] Linear(Tensor input, Tensor weight, Tensor? bias)
    {
        var (rows, inputs, outputs) = (input[0], input[1], weight[0]);
        var output = new double[rows * outputs];
        for (var n = 0; n < rows; n++)
        {
            for (var o = 0; o < outputs; o++)
            {
                double sum = bias?.Span[o] ?? 0;
                for (var i = 0; i < inputs; i++)
                {
                    sum += (double)input.Span[(n * inputs) + i] * weight.Span[(o * inputs) + i];
                }

                output[(n * outputs) + o] = sum;
            }
        }

        return output;
    }

    private static double LeakyRelu(float x, float slope) => x < 0 ? x * (double)slope : x;
}
