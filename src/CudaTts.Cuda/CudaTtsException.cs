namespace CudaTts;

/// <summary>
/// Something the caller can act on: a bad file, a bad argument, a mismatch, a device that fails. The message is one line that says what was
/// expected, what was found, which file or tensor, and what to do; it can be shown to a user as it is.
/// </summary>
public class CudaTtsException : Exception
{
    /// <summary>Creates the exception with a one-line message.</summary>
    public CudaTtsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a one-line message and the cause, if there is one.</summary>
    public CudaTtsException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}
