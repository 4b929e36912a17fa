using System.Net;

namespace CudaTts.Server.Tests;

/// <summary>Everything that is refused: with which status, and with what words.</summary>
[TestFixture]
internal sealed class ErrorTests
{
    private const string Valid = "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"Hi.\",\"response_format\":\"wav\"";

    [TestCase("\"extra\":1", "extra", "unknown_parameter", "'extra': there is no such field")]
    [TestCase("\"vocoder\":\"x\"", "vocoder", "unknown_parameter", "'vocoder': there is no such field")]
    [TestCase("\"pictures\":true", "pictures", "unknown_parameter", "'pictures': there is no such field")]
    [TestCase("\"speed\":0.1", "speed", null, "speed: expected a number, 0.25 to 4, found 0.1.")]
    [TestCase("\"speed\":\"1\"", "speed", null, "speed: expected a number, 0.25 to 4, found '1'.")]
    [TestCase("\"speed\":1e999", "speed", null, "found 1e999.")]
    [TestCase("\"speed\":1,\"speed\":1", "speed", "duplicate_parameter", "speed: expected once, found twice.")]
    [TestCase("\"pitch\":25", "pitch", null, "pitch: expected a number, -24 to 24, found 25.")]
    [TestCase("\"volume\":41", "volume", null, "volume: expected a number, -100 to 40, found 41.")]
    [TestCase("\"seed\":-1", "seed", null, "seed: expected a whole number, 0 to 18446744073709551615, found -1.")]
    [TestCase("\"seed\":1.5", "seed", null, "found 1.5.")]
    [TestCase("\"stream\":\"yes\"", "stream", null, "stream: expected true or false, found 'yes'.")]
    [TestCase("\"ssml\":1", "ssml", null, "ssml: expected true or false, found 1.")]
    [TestCase("\"stream_format\":\"ws\"", "stream_format", null, "stream_format: expected audio or sse, found 'ws'.")]
    [TestCase("\"timestamps\":true", "timestamps", null, "timestamps: expected with stream_format 'sse'")]
    [TestCase("\"sample_rate\":7999", "sample_rate", null, "sample_rate: expected a whole number, 8000 to 48000, found 7999.")]
    [TestCase("\"priority\":\"high\"", "priority", null, "priority: expected interactive or bulk, found 'high'.")]
    [TestCase("\"instructions\":[1]", "instructions", null, "instructions: expected a string, found an array.")]
    public async Task A_wrong_field_is_named(string field, string parameter, string? code, string message)
    {
        using var answer = await PostAsync($"{Valid},{field}}}");
        var error = await RunningServer.ErrorOf(answer);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(error.GetProperty("type").GetString(), Is.EqualTo("invalid_request_error"));
        Assert.That(error.GetProperty("param").GetString(), Is.EqualTo(parameter));
        Assert.That(error.GetProperty("code").GetString(), Is.EqualTo(code));
        Assert.That(error.GetProperty("message").GetString(), Does.Contain(message));
    }

