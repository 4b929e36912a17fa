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
public sealed class AudioException(string message) : CudaTtsException(message);

/// <summary>A voice folder is missing or incomplete, or its models do not fit together.</summary>
public sealed class VoiceException(string message) : CudaTtsException(message);

/// <summary>A text has nothing to say, or cannot be turned into the voice's symbols.</summary>
public sealed class TextException(string message) : CudaTtsException(message);
