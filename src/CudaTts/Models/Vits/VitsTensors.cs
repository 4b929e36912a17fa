namespace CudaTts.Models.Vits;

/// <summary>
/// The tensors that speaking needs of a VITS, under the names of jaywalnut310/vits (models.py, modules.py, attentions.py). The posterior encoder
/// (<c>enc_q</c>) and the duration predictor's posterior (<c>dp.post_</c>) serve training, and of its flows the first is never run backwards.
/// </summary>
public static class VitsTensors
{
    // Sizes that the public code fixes.

    /// <summary>Tokens to both sides of one that attention tells apart.</summary>
    internal const int Window = 4;

    /// <summary>Couplings of the flow.</summary>
    internal const int Couplings = 4;

    /// <summary>WaveNet layers of a coupling.</summary>
    internal const int CouplingLayers = 4;

    /// <summary>Taps of a coupling's layers.</summary>
    internal const int CouplingKernel = 5;

    /// <summary>Layers of a stack of depthwise convolutions.</summary>
    internal const int SeparableLayers = 3;

    /// <summary>Taps of the duration predictor's convolutions; a stack's layer i has the dilation of the i-th power.</summary>
    internal const int DurationKernel = 3;

    /// <summary>Channels of durations that follow from the text alone.</summary>
    internal const int DurationChannels = 256;

    /// <summary>Bins of the duration flows' splines.</summary>
    internal const int Bins = 10;

    /// <summary>The duration flows that are run, in the order of running them: the state dict's numbers.</summary>
    internal static readonly int[] DurationFlows = [7, 5, 3];

    /// <summary>Every tensor with weight norm folded in.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(VitsConfig config) =>
        Listed(config).Select(tensor => (tensor.Name, tensor.Shape));

