using System.Globalization;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Cli.Listening;

/// <summary>The report of a listening test as one HTML file.</summary>
internal static class ListeningReportPage
{
    private const int Decimals = 2;

    private static readonly (string Id, string Label)[] s_sections =
        [("scores", "Scores"), ("differences", "Differences"), ("screening", "Screening"), ("listeners", "Listeners")];

    /// <summary>Writes the page.</summary>
    /// <param name="stream">Receives UTF-8; stays open.</param>
    /// <param name="report">What the test has shown.</param>
    public static void Write(Stream stream, ListeningReport report) =>
        HtmlPage.Write(stream, $"{report.TestId} \u2013 listening test", html =>
        {
            HtmlPage.WriteHeading(html, "Listening test", report.TestId, Setting(report));
            HtmlPage.WriteContents(html, s_sections);
            using (html.Open("main"))
            {
                WriteScores(html, report);
                WriteDifferences(html, report);
                WriteScreening(html, report);
                WriteListeners(html, report);
            }
        });

    private static IEnumerable<KeyValuePair<string, string>> Setting(ListeningReport report) =>
    [
        new("created", HtmlPage.Moment(report.Created)),
        new("method", KeyFile.WordOf(report.Method).ToUpperInvariant()),
        new("listeners", $"{report.Listeners.Count}, {report.Listeners.Count(listener => listener.Dropped is null)} after screening"),
        new("files", $"{report.Files}, {report.Duplicates} duplicate scores"),
        new("intervals", string.Create(CultureInfo.InvariantCulture, $"{report.Replicates} replicates, seed {report.Seed}")),
    ];

    private static void WriteScores(HtmlWriter html, ListeningReport report)
    {
        using var section = html.Open("section", ("id", "scores"), ("aria-labelledby", "scores-heading"));
        html.Element("h2", "Scores", ("id", "scores-heading"));
        WriteSummaries(html, report.AfterScreening, report.Method, "after screening");
        html.Element("h3", "Before screening");
        WriteSummaries(html, report.BeforeScreening, report.Method, "before screening");
        HtmlPage.WriteList(html,
        [
            "The interval over listeners is the one to quote: it draws listeners again, whose votes are not independent. "
                + "The interval by t takes them for independent, and is too narrow.",
            "Figures of one test compare with each other only: the range of quality offered moves all scores.",
        ]);
    }

    private static void WriteSummaries(HtmlWriter html, IReadOnlyList<ConditionSummary> summaries, ListeningMethod method, string when)
    {
        if (summaries.Count == 0)
        {
            html.Element("p", $"There are no scores {when}.");
            return;
        }

        var scale = RatingScale.Of(method);
        using var table = HtmlTable.Open(
            html, $"Scores {when}; thin line: from quartile to quartile, bar: 95 % interval of the mean over listeners, on the whole scale");
        HtmlTable.WriteColumns(
            html, ("", false), (ListeningTable.MeanName(method), true), ("95 % over listeners", true), ("95 % by t", true), ("SD", true),
            ("Median", true), ("Quartiles", true), ("Votes", true), ("Listeners", true));
        using var body = html.Open("tbody");
        foreach (var summary in summaries)
        {
            WriteSummary(html, summary, new IntervalBar(scale.Least, scale.Most));
        }
    }

