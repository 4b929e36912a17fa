namespace CudaTts.Models.HifiGan;

/// <summary>The tensors of a HiFi-GAN generator under the names of jik876/hifi-gan (models.py), in that state dict's order.</summary>
public static class HifiGanTensors
{
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

        foreach (var tensor in UpsamplingTensors.Expected(config.Sizes))
        {
            yield return tensor;
        }
    }

    /// <summary>
    /// Every tensor of the generator as it is trained: <c>bias</c>, <c>weight_g</c> and <c>weight_v</c> of each convolution, weight = g * v / |v|
    /// with one g for each index of the weight's first dimension (input channels for the transposed convolutions).
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(HifiGanConfig config)
    {
        foreach (var (name, bias, weight) in UpsamplingTensors.Convolutions(config.Sizes))
        {
            yield return ($"{name}.bias", [bias]);
            yield return ($"{name}.weight_g", [weight[0], 1, 1]);
            yield return ($"{name}.weight_v", weight);
        }
    }
}
