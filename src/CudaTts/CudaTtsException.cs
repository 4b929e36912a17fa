namespace CudaTts;

/// <summary>A weight file (safetensors, PyTorch checkpoint, config.json) is malformed, truncated, unsupported or does not fit the model.</summary>
public sealed class WeightsException : CudaTtsException
{
    /// <inheritdoc cref="CudaTtsException(string)"/>
    public WeightsException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="CudaTtsException(string, Exception)"/>
    public WeightsException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>An audio file is malformed or in a format that is not read.</summary>
public sealed class AudioException(string message, Exception? cause = null) : CudaTtsException(message, cause);

/// <summary>A voice folder is missing or incomplete, or its models do not fit together.</summary>
public sealed class VoiceException(string message) : CudaTtsException(message);

/// <summary>A text has nothing to say, or cannot be turned into the voice's symbols.</summary>
public sealed class TextException(string message) : CudaTtsException(message);

/// <summary>A file cannot be read or written, or holds something else than was expected.</summary>
public sealed class FileException : CudaTtsException
{
    /// <inheritdoc cref="CudaTtsException(string)"/>
    public FileException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="CudaTtsException(string, Exception)"/>
    public FileException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Whether the disk is full: what is written next would fail too.</summary>
    public bool IsDiskFull => Files.FileFault.IsDiskFull(InnerException);
}
