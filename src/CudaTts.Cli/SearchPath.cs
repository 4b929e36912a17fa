namespace CudaTts.Cli;

/// <summary>Finds other programs.</summary>
internal static class SearchPath
{
    /// <summary>The folders of the PATH.</summary>
    public static string[] Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first of a program's files in some folders; null where there is none.</summary>
    public static string? Find(string name, IEnumerable<string> folders)
    {
        var file = OperatingSystem.IsWindows() ? $"{name}.exe" : name;
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
