using CudaTts.Compute;

namespace CudaTts.Models.HifiGan;

/// <summary>What a HiFi-GAN generator takes at least (see <see cref="StageWork"/>).</summary>
internal static class HifiGanWork
{
    private const int OuterKernel = 7;

    /// <summary>The public version whose work a config's is, or only the network's name.</summary>
    public static string Title(HifiGanConfig config)
    {
        bool Is(HifiGanConfig version) => Of(config, 1, sizeof(float)) == Of(version, 1, sizeof(float));
        return Is(HifiGanConfig.V1) ? "HiFi-GAN V1" : Is(HifiGanConfig.V2) ? "HiFi-GAN V2" : Is(HifiGanConfig.V3) ? "HiFi-GAN V3" : "HiFi-GAN";
    }

    /// <summary>The work of so many mel frames, of all rows together.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight; the first layer has float32.</param>
    public static StageWork Of(HifiGanConfig config, long frames, int elementBytes)
    {
        var (channels, steps) = (config.InitialChannels, (double)frames);
        var work = StageWork.Convolution(config.Mel.MelBands, channels, OuterKernel, steps, sizeof(float));
        for (var stage = 0; stage < config.UpsampleRates.Length; stage++)
        {
            work += StageWork.Transposed(channels, channels / 2, config.UpsampleKernels[stage], config.UpsampleRates[stage], steps, elementBytes);
            (channels, steps) = (channels / 2, steps * config.UpsampleRates[stage]);
            work += Blocks(config, channels, steps, elementBytes);
        }

        return work + StageWork.Convolution(channels, outputs: 1, OuterKernel, steps, elementBytes);
    }

    /// <summary>The residual blocks of one stage, and their sum.</summary>
    private static StageWork Blocks(HifiGanConfig config, int channels, double steps, int elementBytes)
    {
        var convolutions = config.ResidualBlock == "1" ? 2 : 1;
        var elements = channels * steps;
        var work = StageWork.Activations((config.ResidualKernels.Length - 1) * elements, elementBytes);
        for (var branch = 0; branch < config.ResidualKernels.Length; branch++)
        {
            for (var layer = 0; layer < config.ResidualDilations[branch].Length; layer++)
            {
                for (var i = 0; i < convolutions; i++)
                {
                    work += StageWork.Convolution(channels, channels, config.ResidualKernels[branch], steps, elementBytes);
                }

                work += StageWork.Activations(elements, elementBytes);
            }
        }

        return work;
    }
}
