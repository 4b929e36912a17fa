namespace CudaTts.Files;

/// <summary>Opens files that one process at a time may write.</summary>
public static class LockedFile
{
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <summary>Opens or makes a file and locks it until it is closed; its folder is made too. Its contents stay.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileException">It cannot be written, is no regular file, or another process has locked it.</exception>
    public static FileStream Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (AtomicFiles.IsWrittenInto(path))
        {
            throw new FileException($"{path}: expected a file, found a pipe or a device.");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (error.HResult is SharingViolation || IsLocked(error))
        {
            throw new FileException($"{path}: another process writes it; wait for its end, or choose another folder.", error);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw FileFault.NotWritten(path, error);
        }
    }

    // EWOULDBLOCK, which .NET passes on as it is.
    private static bool IsLocked(IOException error) => error.HResult == (OperatingSystem.IsLinux() ? 11 : 35);
}
