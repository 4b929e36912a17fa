using CudaTts.Compute.Cpu;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// Steps of a team of threads with some rows. With few rows the threads share every layer of all rows and meet at eight barriers a step; with many
/// each has rows of its own, reads all weights for them, and meets the others once.
/// </summary>
internal sealed class CpuDecoderRun
{
    // From so many rows a thread on each has rows of its own: then weights are still read once for two rows or more.
    private const int RowsOfAThread = 2;
    private readonly Tacotron2Config _config;
    private readonly CpuDecoderRow[] _rows;
    private readonly Lockstep _steps;
    private readonly DecoderWorker[]? _shared;
    private readonly DecoderWorker[]? _own;
    private readonly DecoderWorker? _all;

    // [2 steps by turns, members]: the step in which a member's own rows last ended, from 1. A member is a step ahead of another at most.
    private readonly int[,] _endedAt;
    private readonly CpuDecoderRow[][] _ownRows;

    /// <summary>Divides the work.</summary>
    public CpuDecoderRun(Tacotron2Config config, DecoderWeights weights, DecoderKernels kernels, CpuDecoderRow[] rows, Lockstep steps)
    {
        (_config, _rows, _steps) = (config, rows, steps);
        Array.ForEach(rows, row => row.FirstStep = row.Row.Steps);
        _endedAt = new int[2, steps.Members];
        _ownRows = [.. Enumerable.Range(0, steps.Members).Select(Own)];
        if (rows.Length < RowsOfAThread * steps.Members || steps.Members == 1)
        {
            _shared = [.. Enumerable.Range(0, steps.Members).Select(member => new DecoderWorker(config, weights, kernels, rows, steps, member))];
            return;
        }

        // Where the helpers are dismissed, the leader has all rows.
        var alone = steps.Alone();
        _own = Array.ConvertAll(_ownRows, own => new DecoderWorker(config, weights, kernels, own, alone, member: 0));
        _all = new DecoderWorker(config, weights, kernels, rows, alone, member: 0);
    }

    /// <summary>One member's part of a step; whether it was the last one, on which all members agree.</summary>
    public bool Step(int member, int offset)
    {
        if (_shared is not null)
        {
            _shared[member].Step(offset);

            // All look at the same numbers, and the leader alone keeps them: the others come no further than the next barrier.
            var isLast = Array.Exists(_rows, row => EndsWith(row, offset));
            if (member == 0)
            {
                Array.ForEach(_rows, row => Keep(row, offset));
            }

            return isLast;
        }

        var members = _steps.Members;
        var (worker, rows) = members == 1 ? (_all!, _rows) : (_own![member], _ownRows[member]);
        worker.Step(offset);
        if (Array.Exists(rows, row => EndsWith(row, offset)))
        {
            _endedAt[offset % 2, member] = offset + 1;
        }

        Array.ForEach(rows, row => Keep(row, offset));
        _steps.Barrier(member);
        for (var any = 0; any < _ownRows.Length; any++)
        {
            if (_endedAt[offset % 2, any] == offset + 1)
            {
                return true;
            }
        }

        return false;
    }

    // The leader's are at least as many as those of others, so that it does not wait for them.
    private CpuDecoderRow[] Own(int member) => [.. _rows.Where((_, i) => i % _endedAt.GetLength(1) == member)];

    private bool EndsWith(CpuDecoderRow row, int offset) => row.Row.EndsWith(GateLogit(row.State), row.FirstStep + offset + 1);

    private void Keep(CpuDecoderRow row, int offset)
    {
        var state = row.State;
        row.Row.IsDone |= EndsWith(row, offset);
        row.Row.Append(state.Frame.Span[.._config.StepWidth], GateLogit(state), state.Weights.Span[..state.Tokens]);
    }

    private float GateLogit(DecoderState state) => state.Frame.Span[_config.StepWidth];
}
