namespace CudaTts.Cli.Reports;

/// <summary>Values as dots on a line, stacked where they would lie on one another.</summary>
internal static class DotPlot
{
    // At the width that most readers see a tile in, about one dot.
    private const double BinWidth = Chart.Width / 40;
    private const double DotHeight = 7;

    /// <summary>The dots; where a stack would be higher than the drawing, its dots come closer.</summary>
    /// <param name="places">Where the values stand, in a chart's units from its left.</param>
    /// <param name="height">Height of the drawing.</param>
    public static SvgPath Of(IReadOnlyList<double> places, double height)
    {
        var dots = new SvgPath();
        var stacks = places.GroupBy(place => (int)(place / BinWidth)).OrderBy(stack => stack.Key).ToList();
        var highest = stacks.Max(stack => stack.Count());
        var step = Math.Min(DotHeight, (height - DotHeight) / Math.Max(1, highest - 1));
        foreach (var stack in stacks)
        {
            foreach (var (i, place) in stack.Order().Index())
            {
                dots.Dot(place, height - (DotHeight / 2) - (i * step));
            }
        }

        return dots;
    }
}
