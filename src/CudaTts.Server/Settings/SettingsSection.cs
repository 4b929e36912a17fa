using System.Globalization;

namespace CudaTts.Server.Settings;

/// <summary>
/// A section of the configuration, read by hand: a key that nobody reads, a number that cannot be meant and a list where a value should stand are
/// each refused with their full name.
/// </summary>
internal sealed class SettingsSection(IConfigurationSection section)
{
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string key)
    {
        var child = Child(key);
        if (child.Value is null && child.GetChildren().Any())
        {
            throw new SettingsException($"{child.Path}: expected one value, found a list or an object.");
        }

        return string.IsNullOrEmpty(child.Value) ? null : child.Value;
    }

    /// <summary>A whole number within bounds; null where there is none.</summary>
    public int? Integer(string key, int least, int most)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingsException($"{Path(key)}: expected a whole number from {least} to {most}, found '{text}'.");
    }

    /// <summary>True or false; null where nothing is said.</summary>
    public bool? Flag(string key) => Text(key) switch
    {
        null => null,
        var text => bool.TryParse(text, out var flag) ? flag : throw new SettingsException($"{Path(key)}: expected true or false, found '{text}'."),
    };

    /// <summary>One of some names; null where nothing is said.</summary>
    public T? Choice<T>(string key, params (string Name, T Value)[] known)
        where T : struct
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        foreach (var (name, value) in known)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw new SettingsException($"{Path(key)}: expected {string.Join(" or ", known.Select(choice => choice.Name))}, found '{text}'.");
    }

    /// <summary>A section within this one.</summary>
    public SettingsSection Section(string key)
    {
        var child = Child(key);
        return child.Value is { Length: > 0 }
            ? throw new SettingsException($"{child.Path}: expected an object, found '{child.Value}'.")
            : new SettingsSection(child);
    }

    /// <summary>The sections of a list, in order.</summary>
    public IEnumerable<SettingsSection> Sections(string key) => Section(key).Children().Select(child => new SettingsSection(child));

    /// <summary>The values of a list, or the parts between commas of one value.</summary>
    public IReadOnlyList<string> List(string key)
    {
        var child = Child(key);
        return child.Value is { Length: > 0 } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. child.GetChildren().Select(item => item.Value ?? throw new SettingsException($"{item.Path}: expected a text, found an object."))];
    }

    /// <summary>Names with their values, whatever the names are.</summary>
    public IReadOnlyDictionary<string, string> Names(string key) => Section(key).Children().ToDictionary(
        child => child.Key,
        child => child.Value is { Length: > 0 } value ? value : throw new SettingsException($"{child.Path}: expected a text, found an object."));

    /// <summary>The full name of a key.</summary>
    public string Path(string key) => ConfigurationPath.Combine(section.Path, key);

    /// <summary>Refuses what nobody has read: a wish that is not granted.</summary>
    public void RequireAllRead()
    {
        if (section.GetChildren().FirstOrDefault(child => !_read.Contains(child.Key)) is { } unknown)
        {
            throw new SettingsException($"{unknown.Path}: there is no such setting; expected one of {string.Join(", ", _read.Order())}.");
        }
    }

    private IEnumerable<IConfigurationSection> Children() => section.GetChildren();

    private IConfigurationSection Child(string key)
    {
        _read.Add(key);
        return section.GetSection(key);
    }
}
