using System.Globalization;
using System.Text;

namespace CudaTts.Text.Ssml;

/// <summary>What a scanner stands on.</summary>
internal enum SsmlNode
{
    /// <summary>The beginning of an element, or an element without content.</summary>
    Start,

    /// <summary>The end of an element that was not empty.</summary>
    End,

    /// <summary>Characters between the tags, references resolved.</summary>
    Text,
}

/// <summary>
/// Walks through the tags and the text of an XML document (W3C, Extensible Markup Language 1.0) once, in linear time. It differs from a general
/// parser in two things: a prefix needs no declaration, since the documents of speech services leave it out, and an error says in a user's words
/// what stands where. There are no document types and no entities but XML's five.
/// </summary>
internal sealed class SsmlScanner
{
    private const string SynthesisNamespace = "http://www.w3.org/2001/10/synthesis";
    private const int LongestQuote = 40;

    private readonly string _document;
    private readonly List<(string FullName, int Line)> _open = [];
    private readonly HashSet<string> _prefixes = [""];
    private readonly Dictionary<string, string> _attributes = [];
    private int _at;
    private int _lineStart;
    private int _counted;
    private bool _isRootRead;

    /// <summary>Stands in front of a document.</summary>
    public SsmlScanner(string document)
    {
        _document = document;
        while (_at < document.Length && (char.IsWhiteSpace(document[_at]) || document[_at] == '\uFEFF'))
        {
            _at++;
        }

        Place(_at);
    }

    /// <summary>What the scanner stands on.</summary>
    public SsmlNode Node { get; private set; }

    /// <summary>The element's name without its prefix; empty for an element of another vocabulary than SSML.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether an element that begins here has no content, and no end of its own.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>How many elements lie around what the scanner stands on.</summary>
    public int Depth { get; private set; }

    /// <summary>The characters between the tags.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Line of the node, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Column of the node, from 1; that of an element is its name's.</summary>
    public int Column { get; private set; } = 1;

    /// <summary>An attribute of the element that begins here; null when it has none of that name.</summary>
    public string? Attribute(string name) => _attributes.GetValueOrDefault(name);

    /// <summary>Goes to the next node.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        while (_at < _document.Length)
        {
            Place(_at);
            if (_document[_at] != '<')
            {
                ReadText();
                if (_open.Count > 0)
                {
                    return true;
                }
            }
            else if (Stands("<!--"))
            {
                _at = EndOf("<!--", "-->", "the comment");
            }
            else if (Stands("<?"))
            {
                _at = EndOf("<?", "?>", "the instruction");
            }
            else if (Stands("<![CDATA["))
            {
                var start = _at + "<![CDATA[".Length;
                _at = EndOf("<![CDATA[", "]]>", "the section");
                SetText(_document[start..(_at - 3)]);
                return true;
            }
            else if (Stands("<!"))
            {
                throw Error(Stands("<!DOCTYPE") ? "a document type is not read: leave <!DOCTYPE ...> out" : "'<!' begins nothing known: write &lt;!");
            }
            else
            {
                return Stands("</") ? ReadEnd() : ReadStart();
            }
        }

        Place(_at);
        if (_open.Count > 0)
        {
            var (name, line) = _open[^1];
            throw Error($"the document ends within '{Quote(name)}', which begins in line {line}: expected </{Quote(name)}>");
        }

