using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// Everything that one utterance's decoding changes. It starts as zeros, the go frame included; buffers are padded to what the kernels read
/// and write. The inputs of the LSTMs and of the projection are concatenations, kept side by side in one buffer each.
/// </summary>
internal sealed class DecoderState
{
    /// <summary>Makes the state before the first step.</summary>
    /// <param name="config">The model's widths.</param>
    /// <param name="weights">The model's weights, packed.</param>
    /// <param name="memory">The encoder's output [1, T, E], which is copied.</param>
    /// <param name="members">Threads that will decode.</param>
    public DecoderState(Tacotron2Config config, DecoderWeights weights, Tensor memory, int members)
    {
        var (encoder, prenet) = (config.EncoderEmbedding, config.Prenet);
        var (attention, decoder) = (weights.AttentionLstm.Units, weights.DecoderLstm.Units);
        Tokens = memory[1];
        TokenBlocks = Ceiling.Of(Tokens, DecoderKernels.TokenBlock);
        PaddedTokens = DecoderMatrix.PaddedInput(Tokens);
        ContextBlocks = Ceiling.Of(encoder, DecoderKernels.ColumnBlock);
        Memory = PadRows(memory, ContextBlocks * DecoderKernels.ColumnBlock);
        Keys = ProjectKeys(weights);

        Frame = new Tensor(Math.Max(weights.Projection.Rows, weights.PrenetFirst.Columns));
        PrenetHidden = new Tensor(Math.Max(weights.PrenetFirst.Rows, weights.PrenetSecond.Columns));
        PrenetOutput = new Tensor(weights.PrenetSecond.Rows);
        NoBias = new Tensor(Math.Max(PrenetHidden.Length, weights.AttentionWidth));

        AttentionInput = new Tensor(DecoderMatrix.PaddedInput(prenet + encoder + config.AttentionRnn));
        AttentionGates = new Tensor(4 * attention);
        AttentionCell = new Tensor(attention);
        AttentionHidden = new Tensor(attention);

        Query = new Tensor(weights.AttentionWidth);
        var halo = config.LocationKernel - 1;
        Previous = new Tensor(PaddedTokens + halo);
        Cumulative = new Tensor(PaddedTokens + halo);
        Energies = new Tensor(PaddedTokens);
        Energies.Span.Fill(float.NegativeInfinity);
        Weights = new Tensor(members, PaddedTokens);
        Context = new Tensor(Memory[1]);

        DecoderInput = new Tensor(DecoderMatrix.PaddedInput(config.AttentionRnn + encoder + config.DecoderRnn));
        DecoderGates = new Tensor(4 * decoder);
        DecoderCell = new Tensor(decoder);
        DecoderHidden = new Tensor(decoder);
        ProjectionInput = new Tensor(DecoderMatrix.PaddedInput(config.DecoderRnn + encoder));
    }

    /// <summary>The number of tokens, T.</summary>
    public int Tokens { get; }

    /// <summary>T rounded up to whole vectors.</summary>
    public int PaddedTokens { get; }

    /// <summary>What threads share when they compute energies.</summary>
    public int TokenBlocks { get; }

    /// <summary>What threads share when they compute the context.</summary>
    public int ContextBlocks { get; }

    /// <summary>[T, E padded]: the encoder's output.</summary>
    public Tensor Memory { get; }

    /// <summary>[T padded, attention]: the memory as the energies see it.</summary>
    public Tensor Keys { get; }

    /// <summary>[frames a step x 80, gate logit]: the last step's output, the next step's input.</summary>
    public Tensor Frame { get; }

    /// <summary>[prenet]: after the first layer.</summary>
    public Tensor PrenetHidden { get; }

    /// <summary>[prenet]: after the second layer.</summary>
    public Tensor PrenetOutput { get; }

    /// <summary>Zeros: the bias of layers that have none.</summary>
    public Tensor NoBias { get; }

    /// <summary>[prenet, context, attention hidden].</summary>
    public Tensor AttentionInput { get; }

    /// <summary>[4 x attention LSTM].</summary>
    public Tensor AttentionGates { get; }

    /// <summary>A vector of the attention LSTM's width.</summary>
    public Tensor AttentionCell { get; }

    /// <summary>A vector of the attention LSTM's width.</summary>
    public Tensor AttentionHidden { get; }

    /// <summary>A vector of the attention's width.</summary>
    public Tensor Query { get; }

    /// <summary>[halo / 2, T, halo / 2]: the last step's alignment.</summary>
    public Tensor Previous { get; }

    /// <summary>[halo / 2, T, halo / 2]: the sum of all steps' alignments.</summary>
    public Tensor Cumulative { get; }

    /// <summary>[T], minus infinity beyond.</summary>
    public Tensor Energies { get; }

    /// <summary>[members, T]: this step's alignment, once a thread because recomputing it is cheaper than another barrier.</summary>
    public Tensor Weights { get; }

    /// <summary>[E]: the memory under the alignment.</summary>
    public Tensor Context { get; }

    /// <summary>[attention hidden, context, decoder hidden].</summary>
    public Tensor DecoderInput { get; }

    /// <summary>[4 x decoder LSTM].</summary>
    public Tensor DecoderGates { get; }

    /// <summary>A vector of the decoder LSTM's width.</summary>
    public Tensor DecoderCell { get; }

    /// <summary>A vector of the decoder LSTM's width.</summary>
    public Tensor DecoderHidden { get; }

    /// <summary>[decoder hidden, context].</summary>
    public Tensor ProjectionInput { get; }

    /// <summary>What the attention LSTM reads and writes.</summary>
    public unsafe LstmVectors AttentionLstm =>
        new(AttentionInput.Pointer, AttentionGates.Pointer, AttentionCell.Pointer, AttentionHidden.Pointer);

    /// <summary>What the decoder LSTM reads and writes.</summary>
    public unsafe LstmVectors DecoderLstm => new(DecoderInput.Pointer, DecoderGates.Pointer, DecoderCell.Pointer, DecoderHidden.Pointer);

    private static Tensor PadRows(Tensor memory, int columns)
    {
        var (rows, width) = (memory[1], memory[2]);
        var padded = new Tensor(rows, columns);
        for (var row = 0; row < rows; row++)
        {
            memory.Span.Slice(row * width, width).CopyTo(padded.Span[(row * columns)..]);
        }

        return padded;
    }

    private unsafe Tensor ProjectKeys(DecoderWeights weights)
    {
        var keys = new Tensor(PaddedTokens, weights.AttentionWidth);
        var noBias = new Tensor(weights.Key.Rows);
        for (var token = 0; token < Tokens; token++)
        {
            weights.Key.Multiply(
                Memory.Pointer + (token * Memory[1]), noBias.Pointer, keys.Pointer + (token * weights.AttentionWidth), (0, weights.Key.Panels));
        }

        return keys;
    }
}
