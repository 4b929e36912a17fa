using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CudaTts.Cuda;
using CudaTts.Server.Access;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CudaTts.Server.Tests.Observability;

/// <summary>What a running server tells of its requests: in metrics, traces and logs.</summary>
[TestFixture]
internal sealed class ObservabilityTests
{
    [Test]
    public async Task A_spoken_request_is_counted_and_timed_once()
    {
        await using var server = await ObservedServer.StartAsync();
        using var answer = await server.SpeakAsync("One sentence. And two.");
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var metrics = await server.MetricsAsync();
        Assert.That(metrics["cudatts_requests_total", ("endpoint", "speech"), ("outcome", "ok")], Is.EqualTo(1));
        Assert.That(metrics["cudatts_request_seconds_count", ("endpoint", "speech")], Is.EqualTo(1));
        Assert.That(metrics["cudatts_time_to_first_audio_seconds_count", ("endpoint", "speech")], Is.EqualTo(1));
        Assert.That(metrics["cudatts_queue_wait_seconds_count"], Is.EqualTo(1));
        Assert.That(metrics["cudatts_real_time_factor_count"], Is.EqualTo(1));
        Assert.That(metrics["cudatts_characters_total"], Is.EqualTo(22));
        Assert.That(metrics["cudatts_audio_seconds_total", ("voice", "tiny")], Is.GreaterThan(0));
        Assert.That(metrics["cudatts_stage_seconds_count", ("stage", "acoustic")], Is.EqualTo(2), "a sentence");
        Assert.That(metrics["cudatts_stage_seconds_count", ("stage", "encode")], Is.EqualTo(1), "a request");
        Assert.That(metrics["cudatts_stage_seconds_sum", ("stage", "encode")], Is.GreaterThanOrEqualTo(0));
        Assert.That(metrics["cudatts_decoder_steps_count"], Is.EqualTo(2));
        Assert.That(metrics["cudatts_requests_in_flight"], Is.Zero);
        Assert.That(metrics["cudatts_ready"], Is.EqualTo(1));
    }

    [Test]
    public async Task A_refused_request_is_counted_by_its_outcome_and_has_no_speech()
    {
        await using var server = await ObservedServer.StartAsync();
        using var refused = await server.SpeakAsync("Hello.", format: "tape");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        using var lost = await server.Client.GetAsync("/nowhere/<script>");
        var metrics = await server.MetricsAsync();
        Assert.That(metrics["cudatts_requests_total", ("endpoint", "speech"), ("outcome", "invalid")], Is.EqualTo(1));
        Assert.That(metrics["cudatts_requests_total", ("endpoint", "other"), ("outcome", "invalid")], Is.EqualTo(1));
        Assert.That(metrics.Has("cudatts_time_to_first_audio_seconds_count"), Is.False);
        Assert.That(metrics["cudatts_requests_in_flight"], Is.Zero);
    }

    [Test]
    public async Task Counters_whose_labels_are_known_begin_at_zero()
    {
        await using var server = await ObservedServer.StartAsync();
        var metrics = await server.MetricsAsync();
        Assert.That(metrics["cudatts_device_errors_total", ("kind", "sticky")], Is.Zero);
        Assert.That(metrics["cudatts_rejected_total", ("reason", "queue_full")], Is.Zero);
        Assert.That(metrics["cudatts_attention_faults_total", ("kind", "cut_off")], Is.Zero);
        Assert.That(metrics["cudatts_requests_total", ("endpoint", "speech"), ("outcome", "failed")], Is.Zero);
        Assert.That(metrics["cudatts_audio_seconds_total", ("voice", "tiny")], Is.Zero);
    }

    [Test]
    public async Task No_label_comes_from_what_a_client_sends()
    {
        const string marker = "zebra";
        await using var server = await ObservedServer.StartAsync();
        using (await server.SpeakAsync($"{marker}.", format: marker))
        using (await server.Client.GetAsync($"/{marker}?{marker}={marker}"))
        {
        }

        using var strange = new HttpRequestMessage(new HttpMethod(marker.ToUpperInvariant()), "/v1/models");
        strange.Headers.Add("X-Request-Id", marker);
        strange.Headers.Add("User-Agent", marker);
        using (await server.Client.SendAsync(strange))
        {
        }

        Assert.That(await server.Client.GetStringAsync("/metrics"), Does.Not.Contain(marker).IgnoreCase);
    }

