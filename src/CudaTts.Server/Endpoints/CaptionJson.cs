using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CudaTts.Server.Endpoints;

/// <summary>A word of speech: when it is said, and where it is written.</summary>
internal sealed record WordBody(
    [property: JsonPropertyName("word")] string Word,
    [property: JsonPropertyName("start")] double Start,
    [property: JsonPropertyName("end")] double End,
    [property: JsonPropertyName("text_start")] int TextStart,
    [property: JsonPropertyName("text_end")] int TextEnd);

/// <summary>A token that the acoustic model has read, and where the word that it is of is written.</summary>
internal sealed record TokenBody(
    [property: JsonPropertyName("symbol")] string Symbol,
    [property: JsonPropertyName("text_start")] int TextStart,
    [property: JsonPropertyName("text_end")] int TextEnd);

/// <summary>Whether the speech of a sentence is what the text says.</summary>
internal sealed record VerdictBody(
    [property: JsonPropertyName("sound")] bool Sound,
    [property: JsonPropertyName("faults")] IReadOnlyList<string> Faults);

/// <summary>A picture in shades from 0 to 255, row by row.</summary>
internal sealed record PictureBody(
    [property: JsonPropertyName("rows")] int Rows,
    [property: JsonPropertyName("columns")] int Columns,
    [property: JsonPropertyName("data")] byte[] Data);

/// <summary>Tokens that were read, and frames that were made, in OpenAI's words.</summary>
internal sealed record UsageBody(
    [property: JsonPropertyName("input_tokens")] int InputTokens,
    [property: JsonPropertyName("output_tokens")] int OutputTokens,
    [property: JsonPropertyName("total_tokens")] int TotalTokens);

/// <summary>A line of captioned speech: samples.</summary>
internal sealed record AudioLine(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("sentence")] int Sentence,
    [property: JsonPropertyName("sample_rate")] int SampleRate,
    [property: JsonPropertyName("audio")] byte[] Audio);

/// <summary>A line of captioned speech: a sentence with its words.</summary>
internal sealed record SentenceLine(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("sentence")] int Sentence,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("start")] double Start,
    [property: JsonPropertyName("end")] double End,
    [property: JsonPropertyName("words")] IReadOnlyList<WordBody> Words,
    [property: JsonPropertyName("tokens")] IReadOnlyList<TokenBody> Tokens,
    [property: JsonPropertyName("verdict")] VerdictBody Verdict,
    [property: JsonPropertyName("attempts")] int Attempts)
{
    /// <summary>The mel, a row a band, the lowest first; only where pictures are asked for.</summary>
    [JsonPropertyName("mel"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PictureBody? Mel { get; init; }

    /// <summary>The attention, a row a token, a column a step; only where pictures are asked for.</summary>
    [JsonPropertyName("alignment"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PictureBody? Alignment { get; init; }
}

/// <summary>The last line of captioned speech.</summary>
internal sealed record DoneLine(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("seconds")] double Seconds,
    [property: JsonPropertyName("usage")] UsageBody Usage,
    [property: JsonPropertyName("faults")] IReadOnlyList<string> Faults);

/// <summary>The last line, or the last event, of speech that failed.</summary>
internal sealed record ErrorLine(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("error")] ErrorBody Error);

/// <summary>An event with encoded audio.</summary>
internal sealed record AudioDelta(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("audio")] ReadOnlyMemory<byte> Audio);

/// <summary>An event with the words of a sentence.</summary>
internal sealed record WordsEvent(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("sentence")] int Sentence,
    [property: JsonPropertyName("words")] IReadOnlyList<WordBody> Words);

/// <summary>The last event of speech.</summary>
internal sealed record AudioDone(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("usage")] UsageBody Usage);

/// <summary>What is written within answers with speech, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(AudioLine))]
[JsonSerializable(typeof(SentenceLine))]
[JsonSerializable(typeof(DoneLine))]
[JsonSerializable(typeof(ErrorLine))]
[JsonSerializable(typeof(AudioDelta))]
[JsonSerializable(typeof(WordsEvent))]
[JsonSerializable(typeof(AudioDone))]
internal sealed partial class CaptionJson : JsonSerializerContext
{
    /// <summary>The context that writes letters of all languages as they are.</summary>
    public static CaptionJson Instance { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