        return false;
    }

    /// <summary>The place of the node, as messages name it.</summary>
    public string Here => string.Create(CultureInfo.InvariantCulture, $"SSML, line {Line}, column {Column}");

    /// <summary>An error at the node.</summary>
    public TextException Error(string message) => ErrorIn(Here, message);

    /// <summary>An error at a place that has been passed.</summary>
    public static TextException ErrorIn(string place, string message) => new($"{place}: {message.ReplaceLineEndings(" ")}");

    /// <summary>What a message quotes of a document: so much that it can be found there.</summary>
    public static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";

    private bool Stands(string mark) => string.CompareOrdinal(_document, _at, mark, 0, mark.Length) == 0;

    /// <summary>Says where the scanner is; lines before it have been counted already.</summary>
    private void Place(int place)
    {
        for (; _counted < place; _counted++)
        {
            if (_document[_counted] == '\n')
            {
                (Line, _lineStart) = (Line + 1, _counted + 1);
            }
        }

        Column = place - _lineStart + 1;
    }

    private TextException ErrorAt(int place, string message)
    {
        Place(place);
        return Error(message);
    }

    private int EndOf(string open, string close, string what)
    {
        var end = _document.IndexOf(close, _at + open.Length, StringComparison.Ordinal);
        return end >= 0 ? end + close.Length : throw Error($"{what} that begins with {open} has no end: expected {close}");
    }

    private void SetText(string text) => (Node, Name, Text, Depth) = (SsmlNode.Text, "", text, _open.Count);

    /// <summary>Reads up to the next tag. Outside of the document's element there may be nothing but space.</summary>
    private void ReadText()
    {
        var end = _document.IndexOf('<', _at);
        end = end < 0 ? _document.Length : end;
        SetText(Resolve(_at, end));
        if (_open.Count == 0 && !string.IsNullOrWhiteSpace(Text))
        {
            throw Error(_isRootRead ? "text stands behind the end of the document" : "expected the element 'speak', found text");
        }

        _at = end;
    }

    private bool ReadEnd()
    {
        var start = _at + 2;
        _at = NameEnd(start);
        var name = _document[start.._at];
        SkipSpace();
        if (_open.Count == 0)
        {
            throw Error($"'</{Quote(name)}>' closes nothing");
        }

        if (name != _open[^1].FullName || _at >= _document.Length || _document[_at] != '>')
        {
            throw Error($"expected </{Quote(_open[^1].FullName)}>, which closes the element of line {_open[^1].Line}, found '</{Quote(name)}'");
        }

        _at++;
        _open.RemoveAt(_open.Count - 1);
        (Node, Name, Depth) = (SsmlNode.End, LocalName(name), _open.Count);
        return true;
    }

    private bool ReadStart()
    {
        var start = _at + 1;
        _at = NameEnd(start);
        if (_at == start)
        {
            throw Error("'<' begins no element here: write &lt;");
        }

        var name = _document[start.._at];
        if (_open.Count == 0 && _isRootRead)
        {
            throw Error($"'{Quote(name)}' stands behind the end of the document, which is one element 'speak'");
        }

        ReadAttributes(name);
        Place(start);
        if (!_isRootRead)
        {
            _isRootRead = true;
            AddPrefixes(name);
        }

        (Node, Name, Depth) = (SsmlNode.Start, LocalName(name), _open.Count);
        if (!IsEmpty)
        {
            _open.Add((name, Line));
        }

        return true;
    }

    private void ReadAttributes(string element)
    {
        _attributes.Clear();
        while (true)
        {
            SkipSpace();
            var start = _at;
            if (_at >= _document.Length || _document[_at] == '<')
            {
                throw Error($"the tag of '{Quote(element)}' has no end: expected >");
            }

            IsEmpty = Stands("/>");
            if (IsEmpty || _document[_at] == '>')
            {
                _at += IsEmpty ? 2 : 1;
                return;
            }

            _at = NameEnd(start);
            var name = _document[start.._at];
            if (name.Length == 0)
            {
                throw ErrorAt(start, $"expected an attribute such as time=\"1s\" or > in the tag of '{Quote(element)}', found '{_document[start]}'");
            }

            SkipSpace();
            if (_at >= _document.Length || _document[_at] != '=')
            {
                throw ErrorAt(start, $"the attribute '{Quote(name)}' of '{Quote(element)}' has no value: expected {Quote(name)}=\"...\"");
            }

            _at++;
            SkipSpace();
            if (!_attributes.TryAdd(name, Value(name)))
            {
                throw ErrorAt(start, $"'{Quote(element)}' has the attribute '{Quote(name)}' twice");
            }
        }
    }

    private string Value(string name)
    {
        var quote = _at < _document.Length ? _document[_at] : '\0';
        var end = quote is '"' or '\'' ? _document.IndexOf(quote, _at + 1) : -1;
        if (end < 0)
        {
            throw ErrorAt(_at, $"the value of '{Quote(name)}' stands in no quotes: expected {Quote(name)}=\"...\"");
        }

        var less = _document.IndexOf('<', _at, end - _at);
        if (less >= 0)
        {
            throw ErrorAt(less, $"'<' within the value of '{Quote(name)}': a quote is missing, or write &lt;");
        }

        var value = Resolve(_at + 1, end);
        _at = end + 1;
        return value;
    }

    /// <summary>The characters [start, end) with their references resolved.</summary>
    private string Resolve(int start, int end)
    {
        var text = new StringBuilder(end - start);
        while (start < end)
        {
            var next = _document.IndexOf('&', start, end - start);
            next = next < 0 ? end : next;
            RequireCharacters(start, next);
            text.Append(_document, start, next - start);
            start = next < end ? AppendReference(text, next, end) : end;
        }

        return text.ToString();
    }

    private int AppendReference(StringBuilder text, int start, int end)
    {
        var close = _document.IndexOf(';', start, Math.Min(end - start, 12));
        var name = close < 0 ? "" : _document[(start + 1)..close];
        text.Append(name switch
        {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ when name.StartsWith('#') => NumberedCharacter(start, name),
            _ when name.Length > 0 && name.All(char.IsLetterOrDigit) =>
                throw ErrorAt(start, $"'&{name};' is not known: write the character itself, or &amp; for the sign &"),
            _ => throw ErrorAt(start, "the sign & stands alone: write &amp;"),
        });
        return close + 1;
    }

    private string NumberedCharacter(int place, string name)
    {
        var isHex = name.StartsWith("#x", StringComparison.Ordinal);
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return int.TryParse(name.AsSpan(isHex ? 2 : 1), style, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code)
            && IsCharacter(code)
            ? new Rune(code).ToString()
            : throw ErrorAt(place, $"'&{name};' is the number of no character");
    }

    private void RequireCharacters(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            var isPair = char.IsHighSurrogate(_document[i]) && i + 1 < end && char.IsLowSurrogate(_document[i + 1]);
            if (!isPair && (char.IsSurrogate(_document[i]) || !IsCharacter(_document[i])))
            {
                throw ErrorAt(i, $"the character U+{(int)_document[i]:X4} cannot stand in a document: leave it out");
            }

            i += isPair ? 1 : 0;
        }
    }

    private static bool IsCharacter(int code) => code is '\t' or '\n' or '\r' or >= ' ' and not (0xFFFE or 0xFFFF);

    private void SkipSpace()
    {
        while (_at < _document.Length && _document[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private int NameEnd(int start)
    {
        var end = start;
        while (end < _document.Length && (char.IsLetter(_document[end]) || _document[end] is '_' or ':'
            || (end > start && (char.IsDigit(_document[end]) || _document[end] is '-' or '.'))))
        {
            end++;
        }

        return end;
    }

    /// <summary>SSML's elements have no prefix, the root's prefix, or one that the root declares for its namespace.</summary>
    private void AddPrefixes(string root)
    {
        _prefixes.Add(PrefixOf(root));
        foreach (var (name, value) in _attributes)
        {
            if (value == SynthesisNamespace && name.StartsWith("xmlns:", StringComparison.Ordinal))
            {
                _prefixes.Add(name["xmlns:".Length..]);
            }
        }
    }

    private string LocalName(string name) => _prefixes.Contains(PrefixOf(name)) ? name[(name.LastIndexOf(':') + 1)..] : "";

    private static string PrefixOf(string name) => name[..Math.Max(0, name.LastIndexOf(':'))];
}
