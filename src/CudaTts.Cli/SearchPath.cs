namespace CudaTts.Cli;

/// <summary>Finds other programs.</summary>
internal static class SearchPath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folders of the PATH; those that depend on the current folder are left out: a program from there is nobody's choice.</summary>
    public static string[] Folders() =>
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified)];

    /// <summary>The first of a program's files in some folders; null where there is none.</summary>
    public static string? Find(string name, IEnumerable<string> folders)
    {
        var file = OperatingSystem.IsWindows() ? $"{name}.exe" : name;
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);
}
