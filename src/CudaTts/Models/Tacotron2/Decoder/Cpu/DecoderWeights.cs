using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>The decoder's weights in checkpoint order, packed for one step at a time. Immutable.</summary>
internal sealed unsafe class DecoderWeights
{
    private const string Prefix = "decoder.";
    private readonly Tensor _location;
    private readonly Tensor _v;

    /// <summary>Takes the weights of <paramref name="config"/>'s widths.</summary>
    public DecoderWeights(Tacotron2Config config, ModelWeights weights, DecoderKernels kernels)
    {
        var (encoder, prenet) = (config.EncoderEmbedding, config.Prenet);
        var (attentionRnn, decoderRnn) = (config.AttentionRnn, config.DecoderRnn);
        PrenetFirst = DecoderMatrix.FromRows(kernels, weights, config.StepWidth, (Prefix + "prenet.layers.0.linear_layer.weight", prenet));
        PrenetSecond = DecoderMatrix.FromRows(kernels, weights, prenet, (Prefix + "prenet.layers.1.linear_layer.weight", prenet));

        AttentionLstm = new LstmCell(
            kernels,
            weights,
            attentionRnn,
            (Prefix + "attention_rnn.weight_ih", prenet + encoder),
            (Prefix + "attention_rnn.weight_hh", attentionRnn));
        AttentionBias = LstmCell.TakeBias(weights, attentionRnn, Prefix + "attention_rnn.bias_ih", Prefix + "attention_rnn.bias_hh");

        const string Attention = Prefix + "attention_layer.";
        Query = DecoderMatrix.FromRows(kernels, weights, attentionRnn, (Attention + "query_layer.linear_layer.weight", config.Attention));
        Key = DecoderMatrix.FromRows(kernels, weights, encoder, (Attention + "memory_layer.linear_layer.weight", config.Attention));
        AttentionWidth = RoundUp(config.Attention, DecoderKernels.AttentionBlock);
        _v = new Tensor(AttentionWidth);
        weights.Take(Attention + "v.linear_layer.weight", 1, config.Attention).Span.CopyTo(_v.Span);
        _location = LocationFilter.Fold(config, weights, AttentionWidth);
        LocationTaps = config.LocationKernel;

        DecoderLstm = new LstmCell(
            kernels, weights, decoderRnn, (Prefix + "decoder_rnn.weight_ih", attentionRnn + encoder), (Prefix + "decoder_rnn.weight_hh", decoderRnn));
        DecoderBias = LstmCell.TakeBias(weights, decoderRnn, Prefix + "decoder_rnn.bias_ih", Prefix + "decoder_rnn.bias_hh");

        Projection = DecoderMatrix.FromRows(
            kernels,
            weights,
            decoderRnn + encoder,
            (Prefix + "linear_projection.linear_layer.weight", config.StepWidth),
            (Prefix + "gate_layer.linear_layer.weight", 1));
        ProjectionBias = new Tensor(Projection.Rows);
        weights.Take(Prefix + "linear_projection.linear_layer.bias", config.StepWidth).Span.CopyTo(ProjectionBias.Span);
        weights.Take(Prefix + "gate_layer.linear_layer.bias", 1).Span.CopyTo(ProjectionBias.Span[config.StepWidth..]);
    }

    /// <summary>[prenet, step width], no bias.</summary>
    public DecoderMatrix PrenetFirst { get; }

    /// <summary>[prenet, prenet], no bias.</summary>
    public DecoderMatrix PrenetSecond { get; }

    /// <summary>Input [prenet, context, hidden].</summary>
    public LstmCell AttentionLstm { get; }

    /// <summary>Both biases of the attention LSTM.</summary>
    public Tensor AttentionBias { get; }

    /// <summary>[attention, attention LSTM], no bias.</summary>
    public DecoderMatrix Query { get; }

    /// <summary>[attention, E], no bias; applied once an utterance.</summary>
    public DecoderMatrix Key { get; }

    /// <summary>The attention width, padded.</summary>
    public int AttentionWidth { get; }

    /// <summary>Taps of the location convolution.</summary>
    public int LocationTaps { get; }

    /// <summary>Input [attention hidden, context, hidden].</summary>
    public LstmCell DecoderLstm { get; }

    /// <summary>Both biases of the decoder LSTM.</summary>
    public Tensor DecoderBias { get; }

    /// <summary>[step width + 1, decoder LSTM + E]: the frames' rows, then the gate's.</summary>
    public DecoderMatrix Projection { get; }

    /// <summary>[step width + 1].</summary>
    public Tensor ProjectionBias { get; }

    /// <summary>The constants of location-sensitive attention.</summary>
    public LocationOperands Location => new(AttentionWidth, LocationTaps, (nint)_location.Pointer, (nint)_v.Pointer);

    /// <summary>The next multiple of <paramref name="block"/>.</summary>
    public static int RoundUp(int count, int block) => (count + block - 1) / block * block;
}
