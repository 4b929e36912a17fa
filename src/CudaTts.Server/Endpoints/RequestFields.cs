using System.Text.Json;

namespace CudaTts.Server.Endpoints;

/// <summary>What kind of value a field takes.</summary>
internal enum FieldKind
{
    /// <summary>A JSON string.</summary>
    Text,

    /// <summary>A number, whole or not.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A whole number, or a name.</summary>
    NumberOrName,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A name, or an object with an id.</summary>
    Name,
}

/// <summary>The fields of a request, from a JSON object or from a query string, each with its kind; an unknown one is refused.</summary>
internal sealed class RequestFields
{
    private const int LongestQuote = 100;

    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    private RequestFields()
    {
    }

    /// <summary>Reads a JSON object.</summary>
    /// <param name="body">The bytes of the body.</param>
    /// <param name="known">The fields there are.</param>
    /// <exception cref="ApiException">It is no JSON object, or has an unknown field, one twice, or one of another kind.</exception>
    public static RequestFields OfJson(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, FieldKind> known)
    {
        try
        {
            var fields = new RequestFields();
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw ApiException.Invalid(null, $"The body: expected a JSON object, found {Describe(document.RootElement)}.", "invalid_json");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                RequireText(property.Value);
                fields.Add(property.Name, property.Value.Clone(), known);
            }

            return fields;
        }
        catch (JsonException error)
        {
            throw ApiException.Invalid(null, $"The body: expected a JSON object, found something else: {Plain(error.Message)}", "invalid_json");
        }
        catch (InvalidOperationException)
        {
            // What the parser lets pass and no text can hold: half of a surrogate pair, or bytes that are no UTF-8.
            throw ApiException.Invalid(
                null, "The body: expected text of Unicode characters, found half of a surrogate pair or bytes that are no UTF-8.", "invalid_json");
        }
    }

    /// <summary>Reads a query string.</summary>
    /// <exception cref="ApiException">A field is unknown, stands twice or is of another kind.</exception>
    public static RequestFields OfQuery(IQueryCollection query, IReadOnlyDictionary<string, FieldKind> known)
    {
        var fields = new RequestFields();
        foreach (var (name, values) in query)
        {
            foreach (var value in values)
            {
                fields.Add(name, ElementOf(value ?? "", known.GetValueOrDefault(name)), known);
            }
        }

        return fields;
    }

    /// <summary>Whether a field has a value.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>A text; null where the field is not there.</summary>
    public string? Text(string name) => _values.TryGetValue(name, out var value)
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string", value)
        : null;

    /// <summary>A name that stands alone or as the id of an object; null where the field is not there.</summary>
    public string? Name(string name)
    {
        if (!_values.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.String)
        {
            return Text(name);
        }

        var isNamed = value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Select(property => property.Name).SequenceEqual(["id"])
            && value.GetProperty("id").ValueKind == JsonValueKind.String;
        return isNamed ? value.GetProperty("id").GetString() : throw Wrong(name, "a string, or an object with the one key 'id'", value);
    }

    /// <summary>A number within its range; null where the field is not there.</summary>
    public double? Number(string name, NumberRange range)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && range.Contains(number)
            ? number
            : throw Wrong(name, $"a number, {range.Expected}", value);
    }

    /// <summary>A whole number within bounds; null where the field is not there.</summary>
    public ulong? Integer(string name, ulong least, ulong most)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, $"a whole number, {least} to {most}", value);
    }

    /// <summary>A number or a name as it is written; null where the field is not there.</summary>
    public string? NumberOrName(string name) => _values.TryGetValue(name, out var value)
        ? value.ValueKind is JsonValueKind.Number or JsonValueKind.String ? value.ToString() : throw Wrong(name, "a whole number or a name", value)
        : null;

    /// <summary>True or false; null where the field is not there.</summary>
    public bool? Flag(string name) => _values.TryGetValue(name, out var value)
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value)
        : null;

    /// <summary>One of some words; null where the field is not there.</summary>
    public T? Choice<T>(string name, params (string Word, T Value)[] known)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        foreach (var (word, value) in known)
        {
            if (word == text)
            {
                return value;
            }
        }

        throw ApiException.Invalid(name, $"{name}: expected {string.Join(" or ", known.Select(choice => choice.Word))}, found '{Quote(text)}'.");
    }

    /// <summary>The beginning of what a client sent, for a message.</summary>
    public static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";

    private static JsonElement ElementOf(string value, FieldKind kind)
    {
        if (kind is FieldKind.Number or FieldKind.Integer or FieldKind.Flag)
        {
            try
            {
                using var document = JsonDocument.Parse(value);
                RequireText(document.RootElement);
                return document.RootElement.Clone();
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                // The message of the wrong kind says what stands there.
            }
        }

        return JsonSerializer.SerializeToElement(value, WireJson.Instance.String);
    }

    private static ApiException Wrong(string name, string expected, JsonElement value) =>
        ApiException.Invalid(name, $"{name}: expected {expected}, found {Describe(value)}.");

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"'{Quote(value.GetString()!)}'",
        _ => Quote(value.GetRawText()),
    };

    // Text is decoded when it is asked for; what is none is found here, where there is an answer for it.
    private static void RequireText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                value.EnumerateArray().ToList().ForEach(RequireText);
                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    _ = property.Name;
                    RequireText(property.Value);
                }

                break;
        }
    }

    // The parser's message ends with the place, which is of use, and may quote what was sent.
    private static string Plain(string message) => Quote(message.ReplaceLineEndings(" "));

    private void Add(string name, JsonElement value, IReadOnlyDictionary<string, FieldKind> known)
    {
        if (!known.ContainsKey(name))
        {
            throw ApiException.Invalid(
                Quote(name), $"'{Quote(name)}': there is no such field; expected some of {string.Join(", ", known.Keys)}.", "unknown_parameter");
        }

        // A null is a field that is not there, as OpenAI's clients send what is not set.
        if (value.ValueKind != JsonValueKind.Null && !_values.TryAdd(name, value))
        {
            throw ApiException.Invalid(name, $"{name}: expected once, found twice.", "duplicate_parameter");
        }
    }
}
