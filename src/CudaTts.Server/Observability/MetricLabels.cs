using CudaTts.Models;
using CudaTts.Server.Endpoints;

namespace CudaTts.Server.Observability;

/// <summary>Why a request was turned away that another time would have been taken.</summary>
internal enum RejectionReason
{
    /// <summary>The server is loading, draining, or has lost its device.</summary>
    NotReady,

    /// <summary>As many wait as may.</summary>
    QueueFull,

    /// <summary>Its turn did not come in time.</summary>
    QueueTimeout,

    /// <summary>The device has too little memory at present.</summary>
    Memory,

    /// <summary>Its key has asked for more than it may.</summary>
    KeyLimit,
}

/// <summary>A stage of the work on a request.</summary>
internal enum SpeechStage
{
    /// <summary>Text to token ids.</summary>
    Frontend,

    /// <summary>Token ids to mel.</summary>
    Acoustic,

    /// <summary>Mel to samples.</summary>
    Vocoder,

    /// <summary>Samples to the bytes of the format asked for.</summary>
    Encode,
}

/// <summary>An error of the device.</summary>
internal enum DeviceErrorKind
{
    /// <summary>Only a new process helps.</summary>
    Sticky,

    /// <summary>The device had no more memory.</summary>
    Memory,

    /// <summary>Any other error.</summary>
    Other,
}

/// <summary>The labels' values as they stand in Prometheus: words of ours alone, never a client's.</summary>
internal static class MetricLabels
{
    private static readonly string[] s_outcomes = WordsOf<RequestOutcome>();
    private static readonly string[] s_reasons = WordsOf<RejectionReason>();
    private static readonly string[] s_stages = WordsOf<SpeechStage>();
    private static readonly string[] s_errors = WordsOf<DeviceErrorKind>();

    /// <summary>Each fault of the attention with its word.</summary>
    public static IReadOnlyList<(SpeechFaults Fault, string Word)> Faults { get; } =
        [.. Enum.GetValues<SpeechFaults>().Where(fault => fault != SpeechFaults.None).Select(fault => (fault, Word(fault.ToString())))];

    /// <summary>The word of an outcome.</summary>
    public static string Of(RequestOutcome outcome) => s_outcomes[(int)outcome];

    /// <summary>The word of a reason.</summary>
    public static string Of(RejectionReason reason) => s_reasons[(int)reason];

    /// <summary>The word of a stage.</summary>
    public static string Of(SpeechStage stage) => s_stages[(int)stage];

    /// <summary>The word of an error.</summary>
    public static string Of(DeviceErrorKind kind) => s_errors[(int)kind];

    /// <summary>All words of an enumeration.</summary>
    public static string[] WordsOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(Word)];

    // WouldWait becomes would_wait.
    private static string Word(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(letter) : letter.ToString()));
}
