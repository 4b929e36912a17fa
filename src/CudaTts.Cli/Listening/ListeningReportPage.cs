using System.Globalization;
using System.Net;
using System.Text;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Cli.Listening;

/// <summary>The report of a listening test as one page that needs nothing else: tables, and the scores drawn.</summary>
internal static class ListeningReportPage
{
    // A longer cell is words, which are not set flush right.
    private const int LongestFigure = 30;
    private const string Reasons = "Who and why";

    private const string Style = """
        :root { color-scheme: light dark; --ink: #16222d; --soft: #51606d; --line: #cdd6de; --paper: #fff; --accent: #0a5a9c; --band: #b9d6ee; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e9eef2; --soft: #a9b7c3; --line: #37434e; --paper: #131a20; --accent: #86c0f4; --band: #2b4a63; }
        }
        body { margin: 2.5rem auto; max-width: 60rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, "Liberation Sans", sans-serif; }
        h1 { font-size: 1.7rem; margin: 0 0 0.25rem; } h2 { font-size: 1.15rem; margin: 2.25rem 0 0.5rem; }
        p { max-width: 46rem; margin: 0.4rem 0; } .soft { color: var(--soft); } .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 60%; }
        th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child, th.text, .text { text-align: left; white-space: normal; }
        .yes { font-weight: 600; } svg { width: 100%; height: auto; max-width: 52rem; display: block; margin: 0.75rem 0; }
        svg text { fill: var(--ink); font-size: 13px; } svg .tick { fill: var(--soft); font-size: 12px; }
        svg .grid { stroke: var(--line); } svg .box { fill: var(--band); } svg .line { stroke: var(--accent); stroke-width: 2; } svg .dot { fill: var(--accent); }
        """;

    /// <summary>The text of the page.</summary>
    public static string Of(ListeningReport report)
    {
        var name = ListeningTable.MeanName(report.Method);
        var kept = report.Listeners.Count(listener => listener.Dropped is null);
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append(Invariant($"<title>Listening test {Text(report.TestId)}</title><style>\n{Style}\n</style></head><body>\n"));
        page.Append(Invariant($"<h1>Listening test {Text(report.TestId)}</h1>\n<p class=\"soft\">{KeyFile.WordOf(report.Method).ToUpperInvariant()}, "));
        page.Append(Invariant($"{report.Listeners.Count} listeners, {kept} after screening; {report.Files} files, {report.Duplicates} duplicate scores.</p>\n"));
        AppendSummaries(page, "Scores", report.AfterScreening, report.Method);
        page.Append(Invariant($"<p class=\"soft\">Dot and line: {name} and its 95 % interval over listeners ({report.Replicates} replicates, seed {report.Seed}). "));
        page.Append("Bar: from the lower to the upper quartile. The interval by t takes votes for independent, which they are not, and is too narrow. ");
        page.Append("Figures of one test compare with each other only: the range of quality offered moves all scores.</p>\n");
        AppendComparisons(page, report);
        AppendScreening(page, report);
        AppendSummaries(page, "Scores before screening", report.BeforeScreening, report.Method);
        AppendListeners(page, report);
        return page.Append("</body></html>\n").ToString();
    }

    private static void AppendSummaries(StringBuilder page, string title, IReadOnlyList<ConditionSummary> summaries, ListeningMethod method)
    {
        page.Append(Invariant($"<h2>{title}</h2>\n"));
        if (summaries.Count == 0)
        {
            page.Append("<p>There are no scores.</p>\n");
            return;
        }

        page.Append(ScoreDrawing.Of(summaries, RatingScale.Of(method)));
        AppendTable(
            page, ["", "Votes", "Listeners", ListeningTable.MeanName(method), "95 % over listeners", "95 % by t", "SD", "Median", "Quartiles"],
            summaries.Select(summary => new[]
            {
                summary.Condition, Invariant($"{summary.Votes}"), Invariant($"{summary.Listeners}"), ListeningTable.Cell(summary.Mean),
                ListeningTable.Cell(summary.Bootstrap), ListeningTable.Cell(summary.Student), ListeningTable.Cell(summary.StandardDeviation),
                ListeningTable.Cell(summary.Median), $"{ListeningTable.Cell(summary.LowerQuartile)} to {ListeningTable.Cell(summary.UpperQuartile)}",
            }));
    }

    private static void AppendComparisons(StringBuilder page, ListeningReport report)
    {
        if (report.Comparisons.Count == 0)
        {
            return;
        }

        page.Append("<h2>Differences</h2>\n");
        AppendTable(
            page, ["", "Mean", "95 % over listeners", "Test", "p", "p (Holm)", ""],
            report.Comparisons.Select(comparison => new[]
            {
                ListeningTable.Title(comparison), ListeningTable.Cell(comparison.Difference.Mean), ListeningTable.Cell(comparison.Difference), comparison.Test,
                ListeningTable.Probability(comparison.PValue), ListeningTable.Probability(comparison.AdjustedPValue),
                comparison.IsSignificant ? "significant" : "",
            }));
    }

    private static void AppendScreening(StringBuilder page, ListeningReport report)
    {
        page.Append("<h2>Screening</h2>\n");
        AppendTable(
            page, ["Step", "Left out", Reasons],
            report.Screening.Select(step => new[]
            {
                step.Name, Invariant($"{step.Dropped.Count}"),
                string.Join("; ", step.Dropped.Select(dropped => $"listener {dropped.Listener}: {dropped.Reason}")),
            }));
        var rules = report.Rules;
        page.Append(Invariant($"<p class=\"soft\">Rules: gold within {rules.GoldTolerance}, standard deviation at least {rules.LeastDeviation}, "));
        page.Append(Invariant($"at most {100 * rules.MostFast} % of the answers before the clip could have ended, correlation at least {rules.LeastAgreement}, "));
        page.Append(Invariant($"each from {rules.LeastScores} scores on; MUSHRA: hidden reference at least {rules.LeastForReference}, anchor at most "));
        page.Append(Invariant($"{rules.MostForAnchor}, on all but {100 * rules.MostMisjudged} % of the pages.</p>\n"));
    }

    private static void AppendListeners(StringBuilder page, ListeningReport report)
    {
        page.Append("<h2>Listeners</h2>\n");
        AppendTable(
            page, ["Listener", "Votes", "Mean", "SD", "Agreement", ""],
            report.Listeners.Select(listener => new[]
            {
                Invariant($"{listener.Listener}"), Invariant($"{listener.Votes}"), ListeningTable.Cell(listener.Mean),
                ListeningTable.Cell(listener.StandardDeviation), ListeningTable.Cell(listener.Agreement), listener.Dropped is null ? "" : "left out",
            }));
        page.Append(Invariant($"<p class=\"soft\">Agreement is the correlation with the mean of the others; its mean is "));
        page.Append(Invariant($"{ListeningTable.Cell(report.AgreementBeforeScreening)} before screening and {ListeningTable.Cell(report.AgreementAfterScreening)} "));
        page.Append("after.</p>\n");
        if (report.Comments.Count > 0)
        {
            page.Append("<h2>Comments</h2>\n");
            AppendTable(page, ["Listener", ""], report.Comments.Select(comment => new[] { Invariant($"{comment.Listener}"), comment.Text }));
        }
    }

    private static void AppendTable(StringBuilder page, string[] header, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"scroll\"><table><thead><tr>").AppendJoin("", header.Select(cell => $"<th{(cell == Reasons ? " class=\"text\"" : "")}>{Text(cell)}</th>"));
        page.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td{(cell.Length > LongestFigure ? " class=\"text\"" : "")}>{Text(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
