
namespace CudaTts.Models.WaveGlow;

/// <summary>What follows from a WaveGlow config's numbers alone.</summary>
internal static class WaveGlowGeometry
{
    private const int MostGroup = 64;
    private const int MostLayers = 16;

    /// <summary>Refuses a config that contradicts itself.</summary>
    /// <exception cref="WeightsException">Says what is wrong.</exception>
    public static void Check(WaveGlowConfig config, string source)
    {
        void Require(bool holds, string expected)
        {
            if (!holds)
            {
                throw new WeightsException($"{source}: config.json of WaveGlow: expected {expected}.");
            }
        }

        Require(config.ModelType == WaveGlowConfig.TypeName, $"model_type \"{WaveGlowConfig.TypeName}\", found \"{config.ModelType}\"");
        Require(config.Flows is > 0 and <= 64, $"n_flows from 1 to 64, found {config.Flows}");
        Require(config.Group is >= 2 and <= MostGroup && config.Group % 2 == 0, $"an even n_group from 2 to {MostGroup}, found {config.Group}");
        Require(config.EarlyEvery > 0, $"a positive n_early_every, found {config.EarlyEvery}");
        Require(config.EarlySize >= 0 && config.EarlySize % 2 == 0, $"an even n_early_size, found {config.EarlySize}");
        Require(
            config.Group - ((config.Flows - 1L) / config.EarlyEvery * config.EarlySize) >= 2,
            $"at least 2 of the {config.Group} channels of n_group to stay to the end, found {config.EarlySize} to leave every {config.EarlyEvery} of {config.Flows} flows");
        Require(config.Layers is > 0 and <= MostLayers, $"n_layers from 1 to {MostLayers}, found {config.Layers}");
        Require(config.Channels is > 0 and <= 4096, $"n_channels from 1 to 4096, found {config.Channels}");
        Require(config.Kernel is > 0 and < 64 && config.Kernel % 2 == 1, $"an odd kernel_size below 64, found {config.Kernel}");
        var hop = config.Mel.HopLength;
        Require(
            hop % config.Group == 0 && config.UpsampleKernel % config.Group == 0,
            $"a hop and an upsample_kernel_size that are multiples of n_group {config.Group}, found {hop} and {config.UpsampleKernel}");
        Require(config.UpsampleKernel >= hop && config.UpsampleKernel <= 1 << 14, $"an upsample_kernel_size from the hop {hop} to {1 << 14}, found {config.UpsampleKernel}");
        Require(config.Sigma >= 0 && float.IsFinite(config.Sigma), FormattableString.Invariant($"a sigma of at least 0, found {config.Sigma}"));
    }

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
