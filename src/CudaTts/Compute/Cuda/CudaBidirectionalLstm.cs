using CudaTts.Cuda;
using CudaTts.Weights;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// One bidirectional LSTM layer over sequences (as PyTorch's LSTM with bidirectional=True). What the input adds to the gates is one convolution of one tap
/// for all time steps and both directions; then one cooperative launch walks through the time steps (kernels/lstm_sequence.cu).
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
    private static readonly string[] s_suffixes = ["l0", "l0_reverse"];
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

    /// <summary>Takes <c>prefix.weight_ih_l0</c> and its seven siblings.</summary>
    /// <param name="compute">Where it runs.</param>
    /// <param name="weights">Where the tensors are taken from.</param>
    /// <param name="prefix">What the tensors' names begin with.</param>
    /// <param name="inputs">I, the width of the input.</param>
    /// <param name="hidden">H, the units of each direction.</param>
    public CudaBidirectionalLstm(CudaCompute compute, ModelWeights weights, string prefix, int inputs, int hidden)
    {
        (_compute, _hidden, _stride) = (compute, hidden, WeightRows.Padded(hidden));
        _oneRow = compute.Kernels[$"lstm_sequence_{compute.Suffix}"];
        _manyRows = compute.Kernels[$"lstm_sequence_batch_{compute.Suffix}"];
        Tensor Both(Func<string, Tensor> take) => WeightRows.Below(take(s_suffixes[0]), take(s_suffixes[1]));
        var input = Both(suffix => weights.Take($"{prefix}.weight_ih_{suffix}", Gates * hidden, inputs));
        var bias = Both(suffix => WeightRows.LstmBias(weights, $"{prefix}.bias_ih_{suffix}", $"{prefix}.bias_hh_{suffix}", hidden));
        _input = compute.PackConv1d(input.Reshape(input[0], inputs, 1), bias.Reshape(bias.Length), dilation: 1, padding: 0);
        _recurrent = compute.StoreMatrix(Both(suffix =>
        {
            var rows = WeightRows.PadColumns(weights.Take($"{prefix}.weight_hh_{suffix}", Gates * hidden, hidden), hidden);
            return WeightRows.GatesByUnit(rows).Reshape(rows[0], rows[1]);
        }));
        _gates = new Workspace.Kept(compute, 1);
    }

    /// <inheritdoc/>
    public override Tensor Run(Tensor input)
    {
        var (batch, steps) = (input[0], input[2]);
        var rows = input.Rows ?? throw new ArgumentException("The LSTM reads sequences, which know their rows' lengths.");
        var workspace = _gates.Take((long)batch * steps * _input.OutputChannels);
        var gates = workspace.Sequence(0, rows, _input.OutputChannels);
        _compute.Conv1d(input, _input, gates);
        var output = _compute.Allocate(ElementType.Float32, batch, steps, Directions * _hidden);

        // [2 parities, 2 directions, B, H] words of hidden states, [2 directions, B, H] of cells.
        var states = (long)Directions * batch * _hidden;
        var mailBytes = sizeof(ulong) * Parities * states;
        var scratchBytes = mailBytes + (sizeof(float) * states);
        using var scratch = _compute.Memory.Borrow(scratchBytes);
        var stream = _compute.Enter();
        stream.Clear(scratch.Address, scratchBytes);
        var (kernel, rowsAtOnce) = batch == 1 ? (_oneRow, 1) : (_manyRows, ManyRows);
        var sharedBytes = SharedBytes(_hidden, rowsAtOnce);
        Launch(
            kernel, stream, sharedBytes,
            CudaCompute.AddressOf(gates), CudaCompute.AddressOf(_recurrent), CudaCompute.AddressOf(output), scratch.Address, scratch.Address + mailBytes,
            CudaCompute.LengthsOf(input), _compute.Context.AbandonedWait.WordFor(stream), AbandonedWait.MostPolls, batch, steps, _hidden, _stride);
        GC.KeepAlive(input);
        _gates.Return(workspace);
        return output;
    }

    /// <summary>Bytes of a block's shared memory: the hidden states of two steps by turns, in whole chunks.</summary>
    internal static int SharedBytes(int units, int rowsAtOnce) => 2 * rowsAtOnce * ((units + Chunk - 1) / Chunk * Chunk) * sizeof(float);

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
        Math.Clamp((_hidden + Warps - 1) / Warps, 1, Math.Max(1, kernel.MostCooperativeBlocks(Threads, sharedBytes) / Directions));
}
