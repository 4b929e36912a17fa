namespace CudaTts.Compute;

/// <summary>
/// Rooms for the activations of one run of a network. A network keeps its workspace from one run to the next, because fresh memory costs as
/// much as the narrow layers' arithmetic.
/// </summary>
internal sealed class Workspace
{
    private readonly Tensor[] _rooms;

    private Workspace(ComputeDevice device, int rooms, int elements)
    {
        Elements = elements;
        _rooms = new Tensor[rooms];
        for (var room = 0; room < rooms; room++)
        {
            _rooms[room] = device.Allocate(elements);
        }
    }

    private int Elements { get; }

    /// <summary>A sequence [B, C, T x stepsPerUnit] in a room; T is that of the longest row.</summary>
    public Tensor Sequence(int room, RowLengths rows, int channels, int stepsPerUnit = 1) =>
        _rooms[room].AsSequence(rows, channels, stepsPerUnit);

    /// <summary>A sequence [B, C, T] in float32 whatever type activations have, which takes up to twice its elements of the room.</summary>
    public Tensor Float32Sequence(int room, RowLengths rows, int channels) => _rooms[room].AsFloat32().AsSequence(rows, channels);

    /// <summary>A network's workspace between runs. Runs that overlap make their own; the last to end leaves its behind.</summary>
    public sealed class Kept(ComputeDevice device, int rooms)
    {
        private Workspace? _workspace;

        /// <summary>A workspace whose rooms hold <paramref name="elements"/> numbers each.</summary>
        public Workspace Take(long elements)
        {
            var kept = Interlocked.Exchange(ref _workspace, null);
            return kept is not null && kept.Elements >= elements ? kept : new Workspace(device, rooms, checked((int)elements));
        }

        /// <summary>Gives a workspace back.</summary>
        public void Return(Workspace workspace) => _workspace = workspace;
    }
}
