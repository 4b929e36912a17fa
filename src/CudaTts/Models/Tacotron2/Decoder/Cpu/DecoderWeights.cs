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
        StoredMatrix Matrix(string name, int rows, int columns) => weights.TakeMatrix($"{Prefix}{name}", rows, columns);
        Tensor Bias(string name, int units) => LstmCell.PackBias(
            weights.Take($"{Prefix}{name}.bias_ih", 4 * units), weights.Take($"{Prefix}{name}.bias_hh", 4 * units));
        LstmCell Cell(string name, int units, int inputs) => new(
            kernels, units, Matrix($"{name}.weight_ih", 4 * units, inputs), Matrix($"{name}.weight_hh", 4 * units, units));

        PrenetFirst = DecoderMatrix.FromRows(kernels, Matrix("prenet.layers.0.linear_layer.weight", prenet, config.StepWidth));
        PrenetSecond = DecoderMatrix.FromRows(kernels, Matrix("prenet.layers.1.linear_layer.weight", prenet, prenet));
        AttentionLstm = Cell("attention_rnn", attentionRnn, prenet + encoder);
        AttentionBias = Bias("attention_rnn", attentionRnn);

        const string Attention = "attention_layer.";
        Query = DecoderMatrix.FromRows(kernels, Matrix(Attention + "query_layer.linear_layer.weight", config.Attention, attentionRnn));
        Key = DecoderMatrix.FromRows(kernels, Matrix(Attention + "memory_layer.linear_layer.weight", config.Attention, encoder));
        AttentionWidth = Ceiling.Multiple(config.Attention, DecoderKernels.AttentionBlock);
        _v = new Tensor(AttentionWidth);
        weights.Take(Prefix + Attention + "v.linear_layer.weight", 1, config.Attention).Span.CopyTo(_v.Span);
        _location = LocationFilter.Fold(config, weights, AttentionWidth);
        LocationTaps = config.LocationKernel;

        DecoderLstm = Cell("decoder_rnn", decoderRnn, attentionRnn + encoder);
        DecoderBias = Bias("decoder_rnn", decoderRnn);

        Projection = DecoderMatrix.FromRows(
            kernels,
            Matrix("linear_projection.linear_layer.weight", config.StepWidth, decoderRnn + encoder),
            Matrix("gate_layer.linear_layer.weight", 1, decoderRnn + encoder));
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
}
