using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CudaTts.Cli;

/// <summary>One line of <c>say --json-input</c>.</summary>
internal sealed record JsonUtterance
{
    public string? Text { get; init; }

    public string? OutputFile { get; init; }

    public ulong? Seed { get; init; }

    public double? Speed { get; init; }
}

/// <summary>What <c>say --stats</c> writes for each utterance. Times in seconds, memory in bytes.</summary>
internal sealed record SpeechStats(
    string Text, string Voice, string Vocoder, string Device, int Threads, ulong Seed, int Sentences, int Tokens, int Frames, string Stop, bool Incomplete,
    int Attempts, IReadOnlyList<SentenceStats> Attention,
    double AudioSeconds, double LoadSeconds, double TextSeconds, double AcousticSeconds, double VocoderSeconds, double TotalSeconds,
    double RealTimeFactor, long PeakMemoryBytes);

/// <summary>The attention watch's verdict on one sentence: what is wrong with it (nothing, when it is good) and what that was seen from.</summary>
internal sealed record SentenceStats(
    IReadOnlyList<string> Faults, int Attempts, double Coverage, int LongestSkip, int LongestBackwardJump, int LongestForwardJump, double LongestStaySeconds,
    double Spread, double SecondsPerToken, double TailLevel);

/// <summary>One finished line of a <c>--lines</c> job: its file, what its speech depends on, and whether that is sound.</summary>
internal sealed record ManifestLine(string File, string Key, double AudioSeconds, IReadOnlyList<string> Faults);

/// <summary>What <c>tokens --json</c> writes; the words with <c>--explain</c> only.</summary>
internal sealed record TokensReport(
    string Text, IReadOnlyList<string> Symbols, IReadOnlyList<int> Ids,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WordReport>? Words);

/// <summary>A word of <see cref="TokensReport"/>, and where its phones come from.</summary>
internal sealed record WordReport(string Word, string Origin, string Phones);

/// <summary>One tensor of <c>inspect --json</c>.</summary>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<long> Shape);

/// <summary>What <c>bench --json</c> writes. Times in seconds.</summary>
internal sealed record BenchReport(
    string Text, string Voice, string Vocoder, string Device, string Precision, string Processor, int Threads, int Runs, double LoadSeconds, double AudioSeconds,
    int Tokens, int Frames, IReadOnlyList<BenchStage> Stages, double RealTimeFactor, BenchLatency FirstAudio, BenchLatency LastAudio,
    IReadOnlyList<BenchThroughput> Throughput, long PeakMemoryBytes);

/// <summary>One stage of <see cref="BenchReport"/>: the median and the fastest run.</summary>
internal sealed record BenchStage(string Name, double MedianSeconds, double FastestSeconds);

/// <summary>Time from the call until audio is there, by nearest rank.</summary>
internal sealed record BenchLatency(double P50Seconds, double P95Seconds, double P99Seconds);

/// <summary>Many texts at once: how many seconds of audio a second makes.</summary>
internal sealed record BenchThroughput(int Batch, double AudioSecondsPerSecond);

[JsonSerializable(typeof(JsonUtterance))]
[JsonSerializable(typeof(SpeechStats))]
[JsonSerializable(typeof(ManifestLine))]
[JsonSerializable(typeof(SpeechTimestamps))]
[JsonSerializable(typeof(TokensReport))]
[JsonSerializable(typeof(IReadOnlyList<TensorReport>))]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Names in snake case, an unknown one is an error, and text stays readable: nothing here is embedded in a web page.</summary>
    public static CliJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
