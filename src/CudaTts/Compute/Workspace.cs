using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// Rooms for the activations of one run of a network. A network keeps its workspace from one run to the next, because fresh memory costs as
/// much as the narrow layers' arithmetic.
/// </summary>
internal sealed class Workspace
{
    private readonly Tensor[] _rooms;

    private Workspace(ComputeDevice device, int[] sequences, int elements)
    {
        Elements = elements;
        _rooms = [.. sequences.Select(count => device.Allocate(checked(count * elements)))];
    }

    private int Elements { get; }

    /// <summary>A sequence [B, C, T x stepsPerUnit] in a room; T is that of the longest row.</summary>
    public Tensor Sequence(int room, RowLengths rows, int channels, int stepsPerUnit = 1) =>
        _rooms[room].AsSequence(rows, channels, stepsPerUnit);

    /// <summary>All of a room, for sequences side by side.</summary>
    public Tensor Room(int room) => _rooms[room];

    /// <summary>A sequence [B, C, T] in float32 whatever type activations have, which takes up to twice its elements of the room.</summary>
    public Tensor Float32Sequence(int room, RowLengths rows, int channels) => _rooms[room].AsFloat32().AsSequence(rows, channels);

    /// <summary>A network's workspace between runs. Runs that overlap make their own; the last to end leaves its behind.</summary>
    public sealed class Kept
    {
        private readonly ComputeDevice _device;
        private readonly int[] _sequences;
        private Workspace? _workspace;

        /// <summary>Of rooms for one sequence each.</summary>
        public Kept(ComputeDevice device, int rooms) => (_device, _sequences) = (device, [.. Enumerable.Repeat(1, rooms)]);

        /// <summary>Of a room for each of <paramref name="sequences"/>, which says how many it holds side by side.</summary>
        public Kept(ComputeDevice device, int[] sequences) => (_device, _sequences) = (device, sequences);

        /// <summary>A workspace whose rooms hold <paramref name="elements"/> numbers for each of their sequences.</summary>
        public Workspace Take(long elements)
        {
            var kept = Interlocked.Exchange(ref _workspace, null);
            return kept is not null && kept.Elements >= elements ? kept : new Workspace(_device, _sequences, checked((int)elements));
        }

        /// <summary>Gives a workspace back.</summary>
        public void Return(Workspace workspace) => _workspace = workspace;
    }
}
