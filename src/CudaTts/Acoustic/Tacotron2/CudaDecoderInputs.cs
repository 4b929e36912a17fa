using CudaTts.Cuda;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>What is asked for each row of a run, as kernels find it in the state: lengths, limits, thresholds, randomness and the caller's masks.</summary>
internal sealed class CudaDecoderInputs(CudaDecoderState state, CudaContext context) : IDisposable
{
    private CudaMemory? _masks;

    /// <summary>Queues the copies for rows, in their order.</summary>
    public void Upload(IReadOnlyList<DecoderRow> rows, CudaStream stream)
    {
        void Copy<T>(CUdeviceptr target, Func<DecoderRow, T> value)
            where T : unmanaged => stream.Upload<T>(rows.Select(value).ToArray(), target);

        Copy(state.RowTokens, row => row.Tokens);
        Copy(state.Windows, row => row.Options.Window ?? AttentionWindow.None);
        Copy(state.End, row => row.Limit);
        Copy(state.GateLogits, row => row.GateLogit);
        Copy(state.Seeds, row => row.Options.Seed);
        Copy(state.Utterances, row => row.Options.Utterance);
        Copy(state.KeepSteps, row => row.Dropout.Steps ?? 0);
        stream.Upload<ulong>(UploadMasks(rows, stream), state.KeepMasks);
    }

    /// <inheritdoc/>
    public void Dispose() => _masks?.Dispose();

    /// <summary>Where each row's masks lie.</summary>
    private ulong[] UploadMasks(IReadOnlyList<DecoderRow> rows, CudaStream stream)
    {
        long bytes = rows.Sum(row => row.Options.PrenetKeep?.Length ?? 0);
        if (bytes > (_masks?.Bytes ?? 0))
        {
            _masks?.Dispose();
            _masks = new CudaMemory(context, bytes);
        }

        var next = _masks?.Address ?? default;
        var addresses = new ulong[rows.Count];
        for (var row = 0; row < addresses.Length; row++)
        {
            addresses[row] = (ulong)next.Value;
            if (rows[row].Options.PrenetKeep is { } keep)
            {
                stream.Upload<byte>(keep, next);
                next += keep.Length;
            }
        }

        return addresses;
    }
}
