using CudaTts.Compute;

namespace CudaTts.Models;

/// <summary>What an <see cref="UpsamplingStack"/> takes at least (see <see cref="StageWork"/>).</summary>
internal static class UpsamplingWork
{
    /// <summary>The work of so many frames, of all rows together.</summary>
    /// <param name="sizes">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight; the first layer has float32.</param>
    public static StageWork Of(UpsamplingSizes sizes, long frames, int elementBytes)
    {
        const int OuterKernel = UpsamplingSizes.OuterKernel;
        var (channels, steps) = (sizes.InitialChannels, (double)frames);
        var work = StageWork.Convolution(sizes.Inputs, channels, OuterKernel, steps, sizeof(float));
        for (var stage = 0; stage < sizes.UpsampleRates.Length; stage++)
        {
            work += StageWork.Transposed(channels, channels / 2, sizes.UpsampleKernels[stage], sizes.UpsampleRates[stage], steps, elementBytes);
            (channels, steps) = (channels / 2, steps * sizes.UpsampleRates[stage]);
            work += Blocks(sizes, channels, steps, elementBytes);
        }

        return work + StageWork.Convolution(channels, outputs: 1, OuterKernel, steps, elementBytes);
    }

    /// <summary>The residual blocks of one stage, and their sum.</summary>
    private static StageWork Blocks(UpsamplingSizes sizes, int channels, double steps, int elementBytes)
    {
        var convolutions = sizes.ResidualBlock == "1" ? 2 : 1;
        var elements = channels * steps;
        var work = StageWork.Activations((sizes.ResidualKernels.Length - 1) * elements, elementBytes);
        for (var branch = 0; branch < sizes.ResidualKernels.Length; branch++)
        {
            for (var layer = 0; layer < sizes.ResidualDilations[branch].Length; layer++)
            {
                for (var i = 0; i < convolutions; i++)
                {
                    work += StageWork.Convolution(channels, channels, sizes.ResidualKernels[branch], steps, elementBytes);
                }

                work += StageWork.Activations(elements, elementBytes);
            }
        }

        return work;
    }
}
