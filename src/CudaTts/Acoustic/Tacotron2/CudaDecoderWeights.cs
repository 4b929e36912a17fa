using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Weights;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// The decoder's weights in checkpoint order, in a GPU's memory and in the layouts of its kernels (kernels/README.md). Matrices have the device's precision;
/// biases and the location filter are float32. In half precision all that a step multiplies lies in tiles for tensor cores (kernels/decoder_f16.cuh), whatever
/// shape is given here. Immutable.
/// </summary>
internal sealed class CudaDecoderWeights
{
    private const string Prefix = "decoder.";
    private const int FloatVector = 4;

    /// <summary>Takes the weights of <paramref name="config"/>'s widths.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">Where the tensors are taken from.</param>
    /// <param name="compute">The device.</param>
    /// <param name="isPersistent">Whether few rows may be decoded by the persistent kernel.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config or the precision.</exception>
    public CudaDecoderWeights(Tacotron2Config config, ModelWeights weights, CudaCompute compute, bool isPersistent = true)
    {
        var (encoder, prenet) = (config.EncoderEmbedding, config.Prenet);
        var (attentionRnn, decoderRnn) = (config.AttentionRnn, config.DecoderRnn);
        Tensor Take(string name, int rows, params ReadOnlySpan<int> widths) =>
            WeightRows.PadColumns(weights.Take($"{Prefix}{name}.weight", rows, Sum(widths)), widths);

        var first = Take("prenet.layers.0.linear_layer", prenet, config.StepWidth);
        PrenetFirst = compute.Type == ElementType.Float16 ? compute.StoreHalf(WeightRows.InTiles(first)) : compute.Store(WeightRows.ByColumnBlocks(first, FloatVector));
        PrenetSecond = StoreRows(compute, Take("prenet.layers.1.linear_layer", prenet, prenet));

        (AttentionLstm, AttentionBias) = TakeLstm(weights, compute, "attention_rnn", attentionRnn, prenet, encoder);

        const string Attention = "attention_layer.";
        Query = StoreRows(compute, Take(Attention + "query_layer.linear_layer", config.Attention, attentionRnn));
        Key = compute.StoreMatrix(Take(Attention + "memory_layer.linear_layer", config.Attention, encoder));
        V = compute.Store(weights.Take(Prefix + Attention + "v.linear_layer.weight", 1, config.Attention));
        Location = compute.Store(LocationFilter.Fold(config, weights, config.Attention));

        (DecoderLstm, DecoderBias) = TakeLstm(weights, compute, "decoder_rnn", decoderRnn, attentionRnn, encoder);

        var frames = Take("linear_projection.linear_layer", config.StepWidth, decoderRnn, encoder);
        var gate = Take("gate_layer.linear_layer", 1, decoderRnn, encoder);
        Projection = StoreRows(compute, WeightRows.Below(frames, gate));
        ProjectionBias = compute.Store(WeightRows.Below(
            weights.Take(Prefix + "linear_projection.linear_layer.bias", config.StepWidth).Reshape(config.StepWidth, 1),
            weights.Take(Prefix + "gate_layer.linear_layer.bias", 1).Reshape(1, 1)));
        Persistent = isPersistent && PersistentDecoder.Fits(config, compute) ? PersistentDecoderWeights.Create(config, weights, compute) : null;
    }

    /// <summary>[step width / 4, prenet, 4]; no bias.</summary>
    public Tensor PrenetFirst { get; }

    /// <summary>[prenet, prenet], no bias.</summary>
    public Tensor PrenetSecond { get; }

    /// <summary>[attention LSTM, 4, prenet + E + attention LSTM].</summary>
    public Tensor AttentionLstm { get; }

    /// <summary>[attention LSTM, 4]: both biases.</summary>
    public Tensor AttentionBias { get; }

    /// <summary>[attention, attention LSTM], no bias.</summary>
    public Tensor Query { get; }

    /// <summary>[attention, E], no bias; applied once an utterance.</summary>
    public Tensor Key { get; }

    /// <summary>[attention].</summary>
    public Tensor V { get; }

    /// <summary>[2, taps, attention].</summary>
    public Tensor Location { get; }

    /// <summary>[decoder LSTM, 4, attention LSTM + E + decoder LSTM].</summary>
    public Tensor DecoderLstm { get; }

    /// <summary>[decoder LSTM, 4]: both biases.</summary>
    public Tensor DecoderBias { get; }

    /// <summary>[step width + 1, decoder LSTM + E]: the frames' rows, then the gate's.</summary>
    public Tensor Projection { get; }

    /// <summary>[step width + 1].</summary>
    public Tensor ProjectionBias { get; }

    /// <summary>The same once more as the persistent decoder has them, where the device can hold it.</summary>
    public PersistentDecoderWeights? Persistent { get; }

    private static (Tensor Weight, Tensor Bias) TakeLstm(
        ModelWeights weights, CudaCompute compute, string name, int hidden, params ReadOnlySpan<int> inputs)
    {
        var (input, recurrent) = ($"{Prefix}{name}.weight_ih", $"{Prefix}{name}.weight_hh");
        var rows = WeightRows.Beside(
            WeightRows.PadColumns(weights.Take(input, 4 * hidden, Sum(inputs)), inputs),
            WeightRows.PadColumns(weights.Take(recurrent, 4 * hidden, hidden), hidden));
        var bias = WeightRows.LstmBias(weights, $"{Prefix}{name}.bias_ih", $"{Prefix}{name}.bias_hh", hidden);
        var byUnit = WeightRows.GatesByUnit(rows).Reshape(rows[0], rows[1]);
        return (StoreRows(compute, byUnit), compute.Store(WeightRows.GatesByUnit(bias)));
    }

    /// <summary>Rows [R, K] as the step's kernels read them: as they are in float32, in tensor cores' tiles in half precision.</summary>
    private static Tensor StoreRows(CudaCompute compute, Tensor rows) =>
        compute.Type == ElementType.Float16 ? compute.StoreHalf(WeightRows.InTiles(rows)) : compute.Store(rows);

    private static int Sum(ReadOnlySpan<int> widths)
    {
        var sum = 0;
        foreach (var width in widths)
        {
            sum += width;
        }

        return sum;
    }
}
