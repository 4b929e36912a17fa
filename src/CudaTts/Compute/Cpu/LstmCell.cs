using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// An LSTM's recurrent weights for one step at a time: gates = W [input, hidden] + b with PyTorch's gate order i, f, g, o,
/// the two bias vectors summed. Matrix and state update run over blocks of units, so that a thread needs no other's gates.
/// </summary>
internal sealed unsafe class LstmCell
{
    private readonly DecoderKernels _kernels;
    private readonly DecoderMatrix _weights;

    /// <summary>Packs weights whose columns are laid side by side.</summary>
    /// <param name="kernels">The inner loops.</param>
    /// <param name="hidden">H, the units.</param>
    /// <param name="parts">Matrices [4H, columns], in the order in which their inputs lie.</param>
    public LstmCell(DecoderKernels kernels, int hidden, params ReadOnlySpan<StoredMatrix> parts)
    {
        _kernels = kernels;
        Units = DecoderMatrix.PaddedInput(hidden);
        _weights = DecoderMatrix.FromGates(kernels, hidden, parts);
    }

    /// <summary>H rounded up to whole blocks: how long the buffers of state are.</summary>
    public int Units { get; }

    /// <summary>Whether the weights are stored in half precision.</summary>
    public bool IsHalf => _weights.IsHalf;

    /// <summary>Blocks of <see cref="DecoderMatrix.GateBlock"/> units: what threads share.</summary>
    public int Blocks => Units / DecoderMatrix.GateBlock;

    /// <summary>One time step of the units in <paramref name="blocks"/>.</summary>
    /// <param name="input">The inputs side by side, the last hidden state included; padded with zeros.</param>
    /// <param name="bias">[4 x <see cref="Units"/>] in the layout of <see cref="DecoderMatrix.GateRow"/>.</param>
    /// <param name="gates">Scratch, [4 x <see cref="Units"/>].</param>
    /// <param name="cell">State c, updated.</param>
    /// <param name="hidden">State h, overwritten; must not be <paramref name="input"/>, which others may still read.</param>
    /// <param name="blocks">The units to compute.</param>
    public void Step(float* input, float* bias, float* gates, float* cell, float* hidden, (int Start, int End) blocks)
    {
        const int PanelsPerBlock = 4 * DecoderMatrix.GateBlock / DecoderMatrix.PanelRows;
        _weights.Multiply(input, bias, gates, (blocks.Start * PanelsPerBlock, blocks.End * PanelsPerBlock));
        _kernels.UpdateLstm(gates, cell, hidden, blocks);
    }

    /// <summary>The sum of both bias vectors [4H], laid out as the gates are.</summary>
    public static Tensor PackBias(Tensor inputBias, Tensor hiddenBias)
    {
        var hidden = inputBias.Length / 4;
        var bias = new Tensor(4 * DecoderMatrix.PaddedInput(hidden));
        for (var row = 0; row < 4 * hidden; row++)
        {
            bias.Span[DecoderMatrix.GateRow(row, hidden)] = inputBias.Span[row] + hiddenBias.Span[row];
        }

        return bias;
    }
}
