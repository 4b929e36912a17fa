using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda;

/// <summary>The folded location filter in the order in which kernels/attention.cu reads it.</summary>
internal static class PairedLocationFilter
{
    /// <summary>Taps that the stepwise decoder reads at once: <c>tap_group</c> of kernels/attention.cu.</summary>
    [KernelConstant("tap_group")]
    private const int TapGroup = 32;

    /// <summary>Taps up to a whole group.</summary>
    public static int PaddedTaps(int taps) => Ceiling.Multiple(taps, TapGroup);

    /// <summary>
    /// A folded kernel [2, T, W] as [padded T / 2, W, 2, 2]: pairs of taps, each with the values of both signals, so that a lane reads four in one
    /// load; zeros beyond its own taps.
    /// </summary>
    public static Tensor InPairs(Tensor folded)
    {
        var (taps, width) = (folded[1], folded[2]);
        var pairs = new Tensor(PaddedTaps(taps) / 2, width, 2, 2);
        for (var i = 0; i < folded.Length; i++)
        {
            var (signal, tap, a) = (i / (taps * width), i / width % taps, i % width);
            pairs.Span[(((((tap / 2 * width) + a) * 2) + (tap % 2)) * 2) + signal] = folded.Span[i];
        }

        return pairs;
    }
}
