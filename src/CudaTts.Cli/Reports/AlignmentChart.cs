using CudaTts.Cli.Plot;

namespace CudaTts.Cli.Reports;

/// <summary>Which token a voice attended to at each step: where it reads on evenly, a line from the lower left to the upper right.</summary>
internal static class AlignmentChart
{
    private const int LeastHeight = 120;
    private const int MostHeight = 182;
    private const int TokenHeight = 13;

    /// <summary>Writes the chart.</summary>
    public static void Write(HtmlWriter html, ShownAlignment alignment, string label)
    {
        var (steps, tokens) = (alignment.Weights[1], alignment.Weights[2]);
        if (steps == 0 || tokens == 0)
        {
            return;
        }

        var map = new HeatMap(tokens, steps);
        map.FillAlignment(0, 0, alignment.Weights);
        map.Limit(0, 1);
        var height = Math.Clamp(tokens * TokenHeight, LeastHeight, MostHeight);
        var chart = new Chart(
            ChartAxis.Of(0, steps, ""), TokenAxis(alignment, height), height,
            $"{label}: weights of {tokens} tokens over {steps} steps, 0 dark to 1 bright");
        using var figure = html.Open("figure", ("class", "alignment"));
        using (html.Open("figcaption"))
        {
            html.Element("b", label);
            html.Text($" {tokens} tokens over {steps} steps");
        }

        chart.Write(html, () => Picture.Write(html, map, Chart.Width, height));
    }

    /// <summary>Labels of so many tokens as there is room for, each at the middle of its row.</summary>
    private static ChartAxis TokenAxis(ShownAlignment alignment, int height)
    {
        var tokens = alignment.Weights[2];
        var stride = (int)Math.Ceiling((double)tokens * TokenHeight / height);
        var ticks = new List<(double, string)>();
        for (var token = 0; token < tokens; token += stride)
        {
            ticks.Add((token + 0.5, token < alignment.Tokens.Count ? alignment.Tokens[token] : NumberText.Of(token, 0)));
        }

        return new ChartAxis(0, tokens, ticks);
    }
}
