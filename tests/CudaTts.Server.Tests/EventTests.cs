using System.Net;
using System.Text.Json;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Tests;

/// <summary>Speech with words beside it: server-sent events, and lines of JSON.</summary>
[TestFixture]
internal sealed class EventTests
{
    private const string Text = "Hello, world!  How are   you today?";

    [Test]
    public async Task Events_carry_the_bytes_of_the_plain_answer_and_what_it_took()
    {
        using var plain = await SharedServer.Instance.SpeakAsync($"\"input\":\"{Text}\",\"response_format\":\"wav\"");
        using var answer = await SharedServer.Instance.SpeakAsync($"\"input\":\"{Text}\",\"response_format\":\"wav\",\"stream_format\":\"sse\"");
        var events = await EventsOf(answer);
        var audio = events.Where(one => TypeOf(one) == "speech.audio.delta")
            .SelectMany(one => one.GetProperty("audio").GetBytesFromBase64()).ToArray();

        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/event-stream"));
        Assert.That(events.Select(TypeOf).Distinct(), Is.EqualTo(new[] { "speech.audio.delta", "speech.audio.done" }));
        Assert.That(audio, Is.EqualTo(await plain.Content.ReadAsByteArrayAsync()));
        var usage = events[^1].GetProperty("usage");
        Assert.That(usage.GetProperty("input_tokens").GetInt32(), Is.GreaterThan(20));
        Assert.That(usage.GetProperty("output_tokens").GetInt32(), Is.EqualTo((audio.Length - 44) / 2 / 256).Within(20));
        Assert.That(
            usage.GetProperty("total_tokens").GetInt32(),
            Is.EqualTo(usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32()));
    }

    [Test]
    public async Task Words_have_their_times_and_their_places_in_the_text()
    {
        using var answer = await SharedServer.Instance.SpeakAsync(
            $"\"input\":\"{Text}\",\"response_format\":\"wav\",\"stream_format\":\"sse\",\"timestamps\":true");
        var events = await EventsOf(answer);
        var sentences = events.Where(one => TypeOf(one) == "speech.audio.words").ToList();
        var words = sentences.SelectMany(one => one.GetProperty("words").EnumerateArray()).ToList();

        Assert.That(sentences.Select(one => one.GetProperty("sentence").GetInt32()), Is.EqualTo(new[] { 0, 1 }));
        AssertWords(words, Text, ["Hello,", "world!", "How", "are", "you", "today?"]);
    }

    [Test]
    public async Task Lines_have_samples_sentences_and_an_end()
    {
        using var answer = await SharedServer.Instance.SpeakAsync($"\"input\":\"{Text}\",\"pictures\":true", "/v1/audio/speech/captioned");
        var lines = await LinesOf(answer);
        var sentences = lines.Where(line => TypeOf(line) == "sentence").ToList();
        var samples = lines.Where(line => TypeOf(line) == "audio").Sum(line => line.GetProperty("audio").GetBytesFromBase64().Length / 2);

        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/x-ndjson"));
        Assert.That(TypeOf(lines[^1]), Is.EqualTo("done"));
        Assert.That(lines[^1].GetProperty("seconds").GetDouble(), Is.EqualTo(samples / 22050.0).Within(1e-3));
        AssertWords(
            [.. sentences.SelectMany(line => line.GetProperty("words").EnumerateArray())], Text, ["Hello,", "world!", "How", "are", "you", "today?"]);
        foreach (var sentence in sentences)
        {
            Assert.That(sentence.GetProperty("verdict").GetProperty("sound").GetBoolean(), Is.True);
            AssertPicture(sentence.GetProperty("mel"), 80);
            AssertPicture(sentence.GetProperty("alignment"), sentence.GetProperty("tokens").GetArrayLength());
        }
    }

    [Test]
    public async Task Lines_without_pictures_have_none_and_take_a_document()
    {
        const string Document = "<speak>Fish &amp; <sub alias='ships'>chips</sub> <!-- no <w> -->cost <lang id='>'>much</lang>.</speak>";
        using var answer = await SharedServer.Client.PostAsync(
            "/v1/audio/speech/captioned", new StringContent(Document, System.Text.Encoding.UTF8, "application/ssml+xml"));
        var lines = await LinesOf(answer);
        var sentence = lines.Single(line => TypeOf(line) == "sentence");

        Assert.That(sentence.TryGetProperty("mel", out _), Is.False);
        Assert.That(
            sentence.GetProperty("words").EnumerateArray().Select(word => PlaceOf(word, Document)),
            Is.EqualTo(new[] { "Fish", "&amp;", "chips", "cost", "much</lang>." }));
        var symbols = sentence.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("symbol").GetString());
        Assert.That(symbols, Does.Contain("F").And.Not.Contain("@F"));
    }

    [Test]
    public async Task A_fault_before_the_first_audio_is_an_error_with_a_status()
    {
        foreach (var (fields, route) in new[]
        {
            (",\"stream_format\":\"sse\",\"response_format\":\"wav\"", "/v1/audio/speech"), ("", "/v1/audio/speech/captioned"),
        })
        {
            using var answer = await SharedServer.Instance.SpeakAsync($"\"input\":\"...\"{fields}", route);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            await RunningServer.ErrorOf(answer);
        }
    }

    [TestCase("one two", false, "one", 0, 3)]
    [TestCase("  one", false, "one", 2, 5)]
    [TestCase("<speak>a&#x62;c</speak>", true, "abc", 7, 15)]
    [TestCase("<speak><![CDATA[a<b]]></speak>", true, "a<b", 16, 19)]
    [TestCase("<?xml version='1.0'?><speak>x</speak>", true, "x", 28, 29)]
    [TestCase("one", false, "other", 0, 0)]
    public void A_word_is_found_where_it_is_written(string input, bool isSsml, string word, int start, int end)
    {
        var place = new TextPlaces(input, isSsml).Next(word);
        Assert.That((place.Start, place.End), Is.EqualTo((start, end)));
    }

    internal static async Task<List<JsonElement>> EventsOf(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(part =>
        {
            Assert.That(part, Does.StartWith("data: "));
            return JsonDocument.Parse(part["data: ".Length..]).RootElement;
        })];
    }

    internal static async Task<List<JsonElement>> LinesOf(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string? TypeOf(JsonElement element) => element.GetProperty("type").GetString();

    private static string PlaceOf(JsonElement word, string text) =>
        text[word.GetProperty("text_start").GetInt32()..word.GetProperty("text_end").GetInt32()];

    private static void AssertWords(List<JsonElement> words, string text, string[] expected)
    {
        Assert.That(words.Select(word => word.GetProperty("word").GetString()), Is.EqualTo(expected));
        Assert.That(words.Select(word => PlaceOf(word, text)), Is.EqualTo(expected));
        Assert.That(words.SelectMany(word => new[] { word.GetProperty("start").GetDouble(), word.GetProperty("end").GetDouble() }), Is.Ordered);
    }

    private static void AssertPicture(JsonElement picture, int rows)
    {
        var data = picture.GetProperty("data").GetBytesFromBase64();
        Assert.That(picture.GetProperty("rows").GetInt32(), Is.EqualTo(rows));
        Assert.That(data, Has.Length.EqualTo(rows * picture.GetProperty("columns").GetInt32()));
        Assert.That(data.Distinct().Count(), Is.GreaterThan(10));
    }
}
