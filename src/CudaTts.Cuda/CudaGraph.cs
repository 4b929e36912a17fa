using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// Work that was recorded once (<see cref="CudaStream.Capture"/>) and can be started again and again at the cost of one launch. Addresses and numbers
/// are those of the recording: the device memory it uses must stay allocated.
/// </summary>
public sealed unsafe class CudaGraph : CudaHandle
{
    // Host memory that the graph copies from or to lives as long as the graph.
    private readonly PinnedMemory[] _inUse;
    private readonly string? _lastKernel;

    /// <summary>Prepares what was recorded, which is not needed any more after that.</summary>
    internal CudaGraph(CudaStream stream, CUgraph recorded, PinnedMemory[] inUse)
        : base(stream.Context)
    {
        _inUse = inUse;
        _lastKernel = stream.LastKernel;
        CUgraphExec instance;
        var result = DriverApi.cuGraphInstantiateWithFlags(&instance, recorded, 0);
        _ = DriverApi.cuGraphDestroy(recorded);
        Context.Check(result, "preparing a graph");
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

    private protected override void Release()
    {
        _ = DriverApi.cuGraphExecDestroy(new CUgraphExec(handle));
    }
}
