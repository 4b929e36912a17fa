
namespace CudaTts.Models.WaveGlow;

/// <summary>What follows from a WaveGlow config's numbers alone.</summary>
internal static class WaveGlowGeometry
{
    /// <summary>Channels that step <paramref name="flow"/> transforms and mixes.</summary>
    public static int ChannelsOf(WaveGlowConfig config, int flow) => config.Group - (flow / config.EarlyEvery * config.EarlySize);

    /// <summary>Whether, when the flow is undone, noise joins after step <paramref name="flow"/>.</summary>
    public static bool IsEarly(WaveGlowConfig config, int flow) => config.EarlySize > 0 && flow > 0 && flow % config.EarlyEvery == 0;

    /// <summary>
    /// Frames on each side of a frame that its samples depend on: the reach of all coupling networks, and of the transposed convolution
    /// backwards. This is about 100 frames for the public models, as every step of the flow sees 255 groups of 8 samples to both sides.
    /// </summary>
    public static int ContextFrames(WaveGlowConfig config)
    {
        var groups = (long)config.Flows * (config.Kernel - 1) / 2 * ((1L << config.Layers) - 1);
        var samples = (groups * config.Group) + config.UpsampleKernel - config.Mel.HopLength;
        return (int)Math.Min(int.MaxValue / 4, (samples + config.Mel.HopLength - 1) / config.Mel.HopLength);
    }
}
