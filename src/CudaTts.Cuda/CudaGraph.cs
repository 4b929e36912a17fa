namespace CudaTts.Cuda;

/// <summary>Recorded work that is queued again by one call. What it reads and writes must stay allocated.</summary>
public sealed unsafe class CudaGraph : IDisposable
{
    private readonly CudaContext _context;
    private CUgraph _graph;
    private CUgraphExec _executable;

    internal CudaGraph(CudaStream stream, CUgraph graph)
    {
        _context = stream.Context;
        _graph = graph;
        var result = DriverApi.GraphInstantiate(out _executable, graph, flags: 0);
        if (result != CUresult.Success)
        {
            DriverApi.GraphDestroy(graph);
            throw CudaException.Of(result, "cuGraphInstantiate");
        }
    }

    /// <summary>Queues the work.</summary>
    public void Launch(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_executable.Value == 0, this);
        CudaException.Check(DriverApi.GraphLaunch(_executable, stream.Stream), "cuGraphLaunch");
    }

    /// <summary>Takes over another graph's arguments and grids, which is cheaper than a new graph.</summary>
    /// <returns>False when the other graph does other work; this one is then as it was.</returns>
    public bool TryUpdate(CudaGraph other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ObjectDisposedException.ThrowIf(_executable.Value == 0 || other._executable.Value == 0, this);
        GraphUpdateResult details;
        var result = DriverApi.GraphUpdate(_executable, other._graph, &details);
        if (result == CUresult.GraphExecUpdateFailure)
        {
            return false;
        }

        CudaException.Check(result, "cuGraphExecUpdate");
        return true;
    }

    /// <summary>Forgets the work. What has been queued is still done.</summary>
    public void Dispose()
    {
        if (_executable.Value != 0)
        {
            _context.MakeCurrent();
            DriverApi.GraphExecutableDestroy(_executable);
            DriverApi.GraphDestroy(_graph);
            (_executable, _graph) = (default, default);
        }
    }
}
