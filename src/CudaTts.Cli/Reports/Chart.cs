namespace CudaTts.Cli.Reports;

/// <summary>
/// A drawing with axes that is as wide as there is room. What is drawn stretches; the lettering stands in drawings of its own beside and below and
/// keeps its size, on a telephone as on paper.
/// </summary>
/// <param name="Horizontal">The axis below.</param>
/// <param name="Vertical">The axis beside; null for none.</param>
/// <param name="Height">How high the drawing is, CSS pixels.</param>
/// <param name="Description">What it shows, for those who do not see it.</param>
internal sealed record Chart(ChartAxis Horizontal, ChartAxis? Vertical, int Height, string Description)
{
    /// <summary>Width of the drawing in its own units.</summary>
    public const double Width = 1000;

    private const int AxisWidth = 46;
    private const int AxisHeight = 18;
    private const int TickLength = 4;

    // Half the height of a figure: so far below its middle is its base line.
    private const double HalfFigure = 3.7;

    /// <summary>Where a value stands, in the drawing's units from its left.</summary>
    public double X(double value) => Width * Horizontal.Share(value);

    /// <summary>Where a value of the axis beside stands, in the drawing's units from its top.</summary>
    public double Y(double value) => Height * (1 - (Vertical ?? Horizontal).Share(value));

    /// <summary>Writes the chart.</summary>
    /// <param name="html">The page.</param>
    /// <param name="draw">Writes what is drawn, in units of <see cref="Width"/> by <see cref="Height"/>.</param>
    public void Write(HtmlWriter html, Action draw)
    {
        using var chart = html.Open("div", ("class", Vertical is null ? "chart bare" : "chart"));
        if (Vertical is not null)
        {
            WriteVertical(html, Vertical);
        }

        using (html.Open("svg", ("class", "plot"), ("height", NumberText.Coordinate(Height)), ("preserveAspectRatio", "none"), ("role", "img"),
            ("viewBox", $"0 0 {NumberText.Coordinate(Width)} {NumberText.Coordinate(Height)}"), ("aria-label", Description)))
        {
            draw();
        }

        WriteHorizontal(html);
    }

    /// <summary>Draws thin lines across the plot at the ticks of both axes.</summary>
    public void DrawGrid(HtmlWriter html)
    {
        var grid = new SvgPath();
        foreach (var (value, _) in Horizontal.Ticks)
        {
            grid.Move(X(value), 0).Line(X(value), Height);
        }

        foreach (var (value, _) in Vertical?.Ticks ?? [])
        {
            grid.Move(0, Y(value)).Line(Width, Y(value));
        }

        grid.Draw(html, "grid");
    }

    private void WriteVertical(HtmlWriter html, ChartAxis axis)
    {
        using var svg = html.Open("svg", ("class", "y-axis"), ("width", $"{AxisWidth}"), ("height", $"{Height}"), ("aria-hidden", "true"));
        foreach (var (value, label) in axis.Ticks)
        {
            var y = Y(value);
            html.Empty("line", ("x1", $"{AxisWidth - TickLength}"), ("x2", $"{AxisWidth}"),
                ("y1", NumberText.Coordinate(y)), ("y2", NumberText.Coordinate(y)));
            html.Element("text", label, ("x", $"{AxisWidth - TickLength - 3}"), ("text-anchor", "end"),
                ("y", NumberText.Coordinate(Math.Clamp(y + HalfFigure, 2.3 * HalfFigure, Height - 1))));
        }
    }

    private void WriteHorizontal(HtmlWriter html)
    {
        using var svg = html.Open("svg", ("class", "x-axis"), ("height", $"{AxisHeight}"), ("aria-hidden", "true"));
        foreach (var (value, label) in Horizontal.Ticks)
        {
            var share = Horizontal.Share(value);
            html.Empty("line", ("x1", NumberText.Percent(share)), ("x2", NumberText.Percent(share)), ("y1", "0"), ("y2", $"{TickLength}"));
            html.Element("text", label, ("x", NumberText.Percent(share)), ("y", "15"),
                ("text-anchor", share < 0.03 ? "start" : share > 0.97 ? "end" : "middle"));
        }
    }
}
