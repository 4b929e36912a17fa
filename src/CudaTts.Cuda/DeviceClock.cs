using System.Collections.Concurrent;
using System.Diagnostics;

namespace CudaTts.Cuda;

/// <summary>
/// Marks in streams whose times are counted from one moment that the host's clock knows too, so that what the host and the device do can be laid side
/// by side. Marks are events that are used again and again. Safe to use from several threads.
/// </summary>
public sealed class DeviceClock : IDisposable
{
    private readonly ConcurrentBag<CudaEvent> _idle = [];
    private readonly CudaEvent _origin;

    /// <summary>Starts to count time.</summary>
    public DeviceClock(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        _origin = new CudaEvent(context);
        using var stream = new CudaStream(context);
        _origin.Record(stream);
        _origin.Synchronize();
        HostOrigin = Stopwatch.GetTimestamp();
    }

    /// <summary>The device that is timed.</summary>
    public CudaContext Context { get; }

    /// <summary>The moment that times are counted from, as <see cref="Stopwatch.GetTimestamp"/> had it, some microseconds late.</summary>
    public long HostOrigin { get; }

    /// <summary>Puts a mark behind everything started on a stream so far.</summary>
    public CudaEvent Mark(CudaStream stream)
    {
        if (!_idle.TryTake(out var mark))
        {
            mark = new CudaEvent(Context);
        }

        mark.Record(stream);
        return mark;
    }

    /// <summary>
    /// Waits for two marks, and says when the first was reached and how long after it the second; both are used again from now on. The driver counts
    /// in single precision: after an hour the moment of the first is known to a quarter of a millisecond, the time between them as well as ever.
    /// </summary>
    public (TimeSpan Start, TimeSpan Time) Read(CudaEvent start, CudaEvent end)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(end);
        // The marks and not the device: that can't be waited for while another thread records a graph.
        end.Synchronize();
        var times = (start.Since(_origin), end.Since(start));
        Return(start);
        Return(end);
        return times;
    }

    /// <summary>Gives a mark back that nobody wants to know any more.</summary>
    public void Return(CudaEvent mark) => _idle.Add(mark);

    /// <summary>Frees the marks that are not in use.</summary>
    public void Dispose()
    {
        while (_idle.TryTake(out var mark))
        {
            mark.Dispose();
        }

        _origin.Dispose();
    }
}
