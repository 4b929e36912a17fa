using CudaTts.Compute;

namespace CudaTts.Models.Tacotron2;

/// <summary>What Tacotron 2's stages take at least (see <see cref="StageWork"/>).</summary>
internal static class Tacotron2Work
{
    private const int Gates = 4;
    private const int Directions = 2;

    /// <summary>Embedding, convolutions and the LSTM in both directions.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="tokens">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight.</param>
    public static StageWork Encoder(Tacotron2Config config, long tokens, int elementBytes)
    {
        var (width, hidden) = (config.EncoderEmbedding, config.EncoderEmbedding / Directions);
        var work = StageWork.Activations(2.0 * width * tokens, elementBytes);
        for (var i = 0; i < config.EncoderConvolutions; i++)
        {
            work += StageWork.Convolution(width, width, config.EncoderKernel, tokens, elementBytes);
        }

        // The gates' products with the input are one layer, those with the state another.
        return work + StageWork.Convolution(width, Directions * Gates * hidden, taps: 1, tokens, elementBytes)
            + StageWork.Convolution(hidden, Gates * hidden, taps: 1, tokens, elementBytes)
            + StageWork.Convolution(hidden, Gates * hidden, taps: 1, tokens, elementBytes);
    }

    /// <summary>Weights that one step multiplies: all matrices of the decoder but the keys', which are made once an utterance.</summary>
    public static long StepWeights(Tacotron2Config config) => Tacotron2Tensors.Expected(config)
        .Where(tensor => tensor.Name.StartsWith("decoder.", StringComparison.Ordinal)
            && !tensor.Name.Contains("memory_layer", StringComparison.Ordinal))
        .Where(tensor => tensor.Shape.Length >= 2)
        .Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>
    /// Steps of rows side by side, whose keys are made first. States, energies and the encoder's memory are float32 on every device.
    /// </summary>
    /// <param name="config">The widths.</param>
    /// <param name="tokens">Of each row.</param>
    /// <param name="rows">Rows that share a reading of the weights.</param>
    /// <param name="steps">Steps of each row.</param>
    /// <param name="elementBytes">Bytes of a weight.</param>
    public static StageWork Decoder(Tacotron2Config config, long tokens, int rows, long steps, int elementBytes)
    {
        var weights = StepWeights(config);
        var perToken = (2.0 * config.LocationKernel * config.LocationFilters)
            + ((double)config.LocationFilters * config.Attention) + config.Attention;

        // The location's filters and v are multiplied for every token, the memory is weighed; all else once a step.
        var products = weights - perToken + (tokens * (perToken + config.EncoderEmbedding));
        var step = new StageWork(rows * products, (double)weights * elementBytes, rows * StepElements(config, tokens) * sizeof(float));
        var keys = StageWork.Convolution(config.EncoderEmbedding, config.Attention, taps: 1, rows * tokens, sizeof(float)) with
        {
            WeightBytes = (double)config.EncoderEmbedding * config.Attention * elementBytes,
        };
        return keys + new StageWork(steps * step.Products, steps * step.WeightBytes, steps * step.ActivationBytes);
    }

    /// <summary>The convolutions, and the sum with what they refine.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="frames">Of all rows together.</param>
    /// <param name="elementBytes">Bytes of an activation and a weight; the first layer has float32.</param>
    public static StageWork Postnet(Tacotron2Config config, long frames, int elementBytes)
    {
        var work = default(StageWork);
        for (var i = 0; i < config.PostnetConvolutions; i++)
        {
            var inputs = i == 0 ? config.MelBands : config.PostnetEmbedding;
            var outputs = i == config.PostnetConvolutions - 1 ? config.MelBands : config.PostnetEmbedding;
            work += StageWork.Convolution(inputs, outputs, config.PostnetKernel, frames, i == 0 ? sizeof(float) : elementBytes);
        }

        return work;
    }

    /// <summary>
    /// Numbers that the layers of a row's step read and write, weights aside: prenet, LSTM, query, energies and context, LSTM, projection.
    /// </summary>
    private static double StepElements(Tacotron2Config config, long tokens)
    {
        static double Lstm(int inputs, int hidden) => inputs + (2.0 * hidden) + (2.0 * hidden);
        var (prenet, encoder, attention) = (config.Prenet, config.EncoderEmbedding, config.Attention);
        return config.StepWidth + (3.0 * prenet) + Lstm(prenet + encoder, config.AttentionRnn) + config.AttentionRnn + attention
            + attention + (tokens * (attention + 2.0 + 1)) + (tokens * (encoder + 1.0 + 2 + 2)) + encoder
            + Lstm(config.AttentionRnn + encoder, config.DecoderRnn) + config.DecoderRnn + encoder + config.StepWidth + 1;
    }
}
