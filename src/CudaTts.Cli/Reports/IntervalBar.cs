namespace CudaTts.Cli.Reports;

/// <summary>
/// A mean with its interval as a small drawing in a line of a table: a thin line for all values, a bar for the interval, a mark at the mean, and a
/// line at zero where the scale goes through it.
/// </summary>
/// <param name="From">The value at the left end.</param>
/// <param name="To">The value at the right end.</param>
internal sealed record IntervalBar(double From, double To)
{
    private const double Width = 132;
    private const double Height = 16;
    private const double Margin = 3;
    private const double BarHeight = 8;

    /// <summary>A scale on which all of these fit.</summary>
    public static IntervalBar Around(params IEnumerable<double?> values)
    {
        var known = values.OfType<double>().Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (from, to) = (known.Min(), known.Max());
        return to > from ? new IntervalBar(from, to) : new IntervalBar(from - 1, to + 1);
    }

    /// <summary>A scale of differences with zero in the middle.</summary>
    public static IntervalBar OfDifference(params IEnumerable<double?> values)
    {
        var reach = values.OfType<double>().Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return reach > 0 ? new IntervalBar(-reach, reach) : new IntervalBar(-1, 1);
    }

    /// <summary>Writes the drawing.</summary>
    /// <param name="html">The page.</param>
    /// <param name="mean">Where the mark is.</param>
    /// <param name="interval">From where to where the bar goes; an end that is null is no bar.</param>
    /// <param name="values">From where to where the thin line goes: the least and the greatest value, or the scale.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="style">The class of the drawing, which colours it; empty for the usual one.</param>
    public void Write(
        HtmlWriter html, double mean, (double? Low, double? High) interval, (double Least, double Most) values, string description, string style = "")
    {
        using var svg = html.Open("svg", ("class", $"interval {style}".TrimEnd()), ("role", "img"), ("aria-label", description),
            ("width", NumberText.Coordinate(Width)), ("height", NumberText.Coordinate(Height)), ("viewBox", $"0 0 {Width} {Height}"));
        new SvgPath().Move(X(values.Least), Height / 2).Line(X(values.Most), Height / 2).Draw(html, "range");
        if (From < 0 && To > 0)
        {
            new SvgPath().Move(X(0), 0).Line(X(0), Height).Draw(html, "zero");
        }

        if (interval is { Low: { } left, High: { } right })
        {
            // An interval without width must be seen too.
            html.Empty("rect", ("x", NumberText.Coordinate(X(left))), ("y", NumberText.Coordinate((Height - BarHeight) / 2)),
                ("width", NumberText.Coordinate(Math.Max(X(right) - X(left), 1))), ("height", NumberText.Coordinate(BarHeight)), ("rx", "1"));
        }

        new SvgPath().Move(X(mean), 1).Line(X(mean), Height - 1).Draw(html, "mean");
    }

    private double X(double value) => Margin + ((Width - (2 * Margin)) * Math.Clamp((value - From) / (To - From), 0, 1));
}
