namespace CudaTts.Cli.Reports;

/// <summary>The frame of a report: one HTML file with its style, its script, its pictures and its sounds inside.</summary>
internal static class HtmlPage
{
    /// <summary>Writes a page.</summary>
    /// <param name="stream">Receives UTF-8; stays open.</param>
    /// <param name="title">What the window is called.</param>
    /// <param name="writeBody">Writes what the page holds.</param>
    public static void Write(Stream stream, string title, Action<HtmlWriter> writeBody)
    {
        using var html = new HtmlWriter(stream);
        html.Doctype();
        using (html.Open("html", ("lang", "en")))
        {
            using (html.Open("head"))
            {
                WriteHead(html, title);
            }

            using (html.Open("body"))
            {
                writeBody(html);
                html.Source("script", EmbeddedText.Script);
            }
        }
    }

    /// <summary>Writes the top of a page: what it is, of what, when it was made and with what.</summary>
    /// <param name="html">The page.</param>
    /// <param name="kind">What sort of report this is.</param>
    /// <param name="title">What it is about.</param>
    /// <param name="created">When it was made, UTC, ISO 8601.</param>
    /// <param name="setting">With what: names and values.</param>
    public static void WriteHeading(
        HtmlWriter html, string kind, string title, string created, IEnumerable<KeyValuePair<string, string>> setting)
    {
        using (html.Open("header"))
        {
            html.Element("p", kind, ("class", "kind"));
            html.Element("h1", title);
            using (html.Open("dl", ("class", "setting")))
            {
                foreach (var (name, value) in setting.Prepend(new("created", Moment(created))))
                {
                    using (html.Open("div"))
                    {
                        html.Element("dt", name);
                        html.Element("dd", value);
                    }
                }
            }
        }
    }

    /// <summary>Writes links to the sections of a page.</summary>
    public static void WriteContents(HtmlWriter html, IEnumerable<(string Id, string Label)> sections)
    {
        using (html.Open("nav", ("aria-label", "Sections")))
        {
            foreach (var (id, label) in sections)
            {
                html.Element("a", label, ("href", "#" + id));
                html.Text("\n");
            }
        }
    }

    /// <summary>Opens a table that scrolls in itself where the page is too narrow for it; disposing closes it.</summary>
    /// <param name="html">The page.</param>
    /// <param name="caption">What the table shows; it names the scrolling region for a screen reader.</param>
    /// <param name="style">More classes of the table; <c>sortable</c> lets the script sort it.</param>
    public static OpenTable OpenTable(HtmlWriter html, string caption, string style = "")
    {
        var region = html.Open("div", ("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption));
        var table = html.Open("table", ("class", style.Length > 0 ? style : null));
        using (html.Open("caption"))
        {
            html.Element("span", caption);
        }

        return new OpenTable(region, table);
    }

    private static void WriteHead(HtmlWriter html, string title)
    {
        html.Empty("meta", ("charset", "utf-8"));
        html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));

        // Nothing is fetched, and no script runs but the page's own, whatever a name or a transcript holds.
        html.Empty("meta", ("http-equiv", "Content-Security-Policy"), ("content",
            $"default-src 'none'; style-src {EmbeddedText.Style.Hash}; script-src {EmbeddedText.Script.Hash}; img-src data:; media-src data:; "
            + "base-uri 'none'; form-action 'none'"));
        html.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));

        // Without this a browser asks the server for /favicon.ico.
        html.Empty("link", ("rel", "icon"), ("href", "data:,"));
        html.Element("title", title);
        html.Source("style", EmbeddedText.Style);
    }

    /// <summary>A moment as a reader writes it; text that is none as it stands.</summary>
    internal static string Moment(string created) =>
        DateTimeOffset.TryParse(created, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture)
            : created;
}

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
