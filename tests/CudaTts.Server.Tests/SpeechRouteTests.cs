using System.Buffers.Binary;
using System.Net;
using CudaTts.Audio;

namespace CudaTts.Server.Tests;

/// <summary>What <c>/v1/audio/speech</c> answers in its plain forms.</summary>
[TestFixture]
internal sealed class SpeechRouteTests
{
    private const string Hello = "\"input\":\"Hello there. How are you?\"";

    [Test]
    public async Task A_streamed_wav_has_unknown_sizes_and_no_length()
    {
        using var answer = await SharedServer.Instance.SpeakAsync(Hello + ",\"response_format\":\"wav\"");
        var bytes = await answer.Content.ReadAsByteArrayAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Headers.TransferEncodingChunked, Is.True);
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("audio/wav"));
        Assert.That(answer.Headers.GetValues("X-Accel-Buffering"), Is.EqualTo(new[] { "no" }));
        Assert.That(answer.Headers.GetValues("X-Sample-Rate"), Is.EqualTo(new[] { "22050" }));
        Assert.That(answer.Headers.CacheControl!.NoCache, Is.True);
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)), Is.EqualTo(uint.MaxValue));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(40)), Is.EqualTo(uint.MaxValue));
        Assert.That(bytes, Has.Length.GreaterThan(40_000));
    }

    [Test]
    public async Task A_whole_wav_has_exact_sizes_and_the_samples_of_the_streamed_one()
    {
        using var streamed = await SharedServer.Instance.SpeakAsync(Hello + ",\"response_format\":\"wav\"");
        using var whole = await SharedServer.Instance.SpeakAsync(Hello + ",\"response_format\":\"wav\",\"stream\":false");
        var bytes = await whole.Content.ReadAsByteArrayAsync();

        Assert.That(whole.Content.Headers.ContentLength, Is.EqualTo(bytes.Length));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)), Is.EqualTo(bytes.Length - 8));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(40)), Is.EqualTo(bytes.Length - 44));
        Assert.That(bytes[44..], Is.EqualTo((await streamed.Content.ReadAsByteArrayAsync())[44..]));
    }

    [TestCase("", 24000)]
    [TestCase(",\"sample_rate\":8000", 8000)]
    [TestCase(",\"sample_rate\":22050", 22050)]
    public async Task Bare_samples_are_at_24_kHz_or_at_the_rate_asked_for(string field, int rate)
    {
        using var wav = await SharedServer.Instance.SpeakAsync(Hello + ",\"response_format\":\"wav\",\"stream\":false");
        using var pcm = await SharedServer.Instance.SpeakAsync(Hello + ",\"response_format\":\"pcm\"" + field);
        var samples = (await pcm.Content.ReadAsByteArrayAsync()).Length / 2;

        Assert.That(pcm.Content.Headers.ContentType!.ToString(), Is.EqualTo($"audio/pcm; rate={rate}"));
        Assert.That(pcm.Headers.GetValues("X-Sample-Rate"), Is.EqualTo(new[] { $"{rate}" }));
        Assert.That(samples, Is.EqualTo(((await wav.Content.ReadAsByteArrayAsync()).Length - 44) / 2.0 * rate / 22050).Within(1));
    }

    [Test]
    public async Task Fields_that_clients_send_and_ours_are_taken_together()
    {
        using var answer = await SharedServer.Instance.SpeakAsync(
            "\"input\":\"<speak>Hi.</speak>\",\"ssml\":true,\"instructions\":\"Whisper.\",\"speed\":2,\"seed\":18446744073709551615,\"pitch\":-2.5,"
            + "\"volume\":-6,\"stream_format\":\"audio\",\"priority\":\"bulk\",\"response_format\":\"wav\",\"sample_rate\":16000,"
            + "\"timestamps\":false");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Speed_halves_the_length()
    {
        async Task<double> Length(string field)
        {
            using var answer = await SharedServer.Instance.SpeakAsync("\"input\":\"One, two, three.\",\"response_format\":\"pcm\"" + field);
            return (await answer.Content.ReadAsByteArrayAsync()).Length;
        }

        Assert.That(await Length(",\"speed\":2"), Is.EqualTo(await Length("") / 2).Within(1).Percent);
    }

    [Test]
    public async Task A_document_is_the_body_and_its_fields_are_the_query()
    {
        using var answer = await SharedServer.Client.PostAsync(
            "/v1/audio/speech?voice=clb-small&response_format=pcm&sample_rate=22050&speed=1",
            new StringContent("<speak>One <break time='1s'/> two.</speak>", System.Text.Encoding.UTF8, "application/ssml+xml"));
        var bytes = await answer.Content.ReadAsByteArrayAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(bytes.AsSpan().IndexOf(new byte[22050 * 2]), Is.Positive, "a second of silence");
    }

    [Test]
    public async Task A_request_is_told_its_own_id_or_a_new_one()
    {
        async Task<string> IdFor(string? given)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            if (given is not null)
            {
                request.Headers.TryAddWithoutValidation("X-Request-Id", given);
            }

            using var answer = await SharedServer.Client.SendAsync(request);
            return answer.Headers.GetValues("X-Request-Id").Single();
        }

        var new1 = await IdFor(null);
        Assert.That(new1, Has.Length.EqualTo(32).And.Not.EqualTo(await IdFor(null)));
        Assert.That(await IdFor("my.own_id-1"), Is.EqualTo("my.own_id-1"));
        Assert.That(await IdFor("spaces are not"), Has.Length.EqualTo(32));
        Assert.That(await IdFor(new string('a', 129)), Has.Length.EqualTo(32));
    }

    [Test]
    public void Resampled_pieces_are_the_whole_sound_resampled()
    {
        var random = new Random(1);

        // A length that all rates divide: the whole sound's step is that of its rounded length.
        float[] samples = [.. Enumerable.Range(0, 4410).Select(_ => (random.NextSingle() * 2) - 1)];
        foreach (var rate in new[] { 8000, 24000, 48000 })
        {
            var whole = new Waveform(samples, 22050).Resample(rate).Samples;
            var resampler = new Encoding.StreamResampler(22050, rate);
            var pieces = new List<float>();
            for (int at = 0, next; at < samples.Length; at = next)
            {
                next = Math.Min(samples.Length, at + random.Next(1, 400));
                pieces.AddRange(resampler.Add(samples.AsSpan(at..next)));
            }

            pieces.AddRange(resampler.Finish());
            Assert.That(pieces, Has.Count.EqualTo(whole.Length));
            Assert.That(pieces.Zip(whole).Max(pair => Math.Abs(pair.First - pair.Second)), Is.LessThan(1e-5), $"{rate} Hz");
        }
    }
}
