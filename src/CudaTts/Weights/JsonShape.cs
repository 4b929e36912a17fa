using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace CudaTts.Weights;

/// <summary>
/// Compares JSON with the type that it is to become, so that a value of another form is refused by its name and in words of JSON; the library would
/// speak of converters and constructors.
/// </summary>
internal static class JsonShape
{
    private static readonly Dictionary<Type, (string Expected, Func<JsonNode?, bool> Fits)> s_forms = new()
    {
        [typeof(int)] = ($"a whole number of at most {int.MaxValue}", value => Is<int>(value)),
        [typeof(long)] = ("a whole number", value => Is<long>(value)),
        [typeof(ulong)] = ("a whole number from 0 on", value => Is<ulong>(value)),
        [typeof(double)] = ("a number", value => Is<double>(value)),
        [typeof(float)] = ("a number", value => Is<double>(value)),
        [typeof(bool)] = ("true or false", value => Is<bool>(value)),
        [typeof(string)] = ("a string", value => Is<string>(value)),
        [typeof(int[])] = ("a list of whole numbers", value => IsList(value, Is<int>)),
        [typeof(int[][])] = ("a list of lists of whole numbers", value => IsList(value, inner => IsList(inner, Is<int>))),
    };

    /// <summary>Refuses a value of another form.</summary>
    /// <param name="given">The object.</param>
    /// <param name="type">What it is to become. Keys that this does not have are not looked at.</param>
    /// <param name="refuse">Makes the error of what is wrong.</param>
    /// <param name="place">What names of values begin with, such as <c>mel.</c></param>
    public static void Check(JsonObject given, JsonTypeInfo type, Func<string, Exception> refuse, string place = "")
    {
        foreach (var property in type.Properties)
        {
            if (given.TryGetPropertyValue(property.Name, out var value))
            {
                Check(value, property, type.Options, refuse, place + property.Name);
            }
        }
    }

    private static void Check(JsonNode? value, JsonPropertyInfo property, JsonSerializerOptions options, Func<string, Exception> refuse, string name)
    {
        if (property.PropertyType.IsEnum)
        {
            var type = options.GetTypeInfo(property.PropertyType);
            var names = Array.ConvertAll(Enum.GetValuesAsUnderlyingType(property.PropertyType).Cast<int>().ToArray(),
                each => JsonSerializer.SerializeToNode(Enum.ToObject(property.PropertyType, each), type)!.ToJsonString());
            Require(names.Contains(value?.ToJsonString()), string.Join(" or ", names));
        }
        else if (s_forms.TryGetValue(property.PropertyType, out var form))
        {
            Require(form.Fits(value), form.Expected);
        }
        else
        {
            Require(value is JsonObject, "an object");
            Check((JsonObject)value!, options.GetTypeInfo(property.PropertyType), refuse, $"{name}.");
        }

        void Require(bool holds, string expected)
        {
            if (!holds)
            {
                throw refuse($"{name}: expected {expected}, found {JsonText.Describe(value)}.");
            }
        }
    }

    private static bool Is<T>(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue<T>(out _);

    private static bool IsList(JsonNode? value, Func<JsonNode?, bool> fits) => value is JsonArray list && list.All(fits);
}
