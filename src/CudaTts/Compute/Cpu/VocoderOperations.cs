using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>The vocoders' operations that are too small a part of the work to need vector units of their own.</summary>
internal static class VocoderOperations
{
    /// <summary>
    /// <see cref="ComputeDevice.Stretch"/>. Of the repeated sequence, position t + k - factor is a copy of the input's step one before, at, or one
    /// after that of t, so each of the <paramref name="factor"/> phases is a filter of three taps.
    /// </summary>
    public static void Stretch(ThreadTeam team, Tensor input, ReadOnlySpan<float> taps, int factor, int crop, Tensor output)
    {
        var phases = Phases(taps, factor);
        var (length, steps) = (input[2], input[2] - (2 * crop));
        team.Run(input[0] * input[1], row =>
        {
            var from = input.Span.Slice((row * length) + crop, steps);
            var to = output.Span.Slice(row * steps * factor, steps * factor);
            for (var step = 0; step < steps; step++)
            {
                var before = step > 0 ? from[step - 1] : 0;
                var after = step + 1 < steps ? from[step + 1] : 0;
                for (var phase = 0; phase < factor; phase++)
                {
                    to[(step * factor) + phase] =
                        (phases[3 * phase] * before) + (phases[(3 * phase) + 1] * from[step]) + (phases[(3 * phase) + 2] * after);
                }
            }
        });
    }

    /// <summary>What <see cref="ComputeDevice.FillNormal"/> does.</summary>
    public static void FillNormal(ThreadTeam team, Tensor sequence, RandomUse use, uint step, NoiseRow[] rows)
    {
        const int StepsPerItem = 4096;
        var (channels, steps) = (sequence[1], sequence[2]);
        var items = Ceiling.Of(steps, StepsPerItem);
        team.Run(sequence[0] * items, item =>
        {
            var (row, start) = (item / items, item % items * StepsPerItem);
            var count = Math.Min(StepsPerItem, steps - start);
            var to = sequence.Slice(row, 1).Span;

            var numbers = new float[count * channels];
            rows[row].FillNormal(use, step, (uint)(rows[row].FirstStep + start) * (uint)channels, numbers);
            for (var i = 0; i < count * channels; i++)
            {
                to[(i % channels * steps) + start + (i / channels)] = numbers[i];
            }
        });
    }

    /// <summary>[factor, 3]: the taps that fall onto the step before, the same step and the step after.</summary>
    private static float[] Phases(ReadOnlySpan<float> taps, int factor)
    {
        var phases = new float[3 * factor];
        for (var phase = 0; phase < factor; phase++)
        {
            for (var tap = 0; tap < taps.Length; tap++)
            {
                phases[(3 * phase) + ((phase + tap) / factor)] += taps[tap];
            }
        }

        return phases;
    }
}
