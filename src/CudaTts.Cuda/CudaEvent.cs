using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>A mark in a stream: it happens when everything started before it is done.</summary>
public sealed unsafe class CudaEvent : CudaHandle
{
    /// <summary>Makes an event.</summary>
    /// <param name="context">On which device.</param>
    /// <param name="timing">Whether it notes the time; one that does not costs less.</param>
    public CudaEvent(CudaContext context, bool timing = true)
        : base(context)
    {
        Enter();
        CUevent made;
        context.Check(DriverApi.cuEventCreate(&made, timing ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING),
            "making an event");
        SetHandle(made.Value);
    }

    /// <summary>The driver's handle, for libraries that want it.</summary>
    public CUevent Event
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new CUevent(handle);
        }
    }

    /// <summary>Whether it has happened; true too when it was never recorded.</summary>
    public bool IsDone()
    {
        Enter();
        var result = DriverApi.cuEventQuery(new CUevent(handle));
        GC.KeepAlive(this);
        if (result == CUresult.NotReady)
        {
            return false;
        }

        Context.Check(result, "asking an event");
        return true;
    }

    /// <summary>Time on the device since <paramref name="start"/>, resolved to about half a microsecond; both must have happened.</summary>
    public TimeSpan Since(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        Enter();
        float milliseconds;
        var result = DriverApi.cuEventElapsedTime(&milliseconds, start.Event, Event);
        GC.KeepAlive(start);
        GC.KeepAlive(this);
        Context.Check(result, "measuring the time between two events");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <summary>Lets it happen when everything started so far on a stream is done.</summary>
    public void Record(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Enter();
        stream.Check(DriverApi.cuEventRecord(new CUevent(handle), stream.Stream), "recording an event");
        GC.KeepAlive(this);
    }

    /// <summary>Waits until it has happened.</summary>
    public void Synchronize()
    {
        Enter();
        Context.Check(DriverApi.cuEventSynchronize(new CUevent(handle)), "waiting for an event");
        GC.KeepAlive(this);
    }

    private protected override void Release()
    {
        _ = DriverApi.cuEventDestroy_v2(new CUevent(handle));
    }
}
