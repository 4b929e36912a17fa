using System.Globalization;
using System.Text;
using System.Xml;
using CudaTts.Text.English;

namespace CudaTts.Text.Ssml;

/// <summary>
/// Reads a subset of SSML 1.1 into a plan: speak, p, s, break, prosody, phoneme (ipa, x-arpabet), sub, say-as and mark. Of other elements the
/// mark-up is dropped and the text kept, but for <c>desc</c>, <c>metadata</c>, <c>meta</c> and <c>lexicon</c>, which hold nothing to say. There
/// are no document types and no entities but XML's five.
/// </summary>
public static class SsmlReader
{
    /// <summary>The longest document, in characters.</summary>
    public const int LongestDocument = 1_000_000;

    /// <summary>How deep elements may lie within one another.</summary>
    public const int DeepestElement = 32;

    private const int BetweenParagraphs = 500;

    /// <summary>
    /// Whether a text is meant as SSML: its first character that is no white space opens the element <c>speak</c> or an XML declaration.
    /// </summary>
    public static bool IsSsml(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start.StartsWith("<speak", StringComparison.Ordinal) || start.StartsWith("<?xml", StringComparison.Ordinal);
    }

    /// <summary>The plan of a document.</summary>
    /// <exception cref="TextException">
    /// The document is malformed, too long or too deep, or a value is; the message has the line and column.
    /// </exception>
    public static SsmlPlan Read(string document)
    {
        if (document.Length > LongestDocument)
        {
            throw new TextException($"SSML: expected at most {LongestDocument} characters, found {document.Length}: divide the document");
        }

        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = LongestDocument,
        };
        using var reader = XmlReader.Create(new StringReader(document.TrimStart()), settings);
        try
        {
            return new PlanWriter(reader).Read();
        }
        catch (XmlException error)
        {
            throw Malformed(error, (IXmlLineInfo)reader);
        }
    }

    private static TextException Malformed(XmlException error, IXmlLineInfo place)
    {
        // The library gives no place for a document type, and advises a change of program.
        if (error.LineNumber == 0 && place.LineNumber > 0)
        {
            return ErrorAt(place.LineNumber, place.LinePosition, "a document type is not allowed: leave <!DOCTYPE ...> out");
        }

        // The library's message ends with the place in words of its own.
        var end = error.Message.IndexOf(" Line ", StringComparison.Ordinal);
        return ErrorAt(Math.Max(1, error.LineNumber), Math.Max(1, error.LinePosition), end < 0 ? error.Message : error.Message[..end]);
    }

    private static TextException ErrorAt(int line, int column, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"SSML, line {line}, column {column}: {message.ReplaceLineEndings(" ")}"));

    /// <summary>Walks through a document once; what is open is on the reader's stack and on ours.</summary>
    private sealed class PlanWriter(XmlReader reader)
    {
        private readonly List<SsmlStep> _steps = [];
        private readonly Stack<Prosody> _prosody = new([Prosody.Neutral]);
        private readonly StringBuilder _text = new();

        public SsmlPlan Read()
        {
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != "speak")
            {
                throw Error($"expected the element 'speak', found '{reader.LocalName}'");
            }

            do
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        Open();
                        break;
                    case XmlNodeType.EndElement:
                        Close(reader.LocalName);
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                        _text.Append(reader.Value);
                        break;
                }
            }
            while (reader.Read());

            Flush();
            return new SsmlPlan(_steps);
        }

        private void Open()
        {
            if (reader.Depth >= DeepestElement)
            {
                throw Error($"elements lie more than {DeepestElement} deep");
            }

            var (name, isEmpty) = (reader.LocalName, reader.IsEmptyElement);
            switch (name)
            {
                case "break":
                    Flush();
                    _steps.Add(new SsmlBreak(BreakOf()));
                    break;
                case "mark":
                    Flush();
                    _steps.Add(new SsmlMark(reader.GetAttribute("name") ?? throw Error("'mark' needs a name")));
                    break;
                case "prosody":
                    Flush();
                    _prosody.Push(ProsodyOf(_prosody.Peek()));
                    break;
                case "p" or "s":
                    Flush();
                    break;
                case "phoneme" when reader.GetAttribute("ph") is { } phones:
                    Replace(PhonesOf(phones, reader.GetAttribute("alphabet") ?? "ipa"), isEmpty);
                    return;
                case "sub" when reader.GetAttribute("alias") is { } alias:
                    Replace(alias, isEmpty);
                    return;
                case "say-as" when !isEmpty:
                    var (kind, format) = (reader.GetAttribute("interpret-as") ?? "", reader.GetAttribute("format") ?? "");
                    _text.Append(SayAs.Words(Inside(), kind, format));
                    return;
                case "desc" or "metadata" or "meta" or "lexicon":
                    Replace("", isEmpty);
                    return;
            }

            if (isEmpty)
            {
                Close(name);
            }
        }

        private void Close(string name)
        {
            switch (name)
            {
                case "prosody":
                    Flush();
                    _prosody.Pop();
                    break;
                case "s":
                    Flush();
                    break;
                case "p":
                    Flush();
                    _steps.Add(new SsmlBreak(BetweenParagraphs));
                    break;
            }
        }

        /// <summary>Says something instead of what the element holds.</summary>
        private void Replace(string text, bool isEmpty)
        {
            if (!isEmpty)
            {
                Inside();
            }

            _text.Append(text);
        }

        /// <summary>The text within the element, whose end becomes the reader's place.</summary>
        private string Inside()
        {
            var text = new StringBuilder();
            var depth = reader.Depth;
            while (reader.Read() && reader.Depth > depth)
            {
                if (reader.Depth >= DeepestElement)
                {
                    throw Error($"elements lie more than {DeepestElement} deep");
                }

                text.Append(reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace
                    ? reader.Value : "");
            }

            return text.ToString();
        }

        private void Flush()
        {
            // A line break in a document is a space; in the front end's text it would end a sentence.
            var text = string.Join(' ', _text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            _text.Clear();
            if (text.Length > 0)
            {
                _steps.Add(new SsmlText(text, _prosody.Peek()));
            }
        }

        private int BreakOf()
        {
            if (reader.GetAttribute("time") is { } time)
            {
                return ProsodyValues.Time(time.Trim()) ?? throw Error($"expected a time such as 250ms or 1.5s, found '{time}'");
            }

            var strength = reader.GetAttribute("strength") ?? "medium";
            return ProsodyValues.Strength(strength)
                ?? throw Error($"expected the strength none, x-weak, weak, medium, strong or x-strong, found '{strength}'");
        }

        private Prosody ProsodyOf(Prosody outer)
        {
            var rate = Value("rate", ProsodyValues.Rate, "a rate such as slow, 1.2 or 80%") ?? 1;
            var volume = Value("volume", ProsodyValues.Volume, "a volume such as soft, +6dB or 80") ?? 0;
            var pitch = Value("pitch", ProsodyValues.Pitch, "a pitch such as high, +2st or -10%") ?? 0;
            return new Prosody(Math.Clamp(outer.Rate * rate, 0.25, 4), outer.VolumeDecibels
                + volume, Math.Clamp(outer.PitchSemitones + pitch, -24, 24));
        }

        private double? Value(string attribute, Func<string, double?> parse, string expected) =>
            reader.GetAttribute(attribute) is not { } value ? null : parse(value.Trim()) ?? throw Error($"expected {expected}, found '{value}'");

        /// <summary>The phones in braces, with spaces around them.</summary>
        private string PhonesOf(string phones, string alphabet) => alphabet switch
        {
            "ipa" => IpaOf(phones),
            "x-arpabet" or "x-cmu-arpabet" or "arpabet" => ArpabetOf(phones),
            _ => throw Error($"expected the alphabet ipa or x-arpabet, found '{alphabet}'"),
        };

        private string IpaOf(string phones) => Ipa.Words(phones, new TextRange(0, phones.Length)) is { } words
            ? string.Concat(words.Select(word => $" {{{string.Join(' ', word.Phones)}}} "))
            : throw Error($"'{phones}' is not IPA that English uses");

        private string ArpabetOf(string phones)
        {
            var names = AnnotatedText.NamesIn(phones.ToUpperInvariant());
            return names.Length > 0 && Array.TrueForAll(names, Arpabet.IsPhone)
                ? $" {{{string.Join(' ', names)}}} "
                : throw Error($"'{phones}' is not ARPAbet such as HH AH0 L OW1");
        }

        private TextException Error(string message)
        {
            var place = (IXmlLineInfo)reader;
            return ErrorAt(place.LineNumber, place.LinePosition, message);
        }
    }
}
