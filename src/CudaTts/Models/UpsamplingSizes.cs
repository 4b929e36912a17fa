namespace CudaTts.Models;

/// <summary>
/// Widths of the network that HiFi-GAN's generator is (arXiv:2010.05646, section 2.2), and that others end with: see <see cref="UpsamplingStack"/>.
/// </summary>
internal sealed record UpsamplingSizes
{
    /// <summary>Taps of the first and the last convolution, fixed in the public code.</summary>
    public const int OuterKernel = 7;

    private const int MostStages = 16;
    private const int MostDilations = 16;

    /// <summary>Channels of what it reads.</summary>
    public required int Inputs { get; init; }

    /// <summary>"1": blocks of pairs of convolutions; "2": blocks of single convolutions.</summary>
    public required string ResidualBlock { get; init; }

    /// <summary>Stride of each transposed convolution; their product is the hop.</summary>
    public required int[] UpsampleRates { get; init; }

    /// <summary>Taps of each transposed convolution.</summary>
    public required int[] UpsampleKernels { get; init; }

    /// <summary>Channels after the first convolution; each transposed convolution halves them.</summary>
    public required int InitialChannels { get; init; }

    /// <summary>Taps of the residual blocks that run side by side in each stage.</summary>
    public required int[] ResidualKernels { get; init; }

    /// <summary>Dilations within each residual block.</summary>
    public required int[][] ResidualDilations { get; init; }

    /// <summary>Slope of the last leaky ReLU.</summary>
    public float FinalSlope { get; init; } = 0.01f;

    /// <summary>Whether the last convolution has a bias.</summary>
    public bool HasFinalBias { get; init; } = true;

    /// <summary>Samples that a frame becomes.</summary>
    public int Hop => HopLength.Of(UpsampleRates);

    /// <summary>Frames on each side of a frame that its samples depend on: the reach of all layers, each in its own rate, rounded up.</summary>
    public int ContextFrames()
    {
        const int OuterReach = OuterKernel / 2;
        double frames = OuterReach;
        double rate = 1;
        for (var stage = 0; stage < UpsampleRates.Length; stage++)
        {
            frames += (double)UpsampleKernels[stage] / UpsampleRates[stage] / rate;
            rate *= UpsampleRates[stage];
            frames += ResidualKernels.Zip(ResidualDilations, (kernel, dilations) =>
                (kernel - 1) / 2 * dilations.Sum(dilation => (long)dilation + (ResidualBlock == "1" ? 1 : 0))).Max() / rate;
        }

        return (int)Math.Min(int.MaxValue / 4, Math.Ceiling(frames + (OuterReach / rate)));
    }

    /// <summary>Numbers that the widest activation has for each frame, the input included, which may take as much as twice as many.</summary>
    public long ElementsPerFrame()
    {
        var (channels, steps) = ((long)InitialChannels, 1L);
        var widest = Math.Max(channels, 2 * Inputs);
        foreach (var rate in UpsampleRates)
        {
            (channels, steps) = (channels / 2, steps * rate);
            widest = Math.Max(widest, channels * steps);
        }

        return widest;
    }

    /// <summary>Refuses sizes that contradict themselves, by their names in the public config.json.</summary>
    /// <exception cref="WeightsException">A value is out of its range.</exception>
    public void Check(ConfigRules rules)
    {
        rules.Require(ResidualBlock is "1" or "2", "resblock", "\"1\" or \"2\"", ResidualBlock);
        rules.Count("upsample_rates", UpsampleRates, MostStages);
        rules.Require(
            UpsampleRates.Length == UpsampleKernels.Length, "upsample_rates", $"as many as the {UpsampleKernels.Length} of upsample_kernel_sizes",
            UpsampleRates.Length);
        for (var i = 0; i < UpsampleRates.Length; i++)
        {
            var (rate, kernel) = (UpsampleRates[i], UpsampleKernels[i]);
            rules.Range("upsample_kernel_sizes", kernel, 1, ConfigRules.WidthLimit);
            var fits = rate >= 1 && rate <= kernel && (rate > 1 || kernel % 2 == 1);
            rules.Require(fits, "upsample_rates", $"1 to the kernel size {kernel}, and 1 only where that is odd", rate);
        }

        var halvings = 1 << UpsampleRates.Length;
        rules.Range("upsample_initial_channel", InitialChannels, halvings, ConfigRules.WidthLimit);
        rules.Require(InitialChannels % halvings == 0, "upsample_initial_channel", $"a multiple of {halvings}", InitialChannels);
        CheckResidualBlocks(rules);
    }

    private void CheckResidualBlocks(ConfigRules rules)
    {
        var (kernels, dilations) = (ResidualKernels, ResidualDilations);
        rules.Count("resblock_kernel_sizes", kernels, MostStages);
        rules.Require(
            kernels.Length == dilations.Length, "resblock_kernel_sizes", $"as many as the {dilations.Length} of resblock_dilation_sizes",
            kernels.Length);
        for (var i = 0; i < kernels.Length; i++)
        {
            rules.Require(kernels[i] is > 0 and < ConfigRules.WidthLimit && kernels[i] % 2 == 1, "resblock_kernel_sizes", "odd numbers", kernels[i]);
            rules.Count("resblock_dilation_sizes", dilations[i], MostDilations);
            foreach (var dilation in dilations[i])
            {
                rules.Range("resblock_dilation_sizes", dilation, 1, ConfigRules.WidthLimit - 1);
                var reach = (kernels[i] - 1L) * dilation;
                var most = ConfigRules.WidthLimit;
                rules.Require(
                    reach <= most, "resblock_dilation_sizes", $"at most {most} steps from the first of {kernels[i]} taps to the last", dilation);
            }
        }
    }
}
