using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// <see cref="ComputeDevice.LayerNorm"/>. A step's channels lie far apart, so a block of steps is copied into a panel first, in which all passes over
/// the channels run along memory: the mean, then the squared distances from it, then the result.
/// </summary>
internal static unsafe class LayerNormalization<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    // A multiple of every vector's width.
    private const int BlockSteps = 64;

    [ThreadStatic]
    private static Tensor? _panel;

    public static void Run(ThreadTeam team, Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion)
    {
        var (channels, steps) = (input[1], input[2]);
        var blocks = Ceiling.Of(steps, BlockSteps);
        team.Run(input[0] * blocks, item =>
        {
            var (row, start) = (item / blocks, item % blocks * BlockSteps);
            var count = Math.Min(BlockSteps, steps - start);
            if (_panel is null || _panel.Length < channels * BlockSteps)
            {
                _panel = new Tensor(channels * BlockSteps);
            }

            var means = stackalloc float[3 * BlockSteps];
            var offset = ((nint)row * channels * steps) + start;
            Gather(input.Pointer + offset, At(fusion.Residual, offset), steps, count, channels, _panel.Pointer);
            Measure(_panel.Pointer, channels, means);
            Normalise(_panel.Pointer, weights, means, fusion.HasGelu);
            Scatter(_panel.Pointer, At(fusion.Addend, offset), At(fusion.Mask, ((nint)row * steps) + start), output.Pointer + offset, steps, count,
                channels);
        });
        GC.KeepAlive((input, weights, output, fusion));
    }

    private static float* At(Tensor? tensor, nint offset) => tensor is null ? null : tensor.Pointer + offset;

    /// <summary>panel[channel, step] = input + residual, zero past the last step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(float* input, float* residual, int stride, int count, int channels, float* panel)
    {
        for (var channel = 0; channel < channels; channel++, input += stride, panel += BlockSteps)
        {
            for (var i = 0; i < count; i += TSimd.Width)
            {
                var value = PartialVector<TSimd, TVector>.Load(input + i, count - i);
                TSimd.Store(panel + i, residual is null ? value : TSimd.Add(value, PartialVector<TSimd, TVector>.Load(residual + i, count - i)));
            }

            new Span<float>(panel + Math.Min(BlockSteps, Ceiling.Multiple(count, TSimd.Width)),
                BlockSteps - Math.Min(BlockSteps, Ceiling.Multiple(count, TSimd.Width))).Clear();
            residual = residual is null ? null : residual + stride;
        }
    }

    /// <summary>Means of the steps, behind them the inverses of the deviations, then the rounding errors of the means.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Measure(float* panel, int channels, float* means)
    {
        var deviations = means + BlockSteps;
        var (share, minus) = (TSimd.Create(1f / channels), TSimd.Create(-1));
        for (var i = 0; i < BlockSteps; i += TSimd.Width)
        {
            var sum = TSimd.Create(0);
            for (var channel = 0; channel < channels; channel++)
            {
                sum = TSimd.Add(sum, TSimd.Load(panel + (channel * BlockSteps) + i));
            }

            var mean = TSimd.Multiply(sum, share);
            var (squares, rest) = (TSimd.Create(0), TSimd.Create(0));
            for (var channel = 0; channel < channels; channel++)
            {
                var distance = TSimd.MultiplyAdd(mean, minus, TSimd.Load(panel + (channel * BlockSteps) + i));
                squares = TSimd.MultiplyAdd(distance, distance, squares);
                rest = TSimd.Add(rest, distance);
            }

            // Distances from the true mean would sum to zero: what they sum to is the mean's rounding error.
            rest = TSimd.Multiply(rest, share);
            TSimd.Store(means + i, mean);
            TSimd.Store(means + (2 * BlockSteps) + i, rest);
            TSimd.Store(deviations + i, TSimd.MultiplyAdd(TSimd.Multiply(rest, minus), rest, TSimd.Multiply(squares, share)));
        }

        for (var i = 0; i < BlockSteps; i++)
        {
            deviations[i] = 1 / MathF.Sqrt(MathF.Max(deviations[i], 0) + LayerNormWeights.Epsilon);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise(float* panel, LayerNormWeights weights, float* means, bool hasGelu)
    {
        var scales = weights.Scale.Pointer;
        var shifts = weights.Shift.Pointer;
        var minus = TSimd.Create(-1);
        for (var channel = 0; channel < weights.Scale.Length; channel++, panel += BlockSteps)
        {
            var (scale, shift) = (TSimd.Broadcast(scales + channel), TSimd.Broadcast(shifts + channel));
            for (var i = 0; i < BlockSteps; i += TSimd.Width)
            {
                var distance = TSimd.MultiplyAdd(TSimd.Load(means + i), minus, TSimd.Load(panel + i));
                distance = TSimd.MultiplyAdd(TSimd.Load(means + (2 * BlockSteps) + i), minus, distance);
                var value = TSimd.MultiplyAdd(TSimd.Multiply(distance, TSimd.Load(means + BlockSteps + i)), scale, shift);
                TSimd.Store(panel + i, hasGelu ? GaussianErrorUnit<TSimd, TVector>.Apply(value) : value);
            }
        }
    }

    /// <summary>output = (panel + addend) * mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(float* panel, float* addend, float* mask, float* output, int stride, int count, int channels)
    {
        for (var channel = 0; channel < channels; channel++, panel += BlockSteps, output += stride)
        {
            for (var i = 0; i < count; i += TSimd.Width)
            {
                var value = TSimd.Load(panel + i);
                if (addend is not null)
                {
                    value = TSimd.Add(value, PartialVector<TSimd, TVector>.Load(addend + i, count - i));
                }

                if (mask is not null)
                {
                    value = TSimd.Multiply(value, PartialVector<TSimd, TVector>.Load(mask + i, count - i));
                }

                PartialVector<TSimd, TVector>.Store(output + i, value, count - i);
            }

            addend = addend is null ? null : addend + stride;
        }
    }
}
