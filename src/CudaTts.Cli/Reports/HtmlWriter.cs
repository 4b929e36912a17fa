using System.Buffers;
using System.Text;

namespace CudaTts.Cli.Reports;

/// <summary>
/// Writes HTML that is also well-formed XML. Whatever is said passes through one method that escapes it, so text from outside cannot become markup;
/// names of elements and attributes are the program's own.
/// </summary>
internal sealed class HtmlWriter : IDisposable
{
    // Elements that HTML closes by itself; all others are closed by name, since "<td/>" opens a cell.
    private static readonly HashSet<string> s_void = ["br", "img", "link", "meta"];

    // Behind these a line end would be a space within a sentence.
    private static readonly HashSet<string> s_inline = ["a", "b", "mark", "small", "span", "text"];

    private static readonly SearchValues<char> s_notPlain = SearchValues.Create([.. EveryCharacter().Where(IsNotPlain)]);
    private readonly StreamWriter _output;

    /// <summary>Writes UTF-8 to a stream, which stays open.</summary>
    public HtmlWriter(Stream stream) =>
        _output = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };

    /// <summary>Opens an element; disposing what this returns closes it.</summary>
    /// <param name="name">The element.</param>
    /// <param name="attributes">Its attributes, escaped here; one whose value is null is left out.</param>
    public OpenElement Open(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        StartTag(name, attributes, ">");
        return new OpenElement(this, name);
    }

    /// <summary>Writes an element that holds only text.</summary>
    public void Element(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        using (Open(name, attributes))
        {
            Text(text);
        }
    }

    /// <summary>Writes an element that holds nothing.</summary>
    public void Empty(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        var isVoid = s_void.Contains(name);
        StartTag(name, attributes, isVoid ? "/>" : ">");
        if (!isVoid)
        {
            Close(name);
        }
    }

    /// <summary>
    /// Writes text: the marks of HTML as references, what would steer a reader's machine (<see cref="Printable"/>) as <c>\u001B</c>, and what is no
    /// character as U+FFFD.
    /// </summary>
    public void Text(string text)
    {
        if (!text.AsSpan().ContainsAny(s_notPlain))
        {
            _output.Write(text);
            return;
        }

        foreach (var rune in Printable.LinesOf(text).EnumerateRunes())
        {
            _output.Write(rune.Value switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\'' => "&#39;",
                0xFFFE or 0xFFFF => "\uFFFD",
                _ => rune.ToString(),
            });
        }
    }

    /// <summary>Begins the document; what follows is markup.</summary>
    public void Doctype() => _output.WriteLine("<!DOCTYPE html>");

    /// <summary>
    /// Writes a style sheet or a script of this program, whose text HTML takes as it is and XML within CDATA; the comments hide each form from the
    /// other's reader.
    /// </summary>
    /// <param name="name">The element: <c>style</c> or <c>script</c>.</param>
    /// <param name="source">As <see cref="EmbeddedText"/> reads it.</param>
    public void Source(string name, EmbeddedText source)
    {
        StartTag(name, [], ">");
        _output.Write(source.Enclosed);
        Close(name);
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void StartTag(string name, ReadOnlySpan<(string Name, string? Value)> attributes, string end)
    {
        _output.Write('<');
        _output.Write(name);
        foreach (var (attribute, value) in attributes)
        {
            if (value is not null)
            {
                _output.Write(' ');
                _output.Write(attribute);
                _output.Write("=\"");
                Text(value);
                _output.Write('"');
            }
        }

        _output.Write(end);
    }

    private void Close(string name)
    {
        _output.Write("</");
        _output.Write(name);
        _output.Write(s_inline.Contains(name) ? ">" : ">\n");
    }

    private static IEnumerable<char> EveryCharacter() => Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code);

    private static bool IsNotPlain(char character) =>
        character is '<' or '>' or '&' or '"' or '\'' or '\uFFFE' or '\uFFFF' || char.IsSurrogate(character)
        || Printable.LinesOf(character.ToString()).Length != 1;

    /// <summary>An element that is not closed yet.</summary>
    internal readonly struct OpenElement(HtmlWriter writer, string name) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => writer.Close(name);
    }
}
