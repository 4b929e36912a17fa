using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace CudaTts.Files;

/// <summary>
/// JSON that people write: with or without a byte order mark, with comments and trailing commas; always an object. What is wrong with it is said in
/// their words and by its place, where the library would speak of .NET: so the text is looked over before the library reads it. A key that is there
/// twice, of which only one would count, is found here, and half of a character here and not where the string is used.
/// </summary>
public static class JsonInput
{
    private const int DepthLimit = 32;

    private static readonly JsonDocumentOptions s_document =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthLimit };

    // One deeper than is allowed, so that what is too deep is seen and told from what is no JSON.
    private static readonly JsonReaderOptions s_reader =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthLimit + 1 };

    /// <summary>Reads a JSON file.</summary>
    /// <param name="path">The file, at most <see cref="InputFile.MostConfigBytes"/> long.</param>
    /// <param name="type">The type that it is to become; its properties say what is expected.</param>
    /// <exception cref="FileException">The file cannot be read, is not JSON, or is of another shape.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class => Parse(InputFile.ReadBytes(path, InputFile.MostConfigBytes), type, path);

    /// <summary>Reads the JSON text of bytes: UTF-8, or UTF-16 and UTF-32.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="type">The type that it is to become; its properties say what is expected.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="FileException">It is not JSON, or of another shape.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type, string source)
        where T : class
    {
        using var document = Parse(bytes, source);
        JsonShape.Require(document.RootElement, type, source);

        // Written anew it has neither comments nor trailing commas, which the types' own options refuse.
        using var plain = new MemoryStream();
        using (var writer = new Utf8JsonWriter(plain))
        {
            document.WriteTo(writer);
        }

        return JsonSerializer.Deserialize(plain.GetBuffer().AsSpan(0, (int)plain.Length), type)!;
    }

    /// <summary>The same, of no shape that is known: any object.</summary>
    /// <returns>The document; disposing it is the caller's.</returns>
    /// <exception cref="FileException">It is not JSON, or no object.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string source)
    {
        var text = AsUtf8(bytes, source);
        Check(text.Span, source);
        var document = JsonDocument.Parse(text, s_document);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        var found = JsonShape.Describe(document.RootElement);
        document.Dispose();
        throw new FileException($"{source}: expected a JSON object {{...}}, found {found}.");
    }

    private static ReadOnlyMemory<byte> AsUtf8(ReadOnlyMemory<byte> bytes, string source) =>
        EncodedText.WideEncodingOf(bytes.Span) is not null ? Encoding.UTF8.GetBytes(EncodedText.Decode(bytes.Span, source))
        : bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..]
        : bytes;

    private static void Check(ReadOnlySpan<byte> json, string source)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new FileException($"{source}: not JSON: expected an object {{...}}, found nothing.");
        }

        var reader = new Utf8JsonReader(json, s_reader);
        try
        {
            CheckTokens(ref reader, json, source);
        }
        catch (JsonException error)
        {
            var line = (int)(error.LineNumber ?? 0);
            var at = Math.Min(json.Length, StartOfLine(json, line) + (int)(error.BytePositionInLine ?? 0));
            throw new FileException(
                $"{source}: not JSON: the mistake is at {Place(json, at)}, or just before it: look for a comma, a quotation mark or a bracket.");
        }
    }

    private static void CheckTokens(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string source)
    {
        var keys = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth == DepthLimit:
                    throw new FileException($"{source}: expected JSON at most {DepthLimit} deep, found deeper brackets.");
                case JsonTokenType.StartObject:
                    keys.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    keys.Pop();
                    break;
                case JsonTokenType.PropertyName when Text(ref reader, json, source) is var key && !keys.Peek().Add(key):
                    throw new FileException($"{source}: the key '{key}' is there twice, again at {PlaceOf(reader, json)}; remove one.");
                case JsonTokenType.String:
                    Text(ref reader, json, source);
                    break;
            }
        }
    }

    private static string Text(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string source)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FileException(Utf8.IsValid(reader.ValueSpan)
                ? $"{source}: half of a character, an unpaired surrogate such as \\ud800, is in the text at {PlaceOf(reader, json)}."
                : $"{source}: expected UTF-8, found bytes that are not in the text at {PlaceOf(reader, json)}; save it as UTF-8.");
        }
    }

    private static string PlaceOf(in Utf8JsonReader reader, ReadOnlySpan<byte> json) => Place(json, (int)reader.TokenStartIndex);

    // A line of a file of many has a number of its own, which the reader of that file says.
    private static string Place(ReadOnlySpan<byte> json, int at)
    {
        var line = json[..at].Count((byte)'\n');
        var column = 1 + Encoding.UTF8.GetCharCount(json[StartOfLine(json, line)..at]);
        return json.Contains((byte)'\n') ? $"line {line + 1}, column {column}" : $"column {column}";
    }

    private static int StartOfLine(ReadOnlySpan<byte> json, int line)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            start += json[start..].IndexOf((byte)'\n') + 1;
        }

        return start;
    }
}
