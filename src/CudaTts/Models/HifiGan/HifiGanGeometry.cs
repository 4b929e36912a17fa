namespace CudaTts.Models.HifiGan;

/// <summary>What follows from a HiFi-GAN config's numbers alone.</summary>
internal static class HifiGanGeometry
{
    // conv_pre and conv_post have 7 taps.
    private const int OuterReach = 3;

    /// <summary>Refuses a config that contradicts itself.</summary>
    /// <exception cref="WeightsException">Says what is wrong.</exception>
    public static void Check(HifiGanConfig config, string source)
    {
        void Require(bool holds, string expected)
        {
            if (!holds)
            {
                throw new WeightsException($"{source}: config.json of HiFi-GAN: expected {expected}.");
            }
        }

        Require(config.ResidualBlock is "1" or "2", $"resblock \"1\" or \"2\", found \"{config.ResidualBlock}\"");
        Require(
            config.UpsampleRates.Length > 0 && config.UpsampleRates.Length == config.UpsampleKernels.Length,
            $"as many upsample_rates as upsample_kernel_sizes, found {config.UpsampleRates.Length} and {config.UpsampleKernels.Length}");
        long hop = 1;
        foreach (var (rate, kernel) in config.UpsampleRates.Zip(config.UpsampleKernels))
        {
            Require(
                rate > 0 && kernel >= rate && (kernel - rate) % 2 == 0,
                $"upsample_kernel_sizes that exceed their positive rate by an even number, found rate {rate} with kernel {kernel}");
            hop = Math.Min(hop * rate, int.MaxValue);
        }

        Require(hop == config.Mel.HopLength, $"upsample_rates whose product is the mel's hop of {config.Mel.HopLength}, found {hop}");
        var stages = config.UpsampleRates.Length;
        Require(
            stages < 31 && config.InitialChannels > 0 && config.InitialChannels % (1 << stages) == 0,
            $"upsample_initial_channel that can be halved {stages} times, found {config.InitialChannels}");
        Require(
            config.ResidualKernels.Length > 0 && config.ResidualKernels.Length == config.ResidualDilations.Length,
            $"as many resblock_kernel_sizes as resblock_dilation_sizes, found {config.ResidualKernels.Length} and {config.ResidualDilations.Length}");
        Require(
            config.ResidualKernels.All(kernel => kernel > 0 && kernel % 2 == 1),
            $"odd resblock_kernel_sizes, found [{string.Join(", ", config.ResidualKernels)}]");
        Require(
            config.ResidualDilations.All(list => list.Length > 0 && list.All(dilation => dilation is > 0 and < 1 << 16)),
            "positive resblock_dilation_sizes for every block");
        Require(config.FinalSlope is >= 0 and <= 1, $"a final_leaky_relu_slope within 0 and 1, found {config.FinalSlope}");
        Require(config.Mel.MelBands > 0, $"a positive number of mel bands, found {config.Mel.MelBands}");
    }

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

        return (int)Math.Ceiling(frames + (OuterReach / rate));
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
