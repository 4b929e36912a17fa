using System.Net.Http.Json;
using CudaTts.Tests.Pipeline;
using Microsoft.AspNetCore.Builder;

namespace CudaTts.Server.Tests.Observability;

/// <summary>A whole server on a port of its own, with a voice that says nothing, quickly.</summary>
internal sealed class ObservedServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _server;

    private ObservedServer(string folder, WebApplication server) => (_folder, _server) = (folder, server);

    public IServiceProvider Services => _server.Services;

    /// <summary>Asks at the server's first address.</summary>
    public HttpClient Client { get; } = new();

    public IReadOnlyList<string> Urls => [.. _server.Urls];

    public static async Task<ObservedServer> StartAsync(string settings = "{}", params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("cudatts-observed-").FullName;
        TinyVoice.Create(Directory.CreateDirectory(Path.Combine(folder, "voice")).FullName);
        var file = Path.Combine(folder, "settings.json");
        await File.WriteAllTextAsync(file, settings);
        var server = ServerHost.Build(
            ["--settings", file, "--voice", Path.Combine(folder, "voice"), "--device", "cpu", "--urls", "http://127.0.0.1:0", .. arguments]);
        await server.StartAsync();
        var observed = new ObservedServer(folder, server);
        observed.Client.BaseAddress = new Uri(observed.Urls[0]);
        return observed;
    }

    public async Task<PrometheusText> MetricsAsync() => PrometheusText.Parse(await Client.GetStringAsync("/metrics"));

    /// <summary>Asks for speech, and reads all of the answer.</summary>
    public async Task<HttpResponseMessage> SpeakAsync(string text, string format = "wav", string path = "/v1/audio/speech")
    {
        var body = new Dictionary<string, string> { ["model"] = "tts-1", ["input"] = text, ["voice"] = "alloy", ["response_format"] = format };
        return await Client.PostAsJsonAsync(path, body);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
