namespace CudaTts.Files;

/// <summary>Why a file cannot be read or written, in a user's words.</summary>
public static class FileFault
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>Whether an error comes from a file and not from a mistake of the program.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>Whether the disk is full: what is tried next would fail too.</summary>
    public static bool IsDiskFull(Exception? error) => error is IOException { HResult: NoSpaceLeft or QuotaExceeded or DiskFullOnWindows };

    /// <summary>Makes what is thrown for a file that cannot be written.</summary>
    public static FileException NotWritten(string path, Exception error) => new($"{path}: cannot be written: {ReasonOf(error)}.", error);

    /// <summary>Does something to a file; a failure is told with its name.</summary>
    /// <exception cref="FileException">The file cannot be written.</exception>
    public static void Guard(string path, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
        }
        catch (Exception error) when (Is(error))
        {
            throw NotWritten(path, error);
        }
    }

    /// <summary>Refuses a name that no file can have.</summary>
    /// <exception cref="FileException">It is empty or holds a NUL.</exception>
    public static void RequireName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
        {
            throw new FileException("expected the name of a file or folder, found nothing.");
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new FileException($"{path.Replace("\0", "\\0", StringComparison.Ordinal)}: the name of a file cannot hold a NUL character.");
        }
    }

    /// <summary>The reason alone: whoever reports it names the file.</summary>
    public static string ReasonOf(Exception error) => error switch
    {
        null => throw new ArgumentNullException(nameof(error)),
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "the folder does not exist",
        PathTooLongException => "the name is too long",
        UnauthorizedAccessException => "permission is denied",
        _ when IsDiskFull(error) => "no space is left on the disk",
        _ => OneLine(error.Message),
    };

    // The system's own text is followed by the path, which may be that of a temporary file.
    private static string OneLine(string message)
    {
        var line = message.ReplaceLineEndings(" ");
        var path = line.IndexOf(" : '", StringComparison.Ordinal);
        return (path < 0 ? line : line[..path]).TrimEnd('.');
    }
}
