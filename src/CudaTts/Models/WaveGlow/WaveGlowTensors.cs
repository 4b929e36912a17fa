namespace CudaTts.Models.WaveGlow;

/// <summary>The tensors of a WaveGlow under the names of NVIDIA/waveglow (glow.py), in that state dict's order.</summary>
public static class WaveGlowTensors
{
    /// <summary>Every tensor with weight norm folded in.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(WaveGlowConfig config) => Listed(config, isWeightNormed: false);

    /// <summary>
    /// Every tensor of the network as it is trained: all but the upsampling, the last layer of each coupling network and the 1x1 convolutions have
    /// <c>weight_g</c> and <c>weight_v</c>.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(WaveGlowConfig config) => Listed(config, isWeightNormed: true);

    private static IEnumerable<(string Name, int[] Shape)> Listed(WaveGlowConfig config, bool isWeightNormed)
    {
        var bands = config.Mel.MelBands;
        yield return ("upsample.weight", [bands, bands, config.UpsampleKernel]);
        yield return ("upsample.bias", [bands]);
        for (var flow = 0; flow < config.Flows; flow++)
        {
            foreach (var (name, shape) in Convolutions(config, flow))
            {
                yield return ($"{name}.bias", [shape[0]]);
                if (isWeightNormed)
                {
                    yield return ($"{name}.weight_g", [shape[0], 1, 1]);
                }

                yield return (isWeightNormed ? $"{name}.weight_v" : $"{name}.weight", shape);
            }

            var channels = WaveGlowGeometry.ChannelsOf(config, flow);
            yield return ($"WN.{flow}.end.weight", [channels, config.Channels, 1]);
            yield return ($"WN.{flow}.end.bias", [channels]);
        }

        for (var flow = 0; flow < config.Flows; flow++)
        {
            var channels = WaveGlowGeometry.ChannelsOf(config, flow);
            yield return ($"convinv.{flow}.conv.weight", [channels, channels, 1]);
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Convolutions(WaveGlowConfig config, int flow)
    {
        var width = config.Channels;
        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"WN.{flow}.in_layers.{layer}", [2 * width, width, config.Kernel]);
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return ($"WN.{flow}.res_skip_layers.{layer}", [layer < config.Layers - 1 ? 2 * width : width, width, 1]);
        }

        yield return ($"WN.{flow}.start", [width, WaveGlowGeometry.ChannelsOf(config, flow) / 2, 1]);
        yield return ($"WN.{flow}.cond_layer", [2 * width * config.Layers, config.Mel.MelBands * config.Group, 1]);
    }
}
