namespace CudaTts.Cli.Reports;

/// <summary>A table that scrolls in itself where the page is too narrow for it.</summary>
internal static class HtmlTable
{
    /// <summary>Opens a table; disposing what this returns closes it.</summary>
    /// <param name="html">The page.</param>
    /// <param name="caption">What the table shows; it names the scrolling region for a screen reader, too.</param>
    /// <param name="style">Classes of the table; <c>sortable</c> lets the page's script sort it.</param>
    public static OpenTable Open(HtmlWriter html, string caption, string? style = null)
    {
        // A region that scrolls must be reached by the keyboard.
        var region = html.Open("div", ("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption));
        var table = html.Open("table", ("class", style));
        using (html.Open("caption"))
        {
            html.Element("span", caption);
        }

        return new OpenTable(region, table);
    }

    /// <summary>Writes headings of columns; those of numbers stand to the right.</summary>
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

    /// <summary>Writes a cell with a number.</summary>
    public static void WriteNumber(HtmlWriter html, string number) => html.Element("td", number, ("class", "number"));

    /// <summary>A table that is not closed yet, within its scrolling region.</summary>
    internal readonly struct OpenTable(HtmlWriter.OpenElement region, HtmlWriter.OpenElement table) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            table.Dispose();
            region.Dispose();
        }
    }
}
