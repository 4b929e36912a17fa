using CudaTts.Compute;

namespace CudaTts.Models.WaveGlow;

/// <summary>
/// What a WaveGlow takes at least (see <see cref="StageWork"/>); a layer of a coupling network, which is one kernel, counts as one layer.
/// </summary>
internal static class WaveGlowWork
{
    /// <summary>The work of so many mel frames, of all rows together.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Of(WaveGlowConfig config, long frames, int elementBytes)
    {
        var bands = config.Mel.MelBands;
        var groups = (double)frames * config.Mel.HopLength / config.Group;
        var work = StageWork.Transposed(bands, bands, config.UpsampleKernel, config.Mel.HopLength, frames, elementBytes);
        for (var flow = 0; flow < config.Flows; flow++)
        {
            var channels = WaveGlowGeometry.ChannelsOf(config, flow);
            work += StageWork.Convolution(channels / 2, config.Channels, taps: 1, groups, elementBytes)
                + StageWork.Convolution(config.Channels, channels, taps: 1, groups, elementBytes)
                + StageWork.Convolution(channels, channels, taps: 1, groups, elementBytes)
                + StageWork.Activations(channels * groups, elementBytes);
            for (var layer = 0; layer < config.Layers; layer++)
            {
                work += Layer(config, hasResidual: layer < config.Layers - 1, accumulates: layer > 0, groups, elementBytes);
            }
        }

        return work;
    }

    private static StageWork Layer(WaveGlowConfig config, bool hasResidual, bool accumulates, double groups, int elementBytes)
    {
        var (width, conditioning) = (config.Channels, config.Mel.MelBands * config.Group);
        var weights = (2.0 * width * ((width * config.Kernel) + conditioning)) + ((hasResidual ? 2.0 : 1.0) * width * width);
        var elements = width + conditioning + ((hasResidual ? 1 : 0) * width) + ((accumulates ? 2 : 1) * width);
        return new StageWork(weights * groups, weights * elementBytes, elements * groups * elementBytes);
    }
}
