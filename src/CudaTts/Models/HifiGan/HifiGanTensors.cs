namespace CudaTts.Models.HifiGan;

/// <summary>The tensors of a HiFi-GAN generator under the names of jik876/hifi-gan (models.py), in that state dict's order.</summary>
public static class HifiGanTensors
{
    /// <summary>Taps of the first and the last convolution, fixed in the public code.</summary>
    private const int OuterKernel = 7;

    /// <summary>
    /// Every tensor of the generator with weight norm folded in: <c>bias</c> and <c>weight</c> of each convolution; <c>mean</c> and <c>scale</c>, the
    /// buffers of the mel's statistics, are among them where the config's mel contract names some.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(HifiGanConfig config)
    {
        if (config.Mel.Normalisation.StartsWith(MelStatistics.ContractPrefix, StringComparison.Ordinal))
        {
            yield return ("mean", [config.Mel.MelBands]);
            yield return ("scale", [config.Mel.MelBands]);
        }

        foreach (var (name, bias, weight) in Convolutions(config))
        {
            yield return ($"{name}.bias", [bias]);
            yield return ($"{name}.weight", weight);
        }
    }

    /// <summary>
    /// Every tensor of the generator as it is trained: <c>bias</c>, <c>weight_g</c> and <c>weight_v</c> of each convolution, weight = g * v / |v|
    /// with one g for each index of the weight's first dimension (input channels for the transposed convolutions).
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(HifiGanConfig config)
    {
        foreach (var (name, bias, weight) in Convolutions(config))
        {
            yield return ($"{name}.bias", [bias]);
            yield return ($"{name}.weight_g", [weight[0], 1, 1]);
            yield return ($"{name}.weight_v", weight);
        }
    }

    private static IEnumerable<(string Name, int Bias, int[] Weight)> Convolutions(HifiGanConfig config)
    {
        yield return ("conv_pre", config.InitialChannels, [config.InitialChannels, config.Mel.MelBands, OuterKernel]);
        for (var stage = 0; stage < config.UpsampleKernels.Length; stage++)
        {
            var (input, output) = (config.InitialChannels >> stage, config.InitialChannels >> (stage + 1));
            yield return ($"ups.{stage}", output, [input, output, config.UpsampleKernels[stage]]);
        }

        for (var stage = 0; stage < config.UpsampleKernels.Length; stage++)
        {
            foreach (var convolution in ResidualBlocks(config, stage))
            {
                yield return convolution;
            }
        }

        yield return ("conv_post", 1, [1, config.InitialChannels >> config.UpsampleKernels.Length, OuterKernel]);
    }

    private static IEnumerable<(string Name, int Bias, int[] Weight)> ResidualBlocks(HifiGanConfig config, int stage)
    {
        var channels = config.InitialChannels >> (stage + 1);
        string[] lists = config.ResidualBlock == "1" ? ["convs1", "convs2"] : ["convs"];
        for (var branch = 0; branch < config.ResidualKernels.Length; branch++)
        {
            var block = (stage * config.ResidualKernels.Length) + branch;
            foreach (var list in lists)
            {
                for (var i = 0; i < config.ResidualDilations[branch].Length; i++)
                {
                    yield return ($"resblocks.{block}.{list}.{i}", channels, [channels, channels, config.ResidualKernels[branch]]);
                }
            }
        }
    }
}
