using System.Net;
using System.Text.Json;
using CudaTts.Server.Access;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Tests;

/// <summary>Who may ask, and how much.</summary>
[TestFixture]
internal sealed class KeyTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task A_made_key_opens_the_door_and_nothing_else_does()
    {
        var key = AddKey("first");
        var second = AddKey("second");
        await using var server = await RunningServer.StartTinyAsync("--settings", _folder.Path("settings.json"));

        Assert.That(key, Does.Match("^ctts_[A-Za-z0-9_-]{43}$"));
        Assert.That(await File.ReadAllTextAsync(_folder.Path("settings.json")), Does.Not.Contain(key).And.Not.Contain(second));
        foreach (var authorization in new[] { $"Bearer {key}", $"bearer {key}", $"Bearer {second}" })
        {
            Assert.That((await AskAsync(server, authorization)).StatusCode, Is.EqualTo(HttpStatusCode.OK), authorization);
        }

        string[] wrong =
        [
            "", "Bearer", "Bearer ", $"Basic {key}", key, $"Bearer {key}x", $"Bearer {key[..^1]}", $"Bearer {key.ToUpperInvariant()}",
            $"Bearer {Convert.ToHexStringLower(BearerKey.HashOf(key))}", $"Bearer {new string('a', 5000)}", $"Bearer {key}, Bearer {key}",
        ];
        foreach (var authorization in wrong)
        {
            using var answer = await AskAsync(server, authorization);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), authorization);
            Assert.That(answer.Headers.WwwAuthenticate.Single().ToString(), Is.EqualTo("Bearer"));
            Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("code").GetString(), Is.EqualTo("invalid_api_key"));
        }
    }

    [Test]
    public async Task Health_and_what_is_not_there_want_no_key_and_everything_of_v1_does()
    {
        AddKey("only");
        await using var server = await RunningServer.StartTinyAsync("--settings", _folder.Path("settings.json"));
        foreach (var (path, status) in new[]
        {
            ("/health", 200), ("/health/ready", 200), ("/openapi/v1.json", 200), ("/v1/models", 401), ("/v1/models/tts-1", 401),
            ("/v1/audio/voices", 401), ("/none", 404),
        })
        {
            Assert.That((int)(await server.Client.GetAsync(path)).StatusCode, Is.EqualTo(status), path);
        }

        using var speech = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\"");
        using var captioned = await server.SpeakAsync("\"input\":\"Hi.\"", "/v1/audio/speech/captioned");
        Assert.That((speech.StatusCode, captioned.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)));
    }

    [Test]
    public async Task A_keys_limits_are_its_own()
    {
        var few = AddKey("few", "--requests-per-minute", "2");
        var other = AddKey("other");
        await using var server = await RunningServer.StartTinyAsync("--settings", _folder.Path("settings.json"));
        for (var i = 0; i < 2; i++)
        {
            Assert.That((await AskAsync(server, $"Bearer {few}")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        using var refused = await AskAsync(server, $"Bearer {few}");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(refused.Headers.RetryAfter!.Delta, Is.InRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(31)));
        Assert.That((await RunningServer.ErrorOf(refused)).GetProperty("type").GetString(), Is.EqualTo("rate_limit_error"));
        Assert.That((await AskAsync(server, $"Bearer {other}")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void An_allowance_comes_back_evenly_and_a_large_wish_leaves_a_debt()
    {
        var time = new SetTime();
        var allowance = new MinuteAllowance(60, time);
        Assert.That(allowance.Take(60), Is.Null);
        Assert.That(allowance.Take(1), Is.EqualTo(TimeSpan.FromSeconds(1)));
        time.Advance(1);
        Assert.That(allowance.Take(1), Is.Null);
        time.Advance(600);
        Assert.That(allowance.Take(90), Is.Null, "more than a minute's, with a full bucket");
        Assert.That(allowance.Take(1), Is.EqualTo(TimeSpan.FromSeconds(31)));
    }

    [Test]
    public void Characters_and_requests_at_once_are_counted_by_key()
    {
        var use = new KeyUse(new ApiKey("a", new string('0', 64)) { CharactersPerMinute = 100, Parallel = 2 }, new SetTime());
        using var first = use.BeginSpeech(40);
        var second = use.BeginSpeech(40);
        Assert.That(() => use.BeginSpeech(1), Throws.Exception.Message.Contains("at most 2 requests at once"));
        second.Dispose();
        second.Dispose();
        Assert.That(() => use.BeginSpeech(40), Throws.Exception.Message.Contains("at most 100 characters a minute"));
        use.BeginSpeech(20).Dispose();
    }

    [Test]
    public void A_name_is_taken_once_and_other_settings_stay()
    {
        File.WriteAllText(_folder.Path("settings.json"), """{"Other":{"A":1},"CudaTts":{"LogText":true}}""");
        AddKey("one", "--parallel", "3", "--characters-per-minute", "1000");
        Assert.That(() => AddKey("one"), Throws.TypeOf<SettingsException>().With.Message.Contains("it has a key 'one' already"));
        var root = JsonDocument.Parse(File.ReadAllText(_folder.Path("settings.json"))).RootElement;
        var key = root.GetProperty("CudaTts").GetProperty("Keys")[0];
        Assert.That(root.GetProperty("Other").GetProperty("A").GetInt32(), Is.EqualTo(1));
        Assert.That(root.GetProperty("CudaTts").GetProperty("LogText").GetBoolean(), Is.True);
        Assert.That((key.GetProperty("Parallel").GetInt32(), key.GetProperty("CharactersPerMinute").GetInt32()), Is.EqualTo((3, 1000)));
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningServer server, string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await server.Client.SendAsync(request);
    }

    private string AddKey(string name, params string[] more)
    {
        using var output = new StringWriter();
        KeysCommand.Run(["add", name, "--settings", _folder.Path("settings.json"), .. more], output);
        return output.ToString().Split('\n')[0].Trim();
    }

    private sealed class SetTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now;

        public void Advance(long seconds) => _now += seconds;
    }
}
