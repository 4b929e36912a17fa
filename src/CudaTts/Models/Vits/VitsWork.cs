using CudaTts.Compute;

namespace CudaTts.Models.Vits;

/// <summary>What the first half of a VITS takes at least (see <see cref="StageWork"/>).</summary>
internal static class VitsWork
{
    /// <summary>The text encoder, the durations, and drawing the prior's frames, all in float32.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="tokens">Of one row.</param>
    /// <param name="frames">Of the same row.</param>
    public static StageWork Text(VitsConfig config, long tokens, long frames)
    {
        const int Bytes = sizeof(float);
        var (width, filter) = (config.HiddenChannels, config.FilterChannels);
        var work = StageWork.Activations(2.0 * width * tokens, Bytes)
            + StageWork.Convolution(width, 2 * config.InterChannels, taps: 1, tokens, Bytes)
            + StageWork.Activations(2.0 * config.InterChannels * (tokens + frames), Bytes);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            work += StageWork.Convolution(width, 3 * width, taps: 1, tokens, Bytes)
                + new StageWork(2.0 * width * tokens * tokens, 0, 4.0 * width * tokens * Bytes)
                + StageWork.Convolution(width, width, taps: 1, tokens, Bytes)
                + StageWork.Convolution(width, filter, config.Kernel, tokens, Bytes)
                + StageWork.Convolution(filter, width, config.Kernel, tokens, Bytes);
        }

        return work + (config.HasStochasticDurations ? StochasticDurations(width, tokens) : PlainDurations(width, tokens));
    }

    /// <summary>The work of the flow.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Flow(VitsConfig config, long frames, int elementBytes)
    {
        var (width, half) = (config.HiddenChannels, config.InterChannels / 2);
        var work = default(StageWork);
        for (var coupling = 0; coupling < VitsTensors.Couplings; coupling++)
        {
            work += StageWork.Convolution(half, width, taps: 1, frames, elementBytes)
                + StageWork.Convolution(width, half, taps: 1, frames, elementBytes);
            for (var layer = 0; layer < VitsTensors.CouplingLayers; layer++)
            {
                var outputs = layer < VitsTensors.CouplingLayers - 1 ? 2 * width : width;
                var weights = (2.0 * width * width * VitsTensors.CouplingKernel) + ((double)outputs * width);
                var elements = width + outputs + (layer > 0 ? width : 0);
                work += new StageWork(weights * frames, weights * elementBytes, (double)elements * frames * elementBytes);
            }
        }

        return work;
    }

    private static StageWork StochasticDurations(int width, long tokens)
    {
        const int Bytes = sizeof(float);
        var stack = default(StageWork);
        for (var layer = 0; layer < VitsTensors.SeparableLayers; layer++)
        {
            stack += new StageWork(3.0 * width * tokens, 3.0 * width * Bytes, 2.0 * width * tokens * Bytes)
                + StageWork.Convolution(width, width, taps: 1, tokens, Bytes);
        }

        var pointwise = StageWork.Convolution(width, width, taps: 1, tokens, Bytes);
        var work = pointwise + stack + pointwise;
        foreach (var _ in VitsTensors.DurationFlows)
        {
            work += StageWork.Convolution(1, width, taps: 1, tokens, Bytes) + stack
                + StageWork.Convolution(width, (3 * VitsTensors.Bins) - 1, taps: 1, tokens, Bytes);
        }

        return work;
    }

    private static StageWork PlainDurations(int width, long tokens)
    {
        const int Inner = VitsTensors.DurationChannels;
        return StageWork.Convolution(width, Inner, VitsTensors.DurationKernel, tokens, sizeof(float))
            + StageWork.Convolution(Inner, Inner, VitsTensors.DurationKernel, tokens, sizeof(float))
            + StageWork.Convolution(Inner, outputs: 1, taps: 1, tokens, sizeof(float));
    }
}