    private static void WriteSummary(HtmlWriter html, ConditionSummary summary, IntervalBar bar)
    {
        using var row = html.Open("tr");
        html.Element("th", summary.Condition, ("scope", "row"));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Mean, Decimals));
        var (low, high) = (summary.Bootstrap.Low, summary.Bootstrap.High);
        using (html.Open("td", ("class", "number")))
        {
            html.Text(NumberText.Interval(low, high, Decimals));
            bar.Write(
                html, summary.Mean, (low, high), (summary.LowerQuartile, summary.UpperQuartile),
                $"drawn on the scale from {NumberText.Of(bar.From, 0)} to {NumberText.Of(bar.To, 0)}");
        }

        HtmlTable.WriteNumber(html, NumberText.Interval(summary.Student?.Low, summary.Student?.High, Decimals));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.StandardDeviation, Decimals));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Median, Decimals));
        HtmlTable.WriteNumber(html, NumberText.Interval(summary.LowerQuartile, summary.UpperQuartile, Decimals));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Votes, 0));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Listeners, 0));
    }

    private static void WriteDifferences(HtmlWriter html, ListeningReport report)
    {
        using var section = html.Open("section", ("id", "differences"), ("aria-labelledby", "differences-heading"));
        html.Element("h2", "Differences", ("id", "differences-heading"));
        if (report.Comparisons.Count == 0)
        {
            html.Element("p", "There is nothing to compare.");
            return;
        }

        using var table = HtmlTable.Open(html, "Differences after screening; p corrected after Holm for all of them");
        HtmlTable.WriteColumns(
            html, ("", false), ("Mean", true), ("95 % over listeners", true), ("Test", false), ("p", true), ("p (Holm)", true), ("", false));
        var bar = IntervalBar.OfDifference(report.Comparisons.SelectMany(
            comparison => new double?[] { comparison.Difference.Low, comparison.Difference.High }));
        using var body = html.Open("tbody");
        foreach (var comparison in report.Comparisons)
        {
            WriteDifference(html, comparison, bar);
        }
    }

    private static void WriteDifference(HtmlWriter html, SystemComparison comparison, IntervalBar bar)
    {
        using var row = html.Open("tr");
        var (mean, low, high) = (comparison.Difference.Mean, comparison.Difference.Low, comparison.Difference.High);
        html.Element("th", ListeningTable.Title(comparison), ("scope", "row"));
        HtmlTable.WriteNumber(html, NumberText.Signed(mean, Decimals));
        using (html.Open("td", ("class", "number")))
        {
            html.Text(NumberText.Interval(low, high, Decimals));
            bar.Write(html, mean, (low, high), (low, high), "drawn with zero in the middle", comparison.IsSignificant ? "" : "same");
        }

        html.Element("td", comparison.Test);
        HtmlTable.WriteNumber(html, ListeningTable.Probability(comparison.PValue));
        HtmlTable.WriteNumber(html, ListeningTable.Probability(comparison.AdjustedPValue));
        html.Element("td", comparison.IsSignificant ? "significant" : "");
    }

    private static void WriteScreening(HtmlWriter html, ListeningReport report)
    {
        using var section = html.Open("section", ("id", "screening"), ("aria-labelledby", "screening-heading"));
        html.Element("h2", "Screening", ("id", "screening-heading"));
        using (HtmlTable.Open(html, "Steps in order; who falls in one is not looked at in the next"))
        {
            HtmlTable.WriteColumns(html, ("", false), ("Left out", true), ("Who and why", false));
            using var body = html.Open("tbody");
            foreach (var step in report.Screening)
            {
                using var row = html.Open("tr");
                html.Element("th", step.Name, ("scope", "row"));
                HtmlTable.WriteNumber(html, NumberText.Of(step.Dropped.Count, 0));
                html.Element("td", string.Join("; ", step.Dropped.Select(dropped => $"listener {dropped.Listener}: {dropped.Reason}")));
            }
        }

        HtmlPage.WriteList(html, [$"Rules, set beforehand: {RulesOf(report.Rules, report.Method)}."]);
    }

    private static string RulesOf(ScreeningRules rules, ListeningMethod method) => string.Create(
        CultureInfo.InvariantCulture,
        $"gold clips within {rules.GoldTolerance}; a standard deviation of at least {rules.LeastDeviation} from {rules.LeastScores} scores on; ")
        + (method == ListeningMethod.Mushra
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the hidden reference at least {rules.LeastForReference} and the anchor at most {rules.MostForAnchor}, on all but ")
                + string.Create(CultureInfo.InvariantCulture, $"{100 * rules.MostMisjudged} % of the pages")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"at most {100 * rules.MostFast} % of the answers before the clip could have ended; ")
                + string.Create(CultureInfo.InvariantCulture, $"a correlation of at least {rules.LeastAgreement}"));

    private static void WriteListeners(HtmlWriter html, ListeningReport report)
    {
        using var section = html.Open("section", ("id", "listeners"), ("aria-labelledby", "listeners-heading"));
        html.Element("h2", "Listeners", ("id", "listeners-heading"));
        html.Element(
            "p", "Mean agreement, the correlation of a listener with the mean of the others: "
                + $"{NumberText.Of(report.AgreementBeforeScreening, Decimals)} before screening, "
                + $"{NumberText.Of(report.AgreementAfterScreening, Decimals)} after.");
        using var table = HtmlTable.Open(html, "All listeners");
        HtmlTable.WriteColumns(
            html, ("Listener", false), ("Votes", true), ("Mean", true), ("SD", true), ("Agreement", true), ("", false), ("Comment", false));
        using var body = html.Open("tbody");
        foreach (var listener in report.Listeners)
        {
            using var row = html.Open("tr");
            html.Element("th", listener.Listener.ToString(CultureInfo.InvariantCulture), ("scope", "row"));
            HtmlTable.WriteNumber(html, NumberText.Of(listener.Votes, 0));
            HtmlTable.WriteNumber(html, NumberText.Of(listener.Mean, Decimals));
            HtmlTable.WriteNumber(html, NumberText.Of(listener.StandardDeviation, Decimals));
            HtmlTable.WriteNumber(html, NumberText.Of(listener.Agreement, Decimals));
            html.Element("td", listener.Dropped is null ? "" : "left out");
            html.Element("td", string.Join(" / ", report.Comments.Where(comment => comment.Listener == listener.Listener)
                .Select(comment => comment.Text)));
        }
    }
}
