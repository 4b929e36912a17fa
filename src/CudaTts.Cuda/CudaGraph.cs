using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// Work that was recorded once (<see cref="CudaStream.Capture"/>) and can be started again and again at the cost of one launch. Addresses and numbers
/// are those of the recording: the device memory it uses must stay allocated.
/// </summary>
public sealed unsafe class CudaGraph : CudaHandle
{
    // Kept for updates of other graphs from this one.
    private readonly GraphDefinition _definition;

    // Host memory that the graph copies from or to lives as long as the graph.
    private PinnedMemory[] _inUse;
    private string? _lastKernel;

    internal CudaGraph(CudaStream stream, CUgraph recorded, PinnedMemory[] inUse)
        : base(stream.Context)
    {
        _definition = new GraphDefinition(stream.Context, recorded);
        _inUse = inUse;
        _lastKernel = stream.LastKernel;
        CUgraphExec instance;
        var result = DriverApi.cuGraphInstantiateWithFlags(&instance, recorded, 0);
        if (result != CUresult.Success)
        {
            _definition.Dispose();
            throw Context.Failed(result, "preparing a graph");
        }

        SetHandle(instance.Value);
    }

    /// <summary>Starts the recorded work on a stream.</summary>
    public void Launch(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Enter();
        foreach (var memory in _inUse)
        {
            stream.Use(memory);
        }

        stream.LastKernel = _lastKernel;
        stream.Check(DriverApi.cuGraphLaunch(new CUgraphExec(handle), stream.Stream), "launching a graph");
        GC.KeepAlive(this);
    }

    /// <summary>Takes over another graph's addresses, numbers and grids, which is cheaper than a new graph. Launches under way are not affected.</summary>
    /// <returns>False when the other graph does other work; this one is then as it was.</returns>
    public bool TryUpdate(CudaGraph other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ObjectDisposedException.ThrowIf(other.IsClosed, other);
        Enter();
        CUgraphExecUpdateResultInfo info;
        var result = DriverApi.cuGraphExecUpdate_v2(new CUgraphExec(handle), other._definition.Graph, &info);
        GC.KeepAlive(this);
        GC.KeepAlive(other);
        if (result == CUresult.GraphExecUpdateFailure)
        {
            return false;
        }

        Context.Check(result, "updating a graph");
        _inUse = [.. _inUse.Union(other._inUse)];
        _lastKernel = other._lastKernel;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _definition?.Dispose();
        }
    }

    private protected override void Release()
    {
        _ = DriverApi.cuGraphExecDestroy(new CUgraphExec(handle));
    }

    private sealed class GraphDefinition : CudaHandle
    {
        public GraphDefinition(CudaContext context, CUgraph graph)
            : base(context)
        {
            SetHandle(graph.Value);
        }

        public CUgraph Graph => new(handle);

        private protected override void Release()
        {
            _ = DriverApi.cuGraphDestroy(new CUgraph(handle));
        }
    }
}
