using System.Runtime.InteropServices;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// What a run begins with, whichever way it decodes: what the encoder made of each row, and what is asked for it, as kernels find it in the state:
/// lengths, limits, thresholds, randomness and the caller's masks.
/// </summary>
internal sealed class CudaDecoderInputs(
    Tacotron2Config config, CudaDecoderWeights weights, CudaDecoderState state, CudaCompute compute, CudaStream stream) : IDisposable
{
    private const int Threads = 256;

    // Of a block of attention_keys_*.
    private const int KeyVectors = 8;
    private const int KeyOutputs = Threads / 32;
    private readonly CudaKernel _memory = compute.Kernels["attention_memory_f32"];
    private readonly CudaKernel _keys = compute.Kernels[$"attention_keys_{compute.Suffix}"];
    private readonly CudaEvent _isEncoded = new(compute.Context, timing: false);
    private readonly CudaEvent _isTakenOver = new(compute.Context, timing: false);
    private CudaMemory? _masks;

    /// <summary>Queues all of it, on a state that begins with zeros.</summary>
    /// <param name="encoded">What the encoder made, in groups.</param>
    /// <param name="rows">The rows of the groups, in their order.</param>
    public void Start(IReadOnlyList<EncodedRows> encoded, IReadOnlyList<DecoderRow> rows) => AfterEncoder(() =>
    {
        state.Reset(stream);
        Upload(rows);
        var first = 0;
        foreach (var (memory, tokens) in encoded)
        {
            Prepare(CudaCompute.AddressOf(memory), tokens.Count, memory[1], first);
            first += tokens.Count;
        }
    });

    /// <summary>Queues what rows that come later begin with, each in a place of the state that no row has.</summary>
    /// <param name="encoded">What the encoder made of them.</param>
    /// <param name="places">The place of each.</param>
    /// <param name="all">The row in every place of the state, with the new ones; none where there is none.</param>
    /// <param name="start">The number of the new rows' first step.</param>
    public void Join(EncodedRows encoded, IReadOnlyList<int> places, IReadOnlyList<DecoderRow?> all, int start) => AfterEncoder(() =>
    {
        Upload(all);
        var rowBytes = sizeof(float) * (long)encoded.Memory[1] * config.EncoderEmbedding;
        for (var row = 0; row < places.Count; row++)
        {
            state.Reset(stream, places[row], start);
            Prepare(CudaCompute.AddressOf(encoded.Memory) + (row * rowBytes), rows: 1, encoded.Memory[1], places[row]);
        }
    });

    /// <summary>Queues work between the encoder's, which is queued on the device's own stream, and whatever uses the encoder's memory next.</summary>
    private void AfterEncoder(Action queue)
    {
        _isEncoded.Record(compute.Enter());
        stream.Wait(_isEncoded);
        compute.Stages?.MoveTo(stream);
        queue();

        // What the encoder made may be lent anew as soon as it has been given back, to work on the device's own stream: which is therefore to wait
        // for this one.
        _isTakenOver.Record(stream);
        compute.Enter().Wait(_isTakenOver);
    }

    /// <summary>All that is asked for the rows, in one copy: it lies side by side in the state.</summary>
    private void Upload(IReadOnlyList<DecoderRow?> rows)
    {
        var asked = new byte[state.AskedBytes];

        // As in memory that nobody wrote, so that a kernel that reads of rows that are not there is found.
        asked.AsSpan().Fill(byte.MaxValue);
        void Put<T>(CUdeviceptr target, T[] values)
            where T : unmanaged => values.CopyTo(MemoryMarshal.Cast<byte, T>(asked.AsSpan((int)(target.Value - state.Asked.Value))));

        void Copy<T>(CUdeviceptr target, Func<DecoderRow, T> value)
            where T : unmanaged => Put(target, rows.Select(row => row is null ? default : value(row)).ToArray());

        Copy(state.RowTokens, row => row.Tokens);
        Copy(state.Windows, row => row.Options.Window ?? AttentionWindow.None);
        Copy(state.End, row => row.Limit);
        Copy(state.GateLogits, row => row.GateLogit);
        Copy(state.Seeds, row => row.Options.Seed);
        Copy(state.Utterances, row => row.Options.Utterance);
        Copy(state.KeepSteps, row => row.Dropout.Steps ?? 0);
        Put(state.KeepMasks, UploadMasks(rows));
        stream.Upload<byte>(asked, state.Asked);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _masks?.Dispose();
        _isEncoded.Dispose();
        _isTakenOver.Dispose();
    }

    /// <summary>
    /// The encoder's memory [rows, steps, E] into the state of as many rows from <paramref name="first"/> on, and the keys of all their tokens.
    /// </summary>
    private void Prepare(CUdeviceptr encoded, int rows, int steps, int first)
    {
        var memory = state.Memory + (sizeof(float) * (long)first * state.Tokens * state.EncoderStride);
        _memory.Launch(
            stream, new Dim3(Ceiling.Of(state.EncoderStride, Threads), state.Tokens, rows), Threads, 0,
            encoded, memory, state.RowTokens + (sizeof(int) * first), steps, config.EncoderEmbedding, state.EncoderStride);
        var vectors = rows * state.Tokens;
        var keys = state.Keys + (sizeof(float) * (long)first * state.Tokens * config.Attention);
        _keys.Launch(
            stream, new Dim3(Ceiling.Of(vectors, KeyVectors), Ceiling.Of(config.Attention, KeyOutputs)), Threads, 0,
            memory, CudaCompute.AddressOf(weights.Key), keys, vectors, state.EncoderStride, config.Attention);
    }

    /// <summary>Where each row's masks lie.</summary>
    private ulong[] UploadMasks(IReadOnlyList<DecoderRow?> rows)
    {
        long bytes = rows.Sum(row => row?.Options.PrenetKeep?.Length ?? 0);
        if (bytes > (_masks?.Bytes ?? 0))
        {
            _masks?.Dispose();
            _masks = new CudaMemory(compute.Context, bytes);
        }

        var next = _masks?.Address ?? default;
        var addresses = new ulong[rows.Count];
        for (var row = 0; row < addresses.Length; row++)
        {
            addresses[row] = (ulong)next.Value;
            if (rows[row]?.Options.PrenetKeep is { } keep)
            {
                stream.Upload<byte>(keep, next);
                next += keep.Length;
            }
        }

        return addresses;
    }
}
