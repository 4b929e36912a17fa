using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Tensors;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>A voice of a FastPitch and a HiFi-GAN speaks, streams, and knows when it says what.</summary>
[TestFixture]
internal sealed class FastPitchSpeechTests
{
    private const string Text = "All frames at once, and nobody waits for them. It is said.";
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _folder = new TemporaryFolder();
        var voice = TinyVoice.CreateWithHifiGan(_folder.Path("voice"));
        var config = FastPitchModels.ConfigOf(FastPitchGoldens.Open("tiny"));
        FastPitchModels.WriteFolder(Path.Combine(voice, "acoustic"), config, FastPitchModels.WeightsOf("tiny", config));
        _synthesizer = SpeechSynthesizer.Load(voice, new DeviceOptions { Name = "cpu", Threads = 2 });
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _synthesizer.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Words_are_where_the_durations_say()
    {
        var result = _synthesizer.Speak(Text, new SpeechOptions { MaxSeconds = 60 });

        Assert.That((result.Sentences.Count, result.Stop, result.Faults), Is.EqualTo((2, StopReason.Durations, SpeechFaults.None)));
        var start = 0;
        foreach (var (index, sentence) in result.Sentences.Index())
        {
            start += sentence.PauseBefore.Samples;
            var durations = ((DurationResult)sentence.Mel).Durations;
            Assert.That(sentence.Audio.Samples, Has.Length.EqualTo(256 * durations.Sum()));
            Assert.That(sentence.Attempts, Is.EqualTo(1));
            var written = sentence.Tokens.Written;
            var times = result.Timestamps.Sentences[index].Words;
            Assert.That(times, Has.Count.EqualTo(written.Count).And.Count.GreaterThan(2));
            for (var word = 1; word + 1 < written.Count; word++)
            {
                var first = start + (256 * durations[..written[word].FirstToken].Sum());
                Assert.That(times[word].Start * 22050, Is.EqualTo(first).Within(1), times[word].Text);
            }

            start += sentence.Audio.Samples.Length + sentence.PauseAfter.Samples;
        }

        Assert.That(start, Is.EqualTo(result.Audio.Samples.Length), "timestamps add up to the sample");
        Assert.That(result.Timestamps.Duration * 22050, Is.EqualTo(start).Within(0.05));
    }

    [Test]
    public async Task The_chunks_are_the_whole()
    {
        var options = new SpeechOptions { MaxSeconds = 60 };
        var whole = _synthesizer.Speak(Text, options);
        var chunks = new List<AudioChunk>();
        await foreach (var chunk in _synthesizer.StreamAsync(Text, options))
        {
            chunks.Add(chunk);
        }

        var joined = chunks.SelectMany(chunk => chunk.Samples).ToArray();
        Assert.That(chunks.Count(chunk => chunk.Sentence == 0), Is.GreaterThan(2), "the first sentence comes in chunks");
        Assert.That(joined, Has.Length.EqualTo(whole.Audio.Samples.Length));
        Assert.That(Nmse.Of(joined, whole.Audio.Samples), Is.LessThan(1e-10));
    }

    [Test]
    public void Speed_and_pitch_are_the_models_own()
    {
        var usual = _synthesizer.Speak(Text, new SpeechOptions { MaxSeconds = 60 });

        var other = _synthesizer.Speak(Text, new SpeechOptions { MaxSeconds = 60, Speed = 1.5, PitchSemitones = 3 });

        foreach (var (sentence, before) in other.Sentences.Zip(usual.Sentences))
        {
            Assert.That(sentence.Audio.Samples, Has.Length.EqualTo(256 * sentence.Mel.Mel[2]), "no waveform was stretched");
            Assert.That(sentence.Mel.Mel[2], Is.LessThan(before.Mel.Mel[2]));
        }
    }

    [TestCase("<emphasis level='strong'>nobody</emphasis>", 0.8, 2.5)]
    [TestCase("<emphasis>nobody</emphasis>", 0.9, 1.5)]
    [TestCase("<emphasis level='reduced'>nobody</emphasis>", 1.15, -1)]
    [TestCase("<prosody rate='50%'><emphasis level='strong'>nobody</emphasis></prosody>", 0.4, 2.5)]
    public void An_emphasised_word_alone_has_other_durations_pitch_and_energy(string word, double pace, double semitones)
    {
        var options = new SpeechOptions { MaxSeconds = 60 };
        var usual = _synthesizer.SpeakSsml("<speak>All at once, and nobody waits.</speak>", options).Sentences.Single();
        var changed = _synthesizer.SpeakSsml($"<speak>All at once, and {word} waits.</speak>", options).Sentences.Single();

        var said = changed.Tokens.Written.Select(written => written.Text).ToList().IndexOf("nobody");
        var (first, end) = (changed.Tokens.Written[said].FirstToken, changed.Tokens.Written[said + 1].FirstToken);
        var model = (FastPitchModel)_synthesizer.Voice.Acoustic;
        FastPitchResult Direct(params TokenProsody[] prosody) =>
            model.Synthesize(usual.Tokens.Ids, new FastPitchOptions { Prosody = prosody.Length > 0 ? prosody : null });
        var decibels = word.Contains("strong", StringComparison.Ordinal) ? 4 : semitones > 0 ? 2 : -2;
        var emphasised = new TokenProsody(pace, semitones, decibels);
        var (plain, direct) = (Direct(), Direct(
            [.. usual.Tokens.Ids.Select((_, token) => token >= first && token < end ? emphasised : TokenProsody.Usual)]));

        Assert.That(changed.Tokens.Ids, Is.EqualTo(usual.Tokens.Ids));
        Assert.That(changed.Mel.Mel.Span.SequenceEqual(direct.Mel.Span), "the word's tokens have the prosody, and the waveform has none");
        Assert.That(changed.Audio.Samples, Has.Length.EqualTo(256 * direct.Durations.Sum()));
        Assert.That(TokensThatDiffer(plain.Pitch, direct.Pitch), Is.SubsetOf(Enumerable.Range(first, end - first)).And.Not.Empty);
        Assert.That(direct.Durations[..first].Concat(direct.Durations[end..]), Is.EqualTo(plain.Durations[..first].Concat(plain.Durations[end..])));
        Assert.That(Math.Sign(direct.Durations[first..end].Sum() - plain.Durations[first..end].Sum()), Is.EqualTo(pace < 1 ? 1 : -1));
    }

    [Test]
    public void A_speaker_is_chosen_by_number()
    {
        var first = _synthesizer.Speak("It is said.", new SpeechOptions { MaxSeconds = 60 });

        var third = _synthesizer.Speak("It is said.", new SpeechOptions { MaxSeconds = 60, Speaker = 2 });

        Assert.That(third.Audio.Samples, Is.Not.EqualTo(first.Audio.Samples));
        Assert.That(() => _synthesizer.Speak("It is said.", new SpeechOptions { Speaker = 4 }), Throws.InstanceOf<CudaTtsException>());
    }

    private static IEnumerable<int> TokensThatDiffer(Tensor one, Tensor other) =>
        Enumerable.Range(0, one[1]).Where(token => one.Span[token] != other.Span[token]);
}
