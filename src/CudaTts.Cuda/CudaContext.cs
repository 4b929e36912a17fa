using System.Diagnostics;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// A device ready to be used: its primary context, its properties, and what went wrong on it. What is made on a context (streams, memory, modules)
/// keeps the device open until it is disposed itself, in any order.
/// One instance may be used from several threads; every call makes the context current on its thread.
/// </summary>
public sealed unsafe class CudaContext : IDisposable
{
    private readonly CUdevice _device;
    private readonly Lazy<AbandonedWait> _abandonedWait;
    private CudaException? _firstStickyError;
    private long _allocatedBytes;

    /// <summary>Opens a device of the driver that <see cref="CudaDriver.Use"/> chose.</summary>
    /// <param name="ordinal">Which of its devices, from 0.</param>
    /// <exception cref="CudaException">There is no such device, or it does not start.</exception>
    public CudaContext(int ordinal = 0)
    {
        var driver = CudaDriver.Used ?? throw new InvalidOperationException("No CUDA driver has been chosen yet; call CudaDriver.Use first.");
        IsEmulated = driver.Kind == DriverKind.Emulated;
        if (ordinal < 0 || ordinal >= driver.Devices.Count)
        {
            throw new CudaException(
                driver.Devices.Count == 1
                    ? $"there is no CUDA device {ordinal}: the {CudaDriver.Describe(driver.Kind)} has one, number 0."
                    : $"there is no CUDA device {ordinal}: the {CudaDriver.Describe(driver.Kind)} has {driver.Devices.Count}, numbered from 0.");
        }

        Name = driver.Devices[ordinal].Name;
        TotalMemory = driver.Devices[ordinal].MemoryBytes;
        ComputeCapability = driver.Devices[ordinal].ComputeCapability;
        CUdevice device;
        Check(DriverApi.cuDeviceGet(&device, ordinal), "finding the device");
        _device = device;
        CUcontext context;
        Check(DriverApi.cuDevicePrimaryCtxRetain(&context, device), $"opening the device {Name}");
        Primary = new PrimaryContext(device, context);
        Multiprocessors = Attribute(DeviceAttribute.MultiprocessorCount);
        SharedMemoryPerBlock = Attribute(DeviceAttribute.MaxSharedMemoryPerBlockOptin);
        _abandonedWait = new Lazy<AbandonedWait>(() => new AbandonedWait(this));
        MakeCurrent();
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>The device's compute capability, such as 9.0.</summary>
    public Version ComputeCapability { get; }

    /// <summary>Number of multiprocessors.</summary>
    public int Multiprocessors { get; }

    /// <summary>Most shared memory of a block, static and dynamic, bytes.</summary>
    public int SharedMemoryPerBlock { get; }

    /// <summary>Device memory in all, bytes.</summary>
    public long TotalMemory { get; }

    /// <summary>
    /// Highest bandwidth of the device memory by clock and width, bytes a second, at two transfers a clock; 0 when the driver does not tell.
    /// </summary>
    public double MemoryBandwidth =>
        2.0 * 1000 * AttributeOrZero(DeviceAttribute.MemoryClockRate) * AttributeOrZero(DeviceAttribute.GlobalMemoryBusWidth) / 8;

    /// <summary>Where the device sits, as 00000000:01:00.0: the management library knows devices by this.</summary>
    public string PciBusId => FormattableString.Invariant(
        $"{AttributeOrZero(DeviceAttribute.PciDomainId):x8}:{AttributeOrZero(DeviceAttribute.PciBusId):x2}:")
        + FormattableString.Invariant($"{AttributeOrZero(DeviceAttribute.PciDeviceId):x2}.0");

    /// <summary>Whether this is the emulated device.</summary>
    public bool IsEmulated { get; }

    /// <summary>The driver's handle, for libraries that want it.</summary>
    public CUcontext Handle => Primary.Handle;

    /// <summary>Where kernels say which wait they gave up.</summary>
    public AbandonedWait AbandonedWait => _abandonedWait.Value;

    /// <summary>Device memory that this process has allocated here and not freed, bytes.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Tells who keeps device memory for later that an allocation lacks it, to be tried again afterwards.</summary>
    public event Action? MemoryIsShort;

    /// <summary>Whether the time of every launch is being recorded.</summary>
    public bool RecordsLaunches => Launches is not null;

    /// <summary>Who records them; usually nobody.</summary>
    internal LaunchRecorder? Launches { get; set; }

    internal PrimaryContext Primary { get; }

    /// <summary>Makes this the calling thread's context; costs next to nothing when it is already.</summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(Primary.IsClosed, this);
        if (_firstStickyError is not null)
        {
            ThrowBroken();
        }

        var result = Primary.MakeCurrent();
        if (result != CUresult.Success)
        {
            throw Failed(result, "making the device current");
        }
    }

    /// <summary>Waits for everything that was started on the device.</summary>
    public void Synchronize()
    {
        MakeCurrent();
        Check(DriverApi.cuCtxSynchronize(), "waiting for the device");
    }

    /// <summary>Another attribute of the device.</summary>
    public int Attribute(DeviceAttribute attribute)
    {
        int value;
        Check(DriverApi.cuDeviceGetAttribute(&value, attribute, _device), $"asking the device for {attribute}");
        return value;
    }

    /// <summary>Closes the device once nothing made on it is left.</summary>
    public void Dispose()
    {
        if (_abandonedWait.IsValueCreated)
        {
            _abandonedWait.Value.Dispose();
        }

        Primary.Dispose();
    }

    /// <summary>Counts memory that was allocated, or freed where it is less than 0.</summary>
    internal void Account(long bytes) => Interlocked.Add(ref _allocatedBytes, bytes);

    internal void AskForMemory() => MemoryIsShort?.Invoke();

    internal void Check(CUresult result, string operation)
    {
        if (result != CUresult.Success)
        {
            throw Failed(result, operation);
        }
    }

    /// <summary>The exception for a failed call; remembers the first that leaves the device useless.</summary>
    /// <param name="result">What the driver answered.</param>
    /// <param name="operation">What was being done.</param>
    /// <param name="advice">A clause more, or none.</param>
    internal CudaException Failed(CUresult result, string operation, string advice = "")
    {
        Debug.Assert(result != CUresult.Success, "a call that succeeded is no failure");
        var message = $"{operation} failed: {CudaDriver.Describe(result)}";
        if (advice.Length > 0)
        {
            message += $"; {advice}";
        }

        if (result.IsSticky && _abandonedWait.IsValueCreated && _abandonedWait.Value.Description is { } wait)
        {
            message += $"; {wait}";
        }

        var report = CudaDriver.EmulatedReport();
        if (report.Length > 0)
        {
            message += $"; the emulated device reports: {report}";
        }

        if (ErrorAdvice.For(result) is { Length: > 0 } known)
        {
            message += $"; {known}";
        }

        var error = new CudaException(message + ".", result, _firstStickyError);
        if (error.IsSticky)
        {
            Interlocked.CompareExchange(ref _firstStickyError, error, null);
        }

        return error;
    }

    // What an older driver, or the emulated device, does not know.
    internal int AttributeOrZero(DeviceAttribute attribute)
    {
        int value;
        return DriverApi.cuDeviceGetAttribute(&value, attribute, _device) == CUresult.Success ? value : 0;
    }

    // Said anew at every later call, with the first cause: what the driver answers by then no longer tells.
    private void ThrowBroken()
    {
        var first = _firstStickyError!;
        throw new CudaException($"the device has been unusable since an earlier error: {first.Message}", first.Result, first);
    }
}
