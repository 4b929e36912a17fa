using System.Net;
using CudaTts.Text;

namespace CudaTts.Server.Synthesis;

/// <summary>
/// Where the words of speech stand in what the client sent, in UTF-16 units. The engine's words have all characters of the text but white space, in
/// order; of a document they have those that are read, so tags lie between them and a reference stands for a character.
/// </summary>
internal sealed class TextPlaces
{
    // Each character that is read and no white space, with the place that writes it.
    private readonly List<(char Character, TextRange Place)> _read = [];
    private int _next;

    /// <summary>Reads an input.</summary>
    public TextPlaces(string input, bool isSsml)
    {
        if (isSsml)
        {
            AddDocument(input);
        }
        else
        {
            AddText(input, 0, input.Length);
        }
    }

    /// <summary>The place of the next word; one that is written nowhere has no length.</summary>
    public TextRange Next(string word)
    {
        var characters = word.Where(character => !char.IsWhiteSpace(character)).ToArray();
        for (var start = _next; characters.Length > 0 && start + characters.Length <= _read.Count; start++)
        {
            if (IsAt(start, characters))
            {
                _next = start + characters.Length;
                return new TextRange(_read[start].Place.Start, _read[_next - 1].Place.End);
            }
        }

        var end = _next > 0 ? _read[_next - 1].Place.End : 0;
        return new TextRange(end, end);
    }

    private bool IsAt(int start, char[] characters)
    {
        for (var i = 0; i < characters.Length; i++)
        {
            if (_read[start + i].Character != characters[i])
            {
                return false;
            }
        }

        return true;
    }

    private void AddText(string text, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (!char.IsWhiteSpace(text[i]))
            {
                _read.Add((text[i], new TextRange(i, i + 1)));
            }
        }
    }

    // The engine has read the document or will refuse it: here it is enough to tell its text from its tags.
    private void AddDocument(string document)
    {
        for (var at = 0; at < document.Length;)
        {
            var end = at + 1;
            if (document[at] == '<')
            {
                end = EndOfTag(document, at);
            }
            else if (document[at] == '&' && document.IndexOf(';', at) is var stop and > 0)
            {
                end = stop + 1;
                _read.AddRange(WebUtility.HtmlDecode(document[at..end]).Where(letter => !char.IsWhiteSpace(letter))
                    .Select(letter => (letter, new TextRange(at, end))));
            }
            else
            {
                AddText(document, at, end);
            }

            at = end;
        }
    }

    private int EndOfTag(string document, int start)
    {
        const string Data = "<![CDATA[";
        const string DataEnd = "]]>";
        var (close, isData) = document.AsSpan(start) switch
        {
            ['<', '!', '-', '-', ..] => ("-->", false),
            var rest when rest.StartsWith(Data, StringComparison.Ordinal) => (DataEnd, true),
            ['<', '?', ..] => ("?>", false),
            _ => (">", false),
        };
        var end = close == ">" ? EndOfElement(document, start) : document.IndexOf(close, start, StringComparison.Ordinal);
        if (isData)
        {
            AddText(document, start + Data.Length, end < 0 ? document.Length : end);
        }

        return end < 0 ? document.Length : end + close.Length;
    }

    // A ">" within an attribute's quotes ends no tag.
    private static int EndOfElement(string document, int start)
    {
        var quote = '\0';
        for (var i = start; i < document.Length; i++)
        {
            if (quote == '\0' && document[i] == '>')
            {
                return i;
            }

            quote = document[i] is '"' or '\'' ? quote == '\0' ? document[i] : quote == document[i] ? '\0' : quote : quote;
        }

        return -1;
    }
}
