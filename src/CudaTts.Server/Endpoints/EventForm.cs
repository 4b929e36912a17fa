using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Server.Encoding;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>An answer of server-sent events, as OpenAI's are: encoded audio in base64, and at the end what it took.</summary>
internal sealed class EventForm : SpeechForm
{
    private readonly EncodedSpeech _speech;
    private readonly SentenceCaptions? _captions;

    public EventForm(SpeechOrder order, ResponseOutput output)
        : base(output)
    {
        _speech = new EncodedSpeech(order, bytes => bytes.Length == 0
            ? ValueTask.CompletedTask
            : WriteAsync(new AudioDelta("speech.audio.delta", bytes), CaptionJson.Instance.AudioDelta));
        _captions = order.HasTimestamps ? new SentenceCaptions(order) : null;
    }

    /// <inheritdoc/>
    public override string ContentType => "text/event-stream";

    /// <inheritdoc/>
    public override TimeSpan EncodeTime => _speech.Time;

    /// <inheritdoc/>
    public override async ValueTask AddAsync(SpokenPiece piece, CancellationToken cancellation)
    {
        await _speech.AddAsync(piece, cancellation);
        if (piece.Whole is { } sentence && _captions?.Add(sentence) is var (time, places))
        {
            await WriteAsync(
                new WordsEvent("speech.audio.words", piece.Sentence, SentenceCaptions.WordsOf(time, places)), CaptionJson.Instance.WordsEvent);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FinishAsync(SpeechTotals totals, CancellationToken cancellation)
    {
        await _speech.FinishAsync(cancellation);
        await WriteAsync(new AudioDone("speech.audio.done", totals.Usage), CaptionJson.Instance.AudioDone);
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> FailAsync(ApiException error)
    {
        await Output.WriteLastAsync(BytesOf(new ErrorLine("error", ErrorEnvelope.Of(error).Error), CaptionJson.Instance.ErrorLine));
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _speech.DisposeAsync();
        await base.DisposeAsync();
    }

    private static byte[] BytesOf<T>(T value, JsonTypeInfo<T> type) =>
        [.. "data: "u8, .. JsonSerializer.SerializeToUtf8Bytes(value, type), .. "\n\n"u8];

    private ValueTask WriteAsync<T>(T value, JsonTypeInfo<T> type) => Output.WriteAsync(BytesOf(value, type));
}
