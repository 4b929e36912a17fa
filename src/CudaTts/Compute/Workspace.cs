using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// Buffers for the activations of one run of a network, until it is disposed of. A network keeps its workspace from one run to the next, because
/// fresh memory costs as much as the narrow layers' arithmetic.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private readonly Kept _kept;
    private readonly DeviceBuffer[] _buffers;

    private Workspace(Kept kept, ComputeDevice device, int[] sequences, int elements)
    {
        (_kept, Elements) = (kept, elements);
        _buffers = new DeviceBuffer[sequences.Length];
        try
        {
            for (var i = 0; i < sequences.Length; i++)
            {
                _buffers[i] = device.Borrow(checked(sequences[i] * elements));
            }
        }
        catch
        {
            Free();
            throw;
        }
    }

    private int Elements { get; }

    /// <summary>A sequence [B, C, T x stepsPerUnit] in a buffer; T is that of the longest row.</summary>
    public Tensor Sequence(int buffer, RowLengths rows, int channels, int stepsPerUnit = 1) =>
        Buffer(buffer).AsSequence(rows, channels, stepsPerUnit);

    /// <summary>All of a buffer, for sequences side by side.</summary>
    public Tensor Buffer(int buffer) => _buffers[buffer].Tensor;

    /// <summary>A sequence [B, C, T] in float32 whatever type activations have, which takes up to twice its elements of the buffer.</summary>
    public Tensor Float32Sequence(int buffer, RowLengths rows, int channels) => Buffer(buffer).AsFloat32().AsSequence(rows, channels);

    /// <summary>Leaves the buffers to the network's next run.</summary>
    public void Dispose() => _kept.Return(this);

    private void Free() => Array.ForEach(_buffers, buffer => buffer?.Dispose());

    /// <summary>A network's workspace between runs. Runs that overlap make their own; the last to end leaves its behind.</summary>
    /// <param name="device">Whose memory the buffers are.</param>
    /// <param name="sequences">How many sequences each buffer holds side by side.</param>
    public sealed class Kept(ComputeDevice device, int[] sequences) : IDisposable
    {
        private Workspace? _workspace;

        /// <summary>A workspace whose buffers hold <paramref name="elements"/> numbers for each of their sequences.</summary>
        public Workspace Take(long elements)
        {
            var kept = Interlocked.Exchange(ref _workspace, null);
            if (kept is not null && kept.Elements >= elements)
            {
                return kept;
            }

            kept?.Free();
            return new Workspace(this, device, sequences, checked((int)elements));
        }

        /// <summary>Frees the workspace; no run may be under way.</summary>
        public void Dispose() => Interlocked.Exchange(ref _workspace, null)?.Free();

        internal void Return(Workspace workspace) => Interlocked.Exchange(ref _workspace, workspace)?.Free();
    }
}
