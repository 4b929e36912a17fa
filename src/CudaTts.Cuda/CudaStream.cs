using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>A queue of work on the device, done in order.</summary>
public sealed unsafe class CudaStream : SafeHandle
{
    // CU_STREAM_NON_BLOCKING: does not wait for the legacy default stream.
    private const uint NonBlocking = 1;

    // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may go on allocating.
    private const uint CaptureThreadLocal = 1;

    /// <summary>Creates a stream.</summary>
    public CudaStream(CudaContext context)
        : base(0, ownsHandle: true)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        context.MakeCurrent();
        CudaException.Check(DriverApi.StreamCreate(out var stream, NonBlocking), "cuStreamCreate");
        SetHandle(stream.Value);
    }

    /// <summary>The device.</summary>
    public CudaContext Context { get; }

    /// <summary>The driver's handle.</summary>
    public CUstream Stream => !IsClosed ? new CUstream(handle) : throw new ObjectDisposedException(nameof(CudaStream));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Copies to the device. The source may be reused when this returns: pageable memory is staged by the driver.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, CUdeviceptr target)
        where T : unmanaged
    {
        fixed (T* start = source)
        {
            CudaException.Check(DriverApi.CopyToDevice(target, start, (nuint)source.Length * (nuint)sizeof(T), Stream), "cuMemcpyHtoDAsync");
        }
    }

    /// <summary>Copies from the device and waits for it.</summary>
    public void Download<T>(CUdeviceptr source, Span<T> target)
        where T : unmanaged
    {
        fixed (T* start = target)
        {
            CudaException.Check(DriverApi.CopyToHost(start, source, (nuint)target.Length * (nuint)sizeof(T), Stream), "cuMemcpyDtoHAsync");
            Synchronize();
        }
    }

    /// <summary>Queues a copy from page-locked memory; it must stay as it is until the copy is done.</summary>
    public void Upload(PinnedMemory source, CUdeviceptr target, long bytes)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, source.Bytes);
        CudaException.Check(DriverApi.CopyToDevice(target, (void*)source.DangerousGetHandle(), (nuint)bytes, Stream), "cuMemcpyHtoDAsync");
    }

    /// <summary>Queues a copy to page-locked memory; it is there when the stream has been synchronised.</summary>
    public void Download(CUdeviceptr source, PinnedMemory target, long bytes)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, target.Bytes);
        CudaException.Check(DriverApi.CopyToHost((void*)target.DangerousGetHandle(), source, (nuint)bytes, Stream), "cuMemcpyDtoHAsync");
    }

    /// <summary>Queues a copy on the device.</summary>
    public void Copy(CUdeviceptr source, CUdeviceptr target, long bytes) =>
        CudaException.Check(DriverApi.CopyOnDevice(target, source, (nuint)bytes, Stream), "cuMemcpyDtoDAsync");

    /// <summary>Queues filling memory with zeros.</summary>
    public void Clear(CUdeviceptr target, long bytes) => CudaException.Check(DriverApi.SetBytes(target, 0, (nuint)bytes, Stream), "cuMemsetD8Async");

    /// <summary>Queues filling memory with one 32-bit word.</summary>
    public void Fill(CUdeviceptr target, uint word, long words) => CudaException.Check(DriverApi.SetWords(target, word, (nuint)words, Stream), "cuMemsetD32Async");

    /// <summary>Makes later work wait for an event.</summary>
    public void Wait(CudaEvent awaited)
    {
        ArgumentNullException.ThrowIfNull(awaited);
        CudaException.Check(DriverApi.StreamWaitEvent(Stream, awaited.Event, flags: 0), "cuStreamWaitEvent");
    }

    /// <summary>Waits until everything queued is done. A kernel's fault comes to light here at the latest.</summary>
    public void Synchronize() => CudaException.Check(DriverApi.StreamSynchronize(Stream), "cuStreamSynchronize");

    /// <summary>Whether everything queued is done.</summary>
    public bool IsDone()
    {
        var result = DriverApi.StreamQuery(Stream);
        if (result == CUresult.NotReady)
        {
            return false;
        }

        CudaException.Check(result, "cuStreamQuery");
        return true;
    }

    /// <summary>Records what <paramref name="work"/> queues on this stream instead of doing it.</summary>
    public CudaGraph Capture(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        CudaException.Check(DriverApi.StreamBeginCapture(Stream, CaptureThreadLocal), "cuStreamBeginCapture");
        try
        {
            work();
        }
        catch
        {
            // The capture must end, or the stream could not be used again.
            if (DriverApi.StreamEndCapture(Stream, out var broken) == CUresult.Success && broken.Value != 0)
            {
                DriverApi.GraphDestroy(broken);
            }

            throw;
        }

        CudaException.Check(DriverApi.StreamEndCapture(Stream, out var graph), "cuStreamEndCapture");
        return new CudaGraph(this, graph);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        try
        {
            Context.MakeCurrent();
        }
        catch (Exception error) when (error is CudaException or ObjectDisposedException)
        {
            return true;
        }

        return DriverApi.StreamDestroy(new CUstream(handle)) == CUresult.Success;
    }
}
