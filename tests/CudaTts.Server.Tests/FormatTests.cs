using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using CudaTts.Audio;
using CudaTts.Server.Encoding;

namespace CudaTts.Server.Tests;

/// <summary>The formats of audio: read again by other programs where they are here, and by the rules of the formats.</summary>
[TestFixture]
internal sealed class FormatTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(4097)]
    [TestCase(30_000)]
    public async Task Flac_gives_every_sample_back(int length)
    {
        foreach (var (name, samples) in Sounds(length))
        {
            foreach (var known in new long?[] { length, null })
            {
                var bytes = await EncodeAsync((sound, sink) => new FlacSpeechEncoder(sound, sink), new SoundShape(22050, known), samples);
                var path = _folder.Path($"{name}.flac");
                await File.WriteAllBytesAsync(path, bytes);
                Run("flac", "-d", "-f", "-s", path, "-o", _folder.Path("out.wav"));
                var decoded = await File.ReadAllBytesAsync(_folder.Path("out.wav"));
                var expected = new byte[samples.Length * 2];
                Pcm16.Convert(samples, expected);
                Assert.That(decoded.AsSpan(^expected.Length..).SequenceEqual(expected), Is.True, $"{name}, {length}, {known}");
            }
        }
    }

    [Test]
    public async Task Flac_of_a_voice_is_smaller_than_its_samples()
    {
        var tone = Sounds(22050).First(sound => sound.Name == "tone").Samples;
        var bytes = await EncodeAsync((sound, sink) => new FlacSpeechEncoder(sound, sink), new SoundShape(22050, null), tone);
        Assert.That(bytes, Has.Length.LessThan(22050 * 2 * 0.6));
    }

    [TestCase(8000)]
    [TestCase(24000)]
    [TestCase(48000)]
    public async Task Opus_pages_follow_the_rules(int rate)
    {
        var bytes = await EncodeAsync(
            (sound, sink) => new OpusSpeechEncoder(sound.SampleRate, sink), new SoundShape(rate, null), Tone(rate, rate + 123));
        var pages = PagesOf(bytes);
        var preSkip = BinaryPrimitives.ReadUInt16LittleEndian(pages[0].Body.AsSpan(10));

        Assert.That(pages.Select(page => page.Sequence), Is.EqualTo(Enumerable.Range(0, pages.Count)));
        Assert.That(pages.Select(page => page.Serial).Distinct().Count(), Is.EqualTo(1));
        Assert.That(pages.Select(page => (int)page.Flags), Is.EqualTo(pages.Select((_, i) => i == 0 ? 2 : i == pages.Count - 1 ? 4 : 0)));
        Assert.That(pages[0].Body.AsSpan(0, 8).SequenceEqual("OpusHead"u8), Is.True);
        Assert.That(pages[1].Body.AsSpan(0, 8).SequenceEqual("OpusTags"u8), Is.True);
        Assert.That(pages[0].Granule, Is.Zero);
        Assert.That(pages.Select(page => page.Granule), Is.Ordered);
        Assert.That(pages[^1].Granule, Is.EqualTo(preSkip + ((rate + 123L) * 48000 / rate)), "where the sound ends");
        var lengths = pages.Skip(2).Zip(pages.Skip(1), (page, before) => page.Granule - before.Granule);
        Assert.That(lengths, Has.All.AtMost(48000), "a page has a second at most");
    }

    [Test]
    public async Task Opus_decodes_to_the_same_length_and_the_same_tone()
    {
        var tone = Tone(24000, 24000);
        var bytes = await EncodeAsync((sound, sink) => new OpusSpeechEncoder(sound.SampleRate, sink), new SoundShape(24000, null), tone);
        await File.WriteAllBytesAsync(_folder.Path("a.opus"), bytes);
        var report = Run("opusinfo", _folder.Path("a.opus"));
        Run("opusdec", "--quiet", "--rate", "24000", _folder.Path("a.opus"), _folder.Path("a.wav"));
        var decoded = WavFile.Read(_folder.Path("a.wav")).Samples;

        Assert.That(report, Does.Not.Contain("WARNING").And.Contain("Playback length: 0m:01.000s"));
        Assert.That(decoded, Has.Length.EqualTo(24000).Within(1));
        var (both, first, second) = (0.0, 0.0, 0.0);
        for (var i = 2000; i < 22000; i++)
        {
            both += decoded[i] * tone[i];
            first += decoded[i] * decoded[i];
            second += tone[i] * tone[i];
        }

        Assert.That(both / Math.Sqrt(first * second), Is.GreaterThan(0.95), "in time and in phase");
    }

    [TestCase("mp3", "audio/mpeg", "mp3", 22050)]
    [TestCase("aac", "audio/aac", "aac", 22050)]
    [TestCase("opus", "audio/ogg", "opus", 48000)]
    [TestCase("flac", "audio/flac", "flac", 22050)]
    public async Task Another_program_reads_what_is_sent(string format, string type, string codec, int rate)
    {
        using var answer = await SharedServer.Instance.SpeakAsync($"\"input\":\"Hello there.\",\"response_format\":\"{format}\"");
        if (format is "mp3" or "aac" && Ffmpeg.Find() is null)
        {
            Assert.Ignore("there is no ffmpeg here, which writes MP3 and AAC");
        }

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        await File.WriteAllBytesAsync(_folder.Path("a"), await answer.Content.ReadAsByteArrayAsync());
        var report = Run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name,sample_rate", "-of", "csv=p=0", _folder.Path("a"));
        Assert.That(report.Trim(), Is.EqualTo($"{codec},{rate}"));
    }

    [Test]
    public void Without_ffmpeg_its_formats_are_not_there()
    {
        var formats = new FormatCatalogue(ffmpeg: null);
        Assert.That(formats.Names, Is.EqualTo(new[] { "wav", "pcm", "opus", "flac" }));
        Assert.That((formats.IsMissing("mp3"), formats.IsMissing("aac"), formats.IsMissing("ogg")), Is.EqualTo((true, true, false)));
    }

    private static IEnumerable<(string Name, float[] Samples)> Sounds(int length)
    {
        var random = new Random(length);
        yield return ("silence", new float[length]);
        yield return ("tone", Tone(22050, length));
        yield return ("noise", [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)]);
        yield return ("square", [.. Enumerable.Range(0, length).Select(i => i / 3 % 2 == 0 ? 1f : -1f)]);
        yield return ("constant", [.. Enumerable.Repeat(-0.25f, length)]);
        yield return ("bursts", [.. Enumerable.Range(0, length).Select(i => i / 700 % 5 == 0 ? (random.NextSingle() * 2) - 1 : 0)]);
    }

    private static float[] Tone(int rate, int length) =>
        [.. Enumerable.Range(0, length).Select(i => 0.5f * MathF.Sin(2 * MathF.PI * 220 * i / rate))];

    private static async Task<byte[]> EncodeAsync(Func<SoundShape, ByteSink, AudioEncoder> open, SoundShape sound, float[] samples)
    {
        var bytes = new MemoryStream();
        await using var encoder = open(sound, part =>
        {
            bytes.Write(part.Span);
            return ValueTask.CompletedTask;
        });
        var random = new Random(1);
        for (int at = 0, next; at < samples.Length; at = next)
        {
            next = Math.Min(samples.Length, at + random.Next(1, 7000));
            await encoder.AddAsync(samples.AsMemory(at..next), CancellationToken.None);
        }

        await encoder.FinishAsync(CancellationToken.None);
        return bytes.ToArray();
    }

    private static List<(byte Flags, long Granule, uint Serial, int Sequence, byte[] Body)> PagesOf(byte[] bytes)
    {
        var pages = new List<(byte, long, uint, int, byte[])>();
        for (var at = 0; at < bytes.Length;)
        {
            var span = bytes.AsSpan(at);
            Assert.That(span[..4].SequenceEqual("OggS"u8), Is.True);
            var segments = span[26];
            var body = 0;
            foreach (var segment in span.Slice(27, segments))
            {
                body += segment;
            }

            pages.Add((
                span[5], BinaryPrimitives.ReadInt64LittleEndian(span[6..]), BinaryPrimitives.ReadUInt32LittleEndian(span[14..]),
                BinaryPrimitives.ReadInt32LittleEndian(span[18..]), span.Slice(27 + segments, body).ToArray()));
            at += 27 + segments + body;
        }

        return pages;
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, $"{program}: {errors.Result}");
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Ignore($"there is no {program} here, which reads what was written");
            return "";
        }
    }
}
