using System.Globalization;

namespace CudaTts.Tests;

/// <summary>
/// Stored outputs of independent implementations: where their files are, and how what the engine makes is held to them. Each comparison leaves a line
/// with <see cref="Mark"/> in its test's output; the closing lines of the test run say how many there were.
/// </summary>
internal static class Golden
{
    /// <summary>What a line of a test's output has, once, for every stored output that was compared.</summary>
    public const string Mark = "(golden compared)";

    /// <summary>
    /// The path of a golden file, in tests/golden or else in the shared folder; ends the test as skipped, with the reason, when it is in neither.
    /// </summary>
    /// <param name="relative">The file below that folder, such as <c>speech/LJ001-0012.wav</c>.</param>
    public static string Path(string relative)
    {
        if (All(relative).FirstOrDefault() is { } path)
        {
            return path;
        }

        Assert.Ignore(
            $"golden file '{relative}' is not in the repository; tests/golden/README.md says what it is: set CUDATTS_GOLDEN to a folder that has it");
        return relative;
    }

    /// <summary>The paths of a golden file in tests/golden and in the shared folder, as far as it is there.</summary>
    public static IEnumerable<string> All(string relative)
    {
        string?[] folders = [FindUpwards("tests"), Environment.GetEnvironmentVariable("CUDATTS_GOLDEN") ?? FindUpwards("shared")];
        return folders.OfType<string>().Select(folder => System.IO.Path.Combine(folder, relative)).Where(File.Exists);
    }

    /// <summary>Holds what was made to a stored output: fails when <paramref name="error"/>, their NMSE, is above the limit.</summary>
    public static void Matches(string output, double error, double limit)
    {
        Count(string.Create(CultureInfo.InvariantCulture, $"{output}: NMSE {error:e2}, limit {limit:e2}"));
        Assert.That(error, Is.LessThanOrEqualTo(limit), output);
    }

    /// <summary>Holds a number to a stored one: fails when they are further apart than the tolerance, or one is no number.</summary>
    public static void IsNear(string output, double actual, double expected, double tolerance)
    {
        Count(string.Create(CultureInfo.InvariantCulture, $"{output}: {actual:g9}, stored {expected:g9}, off by {actual - expected:e1}"));
        Assert.That(actual, Is.EqualTo(expected).Within(tolerance), output);
    }

    /// <summary>Holds what was made to a stored output: fails when one element differs.</summary>
    public static void AreEqual<T>(string output, IEnumerable<T> actual, IEnumerable<T> expected)
    {
        Count(output);
        Assert.That(actual, Is.EqualTo(expected), output);
    }

    private static void Count(string line) => TestContext.Out.WriteLine($"{line.ReplaceLineEndings(" ")} {Mark}");

    private static string? FindUpwards(string parent)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, parent, "golden");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
