using System.Globalization;
using CudaTts.Compute;

namespace CudaTts.Server.Settings;

/// <summary>Reads the section <c>CudaTts</c> and refuses what cannot be meant.</summary>
internal static class SettingsReader
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "CudaTts";

    private const int Megabytes = 1 << 20;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">One line says which setting, what was expected and what was found.</exception>
    public static ServerSettings Read(IConfiguration configuration)
    {
        var section = new SettingsSection(configuration.GetSection(SectionName));
        var (cors, metrics) = (section.Section("Cors"), section.Section("Metrics"));
        var settings = new ServerSettings
        {
            Voice = FolderOf(section, "Voice"),
            Voices = VoicesOf(section),
            Device = DeviceOf(section),
            Vocoder = section.Text("Vocoder"),
            Limits = LimitsOf(section.Section("Limits")),
            Keys = [.. section.Sections("Keys").Select(KeyOf)],
            CorsOrigins = [.. cors.List("Origins").Select(origin => OriginOf(cors.Path("Origins"), origin))],
            MetricsPort = metrics.Integer("Port", 1, 65535),
            MetricsKey = metrics.Text("Key") is { } hash ? HashOf(metrics.Path("Key"), hash) : null,
            LogText = section.Flag("LogText") ?? false,
            OnDeviceError = section.Choice("OnDeviceError", ("exit", DeviceErrorAction.Exit), ("cpu", DeviceErrorAction.Cpu)) ?? default,
        };
        cors.RequireAllRead();
        metrics.RequireAllRead();
        section.RequireAllRead();
        if (settings.Keys.GroupBy(key => key.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new SettingsException($"{section.Path("Keys")}: expected names that differ, found '{twice.Key}' twice.");
        }

        return settings;
    }

    /// <summary>The hash of a key as it stands in the settings.</summary>
    /// <exception cref="SettingsException">It is no SHA-256.</exception>
    public static string HashOf(string path, string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit)
        ? text.ToLowerInvariant()
        : throw new SettingsException(
            $"{path}: expected a SHA-256 of 64 hexadecimal digits, as 'keys add' writes it, found {text.Length} characters.");

    private static string? FolderOf(SettingsSection section, string key)
    {
        var folder = section.Text(key);
        return folder is null || Directory.Exists(folder)
            ? folder
            : throw new SettingsException($"{section.Path(key)}: there is no such folder: '{folder}'.");
    }

    private static IReadOnlyDictionary<string, string> VoicesOf(SettingsSection section)
    {
        var voices = section.Names("Voices");
        foreach (var (name, folder) in voices)
        {
            var path = ConfigurationPath.Combine(section.Path("Voices"), name);
            if (!VoiceNames.IsValid(name))
            {
                throw new SettingsException($"{path}: expected a name of 1 to 64 letters, digits, '.', '_' and '-', found '{name}'.");
            }

            if (!Directory.Exists(folder))
            {
                throw new SettingsException($"{path}: there is no such folder: '{folder}'.");
            }
        }

        return voices;
    }

    private static DeviceOptions DeviceOf(SettingsSection section)
    {
        var name = section.Text("Device") ?? "auto";
        if (!(name is "auto" or "cpu" or "cuda" or "emulated"
            || (name.StartsWith("cuda:", StringComparison.Ordinal)
                && ushort.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _))))
        {
            throw new SettingsException($"{section.Path("Device")}: expected auto, cpu, cuda, cuda:N or emulated, found '{name}'.");
        }

        var threads = section.Integer("Threads", (int)SpeechLimits.Threads.Least, (int)SpeechLimits.Threads.Most) ?? 0;
        return new DeviceOptions
        {
            Name = name,
            Precision = section.Choice("Precision", ("float16", Precision.Half), ("float32", Precision.Full)) ?? Precision.Half,

            // More threads than cores only wait for each other.
            Threads = Math.Min(threads, Environment.ProcessorCount),
        };
    }

    private static ServerLimits LimitsOf(SettingsSection section)
    {
        var usual = new ServerLimits();
        var limits = new ServerLimits
        {
            InputCharacters = section.Integer("InputCharacters", 1, Megabytes) ?? usual.InputCharacters,
            SilenceSeconds = section.Integer("SilenceSeconds", 0, 3600) ?? usual.SilenceSeconds,
            BodyBytes = section.Integer("BodyBytes", 1024, 256 * Megabytes) ?? usual.BodyBytes,
            HeaderBytes = section.Integer("HeaderBytes", 1024, Megabytes) ?? usual.HeaderBytes,
            RequestSeconds = section.Integer("RequestSeconds", 1, 86400) ?? usual.RequestSeconds,
            QueueSeconds = section.Integer("QueueSeconds", 0, 3600) ?? usual.QueueSeconds,
            FirstAudioMilliseconds = section.Integer("FirstAudioMilliseconds", 0, 3_600_000) ?? usual.FirstAudioMilliseconds,
            Waiting = section.Integer("Waiting", 0, 100_000) ?? usual.Waiting,
            ParallelRequests = section.Integer("ParallelRequests", 1, 100_000) ?? usual.ParallelRequests,
            MemoryBytes = section.Integer("MemoryMegabytes", 16, Megabytes) is { } memory ? (long)memory * Megabytes : usual.MemoryBytes,
            AheadBytes = section.Integer("AheadBytes", 4096, 256 * Megabytes) ?? usual.AheadBytes,
            ReadBytesPerSecond = section.Integer("ReadBytesPerSecond", 1, Megabytes) ?? usual.ReadBytesPerSecond,
            ShutdownSeconds = section.Integer("ShutdownSeconds", 0, 3600) ?? usual.ShutdownSeconds,
        };
        section.RequireAllRead();
        return limits;
    }

    private static ApiKey KeyOf(SettingsSection section)
    {
        var name = section.Text("Name") ?? throw new SettingsException($"{section.Path("Name")}: a key needs a name.");
        var hash = section.Text("Sha256")
            ?? throw new SettingsException($"{section.Path("Sha256")}: a key needs its SHA-256; 'keys add' writes one.");
        var key = new ApiKey(name, HashOf(section.Path("Sha256"), hash))
        {
            RequestsPerMinute = section.Integer("RequestsPerMinute", 1, int.MaxValue),
            CharactersPerMinute = section.Integer("CharactersPerMinute", 1, int.MaxValue),
            Parallel = section.Integer("Parallel", 1, int.MaxValue),
        };
        section.RequireAllRead();
        return VoiceNames.IsValid(name)
            ? key
            : throw new SettingsException($"{section.Path("Name")}: expected 1 to 64 letters, digits, '.', '_' and '-', found '{name}'.");
    }

    private static string OriginOf(string path, string origin) =>
        origin == "*"
        || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && origin == url.GetLeftPart(UriPartial.Authority))
            ? origin
            : throw new SettingsException($"{path}: expected '*' or an origin such as https://example.org, found '{origin}'.");
}
