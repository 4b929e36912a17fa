using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CudaTts.Quality;
using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli;

/// <summary>One line of <c>say --json-input</c>.</summary>
internal sealed record JsonUtterance
{
    public required string Text { get; init; }

    public string? OutputFile { get; init; }

    public ulong? Seed { get; init; }

    public double? Speed { get; init; }

    public JsonElement? Speaker { get; init; }
}

/// <summary>What <c>say --stats</c> writes for each utterance. Times in seconds, memory in bytes.</summary>
internal sealed record SpeechStats(
    string Text, string Voice, string Vocoder, string Device, string Decoder, int Threads, ulong Seed, int Sentences, int Tokens, int Frames,
        string Stop, bool Incomplete,
    int Attempts, IReadOnlyList<SentenceStats> Attention,
    double AudioSeconds, double LoadSeconds, double TextSeconds, double AcousticSeconds, double VocoderSeconds, double TotalSeconds,
    double RealTimeFactor, long PeakMemoryBytes)
{
    /// <summary>Signs of the text that no rule can say, each once.</summary>
    public IReadOnlyList<string> Unspoken { get; init; } = [];
}

/// <summary>The attention watch's verdict on one sentence: what is wrong with it (nothing, when it is good) and what that was seen from.</summary>
internal sealed record SentenceStats(
    IReadOnlyList<string> Faults, int Attempts, double Coverage, int LongestSkip, int LongestBackwardJump, int LongestForwardJump,
        double LongestStaySeconds,
    double Spread, double SecondsPerToken, double TailLevel);

/// <summary>One finished line of a <c>--lines</c> job: its file and the file's size, what its speech depends on, and whether that is sound.</summary>
internal sealed record ManifestLine(string File, string Key, double AudioSeconds, IReadOnlyList<string> Faults, long Bytes);

/// <summary>What <c>tokens --json</c> writes; the words with <c>--explain</c> only.</summary>
internal sealed record TokensReport(
    string Text, IReadOnlyList<string> Symbols, IReadOnlyList<int> Ids,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WordReport>? Words)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReadingReport>? Readings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Unspoken { get; init; }
}

/// <summary>A stretch of the text of <see cref="TokensReport"/>, and by which rule of which class it was read.</summary>
internal sealed record ReadingReport(string Written, string Class, string Rule, string Said);

/// <summary>A word of <see cref="TokensReport"/>, and where its phones come from.</summary>
internal sealed record WordReport(string Word, string Origin, string Phones);

/// <summary>One tensor of <c>inspect --json</c>.</summary>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<long> Shape);

/// <summary>What <c>bench --json</c> writes. Times in seconds.</summary>
internal sealed record BenchReport(
    string Text, string Voice, string Vocoder, string Device, string DeviceName, string Precision, string Processor, int Threads, int Runs,
        double LoadSeconds,
    double AudioSeconds, int Tokens, int Frames, BenchPeak Peak, IReadOnlyList<BenchStage> Stages, double RealTimeFactor, BenchLatency FirstAudio,
    BenchLatency LastAudio, IReadOnlyList<BenchThroughput> Throughput, long PeakMemoryBytes)
{
    /// <summary>Whether the acoustic model has the widths that are published.</summary>
    public bool AcousticIsPublicSize { get; init; }

    /// <summary>The vocoder with its size.</summary>
    public string VocoderTitle { get; init; } = "";

    /// <summary>The same figures of another program; with <c>--peer</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PeerComparison? Peer { get; init; }
}

/// <summary>What the device could do at most; where that is not said, why.</summary>
internal sealed record BenchPeak(string? Unknown, double? OperationsPerSecond, double? BytesPerSecond);

/// <summary>
/// One stage of <see cref="BenchReport"/>: the median and the fastest run, by the clock of the device or of the host; and what it had to do by its
/// model's widths, where that is counted.
/// </summary>
internal sealed record BenchStage(string Name, string Clock, double MedianSeconds, double FastestSeconds)
{
    public double? Operations { get; init; }

    public double? Bytes { get; init; }

    public double? OperationsPerSecond { get; init; }

    public double? BytesPerSecond { get; init; }

    public double? ShareOfPeakOperations { get; init; }

    public double? ShareOfPeakBandwidth { get; init; }
}

/// <summary>Time from the call until audio is there, by nearest rank.</summary>
internal sealed record BenchLatency(double P50Seconds, double P95Seconds, double P99Seconds);

/// <summary>
/// Many texts at once: how many seconds of audio a second makes, how long a decoder step of all of them takes (nothing where they are too many to be
/// decoded side by side), and how many seconds of audio the vocoder makes in a second of its own.
/// </summary>
internal sealed record BenchThroughput(int Batch, double AudioSecondsPerSecond, double? DecoderStepSeconds, double VocoderAudioSecondsPerSecond);

/// <summary>Our figures beside those of <c>benchmarks/peers/pytorch_peer.py</c>, with what could not be compared.</summary>
internal sealed record PeerComparison(string Peer, string Device, IReadOnlyList<PeerLine> Lines, IReadOnlyList<string> Notes);

/// <summary>One job: our figure, and each of the peer's ways.</summary>
internal sealed record PeerLine(string Job, int Batch, double Ours, IReadOnlyList<PeerWay> Theirs);

/// <summary>One way of the peer's; a ratio above 1 says that we are faster.</summary>
internal sealed record PeerWay(string Way, double Figure, double Ratio);

/// <summary>What <c>pytorch_peer.py --json</c> writes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PeerFile(string? Pytorch, string? Device, IReadOnlyList<PeerFigure>? Figures);

/// <summary>One figure of <see cref="PeerFile"/>: a job's time, or why there is none.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record PeerFigure(
    string? Job, string? Way, string? Precision, int Batch, int Frames, double? MedianMilliseconds, double? AudioSecondsPerSecond, string? Failed);

/// <summary>What <c>profile --json</c> writes. Times in seconds, memory in bytes.</summary>
internal sealed record ProfileReport(
    string Text, string Voice, string Vocoder, string Device, string DeviceName, string Precision, int Runs, double AudioSeconds, string Note,
    IReadOnlyList<BenchStage> Stages, IReadOnlyList<ProfileKernel> Kernels);

/// <summary>One kernel of <see cref="ProfileReport"/>; its shared memory is static and dynamic together.</summary>
internal sealed record ProfileKernel(
    string Name, double LaunchesPerRun, double SecondsPerRun, double MeanSeconds, double Share, string Grid, string Block, int Shapes,
        int SharedBytes)
{
    public int? Registers { get; init; }

    public int? LocalBytes { get; init; }

    public double? TheoreticalOccupancy { get; init; }
}

/// <summary>What <c>evaluate --json</c> writes where a file cannot be read or the arguments make no sense.</summary>
internal sealed record EvaluationFailure(FailureReport Error);

/// <summary>A failure: <c>file</c> or <c>arguments</c>, and the line that is also on standard error.</summary>
internal sealed record FailureReport(string Code, string Message);

[JsonSerializable(typeof(JsonUtterance))]
[JsonSerializable(typeof(SpeechStats))]
[JsonSerializable(typeof(ManifestLine))]
[JsonSerializable(typeof(SpeechTimestamps))]
[JsonSerializable(typeof(TokensReport))]
[JsonSerializable(typeof(IReadOnlyList<TensorReport>))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(PeerFile))]
[JsonSerializable(typeof(ProfileReport))]
[JsonSerializable(typeof(PairScores))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(EvaluationFailure))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Names in snake case, an unknown one is an error, and text stays readable: nothing here is embedded in a web page.</summary>
    public static CliJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
