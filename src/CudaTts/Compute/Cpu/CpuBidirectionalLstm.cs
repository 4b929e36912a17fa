using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// One bidirectional LSTM layer over a sequence (as PyTorch's LSTM with bidirectional=True). What the input adds to the gates does not depend on
/// the recurrence and is one matrix product for all time steps and both directions; then each direction runs on a thread of its own.
/// </summary>
internal sealed unsafe class CpuBidirectionalLstm : BidirectionalLstm
{
    private const int Directions = 2;
    private readonly CpuCompute _compute;
    private readonly LstmCell[] _cells = new LstmCell[Directions];
    private readonly LinearWeights _inputGates;
    private readonly int _hidden;

    /// <summary>Packs both directions.</summary>
    public CpuBidirectionalLstm(CpuCompute compute, LstmTensors forward, LstmTensors backward)
    {
        _compute = compute;
        _hidden = forward.Units;
        var kernels = DecoderKernels.For(compute.Level);
        var rows = 4 * DecoderMatrix.PaddedInput(_hidden);
        var inputs = forward.Inputs;
        var inputWeight = new Tensor(Directions * rows, inputs);
        var bias = new Tensor(Directions * rows);
        for (var direction = 0; direction < Directions; direction++)
        {
            var tensors = direction == 0 ? forward : backward;
            _cells[direction] = new LstmCell(kernels, _hidden, tensors.Hidden);
            LstmCell.PackBias(tensors.InputBias, tensors.HiddenBias).Span.CopyTo(bias.Span[(direction * rows)..]);
            for (var row = 0; row < 4 * _hidden; row++)
            {
                var target = (direction * rows) + DecoderMatrix.GateRow(row, _hidden);
                tensors.Input.Values.Span.Slice(row * inputs, inputs).CopyTo(inputWeight.Span[(target * inputs)..]);
            }
        }

        _inputGates = compute.PackLinear(inputWeight, bias);
    }

    /// <inheritdoc/>
    public override DeviceBuffer Run(Tensor input)
    {
        var steps = input[2];
        var inputGates = new Tensor(steps, _inputGates.Outputs);
        _compute.Linear(Transpose(input), _inputGates, inputGates);
        var output = new Tensor(1, steps, Directions * _hidden);
        _compute.Team.Run(Directions, direction => Recur(direction, inputGates, output));
        return new DeviceBuffer(output);
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
            cell.Step([new LstmVectors(last.Pointer, gates.Pointer, state.Pointer, next.Pointer)], bias, (0, cell.Blocks));
            next.Span[.._hidden].CopyTo(output.Span[((step * output[2]) + (direction * _hidden))..]);
            (last, next) = (next, last);
        }
    }
}
