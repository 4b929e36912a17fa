namespace CudaTts.Models;

/// <summary>The convolutions of an <see cref="UpsamplingStack"/> under the names of jik876/hifi-gan, in that state dict's order.</summary>
internal static class UpsamplingTensors
{
    /// <summary>Every tensor with weight norm folded in: <c>bias</c> and <c>weight</c> of each convolution.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(UpsamplingSizes sizes)
    {
        foreach (var (name, bias, weight) in Convolutions(sizes))
        {
            if (bias > 0)
            {
                yield return ($"{name}.bias", [bias]);
            }

            yield return ($"{name}.weight", weight);
        }
    }

    /// <summary>Every convolution; the bias is 0 where there is none.</summary>
    public static IEnumerable<(string Name, int Bias, int[] Weight)> Convolutions(UpsamplingSizes sizes)
    {
        yield return ("conv_pre", sizes.InitialChannels, [sizes.InitialChannels, sizes.Inputs, UpsamplingSizes.OuterKernel]);
        for (var stage = 0; stage < sizes.UpsampleKernels.Length; stage++)
        {
            var (input, output) = (sizes.InitialChannels >> stage, sizes.InitialChannels >> (stage + 1));
            yield return ($"ups.{stage}", output, [input, output, sizes.UpsampleKernels[stage]]);
        }

        for (var stage = 0; stage < sizes.UpsampleKernels.Length; stage++)
        {
            foreach (var convolution in ResidualBlocks(sizes, stage))
            {
                yield return convolution;
            }
        }

        var last = sizes.InitialChannels >> sizes.UpsampleKernels.Length;
        yield return ("conv_post", sizes.HasFinalBias ? 1 : 0, [1, last, UpsamplingSizes.OuterKernel]);
    }

    private static IEnumerable<(string Name, int Bias, int[] Weight)> ResidualBlocks(UpsamplingSizes sizes, int stage)
    {
        var channels = sizes.InitialChannels >> (stage + 1);
        string[] lists = sizes.ResidualBlock == "1" ? ["convs1", "convs2"] : ["convs"];
        for (var branch = 0; branch < sizes.ResidualKernels.Length; branch++)
        {
            var block = (stage * sizes.ResidualKernels.Length) + branch;
            foreach (var list in lists)
            {
                for (var i = 0; i < sizes.ResidualDilations[branch].Length; i++)
                {
                    yield return ($"resblocks.{block}.{list}.{i}", channels, [channels, channels, sizes.ResidualKernels[branch]]);
                }
            }
        }
    }
}
