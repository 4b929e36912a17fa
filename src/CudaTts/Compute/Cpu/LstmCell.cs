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

    /// <summary>One time step of the units in <paramref name="blocks"/>, for every row.</summary>
    /// <param name="rows">What each row reads and writes.</param>
    /// <param name="bias">[4 x <see cref="Units"/>] in the layout of <see cref="DecoderMatrix.GateRow"/>.</param>
    /// <param name="blocks">The units to compute.</param>
    public void Step(ReadOnlySpan<LstmVectors> rows, float* bias, (int Start, int End) blocks)
    {
        const int PanelsPerBlock = 4 * DecoderMatrix.GateBlock / DecoderMatrix.PanelRows;
        Span<VectorPair> pairs = stackalloc VectorPair[rows.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            pairs[row] = new VectorPair(rows[row].Input, rows[row].Gates);
        }

        _weights.Multiply(pairs, bias, (blocks.Start * PanelsPerBlock, blocks.End * PanelsPerBlock));
        foreach (var row in rows)
        {
            _kernels.UpdateLstm(row.Gates, row.Cell, row.Hidden, blocks);
        }
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

/// <summary>What a step of an LSTM cell reads and writes for one row.</summary>
/// <param name="input">The inputs side by side, the last hidden state included; padded with zeros.</param>
/// <param name="gates">Scratch, [4 x units].</param>
/// <param name="cell">State c, [units], updated.</param>
/// <param name="hidden">State h, [units], overwritten; must not be the input, which others may still read.</param>
internal readonly unsafe struct LstmVectors(float* input, float* gates, float* cell, float* hidden)
{
    public float* Input => input;

    public float* Gates => gates;

    public float* Cell => cell;

    public float* Hidden => hidden;
}
