namespace CudaTts.Files;

/// <summary>
/// Writes files so that a reader sees either the old ones or the complete new ones. What is no regular file (a device, a pipe) is written into, and
/// links are followed: the file that they lead to is replaced.
/// </summary>
public static class AtomicFiles
{
    /// <summary>
    /// Writes every file under a temporary name in its own folder, and renames them only when all are complete and on the disk. On failure the
    /// temporary files are removed.
    /// </summary>
    /// <exception cref="FileException">
    /// The disk is full, the folder read-only, and so on. What a writer of contents throws itself is passed on.
    /// </exception>
    public static void Write(params ReadOnlySpan<(string Path, Action<Stream> Content)> files)
    {
        var staged = new List<StagedFile>();
        try
        {
            foreach (var (path, content) in files)
            {
                if (Stage(path, ".tmp") is not { } file)
                {
                    WriteInto(path, content);
                    continue;
                }

                staged.Add(file);
                using var stream = Open(file.Temporary, path, FileAccess.ReadWrite, FileShare.Read);
                content(stream);
                stream.FlushToDisk();
            }

            StagedFile.Commit(staged);
        }
        finally
        {
            staged.ForEach(file => file.Discard());
        }
    }

    /// <summary>The same for files of a folder, which is made where it is not there; a folder that was made and stays empty is removed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Names and contents.</param>
    /// <exception cref="FileException">As for <see cref="Write"/>.</exception>
    public static void WriteFolder(string folder, params ReadOnlySpan<(string Name, Action<Stream> Content)> files)
    {
        FileFault.RequireName(folder);
        var paths = new (string, Action<Stream>)[files.Length];
        for (var i = 0; i < files.Length; i++)
        {
            paths[i] = (Path.Combine(folder, files[i].Name), files[i].Content);
        }

        var made = new StagedFolder();
        try
        {
            FileFault.Guard(folder, () => made.Make(folder));
            Write(paths);
        }
        finally
        {
            made.Discard();
        }
    }

    /// <summary>The same for a writer that wants a name, such as another program.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Fills the file whose name it gets, which has the extension of <paramref name="path"/>.</param>
    /// <exception cref="FileException">As for <see cref="Write"/>.</exception>
    public static void WriteNamed(string path, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        StagedFile? staged = null;
        try
        {
            staged = Stage(path, Path.GetExtension(path));
            write(staged?.Temporary ?? Path.GetFullPath(path));
            if (staged is not null)
            {
                using (var stream = Open(staged.Temporary, path, FileAccess.Write, FileShare.Read))
                {
                    stream.FlushToDisk();
                }

                StagedFile.Commit([staged]);
            }
        }
        finally
        {
            staged?.Discard();
        }
    }

    /// <summary>The file that would be replaced: the path with all of its links followed, whether it exists or not.</summary>
    /// <exception cref="FileException">The path is none, or its links lead in a circle.</exception>
    public static string TargetOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileFault.RequireName(path);
        try
        {
            return FilePlace.Of(path).Path;
        }
        catch (IOException error)
        {
            throw new FileException($"{path}: cannot be found: {FileFault.ReasonOf(error)}.", error);
        }
    }

    /// <summary>Whether a path is of a device, a pipe or an open file of a process: that is written into, and may be written twice.</summary>
    /// <exception cref="FileException">As for <see cref="TargetOf"/>.</exception>
    public static bool IsWrittenInto(string path)
    {
        var target = TargetOf(path);
        return FilePlace.KindOf(target) == FileKind.Other || FilePlace.Of(path).IsOpenFile;
    }

    /// <summary>
    /// Removes the temporary files of all writers in this process, which can begin no other: for a process that must end while they are at work.
    /// </summary>
    public static void Abandon() => StagedFile.AbandonAll();

    private static StagedFile? Stage(string path, string extension)
    {
        FileFault.RequireName(path);
        try
        {
            var place = FilePlace.Of(path);
            return place.Kind switch
            {
                // Found now, before any rename: several files replace their predecessors together.
                FileKind.Folder => throw new IOException("a folder of that name is in the way"),
                FileKind.Other => null,
                _ => place.IsOpenFile ? null : StagedFile.Begin(path, place.Path, extension),
            };
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw FileFault.NotWritten(path, error);
        }
    }

    private static NamedStream Open(string path, string name, FileAccess access, FileShare share)
    {
        try
        {
            return new NamedStream(new FileStream(path, FileMode.Open, access, share), name);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw FileFault.NotWritten(name, error);
        }
    }

    private static void WriteInto(string path, Action<Stream> content)
    {
        using var stream = Open(path, path, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (FilePlace.KindOf(path) == FileKind.Regular)
        {
            stream.SetLength(0);
        }

        content(stream);
        stream.Flush();
    }
}
