namespace CudaTts.Models.ParallelWaveGan;

/// <summary>What follows from a Parallel WaveGAN config's numbers alone.</summary>
internal static class ParallelWaveGanGeometry
{
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
