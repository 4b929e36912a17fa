namespace CudaTts.Models.FastPitch;

/// <summary>The tensors of a FastPitch under the names of NVIDIA/DeepLearningExamples (fastpitch/model.py).</summary>
public static class FastPitchTensors
{
    /// <summary>Every tensor that speech needs, with its shape. The aligner of the training (<c>attention.*</c>) is not among them.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Expected(FastPitchConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return
        [
            ("encoder.word_emb.weight", [config.Symbols, config.Width]),
            .. Transformer("encoder", config.Encoder),
            .. Speakers(config),
            .. Predictor(config.Duration),
            .. Predictor(config.Pitch),
            .. Embedding("pitch_emb", config.Width, config.PitchEmbeddingKernel),
            ("pitch_mean", [1]),
            ("pitch_std", [1]),
            .. Energy(config),
            .. Transformer("decoder", config.Decoder),
            ("proj.weight", [config.MelBands, config.Width]),
            ("proj.bias", [config.MelBands]),
        ];
    }

    private static IEnumerable<(string Name, int[] Shape)> Speakers(FastPitchConfig config) =>
        config.SpeakerCount > 1 ? [("speaker_emb.weight", [config.SpeakerCount, config.Width])] : [];

    private static IEnumerable<(string Name, int[] Shape)> Energy(FastPitchConfig config) =>
        config.Energy is { } energy ? [.. Predictor(energy), .. Embedding("energy_emb", config.Width, config.EnergyEmbeddingKernel)] : [];

    private static IEnumerable<(string Name, int[] Shape)> Transformer(string name, TransformerSizes sizes) =>
    [
        ($"{name}.pos_emb.inv_freq", [sizes.Width / 2]),
        .. Enumerable.Range(0, sizes.Layers).SelectMany(layer => Block($"{name}.layers.{layer}", sizes)),
    ];

    private static IEnumerable<(string Name, int[] Shape)> Block(string name, TransformerSizes sizes) =>
    [
        ($"{name}.dec_attn.qkv_net.weight", [3 * sizes.Attention, sizes.Width]),
        ($"{name}.dec_attn.qkv_net.bias", [3 * sizes.Attention]),
        ($"{name}.dec_attn.o_net.weight", [sizes.Width, sizes.Attention]),
        .. Norm($"{name}.dec_attn.layer_norm", sizes.Width),
        ($"{name}.pos_ff.CoreNet.0.weight", [sizes.Filter, sizes.Width, sizes.Kernel]),
        ($"{name}.pos_ff.CoreNet.0.bias", [sizes.Filter]),
        ($"{name}.pos_ff.CoreNet.2.weight", [sizes.Width, sizes.Filter, sizes.Kernel]),
        ($"{name}.pos_ff.CoreNet.2.bias", [sizes.Width]),
        .. Norm($"{name}.pos_ff.layer_norm", sizes.Width),
    ];

    private static IEnumerable<(string Name, int[] Shape)> Predictor(PredictorSizes sizes)
    {
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            yield return ($"{sizes.Name}.layers.{layer}.conv.weight", [sizes.Filter, layer == 0 ? sizes.Width : sizes.Filter, sizes.Kernel]);
            yield return ($"{sizes.Name}.layers.{layer}.conv.bias", [sizes.Filter]);
            foreach (var tensor in Norm($"{sizes.Name}.layers.{layer}.norm", sizes.Filter))
            {
                yield return tensor;
            }
        }

        yield return ($"{sizes.Name}.fc.weight", [1, sizes.Filter]);
        yield return ($"{sizes.Name}.fc.bias", [1]);
    }

    private static IEnumerable<(string Name, int[] Shape)> Embedding(string name, int width, int kernel) =>
        [($"{name}.weight", [width, 1, kernel]), ($"{name}.bias", [width])];

    private static IEnumerable<(string Name, int[] Shape)> Norm(string name, int channels) =>
        [($"{name}.weight", [channels]), ($"{name}.bias", [channels])];
}
