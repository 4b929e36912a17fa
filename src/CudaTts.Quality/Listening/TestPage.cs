using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CudaTts.Quality.Listening;

/// <summary>
/// The page of a test: one file with its style, its scripts and the test inside, so that it works from a disk and asks nobody for anything.
/// </summary>
internal static partial class TestPage
{
    // In the order in which they need each other.
    private static readonly string[] s_scripts =
    [
        "uniform.js", "plan.js", "store.js", "export.js", "clip-player.js", "mixer-player.js", "sound-check.js", "rating-trial.js", "mushra-trial.js",
        "flow.js",
    ];

    /// <summary>The text of the page.</summary>
    public static string Of(PageTest test) => Place().Replace(Resource("page.html"), place => place.Groups[1].Value switch
    {
        "title" => WebUtility.HtmlEncode(test.Title),
        "style" => Resource("page.css"),
        "test" => JsonSerializer.Serialize(test, ListeningJson.Instance.PageTest),
        _ => string.Join('\n', s_scripts.Select(Resource)),
    });

    private static string Resource(string name)
    {
        using var stream = typeof(TestPage).Assembly.GetManifestResourceStream($"listening/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Place();
}