    [Test]
    public async Task The_metrics_port_has_the_metrics_and_nothing_else()
    {
        var port = FreePort();
        await using var server = await ObservedServer.StartAsync("{}", "--CudaTts:Metrics:Port", $"{port}");
        using var metrics = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.That(PrometheusText.Parse(await metrics.GetStringAsync("/metrics")).Has("cudatts_ready"));
        using var models = await metrics.GetAsync("/v1/models");
        using var outside = await server.Client.GetAsync("/metrics");
        Assert.That(models.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await models.Content.ReadAsStringAsync(), Does.Contain("\"error\""));
        Assert.That(outside.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var head = await metrics.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/metrics"));
        Assert.That(head.Content.Headers.ContentType!.ToString(), Is.EqualTo(PrometheusExposition.ContentType));
    }

    [Test]
    public async Task The_metrics_port_comes_beside_kestrels_own_endpoints_too()
    {
        var (speech, port) = (FreePort(), FreePort());
        await using var server = await ObservedServer.StartAsync(
            "{}", "--Kestrel:Endpoints:Speech:Url", $"http://127.0.0.1:{speech}", "--CudaTts:Metrics:Port", $"{port}");
        using var metrics = new HttpClient();
        Assert.That(await metrics.GetStringAsync($"http://127.0.0.1:{port}/metrics"), Does.Contain("cudatts_ready 1"));
        Assert.That(await metrics.GetStringAsync($"http://127.0.0.1:{speech}/health/live"), Does.Contain("ok"));
    }

    [TestCase(null, HttpStatusCode.Unauthorized)]
    [TestCase("Bearer wrong", HttpStatusCode.Unauthorized)]
    [TestCase("Basic ctts_right", HttpStatusCode.Unauthorized)]
    [TestCase("Bearer ", HttpStatusCode.Unauthorized)]
    [TestCase("Bearer ctts_right", HttpStatusCode.OK)]
    public async Task Metrics_behind_a_key_want_it(string? authorization, HttpStatusCode status)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("ctts_right"u8));
        await using var server = await ObservedServer.StartAsync("{}", "--CudaTts:Metrics:Key", hash);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await server.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(status));
        Assert.That(status == HttpStatusCode.OK || answer.Headers.WwwAuthenticate.ToString() == "Bearer");
    }

    [Test]
    public async Task A_device_error_is_counted()
    {
        await using var server = await ObservedServer.StartAsync();
        var watch = server.Services.GetRequiredService<DeviceWatch>();
        watch.RefusalOf(new CudaException("out of memory in a test"));
        var metrics = await server.MetricsAsync();
        Assert.That(metrics["cudatts_device_errors_total", ("kind", "other")], Is.EqualTo(1));
        Assert.That(metrics["cudatts_device_errors_total", ("kind", "sticky")], Is.Zero);
    }

    [Test]
    public async Task A_request_is_a_span_and_every_stage_a_span_below_it()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SpeechTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended)
                {
                    ended.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await ObservedServer.StartAsync();
        const string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        server.Client.DefaultRequestHeaders.Add("traceparent", parent);
        using var answer = await server.SpeakAsync("Hello.");
        await server.MetricsAsync();
        var ours = ended.Where(activity => activity.TraceId.ToString() == parent.Split('-')[1]).ToList();
        var request = ours.Single(activity => activity.DisplayName == "speech");
        Assert.That(ours.Where(activity => activity != request).Select(activity => activity.DisplayName),
            Is.EquivalentTo(["queue", "frontend", "acoustic", "vocoder", "encode"]));
        Assert.That(ours.Where(activity => activity != request).Select(activity => activity.ParentSpanId), Has.All.EqualTo(request.SpanId));
        Assert.That(request.GetTagItem("cudatts.outcome"), Is.EqualTo("ok"));
        Assert.That(request.GetTagItem("cudatts.request_id"), Is.EqualTo(answer.Headers.GetValues("X-Request-Id").Single()));
        Assert.That(ours.SelectMany(activity => activity.TagObjects).Select(tag => $"{tag.Value}"), Has.None.Contains("Hello"));
    }

    [Test]
    public async Task Traces_go_to_the_collector_that_the_environment_names()
    {
        using var collector = new HttpListener();
        var url = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(url);
        collector.Start();
        var received = collector.GetContextAsync();
        var settings = $$"""
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "{{url}}", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_BSP_SCHEDULE_DELAY": "50"}
            """;
        await using (var server = await ObservedServer.StartAsync(settings))
        using (await server.SpeakAsync("Hello."))
        {
            var context = await received.WaitAsync(TimeSpan.FromSeconds(30));
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            context.Response.Close();
            var text = System.Text.Encoding.Latin1.GetString(body.ToArray());
            Assert.That(context.Request.Url!.AbsolutePath, Is.EqualTo("/v1/traces"));
            Assert.That(text, Does.Contain("cudatts-server").And.Contain("acoustic").And.Contain("cudatts.request_id"));
            collector.Abort();
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_is_spoken_is_logged_only_when_asked_for(bool logsText)
    {
        var lines = new LineLogger();
        var record = new RequestRecord("the-id")
        {
            Endpoint = "speech",
            Status = 200,
            Voice = "tiny",
            Format = "wav",
            Key = "the-key-name",
            Text = "a secret",
            Characters = 8,
            AudioSeconds = 1.5,
        };
        new RequestLog(lines, logsText).Write(record);
        Assert.That(lines.Lines[0], Does.StartWith("Information: the-id speech ok 200").And.Contain("1.5 s of speech for 8 characters")
            .And.Contain("the-key-name"));
        Assert.That(string.Join('\n', lines.Lines).Contains("a secret"), Is.EqualTo(logsText));
    }

    [TestCase(RequestOutcome.Failed, "Error")]
    [TestCase(RequestOutcome.Unavailable, "Warning")]
    [TestCase(RequestOutcome.Invalid, "Information")]
    [TestCase(RequestOutcome.Ok, "Debug")]
    public void A_requests_line_has_the_level_of_its_outcome(RequestOutcome outcome, string level)
    {
        var lines = new LineLogger();
        new RequestLog(lines, logsText: false).Write(new RequestRecord("id") { Outcome = outcome, Status = 1, Code = "why" });
        Assert.That(lines.Lines.Single(), Does.StartWith($"{level}: id other").And.Contain("why"));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class LineLogger : ILogger<RequestLog>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
