using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary><see cref="ComputeDevice.DepthwiseConv1d"/>: tap by tap, each over those steps whose input there is.</summary>
internal static unsafe class DepthwiseConvolution<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    public static void Run(ThreadTeam team, Tensor input, DepthwiseWeights weights, Tensor output)
    {
        var (channels, steps, taps) = (input[1], input[2], weights.Taps[1]);
        team.Run(input[0] * channels, row =>
        {
            var channel = row % channels;
            var from = input.Pointer + ((nint)row * steps);
            var to = output.Pointer + ((nint)row * steps);
            new Span<float>(to, steps).Fill(weights.Bias.Pointer[channel]);
            for (var tap = 0; tap < taps; tap++)
            {
                var shift = (int)Math.Clamp((tap - ((taps - 1) / 2)) * (long)weights.Dilation, -steps, steps);
                var first = Math.Max(0, -shift);
                AddProduct(from + first + shift, weights.Taps.Pointer[(channel * taps) + tap], to + first, steps - Math.Abs(shift));
            }
        });
        GC.KeepAlive((input, weights, output));
    }

    /// <summary>to += factor * from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProduct(float* from, float factor, float* to, int count)
    {
        var factors = TSimd.Create(factor);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            var sum = TSimd.MultiplyAdd(
                factors, PartialVector<TSimd, TVector>.Load(from + i, count - i), PartialVector<TSimd, TVector>.Load(to + i, count - i));
            PartialVector<TSimd, TVector>.Store(to + i, sum, count - i);
        }
    }
}
