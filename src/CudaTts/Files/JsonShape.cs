using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CudaTts.Files;

/// <summary>
/// Compares JSON with the type that it is to become, so that what is of another form is refused by its name and in words of JSON; the library would
/// speak of converters and constructors.
/// </summary>
internal static class JsonShape
{
    private const int LongestShown = 60;

    private static readonly Dictionary<Type, Form> s_forms = new()
    {
        [typeof(string)] = new("a text in quotation marks", "texts in quotation marks", value => value.ValueKind == JsonValueKind.String),
        [typeof(JsonElement)] = new("a number or a text in quotation marks", "numbers and texts in quotation marks",
            value => value.ValueKind == JsonValueKind.String || IsNumber(value)),
        [typeof(bool)] = new("true or false", "true and false", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False),
        [typeof(double)] = new("a number", "numbers", IsNumber),
        [typeof(float)] = new("a number", "numbers", value => IsNumber(value) && float.IsFinite(value.GetSingle())),
        [typeof(int)] = new($"a whole number of at most {int.MaxValue}", "whole numbers", value => IsNumber(value) && value.TryGetInt32(out _)),
        [typeof(long)] = new("a whole number", "whole numbers", value => IsNumber(value) && value.TryGetInt64(out _)),
        [typeof(ulong)] = new(
            $"a whole number from 0 to {ulong.MaxValue}", "whole numbers from 0 on", value => IsNumber(value) && value.TryGetUInt64(out _)),
    };

    /// <summary>Refuses what is not of a type's shape: a key that is missing or that nothing reads, a value of another kind.</summary>
    /// <param name="value">The object.</param>
    /// <param name="type">The type. Whether keys that it does not have are refused is its own setting for unmapped members.</param>
    /// <param name="source">What messages call the object.</param>
    /// <exception cref="FileException">Names the key, what was expected and what was found.</exception>
    public static void Require(JsonElement value, JsonTypeInfo type, string source) => RequireObject(value, type, source, "");

    /// <summary>What a value is, for a message: as it is written where that is short, else its kind.</summary>
    public static string Describe(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Object ? "an object" : value.GetRawText();
        return text.Length <= LongestShown ? text
            : value.ValueKind == JsonValueKind.Array ? "another list"
            : $"{text[..LongestShown]}...";
    }

    private static void RequireObject(JsonElement value, JsonTypeInfo type, string source, string place)
    {
        var known = type.Properties.ToDictionary(property => property.Name);
        var isClosed = (type.UnmappedMemberHandling ?? type.Options.UnmappedMemberHandling) == JsonUnmappedMemberHandling.Disallow;
        foreach (var given in value.EnumerateObject())
        {
            if (known.TryGetValue(given.Name, out var property))
            {
                RequireProperty(given.Value, property, source, Join(place, given.Name));
            }
            else if (isClosed)
            {
                var name = place.Length == 0 ? source : $"{source}: {place}";
                throw new FileException(
                    $"{name}: expected one of the keys {string.Join(", ", known.Keys)}; found '{given.Name}', which nothing reads.");
            }
        }

        if (type.Properties.FirstOrDefault(property => property.IsRequired && !value.TryGetProperty(property.Name, out _)) is { } missing)
        {
            throw new FileException($"{source}: the key '{Join(place, missing.Name)}' is missing.");
        }
    }

    private static void RequireProperty(JsonElement value, JsonPropertyInfo property, string source, string place)
    {
        var inner = Nullable.GetUnderlyingType(property.PropertyType);
        var mayBeNull = inner is not null || (!property.PropertyType.IsValueType && property.IsSetNullable);
        if (value.ValueKind != JsonValueKind.Null || !mayBeNull)
        {
            RequireValue(value, property.Options.GetTypeInfo(inner ?? property.PropertyType), source, place);
        }
    }

    private static void RequireValue(JsonElement value, JsonTypeInfo type, string source, string place)
    {
        if (FormOf(type) is { } form)
        {
            RequireForm(form.Fits(value), form.One);
        }
        else if (ElementOf(type) is { } element)
        {
            RequireForm(value.ValueKind == JsonValueKind.Array, "a list");
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                RequireValue(item, element, source, $"{place}[{index}]");
            }
        }
        else if (type is { Kind: JsonTypeInfoKind.Dictionary, ElementType: { } entry })
        {
            RequireForm(value.ValueKind == JsonValueKind.Object, "an object");
            var inner = Nullable.GetUnderlyingType(entry);
            foreach (var item in value.EnumerateObject().Where(item => inner is null || item.Value.ValueKind != JsonValueKind.Null))
            {
                RequireValue(item.Value, type.Options.GetTypeInfo(inner ?? entry), source, Join(place, item.Name));
            }
        }
        else
        {
            RequireForm(value.ValueKind == JsonValueKind.Object, "an object");
            RequireObject(value, type, source, place);
        }

        void RequireForm(bool fits, string expected)
        {
            if (!fits)
            {
                throw new FileException($"{source}: {place}: expected {expected}, found {Describe(value)}.");
            }
        }
    }

    private static string Join(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    /// <summary>The form of a value that has no keys, and of lists of such; null for objects and lists of them.</summary>
    private static Form? FormOf(JsonTypeInfo type)
    {
        if (s_forms.TryGetValue(type.Type, out var form))
        {
            return form;
        }

        if (type.Type.IsEnum)
        {
            var names = Enum.GetValuesAsUnderlyingType(type.Type).Cast<int>()
                .Select(value => JsonSerializer.Serialize(Enum.ToObject(type.Type, value), type)).ToList();
            var expected = string.Join(" or ", names);
            return new Form(expected, expected, value => names.Contains(value.GetRawText()));
        }

        return ElementOf(type) is { } element && FormOf(element) is { } item
            ? new Form($"a list of {item.Many}", $"lists of {item.Many}",
                value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item.Fits))
            : null;
    }

    private static JsonTypeInfo? ElementOf(JsonTypeInfo type) =>
        type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } ? type.Options.GetTypeInfo(element) : null;

    // 1e999 is JSON, and no number that can be computed with.
    private static bool IsNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number);

    /// <summary>What values of a type look like: the words for one and for many, and whether a value is one.</summary>
    private sealed record Form(string One, string Many, Func<JsonElement, bool> Fits);
}
