namespace CudaTts.Cuda;

/// <summary>
/// The device, its driver or a library of the toolkit refused something. The message is one line: what was tried, what the driver said, and what to
/// do where that is known.
/// </summary>
public sealed class CudaException : CudaTtsException
{
    /// <summary>Creates the exception for something the driver was not asked about.</summary>
    public CudaException(string message)
        : base(message)
    {
    }

    internal CudaException(string message, CUresult result, Exception? cause = null)
        : base(message, cause)
    {
        Result = result;
        IsSticky = result.IsSticky;
    }

    /// <summary>What the driver answered; <see cref="CUresult.Success"/> when it was not the driver that refused.</summary>
    public CUresult Result { get; }

    /// <summary>Whether the device is of no more use to this process: every later call fails.</summary>
    public bool IsSticky { get; }

    /// <summary>Whether the device has too little memory for what was asked: smaller work may still succeed.</summary>
    public bool IsOutOfMemory => Result == CUresult.OutOfMemory;
}
