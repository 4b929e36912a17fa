using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// One bidirectional LSTM layer over sequences (as PyTorch's LSTM with bidirectional=True). What the input adds to the gates is one convolution of
/// one tap for all time steps and both directions; then one cooperative launch walks through the time steps (kernels/lstm_sequence.cu).
/// </summary>
internal sealed class CudaBidirectionalLstm : BidirectionalLstm
{
    private const int Directions = 2;
    private const int Gates = WeightRows.Gates;

    [KernelConstant("lstm_sequence_threads")]
    private const int Threads = 256;
    private const int Warps = Threads / 32;

    [KernelConstant("lstm_sequence_chunk")]
    private const int Chunk = 256;

    [KernelConstant("lstm_sequence_rows")]
    private const int ManyRows = 8;

    private const int Parities = 2;
    private readonly CudaCompute _compute;
    private readonly CudaKernel _oneRow;
    private readonly CudaKernel _manyRows;
    private readonly Conv1dWeights _input;
    private readonly Tensor _recurrent;
    private readonly Workspace.Kept _gates;
    private readonly int _hidden;
    private readonly int _stride;

    // Of a direction; falls where the device has fewer multiprocessors for this process than it says, under a limit of the multi-process service.
    private volatile int _mostBlocks = int.MaxValue;

    /// <summary>Packs both directions.</summary>
    public CudaBidirectionalLstm(CudaModelMemory model, LstmTensors forward, LstmTensors backward)
    {
        _compute = model.Compute;
        (_hidden, _stride) = (forward.Units, WeightRows.Padded(forward.Units));
        _oneRow = _compute.Kernels[$"lstm_sequence_{_compute.Suffix}"];
        _manyRows = _compute.Kernels[$"lstm_sequence_batch_{_compute.Suffix}"];
        Tensor Both(Func<LstmTensors, Tensor> part) => WeightRows.Below(part(forward), part(backward));
        var input = Both(direction => direction.Input.Values);
        var bias = Both(direction => WeightRows.LstmBias(direction.InputBias, direction.HiddenBias));
        _input = model.PackConv1d(input.Reshape(input[0], input[1], 1), bias.Reshape(bias.Length), dilation: 1, padding: 0);
        _recurrent = model.StoreMatrix(Both(direction =>
        {
            var rows = WeightRows.PadColumns(direction.Hidden.Values, _hidden);
            return WeightRows.GatesByUnit(rows).Reshape(rows[0], rows[1]);
        }));
        _gates = model.KeepWorkspace(buffers: 1);
    }

    /// <inheritdoc/>
    public override DeviceBuffer Run(Tensor input)
    {
        var (batch, steps) = (input[0], input[2]);
        var rows = input.Rows ?? throw new ArgumentException("The LSTM reads sequences, which know their rows' lengths.");
        using var workspace = _gates.Take((long)batch * steps * _input.OutputChannels);
        var gates = workspace.Sequence(buffer: 0, rows, _input.OutputChannels);
        _compute.Conv1d(input, _input, gates);
        var output = _compute.Borrow(ElementType.Float32, batch, steps, Directions * _hidden);
        try
        {
            Recur(gates, output.Tensor);
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Walks through the time steps.</summary>
    /// <param name="gates">What the input adds to the gates, [B, 8H, T].</param>
    /// <param name="output">[B, T, 2H].</param>
    private void Recur(Tensor gates, Tensor output)
    {
        var (batch, steps) = (output[0], output[1]);

        // [2 parities, 2 directions, B, H] words of hidden states, [2 directions, B, H] of cells.
        var states = (long)Directions * batch * _hidden;
        var mailBytes = sizeof(ulong) * Parities * states;
        var scratchBytes = mailBytes + (sizeof(float) * states);
        using var scratch = _compute.Memory.Borrow(scratchBytes);
        var stream = _compute.Enter();
        stream.Clear(scratch.Address, scratchBytes);
        var (kernel, rowsAtOnce) = batch == 1 ? (_oneRow, 1) : (_manyRows, ManyRows);
        Launch(
            kernel, stream, SharedBytes(_hidden, rowsAtOnce),
            CudaCompute.AddressOf(gates), CudaCompute.AddressOf(_recurrent), CudaCompute.AddressOf(output), scratch.Address,
                scratch.Address + mailBytes,
            CudaCompute.LengthsOf(gates), _compute.Context.AbandonedWait.WordFor(stream), AbandonedWait.MostPolls, batch, steps, _hidden, _stride);
    }

    /// <summary>Bytes of a block's shared memory: the hidden states of two steps by turns, in whole chunks.</summary>
    internal static int SharedBytes(int units, int rowsAtOnce) => 2 * rowsAtOnce * Ceiling.Multiple(units, Chunk) * sizeof(float);

    /// <summary>Launches with as many blocks as the device takes; what they make does not depend on their number.</summary>
    private void Launch(CudaKernel kernel, CudaStream stream, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments)
    {
        while (true)
        {
            var blocks = Math.Min(_mostBlocks, Blocks(kernel, sharedBytes));
            try
            {
                kernel.LaunchCooperative(stream, new Dim3(blocks, Directions), Threads, sharedBytes, arguments);
                return;
            }
            catch (CudaException error) when (error.Result == CUresult.CooperativeLaunchTooLarge && blocks > 1)
            {
                _mostBlocks = blocks / 2;
            }
        }
    }

    /// <summary>Blocks of a direction: a warp for every unit, or as many as can run at the same time.</summary>
    private int Blocks(CudaKernel kernel, int sharedBytes) =>
        Math.Clamp(Ceiling.Of(_hidden, Warps), 1, Math.Max(1, kernel.MostCooperativeBlocks(Threads, sharedBytes) / Directions));
}
