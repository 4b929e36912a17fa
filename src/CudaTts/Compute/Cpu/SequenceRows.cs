using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>Rows of sequences [B, C, T] as convolutions read and write them, on one kind of vector unit.</summary>
internal static unsafe class SequenceRows<TSimd, TVector>
    where TSimd : ISimd<TVector>
{
    private const int FloatsPerLine = 16;

    /// <summary>Copies input[batchRow, channel, first ...], zero where the input has no such step.</summary>
    public static void Pack(Tensor input, int batchRow, int channel, int first, float* to, int length, float slope)
    {
        var steps = input[2];
        var from = input.Pointer + ((nint)((batchRow * input[1]) + channel) * steps);
        var before = Math.Clamp(-first, 0, length);
        var end = Math.Clamp(steps - first, before, length);
        new Span<float>(to, before).Clear();
        LeakyRelu(from + first + before, to + before, end - before, slope);
        new Span<float>(to + end, length - end).Clear();
    }

    /// <summary>
    /// Brings sequence[batchRow, row, first ...] into the second-level cache: rows lie far apart, and nothing else sees the next one coming.
    /// </summary>
    public static void Prefetch(Tensor sequence, int batchRow, int row, int first, int length)
    {
        if (!Sse.IsSupported || row >= sequence[1])
        {
            return;
        }

        var steps = sequence[2];
        var from = sequence.Pointer + ((nint)((batchRow * sequence[1]) + row) * steps);
        var end = Math.Min(steps, first + length);
        for (var step = Math.Max(0, first); step < end; step += FloatsPerLine)
        {
            Sse.Prefetch1(from + step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LeakyRelu(float* from, float* to, int count, float slope)
    {
        if (slope == 1)
        {
            new Span<float>(from, count).CopyTo(new Span<float>(to, count));
            return;
        }

        var i = 0;
        var factor = TSimd.Broadcast(&slope);
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            var x = TSimd.Load(from + i);
            TSimd.Store(to + i, TSimd.Max(x, TSimd.Multiply(x, factor)));
        }

        for (; i < count; i++)
        {
            to[i] = MathF.Max(from[i], slope * from[i]);
        }
    }

    /// <summary>Finishes sums and stores them at output[batchRow, row, position ...].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* sums, Tensor output, ConvFusion fusion, int batchRow, int row, int position, int columns)
    {
        if (fusion.Activation == Activation.Tanh)
        {
            for (var column = 0; column < columns; column++)
            {
                sums[column] = MathF.Tanh(sums[column]);
            }
        }

        var offset = ((nint)((batchRow * output[1]) + row) * output[2]) + position;
        var to = output.Pointer + offset;
        var residual = fusion.Residual is null ? null : fusion.Residual.Pointer + offset;
        var floor = fusion.Activation == Activation.Relu ? 0 : float.NegativeInfinity;
        var scale = fusion.Scale;
        var (lowest, factor) = (TSimd.Broadcast(&floor), TSimd.Broadcast(&scale));
        var i = 0;
        for (; i <= columns - TSimd.Width; i += TSimd.Width)
        {
            // The floor comes first, because then a sum stays what is no number.
            var value = TSimd.Max(lowest, TSimd.Load(sums + i));
            if (residual is not null)
            {
                value = TSimd.Add(value, TSimd.Load(residual + i));
            }

            value = TSimd.Multiply(value, factor);
            TSimd.Store(to + i, fusion.Accumulate ? TSimd.Add(value, TSimd.Load(to + i)) : value);
        }

        for (; i < columns; i++)
        {
            var value = (MathF.Max(sums[i], floor) + (residual is null ? 0 : residual[i])) * scale;
            to[i] = fusion.Accumulate ? to[i] + value : value;
        }
    }
}
