using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Tests;

/// <summary>The vocoders' operations as their definitions say, in double precision.</summary>
internal static class ReferenceVocoderOperations
{
    /// <summary>Residual (before the scale: none for null) and skip connection of a WaveNet layer, [B, Cx, T] and [B, Cs, T].</summary>
    public static (double[] Output, double[] Skip) WaveNetLayer(
        Tensor input, Tensor? conditioning, WaveNetLayerTensors tensors, Tensor? gateVectors = null)
    {
        var padding = tensors.Dilation * (tensors.Dilated[2] - 1) / 2;
        var sums = ReferenceOperations.Conv1d(input, tensors.Dilated, tensors.GateBias, tensors.Dilation, padding, 1);
        var product = conditioning is null ? new double[sums.Length] : ReferenceOperations.Conv1d(conditioning, tensors.Conditioning!, null, 1, 0, 1);
        var (gate, steps) = (tensors.Dilated[0] / 2, input[2]);
        for (var i = 0; i < sums.Length && gateVectors is not null; i++)
        {
            sums[i] += gateVectors.Span[i / steps];
        }

        var gated = new double[input[0] * gate * steps];
        for (var i = 0; i < gated.Length; i++)
        {
            var row = i / (gate * steps);
            var (a, s) = (i + (row * gate * steps), i + ((row + 1) * gate * steps));
            gated[i] = Math.Tanh(sums[a] + product[a]) / (1 + Math.Exp(-(sums[s] + product[s])));
        }

        var skip = Product(gated, input[0], steps, tensors.Skip, tensors.SkipBias);
        var output = tensors.Residual is null ? [] : Product(gated, input[0], steps, tensors.Residual, tensors.ResidualBias!);
        for (var i = 0; i < output.Length; i++)
        {
            output[i] = (output[i] + input.Span[i]) * tensors.ResidualScale;
        }

        return (output, skip);
    }

    public static double[] UndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early)
    {
        var (batch, channels, steps) = (input[0], step.Channels, input[2]);
        var (half, joined) = (channels / 2, early?[1] ?? 0);
        var output = new double[batch * (channels + joined) * steps];
        for (var index = 0; index < output.Length; index++)
        {
            var (row, t) = (index / steps, index % steps);
            var (b, c) = (row / (channels + joined), (row % (channels + joined)) - joined);
            double At(Tensor tensor, int channel) => tensor.Span[(((b * channels) + channel) * steps) + t];
            double Uncoupled(int channel)
            {
                var transformed = step.TransformsFirstHalf ? channel : channel - half;
                var isTransformed = transformed >= 0 && transformed < half;
                return isTransformed ? (At(input, channel) - At(coupling, transformed)) / Math.Exp(At(coupling, half + transformed))
                    : At(input, channel);
            }

            output[index] = c < 0
                ? early!.Span[(((b * joined) + c + joined) * steps) + t]
                : Enumerable.Range(0, channels).Sum(channel => step.Inverse.Span[(c * channels) + channel] * Uncoupled(channel));
        }

        return output;
    }

    public static double[] Stretch(Tensor input, float[] taps, int factor, int crop)
    {
        var steps = (input[2] - (2 * crop)) * factor;
        var output = new double[input[0] * input[1] * steps];
        for (var index = 0; index < output.Length; index++)
        {
            var (row, t) = (index / steps, index % steps);
            for (var tap = 0; tap < taps.Length; tap++)
            {
                var from = t + tap - factor;
                output[index] += from >= 0 && from < steps ? taps[tap] * input.Span[(row * input[2]) + crop + (from / factor)] : 0;
            }
        }

        return output;
    }

    public static double Normal(RandomUse use, uint sequence, NoiseRow row, int channels, int step, int channel)
    {
        var index = (uint)(((row.FirstStep + step) * channels) + channel);
        double Uniform(uint unit) => Philox.Uniform(row.Seed, use, row.Utterance, sequence, unit);
        var radius = row.Scale * Math.Sqrt(-2 * Math.Log(1 - Uniform(index & ~1u)));
        var angle = 2 * Math.PI * Uniform(index | 1u);
        return radius * (index % 2 == 0 ? Math.Cos(angle) : Math.Sin(angle));
    }

    private static double[] Product(double[] gated, int batch, int steps, Tensor weight, Tensor bias)
    {
        var (rows, channels) = (weight[0], weight[1]);
        var output = new double[batch * rows * steps];
        for (var index = 0; index < output.Length; index++)
        {
            var (row, t) = (index / steps, index % steps);
            var (b, o) = (row / rows, row % rows);
            output[index] = bias.Span[o];
            for (var c = 0; c < channels; c++)
            {
                output[index] += weight.Span[(o * channels) + c] * gated[(((b * channels) + c) * steps) + t];
            }
        }

        return output;
    }
}
