using CudaTts.Compute;

namespace CudaTts.Server.Settings;

/// <summary>Everything that can be set, with what holds where nothing is said: the section <c>CudaTts</c> of the configuration.</summary>
internal sealed record ServerSettings
{
    /// <summary>Folder of the default voice; null for the one that comes with the program.</summary>
    public string? Voice { get; init; }

    /// <summary>Further voices: the name that clients use, and the folder.</summary>
    public IReadOnlyDictionary<string, string> Voices { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the networks run.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>Folder of another vocoder than the voices' own, or <c>griffin-lim</c>.</summary>
    public string? Vocoder { get; init; }

    /// <summary>How much may be asked for at once.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Who may ask; everybody when there is none.</summary>
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>Pages of other sites that may ask; none when empty.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Port that has the metrics and nothing else; null for the server's own.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>SHA-256 of the bearer key that the metrics want, lower-case hexadecimal; null for none.</summary>
    public string? MetricsKey { get; init; }

    /// <summary>Whether what is spoken may stand in the log.</summary>
    public bool LogText { get; init; }

    /// <summary>What happens when the device is lost.</summary>
    public DeviceErrorAction OnDeviceError { get; init; }
}

/// <summary>What a server does whose device is of no more use to the process.</summary>
internal enum DeviceErrorAction
{
    /// <summary>The process ends, for its supervisor to start it again.</summary>
    Exit,

    /// <summary>The voices are loaded again on the CPU.</summary>
    Cpu,
}

/// <summary>How much may be asked for at once, and how long it may take.</summary>
internal sealed record ServerLimits
{
    /// <summary>Characters of one input.</summary>
    public int InputCharacters { get; init; } = 4096;

    /// <summary>Seconds of silence that one document may ask for.</summary>
    public int SilenceSeconds { get; init; } = 300;

    /// <summary>Bytes of a request's body.</summary>
    public int BodyBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of a request's headers together.</summary>
    public int HeaderBytes { get; init; } = 32 << 10;

    /// <summary>Seconds from a request's begin to its last byte.</summary>
    public int RequestSeconds { get; init; } = 300;

    /// <summary>Seconds that a request waits for its turn, and seconds of work with which the engine is full; 0 for no wait and any work.</summary>
    public int QueueSeconds { get; init; } = 10;

    /// <summary>Milliseconds that the first sentences of others may take before a listener's own; 0 for any time.</summary>
    public int FirstAudioMilliseconds { get; init; } = 400;

    /// <summary>Requests that wait for their turn.</summary>
    public int Waiting { get; init; } = 256;

    /// <summary>Requests that are worked on at once.</summary>
    public int ParallelRequests { get; init; } = 512;

    /// <summary>Bytes that the answers under way may take together, as predicted.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Bytes that are made ahead of a client that reads slowly.</summary>
    public int AheadBytes { get; init; } = 1 << 20;

    /// <summary>Bytes a second that a client must read, from ten seconds on.</summary>
    public int ReadBytesPerSecond { get; init; } = 240;

    /// <summary>Seconds that requests under way have to come to their end when the server is told to end.</summary>
    public int ShutdownSeconds { get; init; } = 30;
}

/// <summary>Who may ask, and how much a minute.</summary>
/// <param name="Name">What the log calls the key.</param>
/// <param name="Sha256">SHA-256 of the key, lower-case hexadecimal: the key itself is nowhere.</param>
internal sealed record ApiKey(string Name, string Sha256)
{
    /// <summary>Requests a minute; null for any number.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Characters of input a minute; null for any number.</summary>
    public int? CharactersPerMinute { get; init; }

    /// <summary>Requests at once; null for any number.</summary>
    public int? Parallel { get; init; }
}
