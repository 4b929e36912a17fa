using System.Text.Json;
using CudaTts.Files;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Weights;

/// <summary>
/// A config as its makers wrote it: the config.json of a public repository, or the <c>config</c> dict of a checkpoint. Keys are theirs;
/// values that are absent stay absent, so that what is known from the tensors' shapes can be compared with what is claimed.
/// </summary>
internal sealed class SourceConfig
{
    private const int ListLimit = 256;
    private readonly DictionaryNode _values;
    private readonly Dictionary<string, string> _places;

    /// <summary>Wraps values read from <paramref name="source"/>.</summary>
    /// <param name="source">What error messages call it.</param>
    /// <param name="values">The values by key.</param>
    public SourceConfig(string source, DictionaryNode values)
        : this(source, values, [])
    {
    }

    private SourceConfig(string source, DictionaryNode values, Dictionary<string, string> places) =>
        (Source, _values, _places) = (source, values, places);

    /// <summary>What error messages call it.</summary>
    public string Source { get; }

    /// <summary>Whether anything in it was asked for: a config of something else has no key that is.</summary>
    public bool IsRead => _places.Count > 0;

    /// <summary>The names of its keys.</summary>
    public IEnumerable<string> Names => _values.Items.Select(pair => pair.Key).OfType<string>();

    /// <summary>Reads a JSON file, or a YAML file (.yml, .yaml).</summary>
    /// <exception cref="WeightsException">It cannot be read, or is not a JSON object or YAML mapping.</exception>
    public static SourceConfig Read(string path)
    {
        try
        {
            var text = InputFile.ReadBytes(path, InputFile.MostConfigBytes);
            return Path.GetExtension(path).ToUpperInvariant() is ".YML" or ".YAML"
                ? new SourceConfig(path, YamlReader.Parse(EncodedText.Decode(text, path), path))
                : Parse(text, path);
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>The config of JSON text.</summary>
    /// <exception cref="WeightsException">It is not a JSON object.</exception>
    internal static SourceConfig Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonInput.Parse(json, source);
            return new SourceConfig(source, Dictionary(document.RootElement));
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>Whether the key is present.</summary>
    public bool Has(string key) => _values.Get(key) is not null;

    /// <summary>Whether the key is there without a value, which stands for what Python's None does.</summary>
    public bool IsNone(string key) => Names.Contains(key) && !Has(key);

    /// <summary>
    /// Where a value of config.json was read here, as messages say it; null where it was not. A value is called by the last part of its name in
    /// config.json, unless <see cref="FirstOf"/> gave it that name.
    /// </summary>
    public string? PlaceOf(string name)
    {
        var key = name.Split(':')[0];
        var place = _places.GetValueOrDefault(key) ?? _places.GetValueOrDefault(key[(key.LastIndexOf('.') + 1)..]);
        return place is null ? null : place + name[key.Length..];
    }

    /// <summary>The first of some keys that is present, which is how this config spells a value of config.json; the last where none is.</summary>
    /// <param name="name">The value's name in config.json.</param>
    /// <param name="keys">The spellings.</param>
    public string FirstOf(string name, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Has(key))
            {
                _places[name] = $"{Source}: {key}";
                return key;
            }
        }

        return keys[^1];
    }

    /// <summary>A whole number, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not a whole number of 32 bits.</exception>
    public int? Integer(string key) => Value(key) is { } value ? Integer(key, value) : null;

    /// <summary>A number, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not a number.</exception>
    public double? Number(string key) => Value(key) switch
    {
        null => null,
        long value => value,
        double value when double.IsFinite(value) => value,
        _ => throw Wrong(key, "a number"),
    };

    /// <summary>A truth value, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not a truth value.</exception>
    public bool? Flag(string key) => Value(key) switch
    {
        null => null,
        bool value => value,
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>A string or a number as text, or null when the key is absent.</summary>
    public string? Text(string key) => Value(key) switch
    {
        null => null,
        string value => value,
        long value => FormattableString.Invariant($"{value}"),
        _ => throw Wrong(key, "a string"),
    };

    /// <summary>A list of whole numbers, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not such a list.</exception>
    public int[]? Integers(string key) => Value(key) is { } value ? Integers(key, value) : null;

    /// <summary>A list of strings, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not such a list.</exception>
    public string[]? Strings(string key) => Value(key) is { } value
        ? [.. Items(key, value).Select(item => item as string ?? throw Wrong(key, "a list of strings"))] : null;

    /// <summary>A list of lists of whole numbers, or null when the key is absent.</summary>
    /// <exception cref="WeightsException">The value is not such a list.</exception>
    public int[][]? IntegerLists(string key) => Value(key) is { } value ? [.. Items(key, value).Select(item => Integers(key, item))] : null;

    /// <summary>A dict within this one, or null when the key is absent.</summary>
    public SourceConfig? Section(string key) => Value(key) switch
    {
        null => null,
        DictionaryNode section => new SourceConfig($"{Source}: {key}", section, _places),
        _ => throw Wrong(key, "an object"),
    };

    /// <summary>The error for a value of another form.</summary>
    public WeightsException Wrong(string key, string expected) => new($"{Source}: {key}: expected {expected}, found {Describe(_values.Get(key))}.");

    private object? Value(string key)
    {
        var value = _values.Get(key);
        if (value is not null)
        {
            _places[key] = $"{Source}: {key}";
        }

        return value;
    }

    private static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        ListNode or TupleNode => "a list with something else",
        DictionaryNode => "an object",
        bool flag => flag ? "true" : "false",
        _ => FormattableString.Invariant($"{value}"),
    };

    private static DictionaryNode Dictionary(JsonElement json)
    {
        var dictionary = new DictionaryNode();
        foreach (var property in json.EnumerateObject())
        {
            dictionary.Set(property.Name, Node(property.Value));
        }

        return dictionary;
    }

    private static object? Node(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return Dictionary(json);
            case JsonValueKind.Array:
                var list = new ListNode();
                list.Items.AddRange(json.EnumerateArray().Select(Node));
                return list;
            case JsonValueKind.Number:
                return json.TryGetInt64(out var integer) ? (object)integer : json.GetDouble();
            case JsonValueKind.String:
                return json.GetString();
            case JsonValueKind.True or JsonValueKind.False:
                return json.GetBoolean();
            default:
                return null;
        }
    }

    // A pickle's lists may be shared, so lists of lists are larger than their file; no network has so many stages.
    private IReadOnlyList<object?> Items(string key, object? value) => value switch
    {
        ListNode { Items.Count: <= ListLimit } list => list.Items,
        TupleNode { Items.Length: <= ListLimit } tuple => tuple.Items,
        ListNode or TupleNode => throw Wrong(key, $"a list of at most {ListLimit} values"),
        _ => throw Wrong(key, "a list"),
    };

    private int[] Integers(string key, object? value) => [.. Items(key, value).Select(item => Integer(key, item))];

    private int Integer(string key, object? value) =>
        value is long integer and >= int.MinValue and <= int.MaxValue ? (int)integer : throw Wrong(key, "a whole number");
}
