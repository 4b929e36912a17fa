using CudaTts.Compute;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// What a Parallel WaveGAN takes at least (see <see cref="StageWork"/>); a residual layer, which is one kernel, counts as one layer.
/// </summary>
internal static class ParallelWaveGanWork
{
    /// <summary>The work of so many mel frames, of all rows together.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Of(ParallelWaveGanConfig config, long frames, int elementBytes)
    {
        var (bands, skip, steps) = (config.Mel.MelBands, config.SkipChannels, (double)frames);
        var work = StageWork.Convolution(bands, bands, (2 * config.ContextWindow) + 1, steps, elementBytes);
        foreach (var scale in config.UpsampleScales)
        {
            // The same few taps for every band.
            var taps = (2 * scale) + 1;
            work += new StageWork(bands * taps * steps * scale, taps * sizeof(float), bands * (steps + (steps * scale)) * elementBytes);
            steps *= scale;
        }

        work += StageWork.Convolution(inputs: 1, config.ResidualChannels, taps: 1, steps, elementBytes)
            + StageWork.Convolution(skip, skip, taps: 1, steps, elementBytes)
            + StageWork.Convolution(skip, outputs: 1, taps: 1, steps, elementBytes);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            work += Layer(config, hasResidual: layer < config.Layers - 1, accumulates: layer > 0, steps, elementBytes);
        }

        return work;
    }

    private static StageWork Layer(ParallelWaveGanConfig config, bool hasResidual, bool accumulates, double steps, int elementBytes)
    {
        var (residual, gate, skip, bands) = (config.ResidualChannels, config.GateChannels, config.SkipChannels, config.Mel.MelBands);
        var outputs = (hasResidual ? residual : 0) + skip;
        var weights = ((double)gate * ((residual * config.Kernel) + bands)) + (gate / 2 * (double)outputs);
        var elements = residual + bands + outputs + (accumulates ? skip : 0);
        return new StageWork(weights * steps, weights * elementBytes, elements * steps * elementBytes);
    }
}
