using CudaTts.Pipeline;

namespace CudaTts.Tests.Pipeline;

/// <summary>Captions byte for byte, and their limits over many texts.</summary>
[TestFixture]
internal sealed class CaptionsTests
{
    private static readonly SpeechTimestamps s_two = new(
        3725.5,
        [
            new SentenceTime("Hello, A&B <now>.", 0, 2, [Word("Hello,", 0.0004, 0.9), Word("A&B", 0.95, 1.2), Word("<now>.", 1.2, 1.9996)]),
            new SentenceTime("Bye -->", 3724.5, 3725.25, [Word("Bye -->", 3724.5678, 3724.6)]),
        ],
        []);

    [Test]
    public void Sub_rip_is_exact() => Assert.That(Captions.ToSubRip(s_two), Is.EqualTo(
        "1\n00:00:00,000 --> 00:00:02,000\nHello, A&B <now>.\n\n2\n01:02:04,568 --> 01:02:05,500\nBye -->\n\n"));

    [Test]
    public void Web_vtt_is_exact_and_escaped() => Assert.That(Captions.ToWebVtt(s_two), Is.EqualTo(
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\nHello, A&amp;B &lt;now&gt;.\n\n2\n01:02:04.568 --> 01:02:05.500\nBye --&gt;\n\n"));

    [Test]
    public void No_speech_is_no_caption()
    {
        var none = new SpeechTimestamps(0, [], []);
        Assert.That((Captions.ToSubRip(none), Captions.ToWebVtt(none)), Is.EqualTo(("", "WEBVTT\n\n")));
    }

    [Test]
    public void A_long_sentence_is_divided_into_lines_of_like_length()
    {
        var words = "The quick brown fox jumps over the lazy dog, and nobody who saw it ever spoke of anything else again.".Split(' ');
        var captions = Captions.ToSubRip(Spoken(words, 0.3));
        Assert.That(Texts(captions), Is.EqualTo(new[]
        {
            "The quick brown fox jumps over the lazy\ndog, and nobody who saw it ever spoke of",
            "anything else again.",
        }));
    }

    [Test]
    public void A_word_that_is_too_long_has_a_line_of_its_own()
    {
        var word = new string('x', 100);
        Assert.That(Texts(Captions.ToSubRip(Spoken(["a", word, "b"], 0.3))), Is.EqualTo(new[] { "a", word, "b" }));
    }

    [Test]
    public void Slow_speech_is_divided_by_time() =>
        Assert.That(Texts(Captions.ToSubRip(Spoken(["a", "b", "c", "d"], 3))), Is.EqualTo(new[] { "a b", "c d" }));

    [Test]
    public void Captions_are_in_order_whole_and_readable()
    {
        var random = new Random(3);
        for (var text = 0; text < 300; text++)
        {
            // Some words take no time at all.
            var words = Enumerable.Range(0, random.Next(1, 60)).Select(_ => new string('w', random.Next(1, 30))).ToArray();
            var timestamps = Spoken(words, random.Next(4) == 0 ? 0 : random.NextDouble());
            var captions = Captions.ToSubRip(timestamps);
            Assert.That(string.Join(' ', Texts(captions)).Replace('\n', ' '), Is.EqualTo(string.Join(' ', words)));
            var last = 0.0;
            foreach (var (start, end) in Times(captions))
            {
                Assert.That(start, Is.GreaterThanOrEqualTo(last));
                Assert.That(end, Is.GreaterThan(start));
                Assert.That(end - start, Is.LessThanOrEqualTo(7.002));
                last = end;
            }

            foreach (var caption in Texts(captions))
            {
                Assert.That(caption.Split('\n'), Has.Length.LessThanOrEqualTo(2).And.All.Length.LessThanOrEqualTo(42));
            }
        }
    }

    private static WordTime Word(string text, double start, double end) => new(text, start, end, []);

    private static SpeechTimestamps Spoken(string[] words, double seconds) => new(
        words.Length * seconds,
        [new SentenceTime(string.Join(' ', words), 0, words.Length * seconds,
            [.. words.Select((word, i) => Word(word, i * seconds, (i + 1) * seconds))])],
        []);

    private static IEnumerable<string> Texts(string captions) =>
        captions.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(caption => caption.Split('\n', 3)[2]);

    private static IEnumerable<(double Start, double End)> Times(string captions) => captions.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(caption => caption.Split('\n')[1].Split(" --> "))
        .Select(times => (Seconds(times[0]), Seconds(times[1])));

    private static double Seconds(string time) =>
        TimeSpan.ParseExact(time, @"hh\:mm\:ss\,fff", System.Globalization.CultureInfo.InvariantCulture).TotalSeconds;
}
