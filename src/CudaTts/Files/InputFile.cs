namespace CudaTts.Files;

/// <summary>Reads files that are held whole in memory.</summary>
public static class InputFile
{
    /// <summary>The most bytes of a config or a manifest that a person writes: 1 MiB.</summary>
    public const int MostConfigBytes = 1 << 20;

    /// <summary>All bytes of a regular file; a pipe, which may never end or never begin, and a device are refused.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="FileException">It is not there, is no regular file, is larger, or cannot be read.</exception>
    public static byte[] ReadBytes(string path, int most)
    {
        RequireRegular(path);
        using var stream = Open(path);
        try
        {
            return ReadBytes(stream, path, most);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw new FileException($"{path}: cannot be read: {FileFault.ReasonOf(error)}.", error);
        }
    }

    /// <summary>Opens a file to read it as it comes; a pipe is waited for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileException">It is not there, is a folder, or cannot be read.</exception>
    public static Stream Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileFault.RequireName(path);
        if (FilePlace.KindOf(path) == FileKind.Folder)
        {
            throw new FileException($"{path}: expected a file, found a folder.");
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw new FileException($"{path}: cannot be read: {FileFault.ReasonOf(error)}.", error);
        }
    }

    /// <summary>Refuses what is there and is no regular file, without opening it: to open a pipe waits for whoever writes into it.</summary>
    /// <exception cref="FileException">It is a folder, a pipe or a device.</exception>
    internal static void RequireRegular(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileFault.RequireName(path);
        var kind = FilePlace.KindOf(path);
        if (kind is FileKind.Folder or FileKind.Other)
        {
            throw new FileException($"{path}: expected a file, found {(kind == FileKind.Folder ? "a folder" : "a pipe or a device")}.");
        }
    }

    /// <summary>All that is left in a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="most">The most bytes that may be left.</param>
    /// <exception cref="FileException">There are more.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadBytes(Stream stream, string source, int most)
    {
        ArgumentNullException.ThrowIfNull(stream);

        // The file systems of the kernel say that their files are empty, so the end is where nothing more comes.
        using var whole = new MemoryStream();
        var block = new byte[1 << 16];
        for (var count = stream.Read(block); count > 0; count = stream.Read(block))
        {
            if (whole.Length + count > most)
            {
                throw new FileException($"{source}: expected at most {most} bytes, found more.");
            }

            whole.Write(block, 0, count);
        }

        return whole.ToArray();
    }
}
