namespace CudaTts;

/// <summary>
/// Something the caller can act on: a bad file, a bad argument, a mismatch, a device that fails. The message is one line that says what was
/// expected, what was found, which file or tensor, and what to do; what is too long for a line is cut in its middle. Names that
/// come from a file are part of it as they are, but for line ends: whoever shows it on a terminal writes control characters, which that would obey,
/// in another way.
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
        var line = message.ReplaceLineEndings(" ");
        if (line.Length <= LongestMessage)
        {
            return line;
        }

        // Neither cut lies within a character of two units.
        var first = char.IsHighSurrogate(line[Kept - 1]) ? Kept - 1 : Kept;
        var second = char.IsLowSurrogate(line[^Kept]) ? Kept - 1 : Kept;
        return $"{line[..first]} ... {line[^second..]}";
    }
}
