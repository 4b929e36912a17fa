using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// Recognises the Tacotron 2 of NVIDIA/tacotron2, of NVIDIA/DeepLearningExamples (the same below <c>module.</c>) and of torchaudio
/// (without the <c>.conv</c> and <c>.linear_layer</c> of NVIDIA's wrappers), and reads its widths off its tensors.
/// </summary>
internal static class Tacotron2Layout
{
    /// <summary>A name that every layout has, and that tells where the network begins.</summary>
    public const string Landmark = "decoder.attention_rnn.weight_ih";

    /// <summary>The widths under their names in NVIDIA's hparams, which config.json keeps.</summary>
    public static IEnumerable<(string Name, int Value)> Widths(Tacotron2Config config) =>
    [
        ("n_symbols", config.Symbols),
        ("symbols_embedding_dim", config.SymbolsEmbedding),
        ("encoder_embedding_dim", config.EncoderEmbedding),
        ("encoder_kernel_size", config.EncoderKernel),
        ("encoder_n_convolutions", config.EncoderConvolutions),
        ("attention_rnn_dim", config.AttentionRnn),
        ("attention_dim", config.Attention),
        ("attention_location_n_filters", config.LocationFilters),
        ("attention_location_kernel_size", config.LocationKernel),
        ("decoder_rnn_dim", config.DecoderRnn),
        ("prenet_dim", config.Prenet),
        ("postnet_embedding_dim", config.PostnetEmbedding),
        ("postnet_kernel_size", config.PostnetKernel),
        ("postnet_n_convolutions", config.PostnetConvolutions),
        ("n_mel_channels", config.MelBands),
        ("n_frames_per_step", config.FramesPerStep),
    ];

    /// <summary>NVIDIA's name of a tensor of any layout.</summary>
    public static string Canonical(string name)
    {
        var dot = name.LastIndexOf('.');
        var (owner, leaf) = dot < 0 ? (name, "") : (name[..dot], name[dot..]);
        // encoder.convolutions.N.0 is a convolution, .1 its batch norm.
        var isConvolution = owner == "decoder.attention_layer.location_layer.location_conv"
            || owner.Split('.') is ["encoder" or "postnet", "convolutions", _, "0"];
        if (isConvolution)
        {
            return $"{owner}.conv{leaf}";
        }

        return IsLinear(owner) ? $"{owner}.linear_layer{leaf}" : name;
    }

    /// <summary>The widths that the tensors have.</summary>
    /// <exception cref="WeightsException">A tensor is missing or has another number of dimensions.</exception>
    public static Tacotron2Config Infer(ModelWeights weights)
    {
        var embedding = weights.ShapeOf("embedding.weight", 2);
        var encoder = weights.ShapeOf("encoder.convolutions.0.0.conv.weight", 3);
        var location = weights.ShapeOf("decoder.attention_layer.location_layer.location_conv.conv.weight", 3);
        var postnet = weights.ShapeOf("postnet.convolutions.0.0.conv.weight", 3);
        var step = weights.ShapeOf("decoder.linear_projection.linear_layer.weight", 2)[0];
        var bands = postnet[1];
        if (bands == 0 || step % bands != 0)
        {
            throw new WeightsException(
                $"{weights.Source}: the decoder writes {step} values a step, which is no multiple of the postnet's {bands} mel bands.");
        }

        var config = new Tacotron2Config
        {
            Symbols = embedding[0],
            SymbolsEmbedding = embedding[1],
            EncoderEmbedding = encoder[0],
            EncoderKernel = encoder[2],
            EncoderConvolutions = CountConvolutions(weights, "encoder"),
            AttentionRnn = weights.ShapeOf("decoder.attention_rnn.weight_hh", 2)[1],
            Attention = weights.ShapeOf("decoder.attention_layer.query_layer.linear_layer.weight", 2)[0],
            LocationFilters = location[0],
            LocationKernel = location[2],
            DecoderRnn = weights.ShapeOf("decoder.decoder_rnn.weight_hh", 2)[1],
            Prenet = weights.ShapeOf("decoder.prenet.layers.0.linear_layer.weight", 2)[0],
            PostnetEmbedding = postnet[0],
            PostnetKernel = postnet[2],
            PostnetConvolutions = CountConvolutions(weights, "postnet"),
            MelBands = bands,
            FramesPerStep = step / bands,
        };
        return config with { Mel = config.Mel with { MelBands = bands } };
    }

    /// <summary>Compares the widths that the tensors have with those that a config claims, where it claims any.</summary>
    /// <exception cref="WeightsException">They differ; the message names both.</exception>
    public static void CheckAgainst(Tacotron2Config inferred, SourceConfig claimed, string weights)
    {
        foreach (var (name, value) in Widths(inferred))
        {
            if (claimed.Integer(name) is { } claim && claim != value)
            {
                throw new WeightsException(
                    $"{claimed.Source}: {name} is {claim}, but the tensors of {weights} have {value}; does this config belong to these weights?");
            }
        }
    }

    private static bool IsLinear(string owner) =>
        owner is "decoder.prenet.layers.0" or "decoder.prenet.layers.1"
            or "decoder.attention_layer.query_layer" or "decoder.attention_layer.memory_layer" or "decoder.attention_layer.v"
            or "decoder.attention_layer.location_layer.location_dense" or "decoder.linear_projection" or "decoder.gate_layer";

    private static int CountConvolutions(ModelWeights weights, string part)
    {
        var count = 0;
        while (weights.Contains($"{part}.convolutions.{count}.0.conv.weight"))
        {
            count++;
        }

        return count;
    }
}
