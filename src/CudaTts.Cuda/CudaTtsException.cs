namespace CudaTts;

/// <summary>
/// Something the caller can act on: a bad file, a bad argument, a mismatch, a device that fails. The message is one line that says what was
/// expected, what was found, which file or tensor, and what to do; it can be shown to a user as it is. Names that come from a file are part of it, so
/// control characters, which a terminal would obey, become question marks, and what is too long for a line is cut in its middle.
/// </summary>
public class CudaTtsException : Exception
{
    private const int LongestMessage = 2000;

    /// <summary>Creates the exception with a one-line message.</summary>
    public CudaTtsException(string message)
        : base(OneLine(message))
    {
    }

    /// <summary>Creates the exception with a one-line message and the cause, if there is one.</summary>
    public CudaTtsException(string message, Exception? cause)
        : base(OneLine(message), cause)
    {
    }

    private static string OneLine(string message)
    {
        const int Kept = LongestMessage / 2;
        var line = message.Length <= LongestMessage ? message : $"{message[..Kept]} ... {message[^Kept..]}";
        line = line.ReplaceLineEndings(" ");
        return line.AsSpan().ContainsAnyInRange('\0', '\u001f') || line.AsSpan().ContainsAnyInRange('\u007f', '\u009f')
            ? string.Concat(line.Select(character => char.IsControl(character) ? '?' : character))
            : line;
    }
}
