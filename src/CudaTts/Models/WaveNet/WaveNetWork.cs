using CudaTts.Compute;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// What a WaveNet takes at least (see <see cref="StageWork"/>). A sample waits for the one before it, so all weights of the network are read for
/// every sample, by all rows together; what lies between its products stays in the nearest memory and is not counted.
/// </summary>
internal static class WaveNetWork
{
    /// <summary>The work of so many mel frames of one row.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Of(WaveNetConfig config, long frames, int elementBytes)
    {
        var samples = (double)frames * config.Mel.HopLength;
        var weights = WeightsOfSample(config);
        return Upsampling(config, frames, elementBytes)
            + new StageWork(weights * samples, weights * samples * elementBytes, (config.Mel.MelBands + 1) * samples * elementBytes);
    }

    /// <summary>Weights that a sample is multiplied with.</summary>
    public static double WeightsOfSample(WaveNetConfig config)
    {
        var (residual, gate, skip) = ((double)config.ResidualChannels, config.GateChannels, config.SkipChannels);
        var layer = (gate * ((residual * config.Kernel) + config.Mel.MelBands)) + (gate / 2 * (residual + skip));
        return (config.Layers * layer) - (gate / 2 * residual) + ((double)config.HiddenChannels * (skip + config.OutputChannels));
    }

    private static StageWork Upsampling(WaveNetConfig config, double frames, int elementBytes)
    {
        var bands = config.Mel.MelBands;
        if (config.Upsampling == WaveNet.Upsampling.Transposed)
        {
            return StageWork.Transposed(bands, bands, config.UpsampleWindow, config.Mel.HopLength, frames, elementBytes);
        }

        var work = config.Upsampling == WaveNet.Upsampling.Convolution
            ? StageWork.Convolution(bands, bands, (2 * config.ContextFrames) + 1, frames, elementBytes)
            : default;
        var steps = frames;
        foreach (var scale in config.UpsampleScales)
        {
            // The same few taps for every band.
            var taps = config.FrequencyKernel * (config.Upsampling == WaveNet.Upsampling.TransposedOfBands ? 1 : 3);
            work += new StageWork(bands * taps * steps * scale, taps * scale * sizeof(float), bands * (steps + (steps * scale)) * elementBytes);
            steps *= scale;
        }

        return work;
    }
}
