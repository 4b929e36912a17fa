using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CudaTts.Weights;

/// <summary>
/// Reads the JSON files that people write. What the library says of them is in words of its own and of .NET; so the text is looked over first, and
/// what is wrong is said by its place: syntax, a name that is there twice (of which only one would count), half a character.
/// </summary>
internal static class JsonText
{
    private const int DepthLimit = 32;
    private const int LongestShown = 60;

    private static readonly JsonDocumentOptions s_document =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthLimit };

    private static readonly JsonReaderOptions s_reader =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = DepthLimit };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The object that a text is, without the mark that some editors put in front.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="refuse">Makes the error of what is wrong, which is said as "is not JSON: ...".</param>
    public static JsonObject Object(ReadOnlySpan<byte> text, Func<string, Exception> refuse)
    {
        var json = WithoutMark(text);
        var reader = new Utf8JsonReader(json, s_reader);
        try
        {
            Check(ref reader, json, refuse);
            return JsonNode.Parse(json, documentOptions: s_document) as JsonObject
                ?? throw refuse($"expected a JSON object, found {Describe(JsonNode.Parse(json, documentOptions: s_document))}.");
        }
        catch (JsonException error)
        {
            var place = $"line {error.LineNumber + 1}, at byte {error.BytePositionInLine + 1}";
            // The depth of an opening bracket is that of what it stands in.
            throw refuse(reader.CurrentDepth >= DepthLimit - 1 ? $"expected JSON at most {DepthLimit} deep, found deeper brackets." : json.IsEmpty
                ? "expected a JSON object, found nothing."
                : $"is not valid JSON in {place}: look for a comma, a quotation mark or a bracket there.");
        }
    }

    // The mark says UTF-8, or UTF-16 with either byte first, which Windows calls Unicode.
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text switch
    {
        [0xFF, 0xFE, .. var little] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(little)),
        [0xFE, 0xFF, .. var big] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(big)),
        _ => text.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text,
    };

    /// <summary>What a value is, for a message: <c>null</c>, <c>"x"</c>, <c>a list</c>.</summary>
    public static string Describe(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "an object",
        JsonArray when value.ToJsonString() is { Length: <= LongestShown } list => list,
        JsonArray => "another list",
        _ => value.ToJsonString(),
    };

    private static void Check(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Func<string, Exception> refuse)
    {
        var names = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push([]);
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName when !names.Peek().Add(Text(ref reader, json, refuse)):
                    throw refuse($"the key '{reader.GetString()}' is there twice (line {LineOf(reader, json)}); remove one.");
                case JsonTokenType.String:
                    Text(ref reader, json, refuse);
                    break;
            }
        }
    }

    private static string Text(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Func<string, Exception> refuse)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw refuse($"line {LineOf(reader, json)} has half of a character (an unpaired surrogate such as \\ud800).");
        }
    }

    private static int LineOf(in Utf8JsonReader reader, ReadOnlySpan<byte> json) => 1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n');
}
