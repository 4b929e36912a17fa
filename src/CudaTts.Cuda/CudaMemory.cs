using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>Owns one allocation of device memory. Its contents are undefined at first. Disposing it waits for the work that may use it.</summary>
public sealed unsafe class CudaMemory : CudaHandle
{
    /// <summary>Allocates device memory, aligned to 256 bytes.</summary>
    /// <param name="context">On which device.</param>
    /// <param name="bytes">How much; 0 becomes 1, which the driver refuses otherwise.</param>
    /// <exception cref="CudaException">There is not enough; see <see cref="CudaException.IsOutOfMemory"/>.</exception>
    public CudaMemory(CudaContext context, long bytes)
        : base(context)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = Math.Max(1, bytes);
        Enter();
        CUdeviceptr address;
        var result = DriverApi.cuMemAlloc_v2(&address, (nuint)Bytes);
        if (result == CUresult.OutOfMemory)
        {
            context.AskForMemory();
            result = DriverApi.cuMemAlloc_v2(&address, (nuint)Bytes);
        }

        if (result != CUresult.Success)
        {
            var error = context.Failed(
                result, $"allocating {Bytes:N0} bytes of device memory", advice: result == CUresult.OutOfMemory ? Available(context) : "");
            Dispose();
            throw error;
        }

        SetHandle(address.Value);
        context.Account(Bytes);
    }

    /// <summary>The size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Where it begins; good until this is disposed.</summary>
    public CUdeviceptr Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new CUdeviceptr(handle);
        }
    }

    private protected override void Release()
    {
        Context.Account(-Bytes);
        _ = DriverApi.cuMemFree_v2(new CUdeviceptr(handle));
    }

    private static string Available(CudaContext context)
    {
        nuint free = 0, total = 0;
        return DriverApi.cuMemGetInfo_v2(&free, &total) == CUresult.Success
            ? $"{context.Name} has {(long)free:N0} of {(long)total:N0} bytes free, and this program has {context.AllocatedBytes:N0}"
            : $"this program has {context.AllocatedBytes:N0} bytes";
    }
}
