using System.Globalization;

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

    /// <summary>Writes the top of a page: what it is, of what, and how it was made.</summary>
    /// <param name="html">The page.</param>
    /// <param name="kind">What sort of report this is.</param>
    /// <param name="title">What it is about.</param>
    /// <param name="setting">When it was made and with what: names and values.</param>
    public static void WriteHeading(HtmlWriter html, string kind, string title, IEnumerable<KeyValuePair<string, string>> setting)
    {
        using (html.Open("header"))
        {
            html.Element("p", kind, ("class", "kind"));
            html.Element("h1", title);
            using (html.Open("dl", ("class", "setting")))
            {
                foreach (var (name, value) in setting)
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

    /// <summary>Writes a list; nothing where it is empty.</summary>
    /// <param name="html">The page.</param>
    /// <param name="items">What it lists.</param>
    /// <param name="style">Its class: <c>notes</c> or <c>faults</c>.</param>
    public static void WriteList(HtmlWriter html, IEnumerable<string> items, string style = "notes")
    {
        if (items.ToList() is { Count: > 0 } lines)
        {
            using var list = html.Open("ul", ("class", style));
            foreach (var line in lines)
            {
                html.Element("li", line);
            }
        }
    }

    /// <summary>A moment as a reader writes it; text that is none as it stands.</summary>
    public static string Moment(string created) =>
        DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
            : created;

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
}
