using System.Text;

namespace CudaTts.Cuda;

/// <summary>A device and its primary context. Every thread that calls the driver makes the context current first.</summary>
public sealed unsafe class CudaContext : IDisposable
{
    private const int LongestName = 256;
    private readonly CUdevice _device;
    private readonly CUcontext _context;
    private bool _disposed;

    /// <summary>Takes a device into use and makes its context current.</summary>
    /// <param name="ordinal">Which device, from 0.</param>
    /// <exception cref="CudaException">There is no such device, or it does not start.</exception>
    public CudaContext(int ordinal = 0)
    {
        var count = CudaDriver.DeviceCount();
        if (ordinal < 0 || ordinal >= count)
        {
            throw new CudaException($"there is no CUDA device {ordinal}: found {count}, numbered from 0.");
        }

        CudaException.Check(DriverApi.DeviceGet(out _device, ordinal), "cuDeviceGet");
        CudaException.Check(DriverApi.PrimaryContextRetain(out _context, _device), "cuDevicePrimaryCtxRetain");
        MakeCurrent();
        Name = ReadName();
        CudaException.Check(DriverApi.DeviceTotalMemory(out var bytes, _device), "cuDeviceTotalMem");
        TotalMemory = (long)bytes;
        ComputeCapability = new Version(Attribute(DeviceAttribute.ComputeCapabilityMajor), Attribute(DeviceAttribute.ComputeCapabilityMinor));
        Multiprocessors = Attribute(DeviceAttribute.MultiprocessorCount);
        SharedMemoryPerBlock = Attribute(DeviceAttribute.MaxSharedMemoryPerBlockOptin);
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>Such as 9.0.</summary>
    public Version ComputeCapability { get; }

    /// <summary>Number of multiprocessors.</summary>
    public int Multiprocessors { get; }

    /// <summary>Most shared memory of a block, bytes.</summary>
    public int SharedMemoryPerBlock { get; }

    /// <summary>Device memory in all, bytes.</summary>
    public long TotalMemory { get; }

    /// <summary>Another attribute of the device.</summary>
    public int Attribute(DeviceAttribute attribute)
    {
        CudaException.Check(DriverApi.DeviceGetAttribute(out var value, attribute, _device), $"cuDeviceGetAttribute({attribute})");
        return value;
    }

    /// <summary>Makes this the calling thread's context.</summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CudaException.Check(DriverApi.ContextSetCurrent(_context), "cuCtxSetCurrent");
    }

    /// <summary>Waits until the device has nothing left to do.</summary>
    public void Synchronize()
    {
        MakeCurrent();
        CudaException.Check(DriverApi.ContextSynchronize(), "cuCtxSynchronize");
    }

    /// <summary>Device memory that is free, bytes.</summary>
    public long FreeMemory()
    {
        MakeCurrent();
        CudaException.Check(DriverApi.MemoryGetInfo(out var free, out _), "cuMemGetInfo");
        return (long)free;
    }

    /// <summary>Lets go of the context. What still lives in it must have been disposed before.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            DriverApi.PrimaryContextRelease(_device);
        }
    }

    private string ReadName()
    {
        var buffer = stackalloc byte[LongestName];
        CudaException.Check(DriverApi.DeviceGetName(buffer, LongestName, _device), "cuDeviceGetName");
        var name = new ReadOnlySpan<byte>(buffer, LongestName);
        return Encoding.UTF8.GetString(name[..Math.Max(0, name.IndexOf((byte)0))]);
    }
}
