using System.Runtime.InteropServices;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>Holds a device's primary context as long as anything made on it lives.</summary>
internal sealed class PrimaryContext : SafeHandle
{
    // Which context this thread has current, as far as this project set it. An object and not the driver's handle: a context that was closed and
    // opened again may have the same handle and would then still have to be set.
    [ThreadStatic]
    private static PrimaryContext? t_current;

    private readonly CUdevice _device;

    internal PrimaryContext(CUdevice device, CUcontext context)
        : base(0, ownsHandle: true)
    {
        _device = device;
        SetHandle(context.Value);
    }

    public override bool IsInvalid => handle == 0;

    internal CUcontext Handle => new(handle);

    internal CUresult MakeCurrent()
    {
        if (ReferenceEquals(t_current, this))
        {
            return CUresult.Success;
        }

        var result = DriverApi.cuCtxSetCurrent(Handle);
        t_current = result == CUresult.Success ? this : null;
        return result;
    }

    protected override bool ReleaseHandle()
    {
        if (ReferenceEquals(t_current, this))
        {
            t_current = null;
        }

        return DriverApi.cuDevicePrimaryCtxRelease_v2(_device) == CUresult.Success;
    }
}
