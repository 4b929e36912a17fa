using System.Net;
using System.Net.Sockets;
using CudaTts.Cuda;
using CudaTts.Server.Access;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;
using Microsoft.Extensions.DependencyInjection;

namespace CudaTts.Server.Tests;

/// <summary>What ends before its time: clients that go, servers that end, devices that fail, queues that are full.</summary>
[TestFixture]
internal sealed class LifecycleTests
{
    // With the tiny voice a sentence is half a second of audio and takes a few hundredths of a second: these take many seconds.
    private static readonly string s_long = $"\"input\":\"{string.Concat(Enumerable.Repeat("Say it again. ", 290))}\",\"response_format\":\"pcm\"";

    [Test]
    public async Task A_client_that_goes_ends_its_work()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var ended = Ended(server);
        using (await server.Client.SendAsync(RunningServer.Speech(s_long), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.That(AdmissionOf(server).Running, Is.EqualTo(1));
        }

        var record = await ended;
        Assert.That((record.Outcome, record.Status), Is.EqualTo((RequestOutcome.Cancelled, 499)));
        Assert.That(record.AudioSeconds, Is.LessThan(100));
        Assert.That(AdmissionOf(server).Running, Is.Zero);
    }

    [Test]
    public async Task A_client_that_reads_nothing_holds_a_bounded_part_of_its_answer()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:AheadBytes", "65536", "--CudaTts:Limits:RequestSeconds", "3");
        var ended = Ended(server);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var body = "{\"model\":\"tts-1\",\"voice\":\"alloy\"," + s_long + "}";
        await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(
            $"POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        // Others are served meanwhile.
        using var other = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\"");
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var record = await ended;
        Assert.That(record.Outcome, Is.Not.EqualTo(RequestOutcome.Ok));
    }

    [Test]
    public async Task A_request_beyond_its_time_is_told_so_as_far_as_its_form_allows()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:RequestSeconds", "1");
        using var whole = await server.SpeakAsync(s_long + ",\"stream\":false");
        Assert.That(whole.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That((await RunningServer.ErrorOf(whole)).GetProperty("code").GetString(), Is.EqualTo("timeout"));

        using var events = await server.SpeakAsync(s_long + ",\"stream_format\":\"sse\"");
        var last = (await EventTests.EventsOf(events))[^1];
        Assert.That(last.GetProperty("type").GetString(), Is.EqualTo("error"));
        Assert.That(last.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("timeout"));

        using var lines = await server.SpeakAsync(s_long[..^",\"response_format\":\"pcm\"".Length], "/v1/audio/speech/captioned");
        Assert.That((await EventTests.LinesOf(lines))[^1].GetProperty("type").GetString(), Is.EqualTo("error"));

        using var audio = await server.Client.SendAsync(RunningServer.Speech(s_long), HttpCompletionOption.ResponseHeadersRead);
        Assert.That(
            async () => await audio.Content.ReadAsByteArrayAsync(), Throws.InstanceOf<HttpRequestException>(), "not half an answer for all of it");
    }

    [Test]
    public async Task A_full_queue_refuses_at_once_and_says_when_to_come_back()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:ParallelRequests", "1", "--CudaTts:Limits:Waiting", "0");
        using var first = await server.Client.SendAsync(RunningServer.Speech(s_long), HttpCompletionOption.ResponseHeadersRead);
        using var second = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\"");

        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(second.Headers.RetryAfter!.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        Assert.That((await RunningServer.ErrorOf(second)).GetProperty("code").GetString(), Is.EqualTo("queue_full"));
    }

    [Test]
    public async Task Who_waits_is_let_in_in_order_and_listeners_before_bulk()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var admission = new Admission(
            new ServerSettings { Limits = new ServerLimits { ParallelRequests = 1, Waiting = 3 } },
            server.Application.Services.GetRequiredService<Readiness>());
        var voice = server.Application.Services.GetRequiredService<VoiceCatalogue>().Default;
        SpeechOrder Order(bool isBulk) => new("Hi.", voice, new SpeechOptions(), null!) { IsBulk = isBulk };
        var running = await admission.EnterAsync(Order(false), CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var (bulk, leaving, listener) = (
            admission.EnterAsync(Order(true), CancellationToken.None),
            admission.EnterAsync(Order(false), gone.Token),
            admission.EnterAsync(Order(false), CancellationToken.None));
        Assert.That(admission.Waiting, Is.EqualTo(3));
        Assert.That(async () => await admission.EnterAsync(Order(false), CancellationToken.None), Throws.TypeOf<ApiException>());
        await gone.CancelAsync();
        Assert.That(async () => await leaving, Throws.InstanceOf<OperationCanceledException>());
        running.Dispose();
        var place = await listener;
        Assert.That(bulk.IsCompleted, Is.False);
        place.Dispose();
        (await bulk).Dispose();
        Assert.That((admission.Running, admission.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Answers_that_are_held_whole_wait_for_memory()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var admission = new Admission(
            new ServerSettings { Limits = new ServerLimits { MemoryBytes = 1 << 20 } }, server.Application.Services.GetRequiredService<Readiness>());
        var voice = server.Application.Services.GetRequiredService<VoiceCatalogue>().Default;
        var order = new SpeechOrder("Hi.", voice, new SpeechOptions(), null!) { IsStreamed = false };
        var alone = await admission.EnterAsync(order, CancellationToken.None);
        Assert.That(admission.Bytes, Is.GreaterThan(1 << 20), "one is let in however large it is");
        var second = admission.EnterAsync(order, CancellationToken.None);
        Assert.That((second.IsCompleted, admission.Waiting), Is.EqualTo((false, 1)));
        alone.Dispose();
        (await second).Dispose();
        Assert.That((admission.Running, admission.Bytes), Is.EqualTo((0, 0L)));
    }

    [Test]
    public async Task A_server_that_ends_lets_requests_come_to_their_end()
    {
        await using var server = await RunningServer.StartTinyAsync();
        using var answer = await server.Client.SendAsync(
            RunningServer.Speech("\"input\":\"One. Two. Three. Four. Five. Six.\",\"response_format\":\"wav\""),
            HttpCompletionOption.ResponseHeadersRead);
        var stopping = server.Application.StopAsync();
        Assert.That((await answer.Content.ReadAsByteArrayAsync()).Length, Is.GreaterThan(6 * 20_000));
        await stopping;
    }

    [Test]
    public async Task A_server_that_ends_takes_no_new_work_and_cancels_what_does_not_end()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:ShutdownSeconds", "1");
        var ended = Ended(server);
        using var answer = await server.Client.SendAsync(RunningServer.Speech(s_long), HttpCompletionOption.ResponseHeadersRead);
        var readiness = server.Application.Services.GetRequiredService<Readiness>();
        var (admission, voice) = (AdmissionOf(server), server.Application.Services.GetRequiredService<VoiceCatalogue>().Default);
        Assert.That(readiness.Reason, Is.Null);
        var stopping = server.Application.StopAsync();
        Assert.That(readiness.Reason, Is.EqualTo("shutting_down"));
        Assert.That(
            async () => await admission.EnterAsync(new SpeechOrder("Hi.", voice, new SpeechOptions(), null!), CancellationToken.None),
            Throws.TypeOf<ApiException>().With.Property(nameof(ApiException.Code)).EqualTo("shutting_down"));
        await stopping;
        Assert.That((await ended).Outcome, Is.EqualTo(RequestOutcome.Cancelled));
    }

    [Test]
    public async Task A_lost_device_refuses_what_is_under_way_and_ends_the_process()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var device = server.Application.Services.GetRequiredService<DeviceWatch>();
        var whole = server.SpeakAsync(s_long + ",\"stream\":false");
        await RunningAsync(server, 1);
        device.RefusalOf(new CudaException("lost", CUresult.IllegalAddress));
        using var answer = await whole;

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("code").GetString(), Is.EqualTo("device_lost"));
        Assert.That((device.IsReady, device.HasEnded), Is.EqualTo((false, true)));
        Assert.That(server.Application.Lifetime.ApplicationStopping.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task A_lost_device_is_left_for_the_cpu_where_the_settings_say_so()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:OnDeviceError", "cpu");
        var device = server.Application.Services.GetRequiredService<DeviceWatch>();
        var before = server.Application.Services.GetRequiredService<VoiceCatalogue>().Default;
        device.RefusalOf(new CudaException("lost", CUresult.IllegalAddress));
        while (!device.IsReady)
        {
            await Task.Yield();
        }

        using var answer = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\"");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(server.Application.Services.GetRequiredService<VoiceCatalogue>().Default, Is.Not.SameAs(before));
        Assert.That(device.HasEnded, Is.False);
        before.Synthesizer.Dispose();
    }

    [Test]
    public async Task An_error_of_the_device_that_passes_costs_one_request()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var device = server.Application.Services.GetRequiredService<DeviceWatch>();
        var refusal = device.RefusalOf(new CudaException("full", CUresult.OutOfMemory));
        Assert.That((refusal.Status, refusal.Code, device.IsReady), Is.EqualTo((503, "out_of_memory", true)));
        Assert.That(refusal.RetryAfter, Is.Not.Null);
    }

    private static Admission AdmissionOf(RunningServer server) => server.Application.Services.GetRequiredService<Admission>();

    private static async Task RunningAsync(RunningServer server, int count)
    {
        while (AdmissionOf(server).Running < count)
        {
            await Task.Yield();
        }
    }

    private static Task<RequestRecord> Ended(RunningServer server)
    {
        var ended = new TaskCompletionSource<RequestRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Application.Services.GetRequiredService<RequestRecords>().Ended += record =>
        {
            if (record.Characters > 1000)
            {
                ended.TrySetResult(record);
            }
        };
        return ended.Task;
    }
}
