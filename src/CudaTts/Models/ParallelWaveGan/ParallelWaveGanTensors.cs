namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// The tensors of a Parallel WaveGAN generator under the names of
/// kan-bayashi/ParallelWaveGAN (models/parallel_wavegan.py), in that state dict's order.
/// </summary>
public static class ParallelWaveGanTensors
{
    /// <summary>
    /// Every tensor with weight norm folded in; <c>mean</c> and <c>scale</c>, the buffers of the mel's statistics, are among them where the config's
    /// mel contract names some.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(ParallelWaveGanConfig config) => Listed(config, isWeightNormed: false);

    /// <summary>Every tensor as the network is trained: each convolution has <c>weight_g</c> and <c>weight_v</c>.</summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(ParallelWaveGanConfig config) => Listed(config, isWeightNormed: true);

    private static IEnumerable<(string Name, int[] Shape)> Listed(ParallelWaveGanConfig config, bool isWeightNormed)
    {
        if (config.Mel.Normalisation.StartsWith(MelStatistics.ContractPrefix, StringComparison.Ordinal))
        {
            yield return ("mean", [config.Mel.MelBands]);
            yield return ("scale", [config.Mel.MelBands]);
        }

        foreach (var (name, shape, hasBias) in Convolutions(config))
        {
            if (hasBias)
            {
                yield return ($"{name}.bias", [shape[0]]);
            }

            if (isWeightNormed)
            {
                int[] scale = [shape[0], .. Enumerable.Repeat(1, shape.Length - 1)];
                yield return ($"{name}.weight_g", scale);
            }

            yield return (isWeightNormed ? $"{name}.weight_v" : $"{name}.weight", shape);
        }
    }

    private static IEnumerable<(string Name, int[] Shape, bool HasBias)> Convolutions(ParallelWaveGanConfig config)
    {
        var bands = config.Mel.MelBands;
        var (residual, gate, skip) = (config.ResidualChannels, config.GateChannels, config.SkipChannels);
        yield return ("first_conv", [residual, 1, 1], true);
        yield return ("upsample_net.conv_in", [bands, bands, (2 * config.ContextWindow) + 1], false);
        for (var stage = 0; stage < config.UpsampleScales.Length; stage++)
        {
            yield return (UpsampleName(stage), [1, 1, 1, (2 * config.UpsampleScales[stage]) + 1], false);
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"conv_layers.{layer}.conv", [gate, residual, config.Kernel], true);
            yield return ($"conv_layers.{layer}.conv1x1_aux", [gate, bands, 1], false);
            yield return ($"conv_layers.{layer}.conv1x1_out", [residual, gate / 2, 1], true);
            yield return ($"conv_layers.{layer}.conv1x1_skip", [skip, gate / 2, 1], true);
        }

        yield return ("last_conv_layers.1", [skip, skip, 1], true);
        yield return ("last_conv_layers.3", [1, skip, 1], true);
    }

    /// <summary>The smoothing of an upsampling step; the public code's list has the repetition before each.</summary>
    internal static string UpsampleName(int stage) => $"upsample_net.upsample.up_layers.{(2 * stage) + 1}";
}
