namespace CudaTts.Weights;

/// <summary>Files that people write, configs and the like, read whole, each with the most bytes that one of its kind has.</summary>
internal static class SmallFile
{
    /// <summary>The most bytes of a config.</summary>
    public const int MostConfigBytes = 1 << 20;

    /// <summary>All bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="IOException">It cannot be read, has more bytes, or is no file: the message says which, without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not read it.</exception>
    public static byte[] Read(string path, int most)
    {
        // A pipe and a device have no length either; the one may never end, and the other may never begin.
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: 0 })
        {
            throw new IOException("expected a file with something in it, found an empty one, a pipe or a device");
        }

        if (file.Exists && file.Length > most)
        {
            throw new IOException($"expected at most {most} bytes, found {file.Length}");
        }

        return File.ReadAllBytes(path);
    }
}
