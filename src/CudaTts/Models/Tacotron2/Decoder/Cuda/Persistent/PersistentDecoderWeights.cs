using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// The decoder's weights as kernels/persistent_decoder.cu keeps them on the chip, in half precision: rows in chunks of 256 columns, a warp's rows
/// together, each input of a layer beginning with a chunk. Biases are float32. Immutable.
/// </summary>
internal sealed class PersistentDecoderWeights
{
    private const int Chunk = PersistentDecoderPlan.Chunk;
    private const int Gates = WeightRows.Gates;

    [KernelConstant("low_scale")]
    private const float LowScale = 2048;

    private const string Prefix = "decoder.";

    private PersistentDecoderWeights(Tacotron2Config config, ModelWeights weights, CudaModelMemory memory, Tensor small, Tensor smallBias)
    {
        var (encoder, prenet, first, second) = (config.EncoderEmbedding, config.Prenet, config.AttentionRnn, config.DecoderRnn);
        var attention = LstmRows(weights, "attention_rnn", first, prenet + encoder);
        var decoder = LstmRows(weights, "decoder_rnn", second, first + encoder);
        AttentionLstm = memory.StoreMatrix(InChunks(attention, Gates, [0..prenet, ^first..]));
        DecoderLstm = memory.StoreMatrix(InChunks(decoder, Gates, [0..first, ^second..]));
        Small = memory.StoreMatrix(InChunks(small, 1, [0..second]));
        Context = memory.StoreMatrix(WeightRows.InTiles(Columns((attention, prenet), (decoder, first), (small, second), encoder)));
        SmallBias = memory.Store(smallBias);
        PrenetSecond = memory.StoreMatrix(InChunks(weights.Take($"{Prefix}prenet.layers.1.linear_layer.weight", prenet, prenet), 1, [Range.All]));
        var location = LocationFilter.Fold(config, weights, config.Attention);
        Location = memory.StoreMatrix(WeightRows.InTiles(HighAndLow(location, PersistentDecoderPlan.PaddedTaps(config))));
        Query = memory.StoreMatrix(
            InChunks(weights.Take($"{Prefix}attention_layer.query_layer.linear_layer.weight", config.Attention, first), 1, [Range.All]));
    }

    /// <summary>[attention LSTM, chunks, 4, 256] over prenet, hidden state.</summary>
    public Tensor AttentionLstm { get; }

    /// <summary>[decoder LSTM, chunks, 4, 256] over the attention LSTM's hidden state, its own.</summary>
    public Tensor DecoderLstm { get; }

    /// <summary>[step width + 1 + prenet, chunks, 256] over the decoder LSTM's hidden state: projection, gate, first prenet layer.</summary>
    public Tensor Small { get; }

    /// <summary>
    /// 4 attention LSTM + 4 decoder LSTM + step width + 1 + prenet rows of E: all
    /// that reads the context, in the order of the above, in tensor cores' tiles.
    /// </summary>
    public Tensor Context { get; }

    /// <summary>[step width + 1 + prenet].</summary>
    public Tensor SmallBias { get; }

    /// <summary>[prenet, chunks, 256].</summary>
    public Tensor PrenetSecond { get; }

    /// <summary>[attention, chunks, 256].</summary>
    public Tensor Query { get; }

    /// <summary>
    /// [2, components in tiles of 16, 2 * taps in groups of 16]: the location
    /// filter's high and low halves, low times 2,048, in tiles for tensor cores.
    /// </summary>
    public Tensor Location { get; }

    /// <summary>Takes the weights, or nothing where a product of two layers is beyond half precision.</summary>
    public static PersistentDecoderWeights? Create(Tacotron2Config config, ModelWeights weights, CudaModelMemory memory)
    {
        var (small, bias) = FoldPrenet(config, weights);
        return small.Span.IndexOfAnyExceptInRange((float)Half.MinValue, (float)Half.MaxValue) < 0
            ? new PersistentDecoderWeights(config, weights, memory, small, bias)
            : null;
    }

