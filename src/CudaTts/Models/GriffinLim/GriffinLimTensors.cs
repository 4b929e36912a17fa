namespace CudaTts.Models.GriffinLim;

/// <summary>The tensors of the spectrogram network, under the names that HiFi-GAN has for the same layers.</summary>
internal static class GriffinLimTensors
{
    /// <summary>Taps of the first convolution.</summary>
    public const int FirstKernel = 5;

    /// <summary>Taps of all other convolutions.</summary>
    public const int Kernel = 3;

    /// <summary><c>bias</c> and <c>weight</c> of each convolution.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(GriffinLimConfig config)
    {
        foreach (var (name, weight) in Convolutions(config))
        {
            yield return ($"{name}.bias", [weight[0]]);
            yield return ($"{name}.weight", weight);
        }
    }

    private static IEnumerable<(string Name, int[] Weight)> Convolutions(GriffinLimConfig config)
    {
        var channels = config.Channels;
        yield return ("conv_pre", [channels, config.Mel.MelBands, FirstKernel]);
        for (var block = 0; block < config.ResidualDilations.Length; block++)
        {
            foreach (var list in (string[])["convs1", "convs2"])
            {
                for (var i = 0; i < config.ResidualDilations[block].Length; i++)
                {
                    yield return ($"resblocks.{block}.{list}.{i}", [channels, channels, Kernel]);
                }
            }
        }

        yield return ("conv_post", [config.Bins, channels, Kernel]);
    }
}
