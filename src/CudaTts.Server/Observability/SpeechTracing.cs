using System.Diagnostics;
using CudaTts.Server.Endpoints;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CudaTts.Server.Observability;

/// <summary>
/// Traces: a span for each request and one for each stage of its work, below the span that ASP.NET makes of the client's <c>traceparent</c>. Without
/// a listener nothing is made.
/// </summary>
internal static class SpeechTracing
{
    /// <summary>The name of the source, for any listener of .NET.</summary>
    public const string SourceName = "CudaTts";

    private static readonly string[] s_endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>Sends traces to an OpenTelemetry collector where the environment names one, as all programs with OpenTelemetry do.</summary>
    public static IServiceCollection AddSpeechTracing(this IServiceCollection services, IConfiguration configuration)
    {
        if (s_endpoints.All(name => string.IsNullOrEmpty(configuration[name])))
        {
            return services;
        }

        var tracing = services.AddOpenTelemetry().WithTracing(traces => traces
            .AddSource(SourceName, "Microsoft.AspNetCore")
            .AddOtlpExporter());
        if (string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"]))
        {
            tracing.ConfigureResource(resource => resource.AddService("cudatts-server"));
        }

        return services;
    }

    /// <summary>Begins the span of a request for speech, which becomes the current one.</summary>
    public static Activity? Begin() => s_source.StartActivity("request");

    /// <summary>Adds the spans of a sentence's stages, end to end until now: they are known when the sentence is whole.</summary>
    /// <param name="request">The request's span.</param>
    /// <param name="sentence">What was spoken.</param>
    public static void AddSentence(Activity request, SpokenSentence sentence)
    {
        var vocoder = DateTime.UtcNow - sentence.Timings.Vocoder;
        var acoustic = vocoder - sentence.Timings.Acoustic;
        Add(request, MetricLabels.Of(SpeechStage.Frontend), acoustic - sentence.Timings.Text, sentence.Timings.Text);
        Add(request, MetricLabels.Of(SpeechStage.Acoustic), acoustic, sentence.Timings.Acoustic,
            new("cudatts.attempts", sentence.Attempts), new("cudatts.faults", sentence.Verdict.Faults.ToString()));
        Add(request, MetricLabels.Of(SpeechStage.Vocoder), vocoder, sentence.Timings.Vocoder);
    }

    /// <summary>Ends the span of a request.</summary>
    public static void End(Activity request, RequestRecord record)
    {
        if (record.QueueWait is { } wait)
        {
            Add(request, "queue", request.StartTimeUtc, wait);
        }

        // The encoder works between the other stages, a chunk at a time: its span has the whole of its time, at the end.
        Add(request, MetricLabels.Of(SpeechStage.Encode), DateTime.UtcNow - record.EncodeTime, record.EncodeTime);
        request.DisplayName = record.Endpoint;
        request.SetTag("cudatts.request_id", record.Id).SetTag("cudatts.outcome", MetricLabels.Of(record.Outcome));
        request.SetTag("http.response.status_code", record.Status).SetTag("cudatts.code", record.Code);
        request.SetTag("cudatts.voice", record.Voice).SetTag("cudatts.format", record.Format);
        request.SetTag("cudatts.characters", record.Characters).SetTag("cudatts.audio_seconds", record.AudioSeconds);
        request.SetTag("cudatts.first_audio_seconds", record.FirstAudio?.TotalSeconds);
        if (record.Outcome is RequestOutcome.Failed or RequestOutcome.Timeout or RequestOutcome.Unavailable)
        {
            request.SetStatus(ActivityStatusCode.Error, record.Code);
        }

        request.Stop();
    }

    private static void Add(Activity request, string name, DateTime start, TimeSpan length, params KeyValuePair<string, object?>[] tags)
    {
        if (length <= TimeSpan.Zero)
        {
            return;
        }

        var current = Activity.Current;
        using (var span = s_source.StartActivity(name, ActivityKind.Internal, request.Context, tags, startTime: start))
        {
            span?.SetEndTime(start + length);
        }

        Activity.Current = current;
    }
}
