using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>A point in a stream's work, with the time at which the device came to it.</summary>
public sealed class CudaEvent : SafeHandle
{
    private readonly CudaContext _context;

    /// <summary>Creates an event.</summary>
    public CudaEvent(CudaContext context)
        : base(0, ownsHandle: true)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        context.MakeCurrent();
        CudaException.Check(DriverApi.EventCreate(out var created, flags: 0), "cuEventCreate");
        SetHandle(created.Value);
    }

    /// <summary>The driver's handle.</summary>
    public CUevent Event => !IsClosed ? new CUevent(handle) : throw new ObjectDisposedException(nameof(CudaEvent));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Marks the end of what has been queued so far.</summary>
    public void Record(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CudaException.Check(DriverApi.EventRecord(Event, stream.Stream), "cuEventRecord");
    }

    /// <summary>Waits until the device has come to it.</summary>
    public void Synchronize() => CudaException.Check(DriverApi.EventSynchronize(Event), "cuEventSynchronize");

    /// <summary>Whether the device has come to it.</summary>
    public bool IsDone()
    {
        var result = DriverApi.EventQuery(Event);
        if (result == CUresult.NotReady)
        {
            return false;
        }

        CudaException.Check(result, "cuEventQuery");
        return true;
    }

    /// <summary>Time on the device since <paramref name="start"/>; both must be done.</summary>
    public TimeSpan Since(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        CudaException.Check(DriverApi.EventElapsedTime(out var milliseconds, start.Event, Event), "cuEventElapsedTime");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        try
        {
            _context.MakeCurrent();
        }
        catch (Exception error) when (error is CudaException or ObjectDisposedException)
        {
            return true;
        }

        return DriverApi.EventDestroy(new CUevent(handle)) == CUresult.Success;
    }
}
