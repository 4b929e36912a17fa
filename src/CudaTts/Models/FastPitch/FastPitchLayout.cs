using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// Recognises the FastPitch of NVIDIA/DeepLearningExamples and, below <c>fastpitch.</c>, that of NVIDIA/NeMo, whose tensors have the same names, and
/// reads its widths off its tensors. Only the number of heads leaves no trace in them.
/// </summary>
internal static class FastPitchLayout
{
    /// <summary>A name that both have, and that tells where the network begins.</summary>
    public const string Landmark = "encoder.layers.0.dec_attn.qkv_net.weight";

    // Of the training: what aligned texts with recordings, at NVIDIA's and at NeMo's.
    private static readonly string[] s_aligners = ["attention.", "aligner."];

    // A checkpoint has averaged weights beside the others where they are what its training was for.
    private static readonly string[] s_averaged = ["ema_state_dict.module.", "ema_state_dict."];

    /// <summary>What the names of the network begin with; null where there is none.</summary>
    /// <exception cref="WeightsException">There is more than one such network.</exception>
    public static string? PrefixOf(CheckpointImport import) =>
        Array.Find(s_averaged, prefix => import.Checkpoint.Entries.ContainsKey(prefix + Landmark)) ?? import.PrefixOf(Landmark);

    /// <summary>Whether these are the averaged weights of a checkpoint that has others too.</summary>
    public static bool IsAveraged(string prefix) => s_averaged.Contains(prefix);

    /// <summary>Whether the network is NeMo's.</summary>
    public static bool IsNeMo(string prefix) => prefix.EndsWith("fastpitch.", StringComparison.Ordinal);

    /// <summary>The tensors that speech needs.</summary>
    public static ModelWeights WithoutAligner(ModelWeights weights) => new(
        weights.Source,
        weights.Names.Where(name => !Array.Exists(s_aligners, aligner => name.StartsWith(aligner, StringComparison.Ordinal)))
            .ToDictionary(name => name, weights.Entry));

    /// <summary>The widths under their names in NVIDIA's config, which config.json keeps.</summary>
    public static IEnumerable<(string Name, int Value)> Widths(FastPitchConfig config) =>
    [
        ("n_mel_channels", config.MelBands),
        ("n_symbols", config.Symbols),
        ("symbols_embedding_dim", config.Width),
        ("in_fft_n_layers", config.EncoderLayers),
        ("in_fft_n_heads", config.EncoderHeads),
        ("in_fft_d_head", config.EncoderHeadWidth),
        ("in_fft_conv1d_kernel_size", config.EncoderKernel),
        ("in_fft_conv1d_filter_size", config.EncoderFilter),
        ("in_fft_output_size", config.EncoderOutput),
        ("out_fft_n_layers", config.DecoderLayers),
        ("out_fft_n_heads", config.DecoderHeads),
        ("out_fft_d_head", config.DecoderHeadWidth),
        ("out_fft_conv1d_kernel_size", config.DecoderKernel),
        ("out_fft_conv1d_filter_size", config.DecoderFilter),
        ("out_fft_output_size", config.DecoderOutput),
        ("dur_predictor_kernel_size", config.DurationKernel),
        ("dur_predictor_filter_size", config.DurationFilter),
        ("dur_predictor_n_layers", config.DurationLayers),
        ("pitch_predictor_kernel_size", config.PitchKernel),
        ("pitch_predictor_filter_size", config.PitchFilter),
        ("pitch_predictor_n_layers", config.PitchLayers),
        ("pitch_embedding_kernel_size", config.PitchEmbeddingKernel),
        ("n_speakers", config.SpeakerCount),
        .. EnergyWidths(config),
    ];

    /// <summary>The widths that the tensors have, with one head.</summary>
    /// <exception cref="WeightsException">A tensor is missing or has another number of dimensions.</exception>
    public static FastPitchConfig Infer(ModelWeights weights)
    {
        var symbols = weights.ShapeOf("encoder.word_emb.weight", 2);
        var (encoder, decoder) = (Block(weights, "encoder"), Block(weights, "decoder"));
        var (duration, pitch) = (Predictor(weights, "duration_predictor"), Predictor(weights, "pitch_predictor"));
        var bands = weights.ShapeOf("proj.weight", 2)[0];
        var config = new FastPitchConfig
        {
            MelBands = bands,
            Symbols = symbols[0],
            Width = symbols[1],
            EncoderLayers = encoder.Layers,
            EncoderHeadWidth = encoder.HeadWidth,
            EncoderKernel = encoder.Kernel,
            EncoderFilter = encoder.Filter,
            EncoderOutput = symbols[1],
            DecoderLayers = decoder.Layers,
            DecoderHeadWidth = decoder.HeadWidth,
            DecoderKernel = decoder.Kernel,
            DecoderFilter = decoder.Filter,
            DecoderOutput = symbols[1],
            DurationKernel = duration.Kernel,
            DurationFilter = duration.Filter,
            DurationLayers = duration.Layers,
            PitchKernel = pitch.Kernel,
            PitchFilter = pitch.Filter,
            PitchLayers = pitch.Layers,
            PitchEmbeddingKernel = weights.ShapeOf("pitch_emb.weight", 3)[2],
            HasEnergy = weights.Contains("energy_predictor.fc.weight"),
            SpeakerCount = weights.Contains("speaker_emb.weight") ? weights.ShapeOf("speaker_emb.weight", 2)[0] : 1,
            Mel = new MelContract { MelBands = bands },
        };
        return config.HasEnergy ? WithEnergy(config, weights) : config;
    }

