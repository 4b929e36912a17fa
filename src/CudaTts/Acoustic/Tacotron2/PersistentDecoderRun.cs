using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>A GPU's state for one call at a time of the decoder that stays on the chip (<see cref="PersistentDecoder"/>).</summary>
internal sealed class PersistentDecoderRun : IDisposable
{
    private readonly Tacotron2Config _config;
    private readonly CudaCompute _compute;
    private readonly CudaDecoderState _state;
    private readonly CudaStream _stream;
    private readonly CudaDecoderInputs _inputs;
    private readonly DecoderLaunches _launches;
    private readonly PersistentDecoder.Plan _plan;
    private readonly PersistentDecoder _decoder;
    private readonly PinnedMemory _records;
    private readonly PinnedMemory _ends;

    /// <summary>Allocates what <paramref name="rows"/> rows of <paramref name="tokens"/> tokens need.</summary>
    public PersistentDecoderRun(Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens, PersistentDecoder.Plan plan)
    {
        (_config, _compute, _plan) = (config, compute, plan);
        _state = new CudaDecoderState(config, compute.Context, rows, tokens, PersistentDecoder.LaunchSteps);
        _inputs = new CudaDecoderInputs(_state, compute.Context);
        _stream = new CudaStream(compute.Context);
        _launches = new DecoderLaunches(config, weights, _state, compute, _stream);
        _decoder = new PersistentDecoder(config, weights, _state, compute, _stream, plan);
        _records = new PinnedMemory(compute.Context, sizeof(float) * (long)rows * _state.ChunkSteps * _state.RecordWidth);
        _ends = new PinnedMemory(compute.Context, sizeof(int) * rows);

        // Records are copied to the host whole, with what lies beyond a row's tokens.
        _stream.Clear(_state.Records, _state.RecordBytes);
    }

    /// <summary>Whether this is large enough, and decodes as a run made for so many would.</summary>
    public bool Holds(int rows, int tokens, PersistentDecoder.Plan plan) => rows <= _state.Rows && tokens <= _state.Tokens && plan.Rows == _plan.Rows;

    /// <summary>Decodes rows.</summary>
    /// <param name="memory">[B, T, E] of the device.</param>
    /// <param name="rows">What to decode, in the order of the memory's rows.</param>
    /// <param name="cancellation">Looked at between launches.</param>
    public void Decode(Tensor memory, IReadOnlyList<DecoderRow> rows, CancellationToken cancellation)
    {
        // The encoder's work is queued on the device's own stream.
        using var encoded = new CudaEvent(_compute.Context);
        encoded.Record(_compute.Enter());
        _stream.Wait(encoded);
        _state.Reset(_stream);
        _inputs.Upload(rows, _stream);
        _launches.Prepare(CudaCompute.AddressOf(memory), rows.Count, memory[1]);
        var active = Enumerable.Range(0, rows.Count).ToArray();
        for (var start = 0; active.Length > 0 && !cancellation.IsCancellationRequested; start += _state.ChunkSteps)
        {
            _stream.Upload<int>(active, _state.Slots);
            _decoder.Run(start, Math.Min(_state.ChunkSteps, active.Max(row => rows[row].Limit) - start), active.Length);
            TakeOver(start, active, rows);
            active = Array.FindAll(active, row => !rows[row].IsDone);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _launches.Dispose();
        _inputs.Dispose();
        _records.Dispose();
        _ends.Dispose();
        _stream.Dispose();
        _state.Dispose();
    }

    /// <summary>Waits for a launch and hands what it has put out to the rows.</summary>
    private void TakeOver(int start, int[] active, IReadOnlyList<DecoderRow> rows)
    {
        var rowFloats = _state.ChunkSteps * _state.RecordWidth;
        _stream.Download(_state.Records, _records, sizeof(float) * (long)active.Length * rowFloats);
        _stream.Download(_state.End, _ends, sizeof(int) * rows.Count);
        _stream.Synchronize();
        for (var slot = 0; slot < active.Length; slot++)
        {
            var end = _ends.Span<int>()[active[slot]];
            var records = _records.Span<float>().Slice(slot * rowFloats, rowFloats);
            for (var step = start; step < Math.Min(end, start + _state.ChunkSteps); step++)
            {
                rows[active[slot]].Append(records, _config.StepWidth);
                records = records[_state.RecordWidth..];
            }

            rows[active[slot]].IsDone = end <= start + _state.ChunkSteps;
        }
    }
}
