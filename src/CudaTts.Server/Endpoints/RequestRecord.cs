using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace CudaTts.Server.Endpoints;

/// <summary>How a request ended.</summary>
internal enum RequestOutcome
{
    /// <summary>It was answered.</summary>
    Ok,

    /// <summary>It could not be meant.</summary>
    Invalid,

    /// <summary>It had no key, or an unknown one.</summary>
    Unauthorized,

    /// <summary>A limit of its key was reached.</summary>
    Limited,

    /// <summary>The server could not take it, or lost its device meanwhile.</summary>
    Unavailable,

    /// <summary>The client went away.</summary>
    Cancelled,

    /// <summary>It took longer than may be.</summary>
    Timeout,

    /// <summary>The server has a fault.</summary>
    Failed,
}

/// <summary>What happens to a request, written by all that it passes and read by metrics, traces and logs.</summary>
internal sealed class RequestRecord(string id)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>The id that the client is told.</summary>
    public string Id { get; } = id;

    /// <summary>Name of the route: one of a few that are written in the program.</summary>
    public string Endpoint { get; set; } = "other";

    /// <summary>Status of the answer, 499 where the client went away before there was one.</summary>
    public int Status { get; set; }

    /// <summary>How it ended.</summary>
    public RequestOutcome Outcome { get; set; }

    /// <summary>The code of the refusal; null where there was none.</summary>
    public string? Code { get; set; }

    /// <summary>Name of the key; null where keys are not asked for.</summary>
    public string? Key { get; set; }

    /// <summary>Who speaks; null until it is known.</summary>
    public string? Voice { get; set; }

    /// <summary>Name of the audio's format; null until it is known.</summary>
    public string? Format { get; set; }

    /// <summary>What is spoken; null until it is known. It is for the log of those who have asked for that.</summary>
    public string? Text { get; set; }

    /// <summary>Characters of the input.</summary>
    public int Characters { get; set; }

    /// <summary>Seconds of audio that were made.</summary>
    public double AudioSeconds { get; set; }

    /// <summary>Time from the begin until the request's turn came; null for one that had none.</summary>
    public TimeSpan? QueueWait { get; set; }

    /// <summary>Time from the begin to the first audio; null where there was none.</summary>
    public TimeSpan? FirstAudio { get; set; }

    /// <summary>Time that encoding took.</summary>
    public TimeSpan EncodeTime { get; set; }

    /// <summary>Time that making the speech took, without the wait for a client that reads slowly.</summary>
    public TimeSpan MakeTime { get; set; }

    /// <summary>Whether speech was asked for.</summary>
    public bool IsSpeech { get; set; }

    /// <summary>The request's span where somebody traces.</summary>
    public Activity? Span { get; set; }

    /// <summary>Time since the request began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>The record of a request under way.</summary>
    public static RequestRecord Of(HttpContext context) => context.Features.GetRequiredFeature<RequestRecord>();
}

/// <summary>Tells of requests to whoever counts, traces or logs them.</summary>
internal sealed class RequestRecords
{
    /// <summary>A request has begun.</summary>
    public event Action<RequestRecord>? Begun;

    /// <summary>A request has turned out to be one for speech, whose order is about to be read.</summary>
    public event Action<RequestRecord>? SpeechAsked;

    /// <summary>A request's speech is about to be made: its turn has come.</summary>
    public event Action<RequestRecord>? Started;

    /// <summary>A sentence has been spoken, with the times of its stages, its attempts and its verdict.</summary>
    public event Action<RequestRecord, SpokenSentence>? SentenceSpoken;

    /// <summary>A request has ended; its record changes no more.</summary>
    public event Action<RequestRecord>? Ended;

    public void Begin(RequestRecord record) => Begun?.Invoke(record);

    public void Ask(RequestRecord record)
    {
        record.IsSpeech = true;
        SpeechAsked?.Invoke(record);
    }

    public void Start(RequestRecord record) => Started?.Invoke(record);

    public void Speak(RequestRecord record, SpokenSentence sentence) => SentenceSpoken?.Invoke(record, sentence);

    public void End(RequestRecord record) => Ended?.Invoke(record);
}

/// <summary>The name of a route in records, metrics and logs.</summary>
internal sealed record EndpointLabel(string Name);
