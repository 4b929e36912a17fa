namespace CudaTts.Weights;

/// <summary>Writes files so that a reader sees either the old ones or the complete new ones.</summary>
public static class AtomicFiles
{
    /// <summary>The file that a rename would replace: the path, or what a symbolic link leads to.</summary>
    /// <exception cref="IOException">The path is a device's, which a rename would take away from everybody.</exception>
    public static string TargetOf(string path)
    {
        var file = new FileInfo(path);
        var full = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        return OperatingSystem.IsWindows() || !full.StartsWith("/dev/", StringComparison.Ordinal)
            ? full
            : throw new IOException("expected a file, found a device: name a file");
    }

    /// <summary>
    /// Writes every file under a temporary name in its own folder, and renames them only when all are complete. On failure the
    /// temporary files are removed.
    /// </summary>
    /// <exception cref="WeightsException">The disk is full, the folder read-only, and so on.</exception>
    internal static void Write(params ReadOnlySpan<(string Path, Action<Stream> Content)> files)
    {
        var staged = new List<(string Temporary, string Path)>();
        var current = "";
        try
        {
            foreach (var (path, content) in files)
            {
                current = path;
                if (Directory.Exists(path))
                {
                    // Found now, before any rename: the files replace their predecessors together.
                    throw new IOException("a folder of that name is in the way");
                }

                var target = TargetOf(path);
                var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
                staged.Add((temporary, target));
                using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                content(stream);
            }

            foreach (var (temporary, path) in staged)
            {
                current = path;
                File.Move(temporary, path, overwrite: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WeightsException($"{current}: cannot be written: {error.Message}", error);
        }
        finally
        {
            foreach (var (temporary, _) in staged)
            {
                RemoveIfPresent(temporary);
            }
        }
    }

    private static void RemoveIfPresent(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to report.
        }
    }
}
