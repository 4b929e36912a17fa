using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>The report of an evaluation as one HTML file.</summary>
internal static class EvaluationPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="stream">Receives UTF-8; stays open.</param>
    /// <param name="report">What was found.</param>
    /// <param name="shown">The clips to show with sound and pictures: usually the ten worst. They appear in the report's order.</param>
    public static void Write(Stream stream, EvaluationReport report, IReadOnlyList<ShownClip> shown)
    {
        var measures = new ReportMeasures(report);
        var clips = InOrder(report, shown);
        HtmlPage.Write(stream, $"{report.Title} \u2013 evaluation", html =>
        {
            HtmlPage.WriteHeading(html, KindOf(report), report.Title, report.Setting.Prepend(new("created", HtmlPage.Moment(report.Created))));
            HtmlPage.WriteContents(html, Sections(report, clips));
            using (html.Open("main"))
            {
                FailedClips.Write(html, report);
                HeadlineTiles.Write(html, report, measures);
                SummaryTable.Write(html, report, measures);
                HtmlPage.WriteList(html, report.Notes);
                ComparisonTable.Write(html, report, measures);
                WriteClips(html, report, clips, measures);
                ClipTable.Write(html, report, measures, IdsOf(clips));
            }
        });
    }

    private static string KindOf(EvaluationReport report) => report.Kind switch
    {
        "pairs" => "Evaluation of recordings against their references",
        "vocoder" => "Evaluation of a vocoder",
        "voice" => "Evaluation of a voice",
        var other => $"Evaluation: {other}",
    };

    // What the sound is called that stands beside a reference, or alone.
    private static string SoundOf(EvaluationReport report) => report.Kind switch
    {
        "pairs" => "Degraded",
        "vocoder" => "Vocoded",
        _ => "Speech",
    };

    private static IEnumerable<(string Id, string Label)> Sections(EvaluationReport report, List<ShownClip> shown)
    {
        yield return ("summary", "Summary");
        if (report.Comparison is not null)
        {
            yield return ("comparison", "Comparison");
        }

        if (shown.Count > 0)
        {
            yield return ("clips", shown.Count < report.Clips.Count ? "Worst clips" : "Clips");
        }

        yield return ("all", "All clips");
    }

    private static void WriteClips(HtmlWriter html, EvaluationReport report, List<ShownClip> shown, ReportMeasures measures)
    {
        if (shown.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("id", "clips"), ("aria-labelledby", "clips-heading"));
        var isPart = shown.Count < report.Clips.Count;
        html.Element("h2", isPart ? $"The {shown.Count} worst of {report.Clips.Count} clips" : "Clips, the worst first", ("id", "clips-heading"));
        foreach (var (i, clip) in shown.Index())
        {
            ClipArticle.Write(html, clip, i + 1, measures, SoundOf(report));
        }
    }

    private static List<ShownClip> InOrder(EvaluationReport report, IReadOnlyList<ShownClip> shown)
    {
        var places = new Dictionary<string, int>();
        foreach (var (place, clip) in report.Clips.Index())
        {
            places.TryAdd(clip.Name, place);
        }

        return [.. shown.OrderBy(clip => places.GetValueOrDefault(clip.Clip.Name, int.MaxValue))];
    }

    private static Dictionary<string, string> IdsOf(List<ShownClip> shown) => shown.Index()
        .DistinctBy(clip => clip.Item.Clip.Name).ToDictionary(clip => clip.Item.Clip.Name, clip => ClipArticle.IdOf(clip.Index + 1));
}
