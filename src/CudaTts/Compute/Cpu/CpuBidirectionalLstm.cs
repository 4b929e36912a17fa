using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// One bidirectional LSTM layer over a sequence (as PyTorch's LSTM with bidirectional=True). What the input adds to the gates does not depend on
/// the recurrence and is one matrix product for all time steps and both directions; then each direction runs on a thread of its own.
/// </summary>
internal sealed unsafe class CpuBidirectionalLstm : BidirectionalLstm
{
    private static readonly string[] s_directions = ["l0", "l0_reverse"];
    private readonly CpuCompute _compute;
    private readonly LstmCell[] _cells = new LstmCell[s_directions.Length];
    private readonly LinearWeights _inputGates;
    private readonly int _hidden;

    /// <summary>Takes <c>prefix.weight_ih_l0</c> and its seven siblings.</summary>
    /// <param name="compute">Where it runs.</param>
    /// <param name="weights">Where the tensors are taken from.</param>
    /// <param name="prefix">What the tensors' names begin with.</param>
    /// <param name="inputs">I, the width of the input.</param>
    /// <param name="hidden">H, the units of each direction.</param>
    public CpuBidirectionalLstm(CpuCompute compute, ModelWeights weights, string prefix, int inputs, int hidden)
    {
        _compute = compute;
        _hidden = hidden;
        var kernels = DecoderKernels.For(compute.Level);
        var rows = 4 * DecoderMatrix.PaddedInput(hidden);
        var inputWeight = new Tensor(s_directions.Length * rows, inputs);
        var bias = new Tensor(s_directions.Length * rows);
        for (var direction = 0; direction < s_directions.Length; direction++)
        {
            var suffix = s_directions[direction];
            _cells[direction] = new LstmCell(kernels, weights, hidden, ($"{prefix}.weight_hh_{suffix}", hidden));
            var taken = LstmCell.TakeBias(weights, hidden, $"{prefix}.bias_ih_{suffix}", $"{prefix}.bias_hh_{suffix}");
            taken.Span.CopyTo(bias.Span[(direction * rows)..]);
            taken = weights.Take($"{prefix}.weight_ih_{suffix}", 4 * hidden, inputs);
            for (var row = 0; row < 4 * hidden; row++)
            {
                var target = (direction * rows) + DecoderMatrix.GateRow(row, hidden);
                taken.Span.Slice(row * inputs, inputs).CopyTo(inputWeight.Span[(target * inputs)..]);
            }
        }

        _inputGates = compute.PackLinear(inputWeight, bias);
    }

    /// <inheritdoc/>
    public override Tensor Run(Tensor input)
    {
        var steps = input[2];
        var inputGates = new Tensor(steps, _inputGates.Outputs);
        _compute.Linear(Transpose(input), _inputGates, inputGates);
        var output = new Tensor(1, steps, s_directions.Length * _hidden);
        _compute.Team.Run(s_directions.Length, direction => Recur(direction, inputGates, output));
        return output;
    }

    // [1, C, T] to [T, C]: convolutions run along time, the LSTM steps through it.
    private static Tensor Transpose(Tensor x)
    {
        var (channels, steps) = (x[1], x[2]);
        var transposed = new Tensor(steps, channels);
        var source = x.Span;
        var target = transposed.Span;
        for (var step = 0; step < steps; step++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                target[(step * channels) + channel] = source[(channel * steps) + step];
            }
        }

        return transposed;
    }

    private void Recur(int direction, Tensor inputGates, Tensor output)
    {
        var cell = _cells[direction];
        var steps = inputGates[0];
        var gates = new Tensor(4 * cell.Units);
        var state = new Tensor(cell.Units);

        // Two buffers in turn: a step reads the last hidden state while it writes the next.
        var (last, next) = (new Tensor(cell.Units), new Tensor(cell.Units));
        for (var i = 0; i < steps; i++)
        {
            var step = direction == 0 ? i : steps - 1 - i;
            var bias = inputGates.Pointer + (step * inputGates[1]) + (direction * gates.Length);
            cell.Step(last.Pointer, bias, gates.Pointer, state.Pointer, next.Pointer, (0, cell.Blocks));
            next.Span[.._hidden].CopyTo(output.Span[((step * output[2]) + (direction * _hidden))..]);
            (last, next) = (next, last);
        }
    }
}
