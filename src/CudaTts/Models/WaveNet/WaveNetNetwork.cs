using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// The tensors of a WaveNet without its upsampling, brought to one form from every layout: what a device packs. The output is
/// y = Last relu(Hidden relu(skip) + bias) + bias.
/// </summary>
internal sealed class WaveNetNetwork
{
    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor by its name.</param>
    public WaveNetNetwork(WaveNetConfig config, Func<string, Tensor> take)
    {
        Config = config;
        SkipBias = new Tensor(config.SkipChannels);
        if (config.Layout == WaveNetLayout.Nvidia)
        {
            var conditioning = take("cond_layers.conv.weight").Reshape(config.Layers, config.GateChannels, config.Mel.MelBands);
            var bias = take("cond_layers.conv.bias").Reshape(config.Layers, config.GateChannels);
            Table = take("embed.weight");
            Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => OfNvidia(layer, conditioning, bias, take))];
            (Hidden, Last) = (Matrix(take("conv_out.conv.weight")), Matrix(take("conv_end.conv.weight")));
            (HiddenBias, LastBias) = (new Tensor(config.HiddenChannels), new Tensor(config.OutputChannels));
            return;
        }

        var (first, firstBias) = (Matrix(take("first_conv.weight")), take("first_conv.bias"));
        Table = Rows(first, firstBias, config.DrawsClasses);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => OfLayer(layer, take))];
        (Hidden, HiddenBias) = (Matrix(take("last_conv_layers.1.weight")), take("last_conv_layers.1.bias"));
        (Last, LastBias) = (Matrix(take("last_conv_layers.3.weight")), take("last_conv_layers.3.bias"));
        Speakers = config.SpeakerChannels > 0 ? take("embed_speakers.weight") : null;
    }

    /// <summary>The network's widths.</summary>
    public WaveNetConfig Config { get; }

    /// <summary>
    /// What the sample before becomes. Classes: the row of a class, [classes, R]. Numbers: two rows, the factor on the number and the bias, [2, R].
    /// </summary>
    public Tensor Table { get; }

    /// <summary>The residual layers.</summary>
    public WaveNetLayer[] Layers { get; }

    /// <summary>The sum of the biases of all skip connections, [S].</summary>
    public Tensor SkipBias { get; }

    /// <summary>The product before the last, [H, S].</summary>
    public Tensor Hidden { get; }

    /// <summary>Biases of the product before the last, [H].</summary>
    public Tensor HiddenBias { get; }

    /// <summary>The last product, [O, H].</summary>
    public Tensor Last { get; }

    /// <summary>Biases of the last product, [O].</summary>
    public Tensor LastBias { get; }

    /// <summary>The speakers' vectors, [speakers, G]; none where there is one voice.</summary>
    public Tensor? Speakers { get; }

    /// <summary>The biases before each layer's gate for a speaker, [2 Z] each.</summary>
    public float[][] GateBiasesOf(int speaker)
    {
        ReadOnlySpan<float> vector = Speakers is null ? [] : Speakers.Slice(speaker, 1).Span;
        var biases = new float[Layers.Length][];
        for (var layer = 0; layer < biases.Length; layer++)
        {
            biases[layer] = Layers[layer].GateBiasOf(vector);
        }

        return biases;
    }

    private WaveNetLayer OfLayer(int layer, Func<string, Tensor> take)
    {
        var prefix = $"conv_layers.{layer}.";
        var (hasResidual, isEarlier) = (layer < Config.Layers - 1, Config.Layout == WaveNetLayout.Earlier);
        var bias = take(prefix + "conv.bias");
        var speaker = Config.SpeakerChannels > 0 ? Matrix(take(prefix + "conv1x1g.weight")) : null;
        if (isEarlier)
        {
            Add(bias, take(prefix + "conv1x1c.bias"), 1);
            Add(bias, speaker is null ? null : take(prefix + "conv1x1g.bias"), 1);
        }

        var factor = SkipFactor(layer);
        Add(SkipBias, take(prefix + "conv1x1_skip.bias"), factor);
        var scale = MathF.Sqrt(0.5f);
        return new WaveNetLayer
        {
            Dilated = take(prefix + "conv.weight"),
            Conditioning = Matrix(take(prefix + "conv1x1c.weight")),
            GateBias = bias,
            Speaker = speaker,
            Residual = hasResidual ? Scaled(Matrix(take(prefix + "conv1x1_out.weight")), scale) : null,
            ResidualBias = hasResidual ? Scaled(take(prefix + "conv1x1_out.bias"), scale) : null,
            Scale = scale,
            Skip = Scaled(Matrix(take(prefix + "conv1x1_skip.weight")), factor),
            Dilation = Config.Dilation(layer),
        };
    }

    private WaveNetLayer OfNvidia(int layer, Tensor conditioning, Tensor conditioningBias, Func<string, Tensor> take)
    {
        var hasResidual = layer < Config.Layers - 1;
        var bias = take($"dilate_layers.{layer}.conv.bias");
        Add(bias, conditioningBias.Slice(layer, 1), 1);
        Add(SkipBias, take($"skip_layers.{layer}.conv.bias"), 1);
        return new WaveNetLayer
        {
            Dilated = take($"dilate_layers.{layer}.conv.weight"),
            Conditioning = conditioning.Slice(layer, 1).Reshape(Config.GateChannels, Config.Mel.MelBands),
            GateBias = bias,
            Residual = hasResidual ? Matrix(take($"res_layers.{layer}.conv.weight")) : null,
            ResidualBias = hasResidual ? take($"res_layers.{layer}.conv.bias") : null,
            Scale = 1,
            Skip = Matrix(take($"skip_layers.{layer}.conv.weight")),
            Dilation = Config.Dilation(layer),
        };
    }

    // Of the recursion s = (s + skip) / root of 2 a layer's part is halved in power by each layer from its own on; the first is not at its own.
    private float SkipFactor(int layer) => Config.SkipSum switch
    {
        SkipSum.Scaled => MathF.Sqrt(1f / Config.Layers),
        SkipSum.Recursive => (float)Math.Pow(0.5, (Config.Layers - Math.Max(1, layer)) / 2.0),
        _ => 1,
    };

    private static Tensor Rows(Tensor first, Tensor bias, bool areClasses)
    {
        var (channels, inputs) = (first[0], first[1]);
        var table = new Tensor(areClasses ? inputs : 2, channels);
        for (var channel = 0; channel < channels; channel++)
        {
            for (var input = 0; input < inputs; input++)
            {
                table.Span[(input * channels) + channel] = first.Span[(channel * inputs) + input] + (areClasses ? bias.Span[channel] : 0);
            }
        }

        if (!areClasses)
        {
            bias.Span.CopyTo(table.Span[channels..]);
        }

        return table;
    }

    private static Tensor Matrix(Tensor pointwise) => pointwise.Reshape(pointwise[0], pointwise[1]);

    private static Tensor Scaled(Tensor tensor, float factor)
    {
        foreach (ref var value in tensor.Span)
        {
            value *= factor;
        }

        return tensor;
    }

    private static void Add(Tensor sum, Tensor? added, float factor)
    {
        for (var i = 0; added is not null && i < sum.Length; i++)
        {
            sum.Span[i] += factor * added.Span[i];
        }
    }
}
