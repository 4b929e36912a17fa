using CudaTts.Compute;
using CudaTts.Tests.Text;

namespace CudaTts.Tests.Pipeline;

/// <summary>When words are said, with the default voice.</summary>
[TestFixture]
internal sealed class SpeechTimestampsTests
{
    private const string Text = "The first one is short. On the 3rd of May, at 10:30, Dr. Smith's \"friends\" paid $5 - twice!";
    private SpeechSynthesizer _synthesizer = null!;

    private static IEnumerable<string> Texts => RandomTexts.Mixed(seed: 21, count: 20)
        .Concat(["One.", "a", "- Well - known - ", "Hello {HH AH0 L OW1} there. Two [[həˈloʊ]] three.", "First line\nsecond line\n\n\nthird"]);

    [OneTimeSetUp]
    public void Load() => _synthesizer = SpeechSynthesizer.Load(Voice.FindDefault(), new DeviceOptions { Name = "cpu", Threads = 2 });

    [OneTimeTearDown]
    public void Unload() => _synthesizer.Dispose();

    [Test]
    public void Every_word_is_there_in_order()
    {
        var times = _synthesizer.Speak(Text, new SpeechOptions { Attempts = 1 }).Timestamps;
        Assert.That(
            times.Sentences.Select(sentence => string.Join('|', sentence.Words.Select(word => word.Text))),
            Is.EqualTo(new[] { "The|first|one|is|short.", "On|the|3rd of May,|at|10:30,|Dr.|Smith's|\"friends\"|paid|$5 -|twice!" }));
        Assert.That(times.Sentences[0].Words[1].Phonemes.Select(phoneme => phoneme.Symbol), Is.EqualTo(new[] { "F", "ER1", "S", "T" }));
        foreach (var word in times.Sentences.SelectMany(sentence => sentence.Words))
        {
            Assert.That(word.End - word.Start, Is.InRange(0.05, 1.6), word.Text);
        }
    }

    [Test]
    public void Times_are_in_order_and_fill_the_audio()
    {
        // Cut short, so that many sentences have more tokens than steps.
        var options = new SpeechOptions { MaxSeconds = 0.7, Attempts = 1 };
        foreach (var text in Texts)
        {
            SpeechResult speech;
            try
            {
                speech = _synthesizer.Speak(text, options);
            }
            catch (TextException)
            {
                continue;
            }

            Check(speech, text);
        }
    }

    [TestCase(0.5, 0)]
    [TestCase(2, 0)]
    [TestCase(1.3, 5)]
    public void Prosody_moves_all_times_alike(double speed, double semitones)
    {
        var options = new SpeechOptions { Attempts = 1 };
        var usual = _synthesizer.Speak("We meet again at noon.", options).Timestamps;
        var changed = _synthesizer.Speak("We meet again at noon.", options with { Speed = speed, PitchSemitones = semitones });
        Check(changed, "changed");
        var (expected, actual) = (Ends(usual).Select(time => time / speed), Ends(changed.Timestamps));
        Assert.That(actual, Is.EqualTo(expected).Within(1e-3));
    }

    [Test]
    public void A_second_sentence_begins_after_the_pause()
    {
        var speech = _synthesizer.Speak("One is here. Two is there.", new SpeechOptions { Attempts = 1 });
        var times = speech.Timestamps;
        Assert.That(times.Sentences[1].Start - times.Sentences[0].End, Is.EqualTo(0.2).Within(1e-5));
    }

    [Test]
    public void Words_are_heard_where_the_times_say()
    {
        // Between the two sentences' words there is silence; within the words there is not.
        var speech = _synthesizer.Speak("My mother and my father.", new SpeechOptions { Attempts = 1 });
        var words = speech.Timestamps.Sentences[0].Words;
        double Level(double start, double end) => Math.Sqrt(
            speech.Audio.Samples[(int)(start * 22050)..(int)(end * 22050)].Select(sample => (double)sample * sample).DefaultIfEmpty(0).Average());
        var loudest = words.Max(word => Level(word.Start, word.End));
        Assert.That(words.Select(word => Level(word.Start, word.End) / loudest), Is.All.GreaterThan(0.1));
        Assert.That(Level(words[^1].End, speech.Timestamps.Duration) / loudest, Is.LessThan(0.5));
    }

    private static List<double> Ends(SpeechTimestamps times) => [.. times.Sentences.SelectMany(sentence => sentence.Words).Select(word => word.End)];

    private static void Check(SpeechResult speech, string text)
    {
        var times = speech.Timestamps;
        Assert.That(times.Duration, Is.EqualTo(speech.Audio.Samples.Length / 22050.0).Within(1e-6), text);
        var last = 0.0;
        void Next(double start, double end, double limit)
        {
            Assert.That(start, Is.GreaterThanOrEqualTo(last), text);
            Assert.That(end, Is.GreaterThanOrEqualTo(start).And.LessThanOrEqualTo(limit), text);
            last = start;
        }

        foreach (var sentence in times.Sentences)
        {
            Next(sentence.Start, sentence.End, times.Duration);
            Assert.That(sentence.Words, Is.Not.Empty, text);
            foreach (var word in sentence.Words)
            {
                Next(word.Start, word.End, sentence.End);
                Assert.That(word.Phonemes[0].Start, Is.EqualTo(word.Start), text);
                Assert.That(word.Phonemes[^1].End, Is.EqualTo(word.End), text);
                foreach (var phoneme in word.Phonemes)
                {
                    Next(phoneme.Start, phoneme.End, word.End);
                }

                last = word.End;
            }

            last = sentence.End;
        }
    }
}
