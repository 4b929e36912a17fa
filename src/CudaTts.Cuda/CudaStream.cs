using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// A queue of work for the device: what is started on it runs in order, while the program goes on. Independent of the legacy default stream.
/// Several threads may start work on one stream; each call is queued whole, and the calls of a thread stay in their order. While a graph is recorded,
/// the stream belongs to the thread that records it: calls of others are refused, because they would become part of the graph instead of being run.
/// </summary>
public sealed unsafe class CudaStream : CudaHandle
{
    // What the device still reads or writes by itself: kept from the garbage collector until the stream has been waited for.
    private readonly HashSet<PinnedMemory> _inUse = [];
    private readonly Lock _using = new();

    // Several threads may queue uploads on a stream that they share.
    private readonly Lock _uploading = new();
    private UploadRing? _uploads;

    // 0 while nothing is recorded.
    private volatile int _recordingThread;

    /// <summary>Makes a stream.</summary>
    public CudaStream(CudaContext context)
        : base(context)
    {
        Enter();
        CUstream stream;
        context.Check(DriverApi.cuStreamCreate(&stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "making a stream");
        SetHandle(stream.Value);
    }

    /// <summary>The driver's handle, for libraries that want it.</summary>
    public CUstream Stream
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            RefuseOthersInCapture();
            return new CUstream(handle);
        }
    }

    /// <summary>Whether work is being recorded into a graph and not run.</summary>
    public bool IsCapturing => _recordingThread != 0;

    /// <summary>Held while the time of a launch is taken by two marks around it, so that no other launch gets between them.</summary>
    internal Lock Timing { get; } = new();

    /// <summary>The kernel that was launched last: the first suspect when an error comes to light later.</summary>
    internal string? LastKernel { get; set; }

    /// <summary>Waits until everything started so far is done.</summary>
    /// <exception cref="CudaException">A kernel failed; only here do such errors come to light.</exception>
    public void Synchronize()
    {
        EnterStream();
        RefuseInCapture("waiting for it");
        Check(DriverApi.cuStreamSynchronize(new CUstream(handle)), "waiting for a stream");
        Release(out _);
    }

    /// <summary>Whether everything started so far is done.</summary>
    public bool IsDone()
    {
        EnterStream();
        var result = DriverApi.cuStreamQuery(new CUstream(handle));
        if (result == CUresult.NotReady)
        {
            return false;
        }

        Check(result, "asking a stream");
        return true;
    }

    /// <summary>Lets what is started from now on begin only when an event has happened.</summary>
    public void Wait(CudaEvent awaited)
    {
        ArgumentNullException.ThrowIfNull(awaited);
        EnterStream();
        Check(DriverApi.cuStreamWaitEvent(new CUstream(handle), awaited.Event, 0), "waiting for an event on a stream");
        GC.KeepAlive(awaited);
    }

    /// <summary>Starts a copy to the device. The source may be reused when this returns.</summary>
    /// <param name="source">Ordinary memory.</param>
    /// <param name="target">Device memory for as many elements.</param>
    public void Upload<T>(ReadOnlySpan<T> source, CUdeviceptr target)
        where T : unmanaged
    {
        EnterStream();
        RefuseInCapture("a copy from ordinary memory; copy from PinnedMemory");
        if (source.IsEmpty)
        {
            return;
        }

        lock (_uploading)
        {
            _uploads ??= new UploadRing(this);
            _uploads.Upload(MemoryMarshal.AsBytes(source), target);
        }
    }

    /// <summary>Copies to the host, and waits until that is done.</summary>
    /// <param name="source">Device memory.</param>
    /// <param name="target">Ordinary memory for the elements that are wanted.</param>
    public void Download<T>(CUdeviceptr source, Span<T> target)
        where T : unmanaged
    {
        EnterStream();
        RefuseInCapture("a copy to ordinary memory; copy to PinnedMemory");
        if (target.IsEmpty)
        {
            return;
        }

        fixed (T* to = target)
        {
            Check(DriverApi.cuMemcpyDtoHAsync_v2(to, source, (nuint)target.Length * (nuint)sizeof(T), new CUstream(handle)),
                "copying from the device");
            Synchronize();
        }
    }

    /// <summary>Starts a copy to the device, from the start of page-locked memory, which must not be written before the copy is done.</summary>
    public void Upload(PinnedMemory source, CUdeviceptr target, long bytes)
    {
        if (BeginPinned(source, bytes))
        {
            Check(DriverApi.cuMemcpyHtoDAsync_v2(target, source.Address, (nuint)bytes, new CUstream(handle)), "copying to the device");
        }
    }

    /// <summary>Starts a copy to the start of page-locked memory, which is not to be read before this stream has been waited for.</summary>
    public void Download(CUdeviceptr source, PinnedMemory target, long bytes)
    {
        if (BeginPinned(target, bytes))
        {
            Check(DriverApi.cuMemcpyDtoHAsync_v2(target.Address, source, (nuint)bytes, new CUstream(handle)), "copying from the device");
        }
    }

    /// <summary>Starts a copy within device memory.</summary>
    public void Copy(CUdeviceptr source, CUdeviceptr target, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        EnterStream();
        if (bytes > 0)
        {
            Check(DriverApi.cuMemcpyDtoDAsync_v2(target, source, (nuint)bytes, new CUstream(handle)), "copying on the device");
        }
    }

    /// <summary>Starts filling device memory with zeros.</summary>
    public void Clear(CUdeviceptr target, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        EnterStream();
        if (bytes > 0)
        {
            Check(DriverApi.cuMemsetD8Async(target, 0, (nuint)bytes, new CUstream(handle)), "clearing device memory");
        }
    }

    /// <summary>Starts filling device memory with one 32-bit word.</summary>
    public void Fill(CUdeviceptr target, uint word, long words)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(words);
        EnterStream();
        if (words > 0)
        {
            Check(DriverApi.cuMemsetD32Async(target, word, (nuint)words, new CUstream(handle)), "filling device memory");
        }
    }

    /// <summary>Records what <paramref name="work"/> starts on this stream; nothing of it runs.</summary>
    /// <exception cref="CudaException">Something in it can't be recorded.</exception>
    public CudaGraph Capture(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        BeginCapture();
        try
        {
            work();
        }
        catch
        {
            // A recording left open would keep the stream from ever running anything again.
            _ = EndCapture(out var rest, out _);
            if (rest.Value != 0)
            {
                _ = DriverApi.cuGraphDestroy(rest);
            }

            throw;
        }

        Check(EndCapture(out var graph, out var inUse), "recording a graph");
        return new CudaGraph(this, graph, inUse);
    }

    /// <summary>Keeps host memory from the garbage collector, and from being freed, until this stream has been waited for.</summary>
    internal void Use(PinnedMemory memory)
    {
        bool isNew;
        lock (_using)
        {
            isNew = _inUse.Add(memory);
        }

        if (isNew)
        {
            memory.UsedBy(this);
        }
    }

    /// <summary>Waits if there is still something to wait for; never throws.</summary>
    internal void WaitQuietly()
    {
        if (!IsClosed && !IsCapturing && Context.Primary.MakeCurrent() == CUresult.Success)
        {
            _ = DriverApi.cuStreamSynchronize(new CUstream(handle));
        }
    }

    internal void Check(CUresult result, string operation)
    {
        GC.KeepAlive(this);
        if (result != CUresult.Success)
        {
            Throw(result, operation);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _uploads?.Dispose();
        }
    }

    private protected override void Release()
    {
        // Queued work goes on after cuStreamDestroy; memory it uses may go before it is done.
        if (!IsCapturing)
        {
            _ = DriverApi.cuStreamSynchronize(new CUstream(handle));
        }

        _ = DriverApi.cuStreamDestroy_v2(new CUstream(handle));
    }

    private void BeginCapture()
    {
        EnterStream();
        if (IsCapturing)
        {
            throw new InvalidOperationException("The stream is already recording a graph.");
        }

        // Thread-local: allocations of other threads do not break the recording.
        _recordingThread = Environment.CurrentManagedThreadId;
        var result = DriverApi.cuStreamBeginCapture_v2(new CUstream(handle), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        if (result != CUresult.Success)
        {
            _recordingThread = 0;
            Throw(result, "beginning to record a graph");
        }

        Release(out _);
    }

    /// <summary>Ends the recording whatever has become of it.</summary>
    /// <param name="graph">The graph; null when the recording had become invalid.</param>
    /// <param name="inUse">The host memory that the graph copies from or to.</param>
    private CUresult EndCapture(out CUgraph graph, out PinnedMemory[] inUse)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        CUgraph recorded = default;
        var result = Context.Primary.MakeCurrent();
        if (result == CUresult.Success)
        {
            result = DriverApi.cuStreamEndCapture(new CUstream(handle), &recorded);
        }

        _recordingThread = 0;
        graph = recorded;
        Release(out inUse);
        return result;
    }

    // A stream may be shared: others use memory, or wait, at the same time.
    private void Release(out PinnedMemory[] released)
    {
        lock (_using)
        {
            released = [.. _inUse];
            _inUse.Clear();
        }
    }

    // False when there is nothing to copy.
    private bool BeginPinned(PinnedMemory memory, long bytes)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, memory.Bytes);
        ObjectDisposedException.ThrowIf(memory.IsClosed, memory);
        EnterStream();
        Use(memory);
        return bytes > 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Throw(CUresult result, string operation)
    {
        var suspect = result.IsSticky && LastKernel is not null ? LastKernel : null;
        throw Context.Failed(result, operation, suspect is null ? "" : $"the last kernel launched before it was '{suspect}'");
    }

    private void EnterStream()
    {
        Enter();
        RefuseOthersInCapture();
    }

    private void RefuseOthersInCapture()
    {
        if (_recordingThread is var thread and not 0 && thread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException("The stream is recording a graph on another thread, and until that ends belongs to it alone.");
        }
    }

    private void RefuseInCapture(string what)
    {
        if (IsCapturing)
        {
            throw new InvalidOperationException($"The stream is recording a graph, which can't contain {what}.");
        }
    }
}
