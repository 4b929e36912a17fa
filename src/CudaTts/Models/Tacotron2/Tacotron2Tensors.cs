namespace CudaTts.Models.Tacotron2;

/// <summary>The tensors of a Tacotron 2 under the names of NVIDIA/tacotron2 (model.py), in that state dict's order.</summary>
public static class Tacotron2Tensors
{
    private static readonly string[] s_gates = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    /// <summary>
    /// Every tensor that a network of these widths has, with its shape. The integer <c>num_batches_tracked</c> is training state and not among them.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(Tacotron2Config config) =>
    [
        ("embedding.weight", [config.Symbols, config.SymbolsEmbedding]),
        .. Encoder(config),
        .. Decoder(config),
        .. Postnet(config),
    ];

    private static IEnumerable<(string Name, int[] Shape)> Encoder(Tacotron2Config config)
    {
        // The published network has symbols_embedding_dim == encoder_embedding_dim: the first convolution reads the embedding as it is.
        var width = config.EncoderEmbedding;
        for (var i = 0; i < config.EncoderConvolutions; i++)
        {
            foreach (var tensor in ConvolutionWithNorm($"encoder.convolutions.{i}", width, width, config.EncoderKernel))
            {
                yield return tensor;
            }
        }

        foreach (var direction in (string[])["_l0", "_l0_reverse"])
        {
            foreach (var tensor in Lstm("encoder.lstm", direction, width, width / 2))
            {
                yield return tensor;
            }
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Decoder(Tacotron2Config config) =>
    [
        ("decoder.prenet.layers.0.linear_layer.weight", [config.Prenet, config.StepWidth]),
        ("decoder.prenet.layers.1.linear_layer.weight", [config.Prenet, config.Prenet]),
        .. Lstm("decoder.attention_rnn", "", config.Prenet + config.EncoderEmbedding, config.AttentionRnn),
        ("decoder.attention_layer.query_layer.linear_layer.weight", [config.Attention, config.AttentionRnn]),
        ("decoder.attention_layer.memory_layer.linear_layer.weight", [config.Attention, config.EncoderEmbedding]),
        ("decoder.attention_layer.v.linear_layer.weight", [1, config.Attention]),
        ("decoder.attention_layer.location_layer.location_conv.conv.weight", [config.LocationFilters, 2, config.LocationKernel]),
        ("decoder.attention_layer.location_layer.location_dense.linear_layer.weight", [config.Attention, config.LocationFilters]),
        .. Lstm("decoder.decoder_rnn", "", config.AttentionRnn + config.EncoderEmbedding, config.DecoderRnn),
        ("decoder.linear_projection.linear_layer.weight", [config.StepWidth, config.DecoderRnn + config.EncoderEmbedding]),
        ("decoder.linear_projection.linear_layer.bias", [config.StepWidth]),
        ("decoder.gate_layer.linear_layer.weight", [1, config.DecoderRnn + config.EncoderEmbedding]),
        ("decoder.gate_layer.linear_layer.bias", [1]),
    ];

    private static IEnumerable<(string Name, int[] Shape)> Postnet(Tacotron2Config config)
    {
        var last = config.PostnetConvolutions - 1;
        for (var i = 0; i <= last; i++)
        {
            var input = i == 0 ? config.MelBands : config.PostnetEmbedding;
            var output = i == last ? config.MelBands : config.PostnetEmbedding;
            foreach (var tensor in ConvolutionWithNorm($"postnet.convolutions.{i}", output, input, config.PostnetKernel))
            {
                yield return tensor;
            }
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> ConvolutionWithNorm(string name, int output, int input, int kernel) =>
    [
        ($"{name}.0.conv.weight", [output, input, kernel]),
        ($"{name}.0.conv.bias", [output]),
        ($"{name}.1.weight", [output]),
        ($"{name}.1.bias", [output]),
        ($"{name}.1.running_mean", [output]),
        ($"{name}.1.running_var", [output]),
    ];

    // PyTorch stacks the gates i, f, g, o along the first dimension.
    private static IEnumerable<(string Name, int[] Shape)> Lstm(string name, string suffix, int input, int hidden)
    {
        int[][] shapes = [[4 * hidden, input], [4 * hidden, hidden], [4 * hidden], [4 * hidden]];
        return s_gates.Zip(shapes, (gate, shape) => ($"{name}.{gate}{suffix}", shape));
    }
}
