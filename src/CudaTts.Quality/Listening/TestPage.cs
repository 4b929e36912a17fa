using System.Net;
using System.Text;
using System.Text.Json;

namespace CudaTts.Quality.Listening;

/// <summary>The page of a test: one file with its style, its scripts and the test inside, so that it works from a disk and asks nobody for anything.</summary>
internal static class TestPage
{
    // In the order in which they need each other.
    private static readonly string[] s_scripts =
    [
        "uniform.js", "plan.js", "store.js", "export.js", "clip-player.js", "mixer-player.js", "sound-check.js", "rating-trial.js", "mushra-trial.js", "flow.js",
    ];

    /// <summary>The text of the page.</summary>
    public static string Of(PageTest test) => Resource("page.html")
        .Replace("{{title}}", WebUtility.HtmlEncode(test.Title), StringComparison.Ordinal)
        .Replace("{{style}}", Resource("page.css"), StringComparison.Ordinal)
        .Replace("{{test}}", JsonSerializer.Serialize(test, ListeningJson.Instance.PageTest), StringComparison.Ordinal)
        .Replace("{{script}}", string.Join('\n', s_scripts.Select(Resource)), StringComparison.Ordinal);

    private static string Resource(string name)
    {
        using var stream = typeof(TestPage).Assembly.GetManifestResourceStream($"listening/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
