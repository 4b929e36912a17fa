namespace CudaTts.Models.WaveNet;

/// <summary>
/// The tensors of a WaveNet under the names of r9y9/wavenet_vocoder (wavenet_vocoder/wavenet.py) or of NVIDIA/nv-wavenet (pytorch/wavenet.py).
/// </summary>
internal static class WaveNetTensors
{
    /// <summary>
    /// Every tensor with weight norm folded in; <c>mean</c> and <c>scale</c>, the statistics of the mel, are among them where the config's mel
    /// contract names some.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(WaveNetConfig config) => Listed(config, isTrained: false);

    /// <summary>Every tensor as the network is trained: with <c>weight_g</c> and <c>weight_v</c>, where its layout has weight norm.</summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(WaveNetConfig config) => Listed(config, isTrained: true);

    /// <summary>The convolution of an upsampling step.</summary>
    public static string UpsampleName(WaveNetConfig config, int step) => config.Upsampling switch
    {
        Upsampling.Convolution => $"upsample_net.upsample.up_layers.{(2 * step) + 1}",
        Upsampling.Smoothing => $"upsample_net.up_layers.{(2 * step) + 1}",
        _ => $"upsample_conv.{2 * step}",
    };

    private static IEnumerable<(string Name, int[] Shape)> Listed(WaveNetConfig config, bool isTrained)
    {
        if (config.Mel.Normalisation.StartsWith(MelStatistics.ContractPrefix, StringComparison.Ordinal))
        {
            yield return ("mean", [config.Mel.MelBands]);
            yield return ("scale", [config.Mel.MelBands]);
        }

        var isNormed = isTrained && config.Layout != WaveNetLayout.Nvidia;
        foreach (var (name, shape, hasBias) in config.Layout == WaveNetLayout.Nvidia ? OfNvidia(config) : Convolutions(config))
        {
            if (hasBias)
            {
                // A transposed convolution has its outputs second.
                var isTransposed = name == "upsample" || name.StartsWith("upsample_conv.", StringComparison.Ordinal);
                yield return ($"{name}.bias", [shape[isTransposed ? 1 : 0]]);
            }

            if (isNormed && name is not ("upsample_net.conv_in" or "embed_speakers"))
            {
                int[] scale = [shape[0], .. Enumerable.Repeat(1, shape.Length - 1)];
                yield return ($"{name}.weight_g", scale);
                yield return ($"{name}.weight_v", shape);
            }
            else
            {
                yield return ($"{name}.weight", shape);
            }
        }
    }

    private static IEnumerable<(string Name, int[] Shape, bool HasBias)> Convolutions(WaveNetConfig config)
    {
        var (bands, residual, gate, skip) = (config.Mel.MelBands, config.ResidualChannels, config.GateChannels, config.SkipChannels);
        var isEarlier = config.Layout == WaveNetLayout.Earlier;
        yield return ("first_conv", [residual, config.DrawsClasses ? config.QuantizeChannels : 1, 1], true);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"conv_layers.{layer}.conv", [gate, residual, config.Kernel], true);
            yield return ($"conv_layers.{layer}.conv1x1c", [gate, bands, 1], isEarlier);
            if (config.SpeakerChannels > 0)
            {
                yield return ($"conv_layers.{layer}.conv1x1g", [gate, config.SpeakerChannels, 1], isEarlier);
            }

            yield return ($"conv_layers.{layer}.conv1x1_out", [residual, gate / 2, 1], true);
            yield return ($"conv_layers.{layer}.conv1x1_skip", [skip, gate / 2, 1], true);
        }

        yield return ("last_conv_layers.1", [skip, skip, 1], true);
        yield return ("last_conv_layers.3", [config.OutputChannels, skip, 1], true);
        if (config.SpeakerChannels > 0)
        {
            yield return ("embed_speakers", [config.Speakers, config.SpeakerChannels], false);
        }

        foreach (var layer in UpsamplingOf(config))
        {
            yield return layer;
        }
    }

    private static IEnumerable<(string Name, int[] Shape, bool HasBias)> UpsamplingOf(WaveNetConfig config)
    {
        if (config.Upsampling == Upsampling.Convolution)
        {
            yield return ("upsample_net.conv_in", [config.Mel.MelBands, config.Mel.MelBands, (2 * config.ContextFrames) + 1], false);
        }

        var isTransposed = config.Upsampling == Upsampling.TransposedOfBands;
        for (var step = 0; config.Upsampling != Upsampling.Repetition && step < config.UpsampleScales.Length; step++)
        {
            var scale = config.UpsampleScales[step];
            yield return (UpsampleName(config, step), [1, 1, config.FrequencyKernel, isTransposed ? scale : (2 * scale) + 1], isTransposed);
        }
    }

    private static IEnumerable<(string Name, int[] Shape, bool HasBias)> OfNvidia(WaveNetConfig config)
    {
        var (bands, residual, gate) = (config.Mel.MelBands, config.ResidualChannels, config.GateChannels);
        yield return ("upsample", [bands, bands, config.UpsampleWindow], true);
        yield return ("cond_layers.conv", [gate * config.Layers, bands, 1], true);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"dilate_layers.{layer}.conv", [gate, residual, config.Kernel], true);
        }

        for (var layer = 0; layer < config.Layers - 1; layer++)
        {
            yield return ($"res_layers.{layer}.conv", [residual, gate / 2, 1], true);
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"skip_layers.{layer}.conv", [config.SkipChannels, gate / 2, 1], true);
        }

        yield return ("embed", [config.QuantizeChannels, residual], false);
        yield return ("conv_out.conv", [config.OutputChannels, config.SkipChannels, 1], false);
        yield return ("conv_end.conv", [config.OutputChannels, config.OutputChannels, 1], false);
    }
}
