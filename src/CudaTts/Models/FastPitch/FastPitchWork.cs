using CudaTts.Compute;

namespace CudaTts.Models.FastPitch;

/// <summary>What FastPitch's stages take at least (see <see cref="StageWork"/>).</summary>
internal static class FastPitchWork
{
    /// <summary>Embedding, blocks, predictors and embedded predictions, which are float32 on every device.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="tokens">Of one row.</param>
    public static StageWork Encoder(FastPitchConfig config, int tokens)
    {
        var work = StageWork.Activations(2.0 * config.Width * tokens, sizeof(float)) + Transformer(config.Encoder, tokens, sizeof(float))
            + Predictor(config.Duration, tokens) + Predictor(config.Pitch, tokens)
            + StageWork.Convolution(1, config.Width, config.PitchEmbeddingKernel, tokens, sizeof(float));
        return config.Energy is { } energy
            ? work + Predictor(energy, tokens) + StageWork.Convolution(1, config.Width, config.EnergyEmbeddingKernel, tokens, sizeof(float))
            : work;
    }

    /// <summary>Tokens repeated as frames, blocks, and the projection.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of one row.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Decoder(FastPitchConfig config, int frames, int elementBytes) =>
        StageWork.Activations(2.0 * config.Width * frames, elementBytes) + Transformer(config.Decoder, frames, elementBytes)
        + StageWork.Convolution(config.Width, config.MelBands, taps: 1, frames, elementBytes);

    private static StageWork Transformer(TransformerSizes sizes, double steps, int elementBytes)
    {
        var (width, attention) = (sizes.Width, sizes.Attention);

        // Every step meets every step twice, in its score and in the sum of the values; scores stay where they are made.
        var heads = new StageWork(2 * attention * steps * steps, 0, 4 * attention * steps * elementBytes);
        var block = StageWork.Convolution(width, 3 * attention, taps: 1, steps, elementBytes) + heads
            + StageWork.Convolution(attention, width, taps: 1, steps, elementBytes)
            + StageWork.Convolution(width, sizes.Filter, sizes.Kernel, steps, elementBytes)
            + StageWork.Convolution(sizes.Filter, width, sizes.Kernel, steps, elementBytes)
            + StageWork.Activations(2 * 3 * width * steps, elementBytes);
        return new StageWork(sizes.Layers * block.Products, sizes.Layers * block.WeightBytes, sizes.Layers * block.ActivationBytes);
    }

    private static StageWork Predictor(PredictorSizes sizes, double tokens)
    {
        var work = StageWork.Convolution(sizes.Filter, 1, taps: 1, tokens, sizeof(float));
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            work += StageWork.Convolution(layer == 0 ? sizes.Width : sizes.Filter, sizes.Filter, sizes.Kernel, tokens, sizeof(float))
                + StageWork.Activations(2.0 * sizes.Filter * tokens, sizeof(float));
        }

        return work;
    }
}
