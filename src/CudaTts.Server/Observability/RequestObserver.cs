using CudaTts.Server.Endpoints;

namespace CudaTts.Server.Observability;

/// <summary>Counts, times, traces and logs what the request path tells of requests.</summary>
internal sealed class RequestObserver
{
    // Asked every few seconds by machines; ASP.NET's own metrics have them.
    private static readonly string[] s_uncounted = ["health", "metrics"];

    private readonly SpeechMetrics _metrics;
    private readonly RequestLog _log;

    /// <summary>Listens to what is told from now on.</summary>
    public RequestObserver(RequestRecords records, SpeechMetrics metrics, RequestLog log)
    {
        (_metrics, _log) = (metrics, log);
        records.SpeechAsked += Begin;
        records.SentenceSpoken += Speak;
        records.Ended += End;
    }

    /// <summary>The endpoints whose requests are counted.</summary>
    public static IEnumerable<string> Counted(IEnumerable<string> endpoints) => endpoints.Append("other").Distinct().Except(s_uncounted);

    private void Begin(RequestRecord record)
    {
        _metrics.SpeechAsked();
        record.Span = SpeechTracing.Begin();
    }

    private void Speak(RequestRecord record, SpokenSentence sentence)
    {
        _metrics.Stage(SpeechStage.Frontend, sentence.Timings.Text);
        _metrics.Stage(SpeechStage.Acoustic, sentence.Timings.Acoustic);
        _metrics.Stage(SpeechStage.Vocoder, sentence.Timings.Vocoder);
        _metrics.SentenceSpoken(sentence.Mel.Steps, sentence.Verdict.Faults);
        if (record.Span is { } span)
        {
            SpeechTracing.AddSentence(span, sentence);
        }
    }

    private void End(RequestRecord record)
    {
        if (!s_uncounted.Contains(record.Endpoint))
        {
            _metrics.RequestEnded(record.Endpoint, record.Outcome, record.Elapsed);
        }

        if (ReasonOf(record) is { } reason)
        {
            _metrics.Rejected(reason);
        }

        if (record.IsSpeech)
        {
            EndSpeech(record);
        }

        _log.Write(record);
    }

    private void EndSpeech(RequestRecord record)
    {
        _metrics.SpeechEnded();
        if (record.QueueWait is { } wait)
        {
            _metrics.Admitted(record.Characters, wait);
        }

        if (record.FirstAudio is { } first)
        {
            _metrics.FirstAudio(record.Endpoint, first);
            _metrics.Stage(SpeechStage.Encode, record.EncodeTime);
            _metrics.Made(record.MakeTime, record.AudioSeconds);
            _metrics.AudioMade(record.Voice!, record.AudioSeconds);
        }

        if (record.Span is { } span)
        {
            SpeechTracing.End(span, record);
        }
    }

    private static RejectionReason? ReasonOf(RequestRecord record) => (record.Outcome, record.Code) switch
    {
        (RequestOutcome.Limited, _) => RejectionReason.KeyLimit,
        (RequestOutcome.Unavailable, "queue_full") => RejectionReason.QueueFull,
        (RequestOutcome.Unavailable, "queue_timeout") => RejectionReason.QueueTimeout,
        (RequestOutcome.Unavailable, "out_of_memory") => RejectionReason.Memory,
        (RequestOutcome.Unavailable, _) => RejectionReason.NotReady,
        _ => null,
    };
}
