namespace CudaTts.Models.ParallelWaveGan;

/// <summary>What follows from a Parallel WaveGAN config's numbers alone.</summary>
internal static class ParallelWaveGanGeometry
{
    /// <summary>Refuses a config that contradicts itself.</summary>
    /// <exception cref="WeightsException">Says what is wrong.</exception>
    public static void Check(ParallelWaveGanConfig config, string source)
    {
        void Require(bool holds, string expected)
        {
            if (!holds)
            {
                throw new WeightsException($"{source}: config.json of Parallel WaveGAN: expected {expected}.");
            }
        }

        Require(config.ModelType == ParallelWaveGanConfig.TypeName, $"model_type \"{ParallelWaveGanConfig.TypeName}\", found \"{config.ModelType}\"");
        Require(
            config.Stacks > 0 && config.Layers is > 0 and <= 256 && config.Layers % config.Stacks == 0 && config.Layers / config.Stacks <= 16,
            $"layers, up to 16 for each of the stacks, that these divide, found {config.Layers} and {config.Stacks}");
        Require(config.Kernel is > 0 and < 64 && config.Kernel % 2 == 1, $"an odd kernel_size below 64, found {config.Kernel}");
        foreach (var (name, width) in ((string, int)[])
            [("residual_channels", config.ResidualChannels), ("gate_channels", config.GateChannels), ("skip_channels", config.SkipChannels)])
        {
            Require(width is > 0 and <= 4096, $"{name} from 1 to 4096, found {width}");
        }

        Require(config.GateChannels % 2 == 0, $"even gate_channels, found {config.GateChannels}");
        Require(config.ContextWindow is >= 0 and <= 64, $"an aux_context_window from 0 to 64, found {config.ContextWindow}");
        Require(
            config.UpsampleScales.Length is > 0 and <= 16 && config.UpsampleScales.All(scale => scale is > 0 and < 4096),
            $"positive upsample_scales, found [{string.Join(", ", config.UpsampleScales)}]");
        var hop = HopLength.Of(config.UpsampleScales);
        Require(hop == config.Mel.HopLength, $"upsample_scales whose product is the mel's hop of {config.Mel.HopLength}, found {hop}");
    }

    /// <summary>The dilation of a layer.</summary>
    public static int Dilation(ParallelWaveGanConfig config, int layer) => 1 << (layer % (config.Layers / config.Stacks));

    /// <summary>
    /// Frames on each side of a frame that its samples depend on: the reach of the residual layers in samples, of each upsampling step, which looks
    /// one of its input's steps to both sides, and of the convolution over the mel; rounded up.
    /// </summary>
    public static int ContextFrames(ParallelWaveGanConfig config)
    {
        var samples = Enumerable.Range(0, config.Layers).Sum(layer => (long)(config.Kernel - 1) / 2 * Dilation(config, layer));
        double rate = 1;
        double frames = config.ContextWindow;
        foreach (var scale in config.UpsampleScales)
        {
            frames += 1 / rate;
            rate *= scale;
        }

        return (int)Math.Ceiling(frames + (samples / rate));
    }
}