    /// <summary>The config with what the tensors do not tell, after their widths were compared with those that a config claims.</summary>
    /// <param name="inferred">From the tensors.</param>
    /// <param name="claimed">Names as in NVIDIA's config, or those of the engine's own.</param>
    /// <param name="weights">What error messages call the weights.</param>
    /// <exception cref="WeightsException">They differ; the message names both.</exception>
    public static FastPitchConfig Complete(FastPitchConfig inferred, SourceConfig claimed, string weights)
    {
        var config = inferred with
        {
            EncoderHeads = claimed.Integer("in_fft_n_heads") ?? 1,
            DecoderHeads = claimed.Integer("out_fft_n_heads") ?? 1,
            PaddingId = claimed.Integer("padding_idx") ?? inferred.PaddingId,
            SpeakerWeight = claimed.Number("speaker_emb_weight") ?? 1,
            Mel = MelSource.Read(claimed, inferred.Mel),
        };
        config = config with
        {
            EncoderHeadWidth = Divided(inferred.EncoderHeadWidth, config.EncoderHeads, "in_fft_n_heads", claimed),
            DecoderHeadWidth = Divided(inferred.DecoderHeadWidth, config.DecoderHeads, "out_fft_n_heads", claimed),
        };
        foreach (var (name, value) in Widths(config))
        {
            if (claimed.Integer(name) is { } claim && claim != value)
            {
                throw Differ(name, $"{claim}", $"{value}");
            }
        }

        return (claimed.Flag("energy_conditioning") ?? config.HasEnergy) == config.HasEnergy ? config
            : throw Differ("energy_conditioning", config.HasEnergy ? "false" : "true", config.HasEnergy ? "an energy predictor" : "none");

        WeightsException Differ(string name, string claim, string found) => new(
            $"{claimed.Source}: {name} is {claim}, but the tensors of {weights} have {found}; does this config belong to these weights?");
    }

    private static IEnumerable<(string Name, int Value)> EnergyWidths(FastPitchConfig config) => config.HasEnergy
        ?
        [
            ("energy_predictor_kernel_size", config.EnergyKernel),
            ("energy_predictor_filter_size", config.EnergyFilter),
            ("energy_predictor_n_layers", config.EnergyLayers),
            ("energy_embedding_kernel_size", config.EnergyEmbeddingKernel),
        ]
        : [];

    private static FastPitchConfig WithEnergy(FastPitchConfig config, ModelWeights weights)
    {
        var energy = Predictor(weights, "energy_predictor");
        return config with
        {
            EnergyKernel = energy.Kernel,
            EnergyFilter = energy.Filter,
            EnergyLayers = energy.Layers,
            EnergyEmbeddingKernel = weights.ShapeOf("energy_emb.weight", 3)[2],
        };
    }

    private static int Divided(int width, int heads, string name, SourceConfig claimed) => heads > 0 && width % heads == 0
        ? width / heads
        : throw claimed.Wrong(name, $"a number of heads that divides the attention's {width} channels");

    private static TransformerSizes Block(ModelWeights weights, string name)
    {
        var projection = weights.ShapeOf($"{name}.layers.0.dec_attn.o_net.weight", 2);
        var convolution = weights.ShapeOf($"{name}.layers.0.pos_ff.CoreNet.0.weight", 3);
        var layers = Count(weights, $"{name}.layers.{{0}}.dec_attn.o_net.weight");
        return new TransformerSizes(projection[0], layers, Heads: 1, projection[1], convolution[2], convolution[0]);
    }

    private static PredictorSizes Predictor(ModelWeights weights, string name)
    {
        var convolution = weights.ShapeOf($"{name}.layers.0.conv.weight", 3);
        return new PredictorSizes(name, convolution[1], Count(weights, $"{name}.layers.{{0}}.conv.weight"), convolution[2], convolution[0]);
    }

    private static int Count(ModelWeights weights, string pattern)
    {
        var count = 0;
        while (weights.Contains(pattern.Replace("{0}", $"{count}", StringComparison.Ordinal)))
        {
            count++;
        }

        return count;
    }
}
