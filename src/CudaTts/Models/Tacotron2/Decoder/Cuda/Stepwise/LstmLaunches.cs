using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// Queues the kernels of one of the decoder's two LSTM cells: one launch, or in half precision for more than eight slots two, of which the early one
/// needs nothing that the step makes shortly before (kernels/lstm_f16.cu).
/// </summary>
internal sealed class LstmLaunches
{
    [KernelConstant("lstm_threads")]
    [KernelConstant("lstm_tile_threads")]
    private const int Threads = 128;

    [KernelConstant("lstm_cell_units")]
    private const int Units = 4;

    [KernelConstant("lstm_cell_warps")]
    private const int PartWarps = 5;

    // A block of the two launches.
    [KernelConstant("lstm_tile_units")]
    private const int WideUnits = 32;

    private const int MostEarlySlots = 64;
    private const int MostLateSlots = 32;

    [KernelConstant("lstm_early_parts")]
    private const int Parts = 4;

    [KernelConstant("lstm_tile_stages")]
    private const int Stages = 4;

    [KernelConstant("lstm_stage_bytes")]
    private const int StageBytes = 8 * 1024;

    [KernelConstant("lstm_stage_slot_bytes")]
    private const int StageBytesPerSlot = 128;

    private readonly CudaCompute _compute;
    private readonly CudaDecoderState _s;
    private readonly CudaDecoderWeights.Cell _w;
    private readonly CudaDecoderState.Cell _cell;
    private readonly CudaKernel _one;
    private readonly CudaKernel _group;

    // By the slots of a block: found beforehand, because loading a module does not belong into a graph that is being recorded.
    private readonly Dictionary<int, CudaKernel> _early;
    private readonly Dictionary<int, CudaKernel> _late;

    /// <summary>Finds the kernels.</summary>
    public LstmLaunches(CudaCompute compute, CudaDecoderState state, CudaDecoderWeights.Cell weights, CudaDecoderState.Cell cell)
    {
        (_compute, _s, _w, _cell) = (compute, state, weights, cell);
        _group = compute.Kernels[IsHalf ? "lstm_cell_f16" : "lstm_cell_batch_f32"];
        _one = IsHalf ? _group : compute.Kernels["lstm_cell_f32"];
        _early = Divided("early", MostEarlySlots);
        _late = Divided("late", MostLateSlots);
    }

    private bool IsHalf => _compute.Type == ElementType.Float16;

    /// <summary>Numbers that the early launch puts down for the late one.</summary>
    public static long PartFloats(int units, int slots) => slots <= DecoderLaunches.BatchRows ? 0 : (long)Parts * 4 * units * slots;

    /// <summary>Whether there are two launches.</summary>
    public bool IsDivided(int slots) => IsHalf && slots > DecoderLaunches.BatchRows;

    /// <summary>Queues the early launch of two.</summary>
    public void Early(CudaStream stream, int slots, Input first, Input second)
    {
        var group = Math.Min(slots, MostEarlySlots);
        _early[group].Launch(
            stream, new Dim3(Ceiling.Of(_cell.Units, WideUnits), slots / group, Parts), group == MostEarlySlots ? 2 * Threads : Threads,
                SharedBytes(group),
            first.Address, second.Address, CudaCompute.AddressOf(_w.Early), _cell.Parts, _s.Slots, first.Width, second.Width, _cell.Units);
    }

    /// <summary>Queues the late launch of two.</summary>
    /// <param name="stream">Where the early one has been waited for.</param>
    /// <param name="slots">As for the early one.</param>
    /// <param name="late">What was waited for.</param>
    /// <param name="hidden">[B, units]: the new state.</param>
    /// <param name="offset">Which step of its chunk.</param>
    /// <param name="ofLastStep">Whether the early one was queued before the step's slots were known.</param>
    public void Late(CudaStream stream, int slots, Input late, CUdeviceptr hidden, int offset, bool ofLastStep)
    {
        var group = Math.Min(slots, MostLateSlots);
        _late[group].Launch(
            stream, new Dim3(Ceiling.Of(_cell.Units, WideUnits), slots / group), Threads, SharedBytes(group),
            late.Address, CudaCompute.AddressOf(_w.Late!), _cell.Parts, CudaCompute.AddressOf(_w.Bias), hidden, _cell.State, _s.Slots, _s.RowStarts,
                _s.ChunkStart,
            offset, ofLastStep ? 1 : 0, late.Width, _cell.Units, _cell.Stride);
    }

    /// <summary>Queues the only launch.</summary>
    public void Whole(CudaStream stream, int slots, Input first, Input second, Input late, CUdeviceptr hidden)
    {
        var (weights, bias) = (CudaCompute.AddressOf(_w.Early), CudaCompute.AddressOf(_w.Bias));
        if (IsHalf)
        {
            _group.Launch(
                stream, new Dim3(Ceiling.Of(_cell.Units, Units), Ceiling.Of(slots, DecoderLaunches.BatchRows)), 32 * PartWarps, 0,
                first.Address, second.Address, late.Address, weights, CudaCompute.AddressOf(_w.Late!), bias, hidden, _cell.State, _s.Slots,
                    first.Width,
                second.Width, late.Width, _cell.Units, _cell.Stride);
            return;
        }

        var (kernel, rows) = slots == 1 ? (_one, 1) : (_group, DecoderLaunches.BatchRows);
        kernel.Launch(
            stream, new Dim3(Ceiling.Of(_cell.Units, Units), Ceiling.Of(slots, rows)), Threads, 0,
            first.Address, second.Address, late.Address, weights, bias, hidden, _cell.State, _s.Slots, first.Width, second.Width, late.Width,
                _cell.Units,
            _cell.Stride);
    }

    private Dictionary<int, CudaKernel> Divided(string part, int most)
    {
        var kernels = new Dictionary<int, CudaKernel>();
        for (var group = 2 * DecoderLaunches.BatchRows; group <= most && IsDivided(_s.SlotCount); group *= 2)
        {
            kernels.Add(group, _compute.Kernels[$"lstm_{part}_{group}_f16"]);
        }

        return kernels;
    }

    private static int SharedBytes(int group) => Stages * (StageBytes + (StageBytesPerSlot * group));

    /// <summary>One of a cell's inputs: [B, width].</summary>
    public readonly record struct Input(CUdeviceptr Address, int Width);
}
