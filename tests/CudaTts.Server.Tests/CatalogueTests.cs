using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace CudaTts.Server.Tests;

/// <summary>What can be looked at: models, voices, health, and what other sites' pages may see of it.</summary>
[TestFixture]
internal sealed class CatalogueTests
{
    private static readonly string[] s_routes =
    [
        "/v1/models", "/v1/models/tts-1", "/v1/audio/voices", "/health", "/health/live", "/health/ready", "/openapi/v1.json",
    ];

    [Test]
    public async Task Models_are_listed_as_OpenAI_lists_them()
    {
        var list = await SharedServer.Client.GetFromJsonAsync<JsonElement>("/v1/models");
        Assert.That(list.GetProperty("object").GetString(), Is.EqualTo("list"));
        var model = list.GetProperty("data").EnumerateArray().Single();
        Assert.That(model.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "id", "object", "created", "owned_by" }));
        var same = await SharedServer.Client.GetFromJsonAsync<JsonElement>($"/v1/models/{model.GetProperty("id").GetString()}");
        Assert.That(same.ToString(), Is.EqualTo(model.ToString()));
    }

    [Test]
    public async Task Voices_have_an_id_and_a_name_and_can_be_asked_for()
    {
        var list = await SharedServer.Client.GetFromJsonAsync<JsonElement>("/v1/audio/voices");
        var voice = list.GetProperty("voices").EnumerateArray().Single();
        Assert.That(voice.GetProperty("name").GetString(), Is.EqualTo("clb-small"));
        Assert.That(voice.ToString(), Does.Not.Contain("/"), "a folder of this machine");
        using var answer = await SharedServer.Client.PostAsync("/v1/audio/speech", JsonContent.Create(new
        {
            model = "cudatts", voice = new { id = voice.GetProperty("id").GetString() }, input = "Hi.", response_format = "wav",
        }));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCaseSource(nameof(s_routes))]
    public async Task A_head_has_the_headers_of_a_get(string route)
    {
        using var get = await SharedServer.Client.GetAsync(route);
        using var head = await SharedServer.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, route));
        Assert.That((head.StatusCode, get.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(get.Content.Headers.ContentLength));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task Another_sites_page_sees_nothing_unless_the_settings_say_so()
    {
        async Task<HttpResponseMessage> AskAsync(RunningServer server, HttpMethod method, string origin)
        {
            using var request = new HttpRequestMessage(method, "/v1/audio/speech");
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization");
            return await server.Client.SendAsync(request);
        }

        await using var open = await RunningServer.StartTinyAsync("--CudaTts:Cors:Origins", "https://example.org");
        using var closed = await AskAsync(SharedServer.Instance, HttpMethod.Options, "https://example.org");
        using var other = await AskAsync(open, HttpMethod.Options, "https://evil.org");
        Assert.That(closed.Headers.Contains("Access-Control-Allow-Origin"), Is.False);
        Assert.That(other.Headers.Contains("Access-Control-Allow-Origin"), Is.False);
        using var allowed = await AskAsync(open, HttpMethod.Options, "https://example.org");
        Assert.That(allowed.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { "https://example.org" }));
        Assert.That(allowed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }
}
