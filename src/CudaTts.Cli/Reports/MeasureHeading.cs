using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>How a measure stands in tables and captions.</summary>
internal static class MeasureHeading
{
    /// <summary>Writes the heading of a row: the measure, its unit, which value is better, and by which convention it is made.</summary>
    public static void WriteRow(HtmlWriter html, Measure measure)
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

    /// <summary>Writes the unit behind a number or a name.</summary>
    public static void WriteUnit(HtmlWriter html, Measure measure)
    {
        if (measure.Unit.Length > 0)
        {
            html.Text("\u00A0");
            html.Element("span", measure.Unit, ("class", "unit"));
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
