using CudaTts.Compute;

namespace CudaTts.Models.HifiGan;

/// <summary>What a HiFi-GAN generator takes at least (see <see cref="StageWork"/>).</summary>
internal static class HifiGanWork
{
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
    public static StageWork Of(HifiGanConfig config, long frames, int elementBytes) => UpsamplingWork.Of(config.Sizes, frames, elementBytes);
}
