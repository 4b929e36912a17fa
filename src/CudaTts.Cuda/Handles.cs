namespace CudaTts.Cuda;

// Each of the driver's opaque handles is a type of its own, so that swapped arguments do not compile; all of them are blittable.

/// <summary>A device's ordinal.</summary>
public readonly record struct CUdevice(int Value);

/// <summary>A handle of a context.</summary>
public readonly record struct CUcontext(nint Value);

/// <summary>An address in device memory.</summary>
public readonly record struct CUdeviceptr(nint Value)
{
    /// <summary>The address <paramref name="bytes"/> further on.</summary>
    public static CUdeviceptr operator +(CUdeviceptr address, long bytes) => new(address.Value + (nint)bytes);
}

/// <summary>A handle of a stream.</summary>
public readonly record struct CUstream(nint Value);

/// <summary>A handle of an event.</summary>
public readonly record struct CUevent(nint Value);

/// <summary>A loaded module.</summary>
public readonly record struct CUmodule(nint Value);

/// <summary>A kernel of a loaded module.</summary>
public readonly record struct CUfunction(nint Value);

/// <summary>A captured graph.</summary>
public readonly record struct CUgraph(nint Value);

/// <summary>A graph ready to launch.</summary>
public readonly record struct CUgraphExec(nint Value);
