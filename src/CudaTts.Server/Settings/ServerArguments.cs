namespace CudaTts.Server.Settings;

/// <summary>The command line of the server: short switches become settings, settings pass, and anything else is refused.</summary>
/// <param name="Configuration">Settings as the configuration's command line source reads them.</param>
/// <param name="SettingsFile">File of further settings, null for appsettings.json in the current folder.</param>
internal sealed record ServerArguments(string[] Configuration, string? SettingsFile)
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        cudatts-server: text to speech over HTTP.

        cudatts-server [--voice DIR] [--device auto|cpu|cuda[:N]] [--port N | --urls URL] [--settings FILE] [--CudaTts:SETTING VALUE ...]
        cudatts-server keys add NAME [--requests-per-minute N] [--characters-per-minute N] [--parallel N] [--settings FILE]

        Without settings: the default voice at http://127.0.0.1:8880. Settings come from the section CudaTts of appsettings.json in the current folder
        (or of FILE), from environment variables such as CudaTts__Voice, and from the command line; the later ones win.
        """;

    private static readonly Dictionary<string, string> s_switches = new()
    {
        ["--voice"] = "CudaTts:Voice",
        ["--device"] = "CudaTts:Device",
        ["--urls"] = "urls",
        ["--port"] = "urls",
        ["--settings"] = "",
    };

    // What ASP.NET Core itself reads.
    private static readonly string[] s_sections = [$"{SettingsReader.SectionName}:", "Kestrel:", "Logging:"];

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="SettingsException">An argument is unknown or has no value.</exception>
    public static ServerArguments Parse(IReadOnlyList<string> arguments)
    {
        var configuration = new List<string>();
        string? file = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var before, var after] ? (before, after) : (arguments[i], null);
            var key = KeyOf(name);
            value ??= ++i < arguments.Count ? arguments[i] : throw new SettingsException($"{name}: a value is missing behind it.");
            if (name == "--settings")
            {
                file = File.Exists(value) ? value : throw new SettingsException($"--settings: there is no such file: '{value}'.");
            }
            else
            {
                configuration.Add($"--{key}={(name == "--port" ? UrlOf(value) : value)}");
            }
        }

        return new ServerArguments([.. configuration], file);
    }

    private static string KeyOf(string name)
    {
        if (s_switches.TryGetValue(name, out var key))
        {
            return key;
        }

        return name.StartsWith("--", StringComparison.Ordinal)
            && s_sections.Any(section => name.AsSpan(2).StartsWith(section, StringComparison.OrdinalIgnoreCase))
            ? name[2..]
            : throw new SettingsException(
                $"'{name}': there is no such argument; expected {string.Join(", ", s_switches.Keys)}, "
                + $"--{SettingsReader.SectionName}:SETTING, keys or --help.");
    }

    private static string UrlOf(string port) => ushort.TryParse(port, out var number)
        ? $"http://127.0.0.1:{number}"
        : throw new SettingsException($"--port: expected a whole number from 0 to 65535, found '{port}'.");
}
