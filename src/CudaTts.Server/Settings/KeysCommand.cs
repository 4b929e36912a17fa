using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CudaTts.Files;

namespace CudaTts.Server.Settings;

/// <summary>Makes keys: <c>keys add NAME</c> shows a new one once and writes its hash into the settings file.</summary>
internal static class KeysCommand
{
    private const string DefaultFile = "appsettings.json";
    private const string Prefix = "ctts_";
    private const int SecretBytes = 32;

    private static readonly (string Switch, string Setting)[] s_limits =
    [
        ("--requests-per-minute", "RequestsPerMinute"), ("--characters-per-minute", "CharactersPerMinute"), ("--parallel", "Parallel"),
    ];

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What stands behind <c>keys</c>.</param>
    /// <param name="output">Receives the key.</param>
    /// <exception cref="SettingsException">An argument cannot be meant, or the file cannot be read.</exception>
    public static void Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments is not ["add", var name, ..] || !VoiceNames.IsValid(name))
        {
            throw new SettingsException("keys: expected 'keys add NAME' with a name of 1 to 64 letters, digits, '.', '_' and '-'.");
        }

        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var key = new JsonObject
        {
            ["Name"] = name, ["Sha256"] = Convert.ToHexStringLower(Access.BearerKey.HashOf(secret)),
        };
        var file = DefaultFile;
        for (var i = 2; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new SettingsException($"{arguments[i]}: a value is missing behind it.");
            if (arguments[i] == "--settings")
            {
                file = value;
                continue;
            }

            var (_, setting) = s_limits.FirstOrDefault(limit => limit.Switch == arguments[i]);
            key[setting ?? throw Unknown(arguments[i])] = LimitOf(arguments[i], value);
        }

        Add(file, name, key);
        output.WriteLine(secret);
        output.WriteLine($"This is shown once; {file} has its SHA-256. The server reads it when it starts.");
    }

    private static SettingsException Unknown(string argument) => new(
        $"'{argument}': there is no such argument; expected {string.Join(", ", s_limits.Select(limit => limit.Switch))} or --settings.");

    private static int LimitOf(string argument, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new SettingsException($"{argument}: expected a whole number from 1 to {int.MaxValue}, found '{value}'.");

    private static void Add(string file, string name, JsonObject key)
    {
        var root = ReadSettings(file);
        var keys = KeysOf(root, file);
        if (keys.Any(other => other is JsonObject known && known["Name"] is JsonValue value && value.TryGetValue<string>(out var its) && its == name))
        {
            throw new SettingsException($"{file}: it has a key '{name}' already; expected another name.");
        }

        keys.Add((JsonNode)key);
        AtomicFiles.Write((file, stream =>
        {
            using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            root.WriteTo(writer);
        }));
    }

    private static JsonArray KeysOf(JsonObject root, string file)
    {
        try
        {
            return (root[SettingsReader.SectionName] ??= new JsonObject())["Keys"] switch
            {
                null => (JsonArray)(root[SettingsReader.SectionName]!["Keys"] = new JsonArray()),
                JsonArray keys => keys,
                _ => throw new SettingsException($"{file}: {SettingsReader.SectionName}:Keys: expected a list, found something else."),
            };
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // The section is no object, or stands there twice.
            throw new SettingsException($"{file}: {SettingsReader.SectionName}: expected one JSON object, found something else.");
        }
    }

    private static JsonObject ReadSettings(string file)
    {
        try
        {
            return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))?.AsObject() ?? [] : [];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException
            or OutOfMemoryException)
        {
            throw new SettingsException($"{file}: expected a JSON object without comments, found something else: {error.Message}");
        }
    }
}
