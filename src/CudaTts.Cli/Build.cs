using System.Reflection;

namespace CudaTts.Cli;

/// <summary>Which build of the program this is.</summary>
internal static class Build
{
    private const int CommitDigits = 8;

    /// <summary>The version, and the beginning of the commit where it is known: 0.1.0+1a2b3c4d.</summary>
    public static string Version { get; } = Shorten(
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    private static string Shorten(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is var plus and >= 0 && version.Length > plus + 1 + CommitDigits
            ? version[..(plus + 1 + CommitDigits)]
            : version;
}
