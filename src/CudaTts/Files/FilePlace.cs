using System.Runtime.InteropServices;

namespace CudaTts.Files;

/// <summary>
/// Where a path leads when every link in it is followed, as the system follows them: <c>..</c> is the folder above what a link leads to.
/// </summary>
/// <param name="Path">The path without links.</param>
/// <param name="IsOpenFile">Whether it names an open file of a process, as /dev/stdout does: there is no name that could be renamed.</param>
internal readonly partial record struct FilePlace(string Path, bool IsOpenFile)
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    private const int CurrentFolder = -100;
    private const uint TypeOnly = 1;
    private const int ResultBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeBits = 0xF000;
    private const int FolderType = 0x4000;
    private const int RegularType = 0x8000;

    /// <summary>What is there.</summary>
    public FileKind Kind => KindOf(Path);

    /// <summary>What a path leads to, links followed. Nothing is opened: a pipe without a writer would wait for one.</summary>
    public static FileKind KindOf(string path) => OperatingSystem.IsLinux() ? KindOnLinux(path)
        : Directory.Exists(path) ? FileKind.Folder
        : !File.Exists(path) ? FileKind.Missing
        : !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal) ? FileKind.Other
        : FileKind.Regular;

    /// <summary>Follows the links of a path.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static FilePlace Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var file = new FileInfo(path);
            return new FilePlace(file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName, false);
        }

        // Path.GetFullPath would take the name before a '..' away without looking whether it is a link.
        var pending = new Stack<string>();
        Push(pending, path);
        if (path[0] != '/')
        {
            Push(pending, Environment.CurrentDirectory);
        }

        return Follow(pending);
    }

    private static FilePlace Follow(Stack<string> pending)
    {
        var (current, links) = ("/", 0);
        while (pending.TryPop(out var name))
        {
            var next = name switch
            {
                "." => current,
                ".." => System.IO.Path.GetDirectoryName(current) ?? current,
                _ => System.IO.Path.Combine(current, name),
            };
            if (name is "." or ".." || new FileInfo(next).LinkTarget is not { Length: > 0 } target)
            {
                current = next;
                continue;
            }

            if (current.StartsWith("/proc/", StringComparison.Ordinal) && current.EndsWith("/fd", StringComparison.Ordinal))
            {
                return new FilePlace(next, IsOpenFile: true);
            }

            if (++links > MostLinks)
            {
                throw new IOException("its links lead in a circle");
            }

            current = target[0] == '/' ? "/" : current;
            Push(pending, target);
        }

        return new FilePlace(current, IsOpenFile: false);
    }

    private static void Push(Stack<string> pending, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            pending.Push(name);
        }
    }

    // .NET does not say what a file is; statx has the same layout on every architecture.
    private static unsafe FileKind KindOnLinux(string path)
    {
        var result = stackalloc byte[ResultBytes];
        if (AskFile(CurrentFolder, path, 0, TypeOnly, result) != 0)
        {
            return FileKind.Missing;
        }

        return (*(ushort*)(result + ModeOffset) & TypeBits) switch
        {
            FolderType => FileKind.Folder,
            RegularType => FileKind.Regular,
            _ => FileKind.Other,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int AskFile(int folder, string path, int flags, uint mask, byte* result);
}
