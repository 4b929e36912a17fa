namespace CudaTts.Models.HifiGan;

/// <summary>What follows from a HiFi-GAN config's numbers alone.</summary>
internal static class HifiGanGeometry
{
    // conv_pre and conv_post have 7 taps.
    private const int OuterReach = 3;

    /// <summary>Frames on each side of a frame that its samples depend on: the reach of all layers, each in its own rate, rounded up.</summary>
    public static int ContextFrames(HifiGanConfig config)
    {
        double frames = OuterReach;
        double rate = 1;
        for (var stage = 0; stage < config.UpsampleRates.Length; stage++)
        {
            frames += (double)config.UpsampleKernels[stage] / config.UpsampleRates[stage] / rate;
            rate *= config.UpsampleRates[stage];
            frames += config.ResidualKernels.Zip(config.ResidualDilations, (kernel, dilations) =>
                (kernel - 1) / 2 * dilations.Sum(dilation => (long)dilation + (config.ResidualBlock == "1" ? 1 : 0))).Max() / rate;
        }

        return (int)Math.Min(int.MaxValue / 4, Math.Ceiling(frames + (OuterReach / rate)));
    }

    /// <summary>Numbers that the widest activation has for each frame, the mel included, which may take as much as twice as many.</summary>
    public static long ElementsPerFrame(HifiGanConfig config)
    {
        var (channels, steps) = ((long)config.InitialChannels, 1L);
        var widest = Math.Max(channels, 2 * config.Mel.MelBands);
        foreach (var rate in config.UpsampleRates)
        {
            (channels, steps) = (channels / 2, steps * rate);
            widest = Math.Max(widest, channels * steps);
        }

        return widest;
    }
}