    [TestCase("{\"voice\":\"alloy\",\"input\":\"Hi.\"}", "model")]
    [TestCase("{\"model\":\"tts-1\",\"input\":\"Hi.\"}", "voice")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\"}", "input")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"\"}", "input")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":null}", "input")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"../default\",\"input\":\"Hi.\"}", "voice")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":{\"id\":1},\"input\":\"Hi.\"}", "voice")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":{\"id\":\"alloy\",\"x\":1},\"input\":\"Hi.\"}", "voice")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"...\",\"response_format\":\"wav\"}", "input")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"<speak>\",\"ssml\":true,\"response_format\":\"wav\"}", "input")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"Hi.\",\"response_format\":\"ogg\"}", "response_format")]
    [TestCase("{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"Hi.\",\"response_format\":\"opus\",\"sample_rate\":22050}", "sample_rate")]
    public async Task A_field_that_is_missing_or_not_there_is_named(string body, string parameter)
    {
        using var answer = await PostAsync(body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("param").GetString(), Is.EqualTo(parameter));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("{\"model\":}")]
    [TestCase("{\"input\":\"\\ud800\"}")]
    [TestCase("{\"\\ud800\":1}")]
    [TestCase("{\"input\":[[[[[[[[[[1]]]]]]]]]]}")]
    [TestCase("{\"model\":\"tts-1\"} trailing")]
    [TestCase("\u0000")]
    public async Task What_is_no_json_object_is_refused(string body)
    {
        using var answer = await PostAsync(body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("code").GetString(), Is.EqualTo("invalid_json"));
    }

    [Test]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        foreach (var type in new[] { "application/json", "application/ssml+xml" })
        {
            using var content = new ByteArrayContent([.. "{\"input\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
            content.Headers.ContentType = new(type);
            using var answer = await SharedServer.Client.PostAsync("/v1/audio/speech", content);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), type);
            await RunningServer.ErrorOf(answer);
        }
    }

    [Test]
    public async Task An_unknown_model_is_not_found()
    {
        using var posted = await PostAsync("{\"model\":\"gpt-9\",\"voice\":\"alloy\",\"input\":\"Hi.\"}");
        using var got = await SharedServer.Client.GetAsync("/v1/models/gpt-9");
        foreach (var answer in new[] { posted, got })
        {
            var error = await RunningServer.ErrorOf(answer);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((error.GetProperty("param").GetString(), error.GetProperty("code").GetString()), Is.EqualTo(("model", "model_not_found")));
        }
    }

    [Test]
    public async Task The_limit_of_the_input_counts_characters()
    {
        // 4096 letters that take two units each, and one more; the tiny voice's cleaner reads them quickly.
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:InputCharacters", "16");
        using var most = await server.SpeakAsync("\"input\":\"aaaaaaaaaaaaaa\U0001F600\U0001F600\",\"response_format\":\"wav\"");
        using var more = await server.SpeakAsync("\"input\":\"aaaaaaaaaaaaaaa\U0001F600\U0001F600\",\"response_format\":\"wav\"");

        Assert.That(most.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await RunningServer.ErrorOf(more)).GetProperty("message").GetString(), Does.Contain("expected at most 16 characters, found 17"));
    }

    [TestCase("GET", "/nowhere", 404)]
    [TestCase("GET", "/v1/audio/speech", 405)]
    [TestCase("DELETE", "/v1/models", 405)]
    [TestCase("POST", "/health/live", 405)]
    [TestCase("GET", "/v1/../../etc/passwd", 404)]
    [TestCase("GET", "/%2e%2e/%2e%2e/etc/passwd", 404)]
    [TestCase("OPTIONS", "/v1/models", 405)]
    public async Task What_is_not_there_is_refused_in_the_same_form(string method, string path, int status)
    {
        using var answer = await SharedServer.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        await RunningServer.ErrorOf(answer);
    }

    [TestCase("text/plain")]
    [TestCase("application/json; charset=utf-16")]
    [TestCase("multipart/form-data; boundary=a")]
    [TestCase("nonsense")]
    public async Task Another_kind_of_body_is_refused(string type)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await SharedServer.Client.PostAsync("/v1/audio/speech", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        await RunningServer.ErrorOf(answer);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_body_beyond_the_limit_is_refused(bool chunked)
    {
        using var request = RunningServer.Speech($"\"input\":\"{new string('a', (1 << 20) + 1)}\"");
        request.Headers.TransferEncodingChunked = chunked;

        // The server need not read what it refuses: a client that asks first has not begun to send it.
        request.Headers.ExpectContinue = true;
        using var answer = await SharedServer.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        await RunningServer.ErrorOf(answer);
    }

    [Test]
    public async Task A_body_within_the_limit_is_read_whole()
    {
        using var answer = await SharedServer.Instance.SpeakAsync($"\"input\":\"{new string('a', (1 << 20) - 200)}\"");
        Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("code").GetString(), Is.EqualTo("string_above_max_length"));
    }

    [TestCase("X-Long", 40_000, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    [TestCase("Cookie", 33_000, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    public async Task Headers_beyond_the_limit_are_refused(string name, int length, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation(name, new string('a', length));
        using var answer = await SharedServer.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(status));
        await RunningServer.ErrorOf(answer);
    }

    [Test]
    public async Task An_address_beyond_the_limit_is_refused()
    {
        using var answer = await SharedServer.Client.GetAsync("/v1/models?" + new string('a', 9000));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestUriTooLong));
        await RunningServer.ErrorOf(answer);
    }

    [Test]
    public async Task A_query_string_is_as_strict_as_a_body()
    {
        foreach (var (query, parameter) in new[]
        {
            ("speed=9", "speed"), ("speed=fast", "speed"), ("what=1", "what"), ("seed=1&seed=1", "seed"), ("ssml=true", "input"),
        })
        {
            using var answer = await SharedServer.Client.PostAsync(
                $"/v1/audio/speech?response_format=wav&{query}",
                new StringContent("<speak>Hi.</speak>", System.Text.Encoding.UTF8, "application/ssml+xml"));
            Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("param").GetString(), Is.EqualTo(parameter), query);
        }
    }

    [Test]
    public async Task Messages_quote_what_was_sent_only_in_part()
    {
        using var answer = await PostAsync($"{Valid},\"{new string('k', 5000)}\":1}}");
        var error = await RunningServer.ErrorOf(answer);
        Assert.That(error.GetProperty("message").GetString(), Has.Length.LessThan(600));
        Assert.That(error.GetProperty("param").GetString(), Has.Length.LessThan(200));
    }

    private static Task<HttpResponseMessage> PostAsync(string body) =>
        SharedServer.Client.PostAsync("/v1/audio/speech", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
}
