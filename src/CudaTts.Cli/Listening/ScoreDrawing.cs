using System.Globalization;
using System.Net;
using System.Text;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Cli.Listening;

/// <summary>
/// Draws scores as SVG: for each system a bar from quartile to quartile, the mean as a dot, and the interval of the mean as a line.
/// </summary>
internal static class ScoreDrawing
{
    private const int Width = 760;
    private const int NameWidth = 190;
    private const int RowHeight = 34;
    private const int AxisHeight = 30;
    private const int Margin = 14;
    private const int LongestName = 26;

    /// <summary>The drawing.</summary>
    /// <param name="summaries">The systems, from top to bottom.</param>
    /// <param name="scale">What scores there can be.</param>
    public static string Of(IReadOnlyList<ConditionSummary> summaries, RatingScale scale)
    {
        var height = (summaries.Count * RowHeight) + AxisHeight;
        var svg = new StringBuilder();
        Append(svg, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Mean scores with intervals and quartiles; the table below has the figures\">\n");
        var step = scale.Most - scale.Least > 10 ? 20 : 1;
        for (var score = scale.Least; score <= scale.Most; score += step)
        {
            var x = At(score, scale);
            Append(svg, $"<line class=\"grid\" x1=\"{x:F1}\" y1=\"0\" x2=\"{x:F1}\" y2=\"{height - AxisHeight + 4}\"/>");
            Append(svg, $"<text class=\"tick\" x=\"{x:F1}\" y=\"{height - 8}\" text-anchor=\"middle\">{score}</text>\n");
        }

        foreach (var (i, summary) in summaries.Index())
        {
            AppendRow(svg, summary, scale, (i * RowHeight) + (RowHeight / 2));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendRow(StringBuilder svg, ConditionSummary summary, RatingScale scale, int y)
    {
        var name = summary.Condition.Length <= LongestName ? summary.Condition : $"{summary.Condition[..(LongestName - 1)]}…";
        var (lower, upper) = (At(summary.LowerQuartile, scale), At(summary.UpperQuartile, scale));
        var (low, high) = (At(summary.Bootstrap.Low, scale), At(summary.Bootstrap.High, scale));
        Append(svg, $"<text x=\"{NameWidth - Margin}\" y=\"{y + 5}\" text-anchor=\"end\">{WebUtility.HtmlEncode(name)}</text>");
        Append(svg, $"<rect class=\"box\" x=\"{lower:F1}\" y=\"{y - 8}\" width=\"{Math.Max(1, upper - lower):F1}\" height=\"16\" rx=\"3\"/>");
        Append(svg, $"<line class=\"line\" x1=\"{low:F1}\" y1=\"{y}\" x2=\"{high:F1}\" y2=\"{y}\"/>");
        foreach (var end in (double[])[low, high])
        {
            Append(svg, $"<line class=\"line\" x1=\"{end:F1}\" y1=\"{y - 5}\" x2=\"{end:F1}\" y2=\"{y + 5}\"/>");
        }

        Append(svg, $"<circle class=\"dot\" cx=\"{At(summary.Mean, scale):F1}\" cy=\"{y}\" r=\"4.5\"/>\n");
    }

    private static double At(double score, RatingScale scale) =>
        NameWidth + ((Width - NameWidth - Margin) * (score - scale.Least) / (scale.Most - scale.Least));

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
