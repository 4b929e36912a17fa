using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Tests;

/// <summary>The operations of networks that read a text as a whole, as their definitions say, in double precision.</summary>
internal static class ReferenceTextOperations
{
    public static double[] LayerNorm(Tensor input, LayerNormWeights weights, LayerNormFusion fusion)
    {
        var (channels, steps) = (input[1], input[2]);
        var output = new double[input.Length];
        for (var step = 0; step < input[0] * steps; step++)
        {
            int At(int channel) => (((step / steps * channels) + channel) * steps) + (step % steps);
            var x = Enumerable.Range(0, channels)
                .Select(channel => (double)input.Span[At(channel)] + (fusion.Residual?.Span[At(channel)] ?? 0)).ToArray();
            var mean = x.Average();
            var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + 1e-5);
            for (var channel = 0; channel < channels; channel++)
            {
                var value = ((x[channel] - mean) / deviation * weights.Scale.Span[channel]) + weights.Shift.Span[channel];
                value = fusion.HasGelu ? Gelu(value) : value;
                output[At(channel)] = (value + (fusion.Addend?.Span[At(channel)] ?? 0)) * (fusion.Mask?.Span[step] ?? 1);
            }
        }

        return output;
    }

    public static double Gelu(double x) => x < 0 ? x * Tail(-x) : x * (1 - Tail(x));

    public static double[] SelfAttention(Tensor projected, AttentionHeads heads, Tensor? mask)
    {
        var (batch, steps) = (projected[0], projected[2]);
        var width = projected[1] / 3 / heads.Count;
        var window = heads.RelativeKeys is null ? -1 : (heads.RelativeKeys[0] - 1) / 2;
        var output = new double[projected.Length / 3];
        for (var index = 0; index < batch * heads.Count * steps; index++)
        {
            var (b, h, i) = (index / steps / heads.Count, index / steps % heads.Count, index % steps);
            double At(int part, int channel, int step) =>
                projected.Span[(((((((b * 3) + part) * heads.Count) + h) * width) + channel) * steps) + step];
            double Relative(Tensor? embeddings, int j, int channel) =>
                Math.Abs(j - i) <= window ? embeddings!.Span[((j - i + window) * width) + channel] : 0;
            var keys = Enumerable.Range(0, steps).Where(j => mask is null || mask.Span[(b * steps) + j] != 0).ToArray();
            var scores = keys.Select(j => Enumerable.Range(0, width)
                .Sum(c => At(0, c, i) / Math.Sqrt(width) * (At(1, c, j) + Relative(heads.RelativeKeys, j, c)))).ToArray();
            var powers = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
            for (var c = 0; c < width && keys.Length > 0; c++)
            {
                output[(((((b * heads.Count) + h) * width) + c) * steps) + i] =
                    keys.Select((j, n) => powers[n] / powers.Sum() * (At(2, c, j) + Relative(heads.RelativeValues, j, c))).Sum();
            }
        }

        return output;
    }

    public static double[] DepthwiseConv1d(Tensor input, DepthwiseWeights weights)
    {
        var (channels, steps, taps) = (input[1], input[2], weights.Taps[1]);
        var output = new double[input.Length];
        for (var index = 0; index < output.Length; index++)
        {
            var (row, t) = (index / steps, index % steps);
            output[index] = weights.Bias.Span[row % channels];
            for (var tap = 0; tap < taps; tap++)
            {
                var from = t + ((tap - (taps / 2)) * weights.Dilation);
                output[index] += from >= 0 && from < steps
                    ? (double)weights.Taps.Span[(row % channels * taps) + tap] * input.Span[(row * steps) + from] : 0;
            }
        }

        return output;
    }

    /// <summary>The spline is only ever evaluated; what undoes it is found by halving intervals.</summary>
    public static double[] UndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables)
    {
        var steps = variables[2];
        var output = Array.ConvertAll(variables.Span.ToArray(), value => (double)value);
        for (var step = 0; step < variables[0] * steps; step++)
        {
            var (row, t) = (step / steps, step % steps);
            var at = (((row * 2) + coupling.Channel) * steps) + t;
            if (Math.Abs(output[at]) > coupling.Bound)
            {
                continue;
            }

            var own = Enumerable.Range(0, parameters[1]).Select(i => (double)parameters.Span[(((row * parameters[1]) + i) * steps) + t]).ToArray();
            var (low, high) = (-(double)coupling.Bound, (double)coupling.Bound);
            for (var halving = 0; halving < 60; halving++)
            {
                var middle = (low + high) / 2;
                (low, high) = Spline(middle, own, coupling) > output[at] ? (low, middle) : (middle, high);
            }

            output[at] = (low + high) / 2;
        }

        return output;
    }

    /// <summary>y of an x within the bound (arXiv:1906.04032, equation 4).</summary>
    public static double Spline(double x, double[] parameters, SplineCoupling coupling)
    {
        var bins = coupling.Bins;
        double[] Sizes(IEnumerable<double> numbers)
        {
            var powers = numbers.Select(number => Math.Exp(number * coupling.Factor)).ToArray();
            return [.. powers.Select(power => 2 * coupling.Bound * (1e-3 + ((1 - (1e-3 * bins)) * power / powers.Sum())))];
        }

        var (widths, heights) = (Sizes(parameters[..bins]), Sizes(parameters[bins..(2 * bins)]));
        double[] slopes = [1, .. parameters[(2 * bins)..].Select(number => 1e-3 + Math.Log(1 + Math.Exp(number))), 1];
        var (k, left, lower) = (0, -(double)coupling.Bound, -(double)coupling.Bound);
        while (k < bins - 1 && x >= left + widths[k])
        {
            (left, lower, k) = (left + widths[k], lower + heights[k], k + 1);
        }

        var (place, slope) = ((x - left) / widths[k], heights[k] / widths[k]);
        var both = place * (1 - place);
        return lower + (heights[k] * ((slope * place * place) + (slopes[k] * both)) / (slope + ((slopes[k] + slopes[k + 1] - (2 * slope)) * both)));
    }

    public static double[] Gather(Tensor input, int[] places)
    {
        var (channels, steps, frames) = (input[1], input[2], places.Length / input[0]);
        return [.. Enumerable.Range(0, input[0] * channels * frames)
            .Select(i => (double)input.Span[(i / frames * steps) + places[(i / frames / channels * frames) + (i % frames)]])];
    }

    public static double[] DrawFrames(Tensor distributions, int[] places, Tensor noise)
    {
        var half = noise[1] * noise[2];
        var gathered = Gather(distributions, places);
        return [.. Enumerable.Range(0, noise.Length).Select(i =>
            gathered[i + (i / half * half)] + (noise.Span[i] * Math.Exp(gathered[i + (i / half * half) + half])))];
    }

    public static double[] AddPositions(Tensor input, Tensor frequencies, Tensor? mask)
    {
        var (half, steps) = (frequencies.Length, input[2]);
        return [.. Enumerable.Range(0, input.Length).Select(i =>
        {
            var (row, channel, t) = (i / steps / (2 * half), i / steps % (2 * half), i % steps);
            var angle = t * (double)frequencies.Span[channel % half];
            return (input.Span[i] + (channel < half ? Math.Sin(angle) : Math.Cos(angle))) * (mask?.Span[(row * steps) + t] ?? 1);
        })];
    }

    public static double[] AddRowVectors(Tensor sequence, Tensor vectors) =>
        [.. Enumerable.Range(0, sequence.Length).Select(i => (double)sequence.Span[i] + vectors.Span[i / sequence[2]])];

    /// <summary>
    /// The normal distribution's probability of more than x, for x that are not negative: by its series, or far out by its continued fraction.
    /// </summary>
    private static double Tail(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 2.5)
        {
            var (term, sum) = (x, 0.0);
            for (var n = 1; n < 200; n += 2)
            {
                sum += term;
                term *= x * x / (n + 2);
            }

            return 0.5 - (density * sum);
        }

        var fraction = x;
        for (var n = 200; n > 0; n--)
        {
            fraction = x + (n / fraction);
        }

        return density / fraction;
    }
}
