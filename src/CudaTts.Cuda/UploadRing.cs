using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// Page-locked memory through which a stream's uploads go. From ordinary memory the driver first waits for the stream and then copies chunk by chunk
/// itself; from here a copy is only queued. Parts are used by turns, and written again when the device has read them.
/// </summary>
internal sealed unsafe class UploadRing : IDisposable
{
    /// <summary>Bytes of a part: what an utterance of some seconds uploads.</summary>
    public const int PartBytes = 256 * 1024;

    /// <summary>Parts: the host fills one while the device reads the others.</summary>
    public const int Parts = 4;

    // The device copies fastest from whole lines of memory.
    private const int Alignment = 128;
    private readonly CudaStream _stream;
    private readonly PinnedMemory _memory;
    private readonly CudaEvent[] _isRead = new CudaEvent[Parts];
    private int _part;
    private int _used;

    public UploadRing(CudaStream stream)
    {
        _stream = stream;
        _memory = new PinnedMemory(stream.Context, Parts * PartBytes);
        _memory.UsedBy(stream);
        for (var part = 0; part < Parts; part++)
        {
            _isRead[part] = new CudaEvent(stream.Context, timing: false);
        }
    }

    /// <summary>Queues a copy to the device; the source may be reused when this returns.</summary>
    public void Upload(ReadOnlySpan<byte> source, CUdeviceptr target)
    {
        while (!source.IsEmpty)
        {
            // What fits into a part is one copy.
            if (Math.Min(source.Length, PartBytes) > PartBytes - _used)
            {
                GoOn();
            }

            var count = Math.Min(source.Length, PartBytes);
            var at = (byte*)_memory.Address + ((long)_part * PartBytes) + _used;
            source[..count].CopyTo(new Span<byte>(at, count));
            _stream.Check(DriverApi.cuMemcpyHtoDAsync_v2(target, at, (nuint)count, _stream.Stream), "copying to the device");
            source = source[count..];
            target += count;
            _used += (count + Alignment - 1) / Alignment * Alignment;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        Array.ForEach(_isRead, part => part.Dispose());
    }

    /// <summary>To the next part, once the device has read what was put there last.</summary>
    private void GoOn()
    {
        _isRead[_part].Record(_stream);
        _part = (_part + 1) % Parts;
        _isRead[_part].Synchronize();
        _used = 0;
    }
}
