using System.Globalization;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;
using CudaTts.Quality.Statistics;

namespace CudaTts.Cli.Listening;

/// <summary>Prints what a listening test has shown.</summary>
internal static class ListeningTable
{
    private const int WidestName = 40;

    /// <summary>What the mean score of a method is called.</summary>
    public static string MeanName(ListeningMethod method) => method switch
    {
        ListeningMethod.Acr => "MOS",
        ListeningMethod.Dcr => "DMOS",
        ListeningMethod.Ccr => "CMOS",
        _ => "Mean",
    };

    /// <summary>Writes a report as lines of text.</summary>
    public static void Write(TextWriter output, ListeningReport report)
    {
        var kept = report.Listeners.Count(listener => listener.Dropped is null);
        output.WriteLine(
            $"test {report.TestId}, {KeyFile.WordOf(report.Method).ToUpperInvariant()}: {report.Files} files, {report.Listeners.Count} listeners, "
            + $"{kept} after screening{(report.Duplicates > 0 ? $"; {report.Duplicates} scores were there twice, and count once" : "")}");
        WriteSummaries(output, "before screening", report.BeforeScreening, report.Method);
        WriteScreening(output, report.Screening);
        WriteSummaries(output, "after screening", report.AfterScreening, report.Method);
        WriteComparisons(output, report);
        WriteListeners(output, report.Listeners);
        output.WriteLine(
            $"agreement (mean correlation of a listener with the others): {Cell(report.AgreementBeforeScreening)} before screening, "
            + $"{Cell(report.AgreementAfterScreening)} after");
        output.WriteLine("figures of one test compare with each other only: the range of quality offered moves all scores");
    }

    private static void WriteSummaries(TextWriter output, string title, IReadOnlyList<ConditionSummary> summaries, ListeningMethod method)
    {
        var width = Width(summaries.Select(summary => summary.Condition), title);
        output.WriteLine();
        output.WriteLine(
            $"{title.PadRight(width)}  votes  listeners   {MeanName(method),5}     sd  95 % over listeners  95 % by t (votes)   median  quartiles");
        foreach (var summary in summaries)
        {
            output.WriteLine(
                $"{Name(summary.Condition, width)}  {summary.Votes,5}  {summary.Listeners,9}  {Cell(summary.Mean),6}  "
                + $"{Cell(summary.StandardDeviation),5}  {Cell(summary.Bootstrap),19}  {Cell(summary.Student),17}  {Cell(summary.Median),7}  "
                + $"{Cell(summary.LowerQuartile)} to {Cell(summary.UpperQuartile)}");
        }
    }

    private static void WriteScreening(TextWriter output, IReadOnlyList<ScreeningStep> steps)
    {
        output.WriteLine();
        foreach (var step in steps)
        {
            output.WriteLine($"left out: {step.Name}: {step.Dropped.Count}");
            foreach (var (listener, reason) in step.Dropped)
            {
                output.WriteLine($"  listener {listener}: {reason}");
            }
        }
    }

    private static void WriteComparisons(TextWriter output, ListeningReport report)
    {
        if (report.Comparisons.Count == 0)
        {
            return;
        }

        var width = Width(report.Comparisons.Select(Title), "difference");
        output.WriteLine();
        output.WriteLine($"{"difference".PadRight(width)}   mean  95 % over listeners       p  p (Holm)");
        foreach (var comparison in report.Comparisons)
        {
            output.WriteLine(
                $"{Name(Title(comparison), width)}  {Cell(comparison.Difference.Mean),5}  {Cell(comparison.Difference),19}  "
                + $"{Probability(comparison.PValue),6}  {Probability(comparison.AdjustedPValue),8}"
                + (comparison.IsSignificant ? "  significant" : ""));
        }
    }

    private static void WriteListeners(TextWriter output, IReadOnlyList<ListenerSummary> listeners)
    {
        output.WriteLine();
        output.WriteLine("  listener  votes    mean     sd  agreement");
        foreach (var listener in listeners)
        {
            output.WriteLine(
                $"{listener.Listener,10}  {listener.Votes,5}  {Cell(listener.Mean),6}  {Cell(listener.StandardDeviation),5}  "
                + Cell(listener.Agreement).PadLeft(9) + (listener.Dropped is null ? "" : "  left out"));
        }
    }

    /// <summary>What a comparison is of.</summary>
    public static string Title(SystemComparison comparison) =>
        comparison.Second is null ? comparison.First : $"{comparison.First} minus {comparison.Second}";

    /// <summary>A number with two digits, or a dash.</summary>
    public static string Cell(double? value) => value is { } number ? number.ToString("F2", CultureInfo.InvariantCulture) : "-";

    /// <summary>An interval with two digits, or a dash.</summary>
    public static string Cell(Interval? interval) => interval is null ? "-" : $"{Cell(interval.Low)} to {Cell(interval.High)}";

    /// <summary>A probability with three digits.</summary>
    public static string Probability(double value) => value < 0.001 ? "<0.001" : value.ToString("F3", CultureInfo.InvariantCulture);

    private static int Width(IEnumerable<string> names, string title) =>
        Math.Min(WidestName, names.Select(name => Printable.Of(name).Length).Append(title.Length).Max());

    private static string Name(string name, int width) => Printable.Of(name).PadRight(width);
}
