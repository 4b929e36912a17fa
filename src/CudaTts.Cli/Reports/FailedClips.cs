using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>The clips of which there is nothing to measure: they come first, since every mean is without them.</summary>
internal static class FailedClips
{
    /// <summary>Writes the list; nothing where all clips were measured.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report)
    {
        var failed = report.Clips.Where(clip => clip.Error is not null).ToList();
        if (failed.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("class", "failed"), ("aria-labelledby", "failed-heading"));
        html.Element("h2", $"{failed.Count} of {report.Clips.Count} clips could not be measured", ("id", "failed-heading"));
        using var list = html.Open("ul");
        foreach (var clip in failed)
        {
            using var item = html.Open("li");
            html.Element("b", clip.Name);
            html.Text(": " + clip.Error);
        }
    }
}
