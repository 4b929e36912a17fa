using System.Net.Http.Json;
using System.Text.Json;
using CudaTts.Tests.Pipeline;
using Microsoft.AspNetCore.Builder;

namespace CudaTts.Server.Tests;

/// <summary>A server in this process, at a free port of the loopback address.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryFolder? _folder;

    private RunningServer(WebApplication application, TemporaryFolder? folder)
    {
        (Application, _folder) = (application, folder);
        Address = new Uri(application.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public WebApplication Application { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Starts one with the voice that comes with the program.</summary>
    public static async Task<RunningServer> StartAsync(params string[] arguments) => await StartAsync(null, arguments);

    /// <summary>Starts one whose voice says nothing, quickly: half a second a sentence.</summary>
    public static async Task<RunningServer> StartTinyAsync(params string[] arguments)
    {
        var folder = new TemporaryFolder();
        return await StartAsync(folder, ["--voice", TinyVoice.Create(folder.Path("voice"), gateBias: -100), .. arguments]);
    }

    /// <summary>A request for speech.</summary>
    public static HttpRequestMessage Speech(string fields, string route = "/v1/audio/speech") => new(HttpMethod.Post, route)
    {
        Content = new StringContent("{\"model\":\"tts-1\",\"voice\":\"alloy\"," + fields + "}", System.Text.Encoding.UTF8, "application/json"),
    };

    /// <summary>Asks for speech and reads all of the answer.</summary>
    public async Task<HttpResponseMessage> SpeakAsync(string fields, string route = "/v1/audio/speech") =>
        await Client.SendAsync(Speech(fields, route));

    /// <summary>The error of an answer, which must be whole.</summary>
    public static async Task<JsonElement> ErrorOf(HttpResponseMessage answer)
    {
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(body.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "error" }));
        var error = body.GetProperty("error");
        Assert.That(error.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "message", "type", "param", "code" }));
        Assert.That(error.GetProperty("message").GetString(), Is.Not.Empty.And.Not.Contain("\n").And.Not.Contain("   at "));
        return error;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Application.StopAsync();
        await Application.DisposeAsync();
        _folder?.Dispose();
    }

    private static async Task<RunningServer> StartAsync(TemporaryFolder? folder, string[] arguments)
    {
        // On a busy machine many tests at once take longer than a listener is to wait; what such a wait does has tests of its own.
        string[] patient = ["--CudaTts:Limits:FirstAudioMilliseconds", "0", "--CudaTts:Limits:QueueSeconds", "600"];
        var application = ServerHost.Build(["--device", "cpu", "--port", "0", .. patient, .. arguments]);
        await application.StartAsync();
        return new RunningServer(application, folder);
    }
}
