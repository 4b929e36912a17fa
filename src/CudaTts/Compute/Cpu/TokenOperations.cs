using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>What places tokens, and what repeats them as frames. Too small a part of the work to need vector units of its own.</summary>
internal static class TokenOperations
{
    /// <summary>What <see cref="ComputeDevice.Gather"/> does.</summary>
    public static void Gather(ThreadTeam team, Tensor input, int[] places, Tensor output)
    {
        var (channels, steps, frames) = (input[1], input[2], output[2]);
        team.Run(input[0] * channels, row =>
        {
            var from = input.Span.Slice(row * steps, steps);
            var to = output.Span.Slice(row * frames, frames);
            var ofRow = places.AsSpan(row / channels * frames, frames);
            for (var frame = 0; frame < frames; frame++)
            {
                to[frame] = from[ofRow[frame]];
            }
        });
    }

    /// <summary>What <see cref="ComputeDevice.DrawFrames"/> does.</summary>
    public static void DrawFrames(ThreadTeam team, Tensor distributions, int[] places, Tensor frames)
    {
        var (channels, tokens, count) = (frames[1], distributions[2], frames[2]);
        team.Run(frames[0] * channels, row =>
        {
            var (b, channel) = (row / channels, row % channels);
            var means = distributions.Span.Slice(((b * 2 * channels) + channel) * tokens, tokens);
            var logarithms = distributions.Span.Slice(((((b * 2) + 1) * channels) + channel) * tokens, tokens);
            var drawn = frames.Span.Slice(row * count, count);
            var ofRow = places.AsSpan(b * count, count);
            var (token, deviation) = (-1, 0f);
            for (var frame = 0; frame < count; frame++)
            {
                if (ofRow[frame] != token)
                {
                    token = ofRow[frame];
                    deviation = MathF.Exp(logarithms[token]);
                }

                drawn[frame] = means[token] + (drawn[frame] * deviation);
            }
        });
    }

    /// <summary>
    /// <see cref="ComputeDevice.AddPositions"/>. From one step to the next the angle turns by its frequency, so sine and cosine are turned in double
    /// precision: after 10,000 steps they are still within 1e-11 of what they should be.
    /// </summary>
    public static void AddPositions(ThreadTeam team, Tensor input, Tensor frequencies, Tensor output, Tensor? mask)
    {
        var (half, steps) = (frequencies.Length, input[2]);
        team.Run(input[0] * half, item =>
        {
            var (row, index) = (item / half, item % half);
            var first = ((row * 2 * half) + index) * steps;
            var second = first + (half * steps);
            var factors = mask is null ? default : mask.Span.Slice(row * steps, steps);
            var (turnSine, turnCosine) = Math.SinCos(frequencies.Span[index]);
            var (sine, cosine) = (0.0, 1.0);
            var from = input.Span;
            var to = output.Span;
            for (var step = 0; step < steps; step++)
            {
                var factor = mask is null ? 1 : factors[step];
                to[first + step] = (from[first + step] + (float)sine) * factor;
                to[second + step] = (from[second + step] + (float)cosine) * factor;
                (sine, cosine) = ((sine * turnCosine) + (cosine * turnSine), (cosine * turnCosine) - (sine * turnSine));
            }
        });
    }

    /// <summary>What <see cref="ComputeDevice.AddRowVectors"/> does.</summary>
    public static void AddRowVectors(ThreadTeam team, Tensor sequence, Tensor vectors)
    {
        var steps = sequence[2];
        team.Run(vectors.Length, row =>
        {
            var vector = vectors.Span[row];
            foreach (ref var value in sequence.Span.Slice(row * steps, steps))
            {
                value += vector;
            }
        });
    }
}
