using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace CudaTts.Load;

/// <summary>A client of the speech route that plays what it gets: it reads as the sound comes, and remembers when.</summary>
internal sealed class SpeechClient : IDisposable
{
    private const int BytesPerSample = 2;
    private const int DefaultRate = 24_000;

    private readonly HttpClient _http;

    /// <summary>Makes a client.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="key">Its API key; null for none.</param>
    public SpeechClient(Uri server, string? key = null)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Asks for speech, and reads it to its end.</summary>
    /// <param name="text">What is to be said.</param>
    /// <param name="due">When the request was due, on the clock of <see cref="Stopwatch"/>: all times are counted from then.</param>
    /// <param name="cancellation">Ends the wait; the result says so.</param>
    public async Task<CallResult> CallAsync(LoadText text, long due, CancellationToken cancellation)
    {
        var result = new CallResult(text.Length, Status: 0) { Lag = Stopwatch.GetElapsedTime(due) };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/speech") { Content = BodyOf(text) };
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            result = result with { Status = (int)answer.StatusCode, Answered = Stopwatch.GetElapsedTime(due) };
            result = await ReadAsync(result, answer, due, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            result = result with { Error = error is OperationCanceledException ? "not answered in time" : error.Message };
        }

        return result with { EndedAt = Stopwatch.GetTimestamp() };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static JsonContent BodyOf(LoadText text) => JsonContent.Create(new Dictionary<string, string>
    {
        ["model"] = "tts-1",
        ["voice"] = "alloy",
        ["input"] = text.Text,
        ["response_format"] = "pcm",
    });

    private static async Task<CallResult> ReadAsync(CallResult result, HttpResponseMessage answer, long due, CancellationToken cancellation)
    {
        using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 16];
        var bytes = 0L;
        while (await body.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (bytes == 0 && answer.IsSuccessStatusCode)
            {
                result = result with { FirstAudio = Stopwatch.GetElapsedTime(due) };
            }

            bytes += read;
        }

        return result with
        {
            Complete = Stopwatch.GetElapsedTime(due),
            AudioSeconds = answer.IsSuccessStatusCode ? (double)bytes / BytesPerSample / RateOf(answer) : 0,
        };
    }

    private static int RateOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("X-Sample-Rate", out var values) && int.TryParse(values.First(), CultureInfo.InvariantCulture, out var rate)
            ? rate : DefaultRate;
}