    /// <summary>
    /// Projection and gate, and below them the first prenet layer of the next step: between it and the projection there is nothing but a sum, so
    /// W1 (P x + b) = (W1 P) x + W1 b.
    /// </summary>
    private static (Tensor Rows, Tensor Bias) FoldPrenet(Tacotron2Config config, ModelWeights weights)
    {
        var (width, columns) = (config.StepWidth, config.DecoderRnn + config.EncoderEmbedding);
        var projection = weights.Take($"{Prefix}linear_projection.linear_layer.weight", width, columns);
        var projectionBias = weights.Take($"{Prefix}linear_projection.linear_layer.bias", width);
        var prenet = weights.Take($"{Prefix}prenet.layers.0.linear_layer.weight", config.Prenet, width);
        var folded = new Tensor(config.Prenet, columns);
        var foldedBias = new Tensor(config.Prenet);
        var sums = new double[columns];
        for (var unit = 0; unit < config.Prenet; unit++)
        {
            Array.Clear(sums);
            var bias = 0.0;
            for (var band = 0; band < width; band++)
            {
                double weight = prenet.Span[(unit * width) + band];
                bias += weight * projectionBias.Span[band];
                var row = projection.Span.Slice(band * columns, columns);
                for (var column = 0; column < columns; column++)
                {
                    sums[column] += weight * row[column];
                }
            }

            foldedBias.Span[unit] = (float)bias;
            for (var column = 0; column < columns; column++)
            {
                folded.Span[(unit * columns) + column] = (float)sums[column];
            }
        }

        var gate = weights.Take($"{Prefix}gate_layer.linear_layer.weight", 1, columns);
        var gateBias = weights.Take($"{Prefix}gate_layer.linear_layer.bias", 1);
        var bothBiases = WeightRows.Below(projectionBias.Reshape(width, 1), gateBias.Reshape(1, 1));
        return (WeightRows.Below(WeightRows.Below(projection, gate), folded), WeightRows.Below(bothBiases, foldedBias.Reshape(config.Prenet, 1)));
    }

    /// <summary>A filter [channels, taps, components] as rows of components, high halves above low ones, taps filled up with zeros.</summary>
    private static Tensor HighAndLow(Tensor filter, int paddedTaps)
    {
        var (channels, taps, components) = (filter[0], filter[1], filter[2]);
        var rows = Ceiling.Multiple(components, WeightRows.TileRows);
        var halves = new Tensor(2 * rows, channels * paddedTaps);
        for (var position = 0; position < channels * taps; position++)
        {
            var column = (position / taps * paddedTaps) + (position % taps);
            for (var component = 0; component < components; component++)
            {
                var weight = filter.Span[(position * components) + component];
                var high = (float)(Half)weight;
                halves.Span[(component * halves[1]) + column] = high;
                halves.Span[((rows + component) * halves[1]) + column] = LowScale * (weight - high);
            }
        }

        return halves;
    }

    private static Tensor LstmRows(ModelWeights weights, string name, int hidden, int inputs)
    {
        var rows = WeightRows.Beside(
            weights.Take($"{Prefix}{name}.weight_ih", Gates * hidden, inputs), weights.Take($"{Prefix}{name}.weight_hh", Gates * hidden, hidden));
        return WeightRows.GatesByUnit(rows).Reshape(Gates * hidden, inputs + hidden);
    }

    /// <summary>Some columns of three matrices, one below the other.</summary>
    private static Tensor Columns((Tensor Rows, int First) above, (Tensor Rows, int First) middle, (Tensor Rows, int First) below, int count)
    {
        var all = new Tensor(Ceiling.Multiple(above.Rows[0] + middle.Rows[0] + below.Rows[0], Gates), WeightRows.Padded(count));
        var row = 0;
        foreach (var (rows, first) in new[] { above, middle, below })
        {
            for (var i = 0; i < rows[0]; i++, row++)
            {
                rows.Span.Slice((i * rows[1]) + first, count).CopyTo(all.Span[(row * all[1])..]);
            }
        }

        return all;
    }

    /// <summary>Rows in chunks, those of <paramref name="together"/> rows side by side chunk by chunk; what is added is zero.</summary>
    /// <param name="rows">[R, K].</param>
    /// <param name="together">Rows of a warp.</param>
    /// <param name="inputs">Columns of each input, in the order in which the kernel has them.</param>
    /// <returns>[R / together, chunks, together, 256].</returns>
    private static Tensor InChunks(Tensor rows, int together, Range[] inputs)
    {
        var columns = rows[1];
        var chunks = inputs.Sum(input => PersistentDecoderPlan.ChunksOf(input.GetOffsetAndLength(columns).Length));
        var packed = new Tensor(rows[0] / together, chunks, together, Chunk);
        for (var row = 0; row < rows[0]; row++)
        {
            var source = rows.Span.Slice(row * columns, columns);
            var (group, place) = Math.DivRem(row, together);
            var chunk = 0;
            foreach (var input in inputs)
            {
                for (var left = source[input]; !left.IsEmpty; left = left[Math.Min(Chunk, left.Length)..], chunk++)
                {
                    var target = packed.Span.Slice(((((group * chunks) + chunk) * together) + place) * Chunk, Chunk);
                    left[..Math.Min(Chunk, left.Length)].CopyTo(target);
                }
            }
        }

        return packed;
    }
}
