using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace CudaTts.Server.Tests;

/// <summary>Requests that mean no good: each has an answer, none of which is a fault of the server, and every JSON error is whole.</summary>
[TestFixture]
internal sealed class HostileRequestTests
{
    private const int Requests = 4000;
    private const int RawRequests = 400;

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-0", "1e999", "-1e999", "1e-999", "99999999999999999999999999", "0.1e1", "\"\"", "\"\\u0000\"", "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udfff\\ud800\"", "\"\\uffff\"", "\"../../etc/passwd\"", "\"%00\"", "\"<speak><speak>\"", "\"&lol;\"", "[]", "{}", "[[[[]]]]",
        "{\"id\":null}",
        "{\"id\":\"alloy\"}", "{\"id\":{\"id\":1}}", "\"alloy\"", "\"tts-1\"", "\"wav\"", "\"pcm\"", "\"sse\"", "NaN", "Infinity", "'x'",
        "undefined", "\"\u202e\"",
        "\"\U0001F4A9\"", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "8000", "48000", "0.25", "4",
    ];

    private static readonly string[] s_names =
    [
        "model", "input", "voice", "instructions", "response_format", "speed", "stream_format", "stream", "sample_rate", "ssml", "seed", "pitch",
        "volume",
        "timestamps", "priority", "pictures", "__proto__", "", "\\u0000", "MODEL", "input ", "constructor", "vocoder",
    ];

    private static readonly string[] s_types =
    [
        "application/json", "application/json; charset=utf-8", "application/ssml+xml", "application/json; charset=utf-7", "text/plain", "", ";;;",
        "application/json;charset=\"", "APPLICATION/JSON", "application/json, application/json",
    ];

    private static readonly string[] s_routes =
    [
        "/v1/audio/speech", "/v1/audio/speech/captioned", "/v1/audio/speech/", "/V1/AUDIO/SPEECH", "/v1/models/%00", "/v1/models/..%2f..",
        "/v1/audio/speech?x=%zz",
        "/v1/audio/speech?speed=%00&voice=%ff", "/v1//audio//speech", "/health/ready",
    ];

    private static readonly string[] s_raw =
    [
        "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n", "GET\r\n\r\n", "POST /v1/audio/speech HTTP/1.1\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "0\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "POST /v1/audio/speech HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: a\r\n folded: 1\r\n\r\n", "GET http://evil/v1/models HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
        "GET /v1/models HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    ];

    [Test]
    public async Task No_request_finds_a_fault_of_the_server()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Limits:InputCharacters", "64");
        var random = new Random(20260101);
        var requests = Enumerable.Range(0, Requests).Select(_ => Draw(random)).ToList();
        var statuses = new int[600];
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (request, _) =>
        {
            using var message = MessageOf(server.Address.ToString(), request);
            using var answer = await server.Client.SendAsync(message, CancellationToken.None);
            await AssertAnsweredAsync(request.ToString(), answer);
            Interlocked.Increment(ref statuses[(int)answer.StatusCode]);
        });
        var counts = statuses.Index().Where(status => status.Item > 0).Select(status => $"{status.Index}: {status.Item}");
        TestContext.Out.WriteLine(string.Join(", ", counts));
        Assert.That(statuses[200], Is.GreaterThan(10), "some are meant well");
    }

    [Test]
    public async Task Broken_http_is_refused_and_leaves_the_server_as_it_was()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var random = new Random(1);
        for (var i = 0; i < RawRequests; i++)
        {
            var bytes = System.Text.Encoding.Latin1.GetBytes(s_raw[i % s_raw.Length]);
            for (var change = i / s_raw.Length; change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var answer = await ExchangeAsync(server.Address, bytes);
            foreach (var status in answer.Split("HTTP/1.1 ").Skip(1).Select(part => int.Parse(part[..3], CultureInfo.InvariantCulture)))
            {
                // 505 is for a version of HTTP that there is not.
                Assert.That(status, Is.LessThan(500).Or.EqualTo(505), System.Text.Encoding.Latin1.GetString(bytes));
            }
        }

        using var after = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\"");
        Assert.That((int)after.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_second_request_hidden_in_a_body_is_no_request()
    {
        await using var server = await RunningServer.StartTinyAsync();
        var smuggled = await ExchangeAsync(server.Address, System.Text.Encoding.Latin1.GetBytes(s_raw[7]));
        Assert.That(smuggled, Does.Not.Contain("\"status\":\"ok\""));
    }

    [Test]
    public async Task A_document_that_grows_is_refused()
    {
        const string Bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
            + "<speak>&b;&c;</speak>";
        var deep = string.Concat(Enumerable.Repeat("<p>", 1000));
        var silent = string.Concat(["<speak>", .. Enumerable.Repeat("<break time='60s'/>", 6), "</speak>"]);
        foreach (var document in new[] { Bomb, deep, silent })
        {
            using var answer = await SharedServer.Client.PostAsync(
                "/v1/audio/speech?response_format=wav", new StringContent(document, System.Text.Encoding.UTF8, "application/ssml+xml"));
            Assert.That((int)answer.StatusCode, Is.EqualTo(400), document);
            var error = await RunningServer.ErrorOf(answer);
            Assert.That(error.ToString(), Does.Not.Contain("root:"));
        }
    }

    private static Drawn Draw(Random random)
    {
        T Of<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
        var fields = new List<string>();
        if (random.Next(3) > 0)
        {
            fields.AddRange(["\"model\":\"tts-1\"", "\"voice\":\"alloy\"", "\"input\":\"Hi.\"", "\"response_format\":\"pcm\""]);
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            fields.Insert(random.Next(fields.Count + 1), $"\"{Of(s_names)}\":{Of(s_values)}");
        }

        var body = System.Text.Encoding.UTF8.GetBytes("{" + string.Join(',', fields) + "}");
        for (var change = random.Next(4) == 0 ? random.Next(1, 4) : 0; change > 0; change--)
        {
            body[random.Next(body.Length)] = (byte)random.Next(256);
        }

        var isUsual = random.Next(4) > 0;
        var header = random.Next(10) == 0 ? new string((char)random.Next(33, 127), random.Next(1, 40_000)) : null;
        var (route, type) = isUsual ? (s_routes[random.Next(2)], s_types[0]) : (Of(s_routes), Of(s_types));
        return new Drawn(route, type, body, header, random.Next(20) == 0 ? "PUT" : "POST");
    }

    private static HttpRequestMessage MessageOf(string server, Drawn drawn)
    {
        var message = new HttpRequestMessage(new HttpMethod(drawn.Method), new Uri(server + drawn.Route.TrimStart('/')))
        {
            Content = new ByteArrayContent(drawn.Body),
        };
        message.Content.Headers.TryAddWithoutValidation("Content-Type", drawn.Type);
        if (drawn.Header is { } header)
        {
            message.Headers.TryAddWithoutValidation("X-Request-Id", header);
        }

        return message;
    }

    private static async Task AssertAnsweredAsync(string what, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(status, Is.LessThan(500), $"{what}: {body}");
        if (!answer.Headers.Contains("X-Request-Id"))
        {
            // What is no HTTP, such as an address with a null character, is refused by Kestrel before the server sees it.
            Assert.That((status, body), Is.EqualTo((400, "")), what);
        }
        else if (status >= 400)
        {
            var error = JsonDocument.Parse(body).RootElement.GetProperty("error");
            Assert.That(error.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "message", "type", "param", "code" }), what);
        }
    }

    private static async Task<string> ExchangeAsync(Uri address, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The server has closed the door: an answer too.
            return "";
        }
    }

    private sealed record Drawn(string Route, string Type, byte[] Body, string? Header, string Method)
    {
        public override string ToString() => $"{Method} {Route} {Type} {System.Text.Encoding.Latin1.GetString(Body)}";
    }
}
