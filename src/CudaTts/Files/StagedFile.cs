namespace CudaTts.Files;

/// <summary>
/// A file that is being written beside the one that it will replace. Every one that is under way is known here, so that a process that must end can
/// remove them all.
/// </summary>
internal sealed class StagedFile
{
    // Longer than a file system that answers takes, shorter than a person waits for the end of a program.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private static readonly Lock s_changing = new();
    private static readonly HashSet<string> s_pending = [];
    private static readonly HashSet<StagedFolder> s_folders = [];
    private static bool s_isAbandoned;

    private readonly string _name;

    private StagedFile(string name, string temporary, string target)
    {
        _name = name;
        Temporary = temporary;
        Target = target;
    }

    /// <summary>Where it is written.</summary>
    public string Temporary { get; }

    /// <summary>What it will be called.</summary>
    public string Target { get; }

    /// <summary>Makes the temporary file, empty, with the rights of the file that it will replace.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="target">The path of a regular file or of none, without links.</param>
    /// <param name="extension">What the temporary name ends in.</param>
    /// <exception cref="IOException">The folder or the file cannot be written.</exception>
    public static StagedFile Begin(string name, string target, string extension)
    {
        var mode = ModeOf(target);

        // A name of its own length: the longest that a file system takes would leave no room for more.
        var ownName = $".cudatts-{Path.GetRandomFileName()[..8]}{extension}";
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, ownName);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is { } rights && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = rights & (UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        lock (s_changing)
        {
            if (s_isAbandoned)
            {
                throw new IOException("the program is ending");
            }

            using var file = new FileStream(temporary, options);
            s_pending.Add(temporary);
            SetMode(file, mode);
        }

        return new StagedFile(name, temporary, target);
    }

    /// <summary>Makes a folder that is removed with what is under way, while it is empty.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Begin(StagedFolder folder, Action make)
    {
        lock (s_changing)
        {
            if (s_isAbandoned)
            {
                throw new IOException("the program is ending");
            }

            s_folders.Add(folder);
            make();
        }
    }

    /// <summary>Ends what <see cref="Begin(StagedFolder, Action)"/> began.</summary>
    public static void End(StagedFolder folder)
    {
        lock (s_changing)
        {
            folder.RemoveEmpty();
            s_folders.Remove(folder);
        }
    }

    /// <summary>
    /// Gives complete files their names, all of them or none: when one cannot be renamed those before it are what they were.
    /// </summary>
    /// <exception cref="FileException">Names the one that cannot.</exception>
    public static void Commit(IReadOnlyList<StagedFile> files)
    {
        lock (s_changing)
        {
            if (files.Count == 1)
            {
                FileFault.Guard(files[0]._name, () => File.Move(files[0].Temporary, files[0].Target, overwrite: true));
                return;
            }

            var done = new List<(string Target, string? Backup)>();
            try
            {
                foreach (var file in files)
                {
                    FileFault.Guard(file._name, () => done.Add((file.Target, file.Replace())));
                }
            }
            catch
            {
                done.ForEach(renamed => Undo(renamed.Target, renamed.Backup));
                throw;
            }

            done.ForEach(renamed => RemoveIfPresent(renamed.Backup));
        }
    }

    /// <summary>Removes what was not renamed.</summary>
    public void Discard()
    {
        lock (s_changing)
        {
            RemoveIfPresent(Temporary);
            s_pending.Remove(Temporary);
        }
    }

    /// <summary>
    /// Removes all that are under way, and lets no other begin. A file system that does not answer is not waited for: what lies there stays.
    /// </summary>
    public static void AbandonAll()
    {
        var removal = new Thread(RemoveAll) { IsBackground = true };
        removal.Start();
        removal.Join(s_patience);
    }

    private static void RemoveAll()
    {
        lock (s_changing)
        {
            s_isAbandoned = true;
            foreach (var temporary in s_pending)
            {
                RemoveIfPresent(temporary);
            }

            foreach (var folder in s_folders)
            {
                folder.RemoveEmpty();
            }
        }
    }

    private string? Replace()
    {
        if (!File.Exists(Target))
        {
            File.Move(Temporary, Target);
            return null;
        }

        var backup = $"{Temporary}.old";
        File.Replace(Temporary, Target, backup);
        return backup;
    }

    private static void Undo(string target, string? backup)
    {
        if (backup is null)
        {
            RemoveIfPresent(target);
        }
        else
        {
            File.Move(backup, target, overwrite: true);
        }
    }

    // Opened for writing as a shell would: a file that is protected is not to be replaced either.
    private static UnixFileMode? ModeOf(string target)
    {
        if (!File.Exists(target))
        {
            return null;
        }

        using var file = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        return OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(file.SafeFileHandle);
    }

    // A file of another owner, and a file system without modes (FAT), cannot be given one; the file is written all the same.
    private static void SetMode(FileStream file, UnixFileMode? mode)
    {
        try
        {
            if (mode is { } known && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, known);
            }
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            // It keeps the mode that it was made with, which lets no more people in.
        }
    }

    private static void RemoveIfPresent(string? path)
    {
        try
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            // What led here is the failure to report.
        }
    }
}
