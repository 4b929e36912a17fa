using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CudaTts.Files;

/// <summary>
/// JSON that people write: with or without a byte order mark, with comments and trailing commas. What is wrong with it is said in their words, and
/// every string in it is text: an unpaired surrogate is found here and not where the string is used.
/// </summary>
public static class JsonInput
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a JSON file.</summary>
    /// <param name="path">The file, at most <see cref="InputFile.MostBytes"/> long.</param>
    /// <returns>The document; disposing it is the caller's.</returns>
    /// <exception cref="FileException">The file cannot be read, or is not JSON.</exception>
    public static JsonDocument Read(string path) => Parse(InputFile.ReadBytes(path), path);

    /// <summary>Reads JSON text of bytes: UTF-8, or UTF-16 and UTF-32 with a mark.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="source">What messages call it.</param>
    /// <returns>The document; disposing it is the caller's.</returns>
    /// <exception cref="FileException">It is not JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string source)
    {
        var text = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..]
            : EncodedText.WideEncodingOf(bytes.Span) is null ? bytes
            : Encoding.UTF8.GetBytes(EncodedText.Decode(bytes.Span, source, encoding: null, out _));
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(text, s_options);
            RequireText(document.RootElement, source);
            return document;
        }
        catch (JsonException error)
        {
            throw new FileException($"{source}: not JSON: {Place(error)}.");
        }
        catch
        {
            document?.Dispose();
            throw;
        }
    }

    /// <summary>What a kind of value is called.</summary>
    public static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>
    /// Refuses an object that is not of a type's shape: a key that nothing reads, one that is missing, a value of another kind or out of its range.
    /// </summary>
    /// <param name="value">The object.</param>
    /// <param name="type">The type, whose properties say what is expected.</param>
    /// <param name="source">What messages call the object.</param>
    /// <exception cref="FileException">Names the key, what was expected and what was found.</exception>
    public static void RequireShape(JsonElement value, JsonTypeInfo type, string source)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new FileException($"{source}: expected an object {{...}}, found {NameOf(value.ValueKind)}.");
        }

        var known = type.Properties.ToDictionary(property => property.Name);
        foreach (var property in value.EnumerateObject())
        {
            if (!known.TryGetValue(property.Name, out var expected))
            {
                throw new FileException(
                    $"{source}: expected one of the keys {string.Join(", ", known.Keys)}; found '{property.Name}', which nothing reads.");
            }

            RequireValue(property.Value, expected, $"{source}: {property.Name}");
        }

        if (type.Properties.FirstOrDefault(property => property.IsRequired && !value.TryGetProperty(property.Name, out _)) is { } missing)
        {
            throw new FileException($"{source}: the key '{missing.Name}' is missing.");
        }
    }

    private static void RequireValue(JsonElement value, JsonPropertyInfo property, string source)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (value.ValueKind == JsonValueKind.Null && property.IsSetNullable)
        {
            return;
        }

        var (isRight, expected) = Type.GetTypeCode(type) switch
        {
            TypeCode.String => (value.ValueKind == JsonValueKind.String, "a text in quotation marks"),
            TypeCode.Boolean => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
            TypeCode.Double or TypeCode.Single => (IsNumber(value), "a number"),
            TypeCode.Int32 => (IsNumber(value) && value.TryGetInt32(out _), "a whole number"),
            TypeCode.UInt64 => (IsNumber(value) && value.TryGetUInt64(out _), $"a whole number from 0 to {ulong.MaxValue}"),
            _ => (true, ""),
        };
        if (!isRight)
        {
            var found = value.ValueKind is JsonValueKind.Number or JsonValueKind.String ? Shortened(value.GetRawText()) : NameOf(value.ValueKind);
            throw new FileException($"{source}: expected {expected}, found {found}.");
        }

        if (Type.GetTypeCode(type) == TypeCode.Object)
        {
            RequireShape(value, property.Options.GetTypeInfo(type), source);
        }
    }

    // 1e999 is JSON, and no number that can be computed with.
    private static bool IsNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number);

    private static string Shortened(string text) => text.Length <= 40 ? text : $"{text[..40]}...";

    private static void RequireText(JsonElement value, string source)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Require(() => property.Name, source);
                    RequireText(property.Value, source);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    RequireText(item, source);
                }

                break;
            case JsonValueKind.String:
                Require(() => value.GetString()!, source);
                break;
        }
    }

    private static void Require(Func<string> text, string source)
    {
        try
        {
            _ = text();
        }
        catch (InvalidOperationException)
        {
            throw new FileException(
                $"{source}: a text in it is not Unicode: half of a surrogate pair (\\ud800 to \\udfff) stands alone, or bytes are not UTF-8.");
        }
    }

    private static string Place(JsonException error) =>
        FormattableString.Invariant($"the mistake is at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}, or just before it");
}