    /// <summary>
    /// Every tensor as it is trained: the flow's WaveNet layers and the decoder's convolutions, all but the first and the last, have
    /// <c>weight_g</c> and <c>weight_v</c>.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> ExpectedWeightNormed(VitsConfig config)
    {
        foreach (var (name, shape) in Expected(config))
        {
            var isNormed = name.EndsWith(".weight", StringComparison.Ordinal) && (name.Contains(".enc.", StringComparison.Ordinal)
                || name.StartsWith("dec.ups.", StringComparison.Ordinal) || name.StartsWith("dec.resblocks.", StringComparison.Ordinal));
            if (isNormed)
            {
                yield return ($"{name}_g", [shape[0], 1, 1]);
            }

            yield return (isNormed ? $"{name}_v" : name, shape);
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Listed(VitsConfig config) =>
    [
        .. TextEncoder(config),
        .. Prefixed("dec.", UpsamplingTensors.Expected(config.Decoder)),
        .. Speaker(config, "dec.cond", config.InitialChannels),
        .. Enumerable.Range(0, Couplings).SelectMany(coupling => Coupling(config, $"flow.flows.{2 * coupling}")),
        .. config.HasStochasticDurations ? StochasticDurations(config) : PlainDurations(config),
        .. Speaker(config, "dp.cond", config.HiddenChannels),
        .. config.Speakers > 0 ? [("emb_g.weight", [config.Speakers, config.SpeakerChannels])] : Array.Empty<(string, int[])>(),
    ];

    private static IEnumerable<(string Name, int[] Shape)> TextEncoder(VitsConfig config)
    {
        var (width, filter) = (config.HiddenChannels, config.FilterChannels);
        yield return ("enc_p.emb.weight", [config.Symbols, width]);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var attention = $"enc_p.encoder.attn_layers.{layer}";
            int[] relative = [1, (2 * Window) + 1, width / config.Heads];
            (string, int[])[] tensors =
            [
                .. ((string[])["q", "k", "v", "o"]).SelectMany(part => Convolution($"{attention}.conv_{part}", width, width, 1)),
                ($"{attention}.emb_rel_k", relative),
                ($"{attention}.emb_rel_v", relative),
                .. Norm($"enc_p.encoder.norm_layers_1.{layer}", width),
                .. Convolution($"enc_p.encoder.ffn_layers.{layer}.conv_1", filter, width, config.Kernel),
                .. Convolution($"enc_p.encoder.ffn_layers.{layer}.conv_2", width, filter, config.Kernel),
                .. Norm($"enc_p.encoder.norm_layers_2.{layer}", width),
            ];
            foreach (var tensor in tensors)
            {
                yield return tensor;
            }
        }

        foreach (var tensor in Convolution("enc_p.proj", 2 * config.InterChannels, width, 1))
        {
            yield return tensor;
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Coupling(VitsConfig config, string name)
    {
        var (width, half) = (config.HiddenChannels, config.InterChannels / 2);
        return
        [
            .. Convolution($"{name}.pre", width, half, 1),
            .. Enumerable.Range(0, CouplingLayers)
                .SelectMany(layer => Convolution($"{name}.enc.in_layers.{layer}", 2 * width, width, CouplingKernel)),
            .. Enumerable.Range(0, CouplingLayers).SelectMany(layer => Convolution(
                $"{name}.enc.res_skip_layers.{layer}", layer < CouplingLayers - 1 ? 2 * width : width, width, 1)),
            .. Speaker(config, $"{name}.enc.cond_layer", 2 * width * CouplingLayers),
            .. Convolution($"{name}.post", half, width, 1),
        ];
    }

    private static IEnumerable<(string Name, int[] Shape)> StochasticDurations(VitsConfig config)
    {
        var width = config.HiddenChannels;
        return
        [
            ("dp.flows.0.m", [2, 1]),
            ("dp.flows.0.logs", [2, 1]),
            .. DurationFlows.Reverse().SelectMany(flow => (IEnumerable<(string, int[])>)
            [
                .. Convolution($"dp.flows.{flow}.pre", width, 1, 1),
                .. SeparableStack($"dp.flows.{flow}.convs", width),
                .. Convolution($"dp.flows.{flow}.proj", (3 * Bins) - 1, width, 1),
            ]),
            .. Convolution("dp.pre", width, width, 1),
            .. Convolution("dp.proj", width, width, 1),
            .. SeparableStack("dp.convs", width),
        ];
    }

    private static IEnumerable<(string Name, int[] Shape)> SeparableStack(string name, int width) =>
        Enumerable.Range(0, SeparableLayers).SelectMany(layer => (IEnumerable<(string, int[])>)
        [
            .. Convolution($"{name}.convs_sep.{layer}", width, 1, DurationKernel),
            .. Convolution($"{name}.convs_1x1.{layer}", width, width, 1),
            .. Norm($"{name}.norms_1.{layer}", width),
            .. Norm($"{name}.norms_2.{layer}", width),
        ]);

    private static IEnumerable<(string Name, int[] Shape)> PlainDurations(VitsConfig config) =>
    [
        .. Convolution("dp.conv_1", DurationChannels, config.HiddenChannels, DurationKernel),
        .. Norm("dp.norm_1", DurationChannels),
        .. Convolution("dp.conv_2", DurationChannels, DurationChannels, DurationKernel),
        .. Norm("dp.norm_2", DurationChannels),
        .. Convolution("dp.proj", 1, DurationChannels, 1),
    ];

    private static IEnumerable<(string Name, int[] Shape)> Speaker(VitsConfig config, string name, int width) =>
        config.Speakers > 0 ? Convolution(name, width, config.SpeakerChannels, 1) : [];

    private static IEnumerable<(string Name, int[] Shape)> Convolution(string name, int outputs, int inputs, int kernel) =>
        [($"{name}.weight", [outputs, inputs, kernel]), ($"{name}.bias", [outputs])];

    private static IEnumerable<(string Name, int[] Shape)> Norm(string name, int width) => [($"{name}.gamma", [width]), ($"{name}.beta", [width])];

    private static IEnumerable<(string Name, int[] Shape)> Prefixed(string prefix, IEnumerable<(string Name, int[] Shape)> tensors) =>
        tensors.Select(tensor => (prefix + tensor.Name, tensor.Shape));
}
