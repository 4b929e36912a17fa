using System.Diagnostics;
using CudaTts.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CudaTts.Server.Tests.Load;

/// <summary>The load generator against a server that does as it is told.</summary>
[TestFixture]
internal sealed class LoadGeneratorTests
{
    private static readonly LoadText s_text = new(TextLength.Short, "Hello.");

    [Test]
    public async Task Sound_is_counted_at_its_own_rate()
    {
        await using var server = await StubServer.StartAsync(context => StubServer.SoundAsync(context, bytes: 16_000, rate: "8000"));
        using var client = new SpeechClient(server.Address);
        var result = await client.CallAsync(s_text, Stopwatch.GetTimestamp(), CancellationToken.None);
        Assert.That(result.IsSpoken, result.Error);
        Assert.That(result.AudioSeconds, Is.EqualTo(1));
        Assert.That(result.FirstAudio!.Value, Is.LessThanOrEqualTo(result.Complete!.Value));
    }

    [Test]
    public async Task Latency_is_counted_from_when_a_request_was_due()
    {
        await using var server = await StubServer.StartAsync(context => StubServer.SoundAsync(context, bytes: 2));
        using var client = new SpeechClient(server.Address);
        var due = Stopwatch.GetTimestamp() - (5 * Stopwatch.Frequency);
        var result = await client.CallAsync(s_text, due, CancellationToken.None);
        Assert.That(new[] { result.Lag, result.Answered, result.FirstAudio, result.Complete }, Has.All.GreaterThanOrEqualTo(TimeSpan.FromSeconds(5)));
    }

    [TestCase(429)]
    [TestCase(503)]
    public async Task A_rejection_has_its_status_and_no_sound(int status)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("{}");
        });
        using var client = new SpeechClient(server.Address);
        var result = await client.CallAsync(s_text, Stopwatch.GetTimestamp(), CancellationToken.None);
        Assert.That(result, Has.Property(nameof(CallResult.Status)).EqualTo(status).And.Property(nameof(CallResult.IsRejected)).True);
        Assert.That(result.FirstAudio, Is.Null);
        Assert.That(result.AudioSeconds, Is.Zero);
    }

    [Test]
    public async Task Speech_that_breaks_off_is_not_spoken()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            await StubServer.SoundAsync(context, bytes: 100);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = new SpeechClient(server.Address);
        var result = await client.CallAsync(s_text, Stopwatch.GetTimestamp(), CancellationToken.None);
        Assert.That(result.IsSpoken, Is.False);
        Assert.That(result.Error, Is.Not.Null);
    }

    // The server answers nobody before all have asked: whoever waits for an answer before it asks again never gets one.
    [Test, CancelAfter(60_000)]
    public async Task An_open_loop_does_not_wait_for_answers(CancellationToken cancellation)
    {
        const int all = 40;
        var asked = 0;
        var everybody = new TaskCompletionSource();
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref asked) == all)
            {
                everybody.SetResult();
            }

            await everybody.Task.WaitAsync(cancellation);
            await StubServer.SoundAsync(context, bytes: 48_000);
        });
        using var client = new SpeechClient(server.Address);
        var arrivals = Enumerable.Range(0, all).Select(i => new Arrival(TimeSpan.FromMilliseconds(i), s_text, 0)).ToList();
        var (results, elapsed) = await OpenLoop.RunAsync([client], arrivals, TimeSpan.FromSeconds(50));
        Assert.That(results.Select(result => result.IsSpoken), Has.Exactly(all).True);
        Assert.That(elapsed, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(all - 1)));
    }

    [Test]
    public async Task An_open_loop_gives_up_after_its_patience()
    {
        await using var server = await StubServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new SpeechClient(server.Address);
        var (results, _) = await OpenLoop.RunAsync([client], [new Arrival(TimeSpan.Zero, s_text, 0)], TimeSpan.FromMilliseconds(50));
        Assert.That(results.Single().Error, Is.EqualTo("not answered in time"));
    }

    [Test]
    public async Task A_closed_loop_has_so_many_at_once_and_no_more()
    {
        var (now, most, gate) = (0, 0, new Lock());
        await using var server = await StubServer.StartAsync(async context =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            await StubServer.SoundAsync(context, bytes: 48_000);
            lock (gate)
            {
                now--;
            }
        });
        using var client = new SpeechClient(server.Address);
        var closed = await ClosedLoop.RunAsync([client], atOnce: 3, TimeSpan.FromMilliseconds(200), TextMix.Default, seed: 1);
        Assert.That(most, Is.InRange(1, 3));
        Assert.That(closed.All, Has.Count.GreaterThanOrEqualTo(3));
        Assert.That(closed.AudioPerSecond, Is.EqualTo(closed.RequestsPerSecond).Within(1e-9), "a second of speech each");
    }

    [Test]
    public async Task A_whole_run_writes_its_tables_and_its_promises()
    {
        await using var server = await StubServer.StartAsync(context => StubServer.SoundAsync(context, bytes: 4_800));
        using var client = new SpeechClient(server.Address);
        var settings = new LoadSettings
        {
            Server = server.Address,
            Clients = 1,
            Mix = "short=1",
            Levels = [0.1, 0.8],
            LevelSeconds = 0.2,
            PatienceSeconds = 20,
            AtOnce = 2,
            Seed = 1,
        };
        var report = await new LoadRun(settings, [client], LoadCommand.MixOf(settings.Mix), TextWriter.Null).RunAsync();
        Assert.That(report.ToMarkdown(), Does.Contain("| one at a time |").And.Contain("| 2 at once |").And.Contain("| 0.8 x capacity |")
            .And.Contain("at 0.8 of capacity"));
        using var json = System.Text.Json.JsonDocument.Parse(report.ToJson());
        Assert.That(json.RootElement.GetProperty("levels").GetArrayLength(), Is.EqualTo(2));
        Assert.That(json.RootElement.GetProperty("levels")[1].GetProperty("first_audio").GetProperty("p99").GetDouble(), Is.GreaterThan(0));
    }

    private sealed class StubServer(WebApplication server) : IAsyncDisposable
    {
        public Uri Address => new(server.Urls.First());

        public static async Task<StubServer> StartAsync(RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var server = builder.Build();
            server.Urls.Add("http://127.0.0.1:0");
            server.MapPost("/v1/audio/speech", answer);
            await server.StartAsync();
            return new StubServer(server);
        }

        public static async Task SoundAsync(HttpContext context, int bytes, string rate = "24000")
        {
            context.Response.Headers["X-Sample-Rate"] = rate;
            await context.Response.Body.WriteAsync(new byte[bytes]);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
