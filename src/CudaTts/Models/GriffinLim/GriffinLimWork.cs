using CudaTts.Compute;

namespace CudaTts.Models.GriffinLim;

/// <summary>What the spectrogram network takes at least (see <see cref="StageWork"/>); the host's Fourier transforms are not counted.</summary>
internal static class GriffinLimWork
{
    /// <summary>The work of so many mel frames, of all rows together.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight; the first layer has float32.</param>
    public static StageWork Of(GriffinLimConfig config, long frames, int elementBytes)
    {
        var (channels, kernel) = (config.Channels, GriffinLimTensors.Kernel);
        var work = StageWork.Convolution(config.Mel.MelBands, channels, GriffinLimTensors.FirstKernel, frames, sizeof(float));
        for (var layers = config.ResidualDilations.Sum(dilations => dilations.Length); layers > 0; layers--)
        {
            work += StageWork.Convolution(channels, channels, kernel, frames, elementBytes);
            work += StageWork.Convolution(channels, channels, kernel, frames, elementBytes);
            work += StageWork.Activations((double)channels * frames, elementBytes);
        }

        return work + StageWork.Convolution(channels, config.Bins, kernel, frames, elementBytes);
    }
}
