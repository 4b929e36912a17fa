using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>Cells that the tables of measures share.</summary>
internal static class MeasureCells
{
    /// <summary>The heading of a row: the measure, its unit, which value is better, and by which convention it is made.</summary>
    public static void WriteRowHeading(HtmlWriter html, Measure measure)
    {
        using var heading = html.Open("th", ("scope", "row"));
        html.Text(measure.Label);
        WriteUnit(html, measure);
        var details = string.Join(", ", ((string[])[BetterSide(measure.Better), measure.Convention]).Where(part => part.Length > 0));
        if (details.Length > 0)
        {
            html.Element("small", details);
        }
    }

    /// <summary>The unit behind a number or a name.</summary>
    public static void WriteUnit(HtmlWriter html, Measure measure)
    {
        if (measure.Unit.Length > 0)
        {
            html.Text("\u00A0");
            html.Element("span", measure.Unit, ("class", "unit"));
        }
    }

    /// <summary>A cell with a number.</summary>
    public static void WriteNumber(HtmlWriter html, string number) => html.Element("td", number, ("class", "number"));

    /// <summary>Headings of columns; those of numbers stand to the right.</summary>
    /// <param name="html">The page.</param>
    /// <param name="columns">What the columns are called, and whether they hold numbers.</param>
    public static void WriteColumns(HtmlWriter html, params ReadOnlySpan<(string Label, bool IsNumber)> columns)
    {
        using var head = html.Open("thead");
        using var row = html.Open("tr");
        foreach (var (label, isNumber) in columns)
        {
            html.Element("th", label, ("scope", "col"), ("class", isNumber ? "number" : null));
        }
    }

    /// <summary>Which value of a measure is better, in words.</summary>
    public static string BetterSide(BetterValue better) => better switch
    {
        BetterValue.Higher => "higher is better",
        BetterValue.Lower => "lower is better",
        _ => "",
    };
}
