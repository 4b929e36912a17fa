using CudaTts.Compute.Cuda;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda;

/// <summary>
/// The decoder's weights in checkpoint order, in a GPU's memory and in the layouts of its kernels (kernels/README.md). Matrices have the device's
/// precision; biases and the location filter are float32. In half precision all that a step multiplies lies in tiles for tensor cores
/// (kernels/decoder_f16.cuh), whatever shape is given here. Immutable.
/// </summary>
internal sealed class CudaDecoderWeights
{
    private const string Prefix = "decoder.";
    private const int FloatVector = 4;

    /// <summary>Takes the weights of <paramref name="config"/>'s widths.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">Where the tensors are taken from.</param>
    /// <param name="memory">Where they go.</param>
    /// <param name="isPersistent">Whether few rows may be decoded by the persistent kernel.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config or the precision.</exception>
    public CudaDecoderWeights(Tacotron2Config config, ModelWeights weights, CudaModelMemory memory, bool isPersistent = true)
    {
        var (encoder, prenet) = (config.EncoderEmbedding, config.Prenet);
        var (attentionRnn, decoderRnn) = (config.AttentionRnn, config.DecoderRnn);
        Tensor Take(string name, int rows, params ReadOnlySpan<int> widths) =>
            WeightRows.PadColumns(weights.Take($"{Prefix}{name}.weight", rows, Sum(widths)), widths);

        var first = Take("prenet.layers.0.linear_layer", prenet, config.StepWidth);
        PrenetFirst = memory.Compute.Type == ElementType.Float16
            ? memory.StoreHalf(WeightRows.InTiles(first))
            : memory.Store(WeightRows.ByColumnBlocks(first, FloatVector));
        PrenetSecond = StoreRows(memory, Take("prenet.layers.1.linear_layer", prenet, prenet));

        AttentionLstm = TakeLstm(weights, memory, "attention_rnn", attentionRnn, (prenet, encoder), late: 0);

        const string Attention = "attention_layer.";
        Query = StoreRows(memory, Take(Attention + "query_layer.linear_layer", config.Attention, attentionRnn));
        Key = memory.StoreMatrix(Take(Attention + "memory_layer.linear_layer", config.Attention, encoder));
        V = memory.Store(weights.Take(Prefix + Attention + "v.linear_layer.weight", 1, config.Attention));
        LocationPairs = memory.Store(PairedLocationFilter.InPairs(LocationFilter.Fold(config, weights, config.Attention)));

        DecoderLstm = TakeLstm(weights, memory, "decoder_rnn", decoderRnn, (attentionRnn, encoder), late: 1);

        var frames = Take("linear_projection.linear_layer", config.StepWidth, decoderRnn, encoder);
        var gate = Take("gate_layer.linear_layer", 1, decoderRnn, encoder);
        Projection = StoreRows(memory, WeightRows.Below(frames, gate));
        ProjectionBias = memory.Store(WeightRows.Below(
            weights.Take(Prefix + "linear_projection.linear_layer.bias", config.StepWidth).Reshape(config.StepWidth, 1),
            weights.Take(Prefix + "gate_layer.linear_layer.bias", 1).Reshape(1, 1)));
        Persistent = isPersistent && PersistentDecoder.Fits(config, memory.Compute) ? PersistentDecoderWeights.Create(config, weights, memory) : null;
    }

    /// <summary>[step width / 4, prenet, 4]; no bias.</summary>
    public Tensor PrenetFirst { get; }

    /// <summary>[prenet, prenet], no bias.</summary>
    public Tensor PrenetSecond { get; }

    /// <summary>Over context and its own state, late the prenet.</summary>
    public Cell AttentionLstm { get; }

    /// <summary>[attention LSTM, 4]: both biases.</summary>
    public Tensor AttentionBias => AttentionLstm.Bias;

    /// <summary>[attention, attention LSTM], no bias.</summary>
    public Tensor Query { get; }

    /// <summary>[attention, E], no bias; applied once an utterance.</summary>
    public Tensor Key { get; }

    /// <summary>A vector of the attention's width.</summary>
    public Tensor V { get; }

    /// <summary>[padded taps / 2, attention, 2, 2]: the location filter in pairs of taps.</summary>
    public Tensor LocationPairs { get; }

    /// <summary>Over the attention LSTM's state and its own, late the context.</summary>
    public Cell DecoderLstm { get; }

    /// <summary>[decoder LSTM, 4]: both biases.</summary>
    public Tensor DecoderBias => DecoderLstm.Bias;

    /// <summary>[step width + 1, decoder LSTM + E]: the frames' rows, then the gate's.</summary>
    public Tensor Projection { get; }

    /// <summary>[step width + 1].</summary>
    public Tensor ProjectionBias { get; }

    /// <summary>The same once more as the persistent decoder has them, where the device can hold it.</summary>
    public PersistentDecoderWeights? Persistent { get; }

    // late: which of the two inputs comes after the cell's own state.
    private static Cell TakeLstm(ModelWeights weights, CudaModelMemory memory, string name, int hidden, (int First, int Second) inputs, int late)
    {
        const int Gates = 4;
        var both = WeightRows.PadColumns(
            weights.Take($"{Prefix}{name}.weight_ih", Gates * hidden, inputs.First + inputs.Second), inputs.First, inputs.Second);
        var own = WeightRows.PadColumns(weights.Take($"{Prefix}{name}.weight_hh", Gates * hidden, hidden), hidden);
        var (first, second) = (..WeightRows.Padded(inputs.First), WeightRows.Padded(inputs.First)..);
        var early = WeightRows.Beside(WeightRows.Columns(both, late == 0 ? second : first), own);
        var last = WeightRows.Columns(both, late == 0 ? first : second);
        Tensor Bias(string of) => weights.Take($"{Prefix}{name}.bias_{of}", Gates * hidden);
        Tensor ByUnit(Tensor rows) => WeightRows.GatesByUnit(rows).Reshape(rows[0], rows[1]);
        var bias = memory.Store(WeightRows.GatesByUnit(WeightRows.LstmBias(Bias("ih"), Bias("hh"))));
        return memory.Compute.Type == ElementType.Float16
            ? new Cell(StoreRows(memory, ByUnit(early)), StoreRows(memory, ByUnit(last)), bias)
            : new Cell(StoreRows(memory, ByUnit(WeightRows.Beside(early, last))), Late: null, bias);
    }

    /// <summary>Rows [R, K] as the step's kernels read them: as they are in float32, in tensor cores' tiles in half precision.</summary>
    private static Tensor StoreRows(CudaModelMemory memory, Tensor rows) =>
        memory.Compute.Type == ElementType.Float16 ? memory.StoreHalf(WeightRows.InTiles(rows)) : memory.Store(rows);

    private static int Sum(ReadOnlySpan<int> widths)
    {
        var sum = 0;
        foreach (var width in widths)
        {
            sum += width;
        }

        return sum;
    }

    /// <summary>An LSTM cell's weights [H, 4, columns].</summary>
    /// <param name="Early">In half precision without the columns of the late input; in float32 with them, at the end.</param>
    /// <param name="Late">The columns of the input that the step makes last, in half precision.</param>
    /// <param name="Bias">[H, 4]: both biases.</param>
    public sealed record Cell(Tensor Early, Tensor? Late, Tensor Bias);
}
