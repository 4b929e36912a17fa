using CudaTts.Compute;

namespace CudaTts.Tests.Pipeline;

/// <summary>SSML documents as sound: silence to the sample, marks, prosody, pauses.</summary>
[TestFixture]
internal sealed class SpeakSsmlTests
{
    private const int Pause = 2205;
    private static readonly SpeechOptions s_options = new() { MaxSeconds = 0.2, Attempts = 1 };
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _folder = new TemporaryFolder();
        _synthesizer = SpeechSynthesizer.Load(
            TinyVoice.Create(_folder.Path("voice"), gateBias: -100), new DeviceOptions { Name = "cpu", Threads = 2 });
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _synthesizer.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_document_of_text_alone_is_the_text() => Assert.That(
        Speak("<speak>One is here. Two is there.</speak>").Audio.Samples,
            Is.EqualTo(_synthesizer.Speak("One is here. Two is there.", s_options).Audio.Samples));

    [TestCase("<break time='250ms'/>", 5512)]
    [TestCase("<break time='1s'/>", 22050)]
    [TestCase("<break time='1s'/><break time='3ms'/>", 22116)]
    [TestCase("<break strength='none'/>", 0)]
    [TestCase("<break time='0s'/>", 0)]
    [TestCase("", Pause)]
    public void Breaks_are_exact_silence(string silence, int samples)
    {
        var speech = Speak($"<speak>One is here. {silence} Two is there.</speak>");
        var first = speech.Sentences[0].Audio.Samples;
        Assert.That(speech.Sentences, Has.Count.EqualTo(2));
        Assert.That(speech.Audio.Samples, Has.Length.EqualTo(first.Length + samples + speech.Sentences[1].Audio.Samples.Length));
        Assert.That(speech.Audio.Samples[first.Length..(first.Length + samples)], Is.EqualTo(new float[samples]));
    }

    [Test]
    public void Breaks_at_the_ends_are_kept()
    {
        var speech = Speak("<speak><break time='100ms'/>One.<break time='200ms'/></speak>");
        var spoken = speech.Sentences[0].Audio.Samples;
        Assert.That(speech.Audio.Samples, Is.EqualTo((float[])[.. new float[2205], .. spoken, .. new float[4410]]));
        Assert.That(speech.Timestamps.Duration, Is.EqualTo(speech.Audio.Samples.Length / 22050.0).Within(1e-6));
    }

    [Test]
    public void A_break_beside_something_unspeakable_is_kept() =>
        Assert.That(Speak("<speak>One.<break time='1s'/>--<break time='1s'/>Two.</speak>").Sentences[1].PauseBefore.Samples, Is.EqualTo(44100));

    [Test]
    public void Paragraphs_and_sentences_have_their_pauses()
    {
        var speech = Speak("<speak><p><s>One</s><s>Two</s></p><p>Three</p></speak>");
        Assert.That(speech.Sentences.Select(sentence => sentence.PauseBefore.Samples), Is.EqualTo(new[] { 0, Pause, 11025 }));
    }

    [Test]
    public void Prosody_changes_its_part_only()
    {
        var usual = Speak("<speak>One is here. Two is there.</speak>");
        var changed = Speak("<speak>One is here. <prosody rate='200%' volume='-6dB'>Two is there.</prosody></speak>");
        Assert.That(changed.Sentences[0].Audio.Samples, Is.EqualTo(usual.Sentences[0].Audio.Samples));
        Assert.That(changed.Sentences[1].Audio.Samples, Has.Length.EqualTo(usual.Sentences[1].Audio.Samples.Length / 2));
        Assert.That(changed.Sentences[1].Mel.Mel.Span.ToArray(), Is.EqualTo(usual.Sentences[1].Mel.Mel.Span.ToArray()));
    }

    [Test]
    public void Prosody_comes_on_top_of_the_callers_and_stays_in_range()
    {
        var plain = Speak("<speak>One is here.</speak>").Audio.Samples.Length;
        var speech = _synthesizer.SpeakSsml(
            "<speak><prosody rate='x-fast' pitch='x-high'>One is here.</prosody></speak>", s_options with { Speed = 4, PitchSemitones = 24 });
        Assert.That(speech.Audio.Samples, Has.Length.EqualTo(plain / 4));
    }

    [Test]
    public void A_word_in_another_prosody_stays_in_its_sentence()
    {
        // Long enough for every word to have some steps.
        var options = s_options with { MaxSeconds = 2 };
        var usual = _synthesizer.SpeakSsml("<speak>I really mean it, all of it. Yes.</speak>", options);
        var changed = _synthesizer.SpeakSsml(
            "<speak>I <prosody rate='50%'>really</prosody> mean it<prosody pitch='high'>, all</prosody> of it. Yes.</speak>", options);
        Assert.That(changed.Sentences.Select(sentence => sentence.Tokens.Text), Is.EqualTo(usual.Sentences.Select(sentence => sentence.Tokens.Text)));
        Assert.That(changed.Sentences[1].Audio.Samples, Is.EqualTo(usual.Sentences[1].Audio.Samples));
        var (before, after) = (usual.Sentences[0], changed.Sentences[0]);
        var slow = after.Parts[1].VocoderEnd - after.Parts[0].VocoderEnd;
        Assert.That(after.Audio.Samples, Has.Length.EqualTo(before.Audio.Samples.Length + slow), "twice as long");
        Assert.That(after.Parts[^1].End, Is.EqualTo(after.Audio.Samples.Length));
        var fade = (int)(0.005 * 22050);
        Assert.That(after.Audio.Samples[..after.Parts[0].End], Is.EqualTo(before.Audio.Samples[..after.Parts[0].VocoderEnd]), "before the slow word");
        var (from, to) = (after.Parts[1].End + fade, after.Parts[2].End);
        Assert.That(after.Audio.Samples[from..to], Is.EqualTo(before.Audio.Samples[(from - slow)..(to - slow)]), "behind the slow word");
    }

    [Test]
    public void Times_follow_the_speed_of_each_part()
    {
        var options = s_options with { MaxSeconds = 2 };
        var usual = _synthesizer.SpeakSsml("<speak>One two three four.</speak>", options).Timestamps;
        var changed = _synthesizer.SpeakSsml("<speak>One <prosody rate='200%'>two</prosody> three four.</speak>", options);
        var part = changed.Sentences[0].Parts[1];
        var saved = (part.VocoderEnd - changed.Sentences[0].Parts[0].VocoderEnd - (part.End - changed.Sentences[0].Parts[0].End)) / 22050.0;
        var (before, after) = (usual.Sentences[0].Words, changed.Timestamps.Sentences[0].Words);
        Assert.That(saved, Is.GreaterThan(0.01));
        Assert.That(after[0].Start, Is.EqualTo(before[0].Start));
        Assert.That(after[3].Start, Is.EqualTo(before[3].Start - saved).Within(1e-4));
        Assert.That(changed.Timestamps.Duration, Is.EqualTo(changed.Audio.Samples.Length / 22050.0).Within(1e-6));
    }

    [Test]
    public void Marks_and_prosody_follow_a_long_sentence_into_its_parts()
    {
        using var synthesizer = SpeechSynthesizer.Load(
            TinyVoice.Create(_folder.Path("phones"), gateBias: -100, frontEnd: "english"), new DeviceOptions { Name = "cpu", Threads = 2 });
        var clauses = string.Join(", ", Enumerable.Repeat("and then we went on to the other side", 12));
        var speech = synthesizer.SpeakSsml(
            $"<speak>{clauses} <mark name='late'/><prosody rate='200%'>until it was late</prosody>.</speak>", s_options);
        var last = speech.Sentences[^1];
        Assert.That(speech.Sentences, Has.Count.GreaterThan(1));
        Assert.That(speech.Sentences.SkipLast(1).Select(sentence => sentence.Parts.Count + sentence.Marks.Count), Is.All.EqualTo(1));
        Assert.That(last.Parts, Has.Count.EqualTo(2));
        Assert.That(last.Tokens.Written[last.Marks.Single().Offset].Text, Is.EqualTo("until"));
    }

    [Test]
    public void Marks_have_their_times()
    {
        var speech = Speak(
            "<speak><mark name='a'/>One <mark name='b'/>is here.<mark name='c'/> <break time='1s'/>"
            + "<mark name='d'/><break time='1s'/> Two.<mark name='e'/></speak>");
        var times = speech.Timestamps;
        var first = times.Sentences[0];
        Assert.That(times.Sentences.Select(sentence => sentence.Text), Is.EqualTo(new[] { "One is here.", "Two." }),
            "a mark does not divide a sentence");
        Assert.That(times.Marks.Select(mark => mark.Name), Is.EqualTo(new[] { "a", "b", "c", "d", "e" }));
        Assert.That(
            times.Marks.Select(mark => mark.Time),
            Is.EqualTo(new[] { 0, first.Words[1].Start, first.End, first.End + 1, times.Duration }).Within(2e-6));
    }

    [Test]
    public async Task A_stream_has_the_silence_too()
    {
        const string Document = "<speak>One.<break time='500ms'/>Two.<break time='100ms'/></speak>";
        var streamed = new List<float>();
        await foreach (var chunk in _synthesizer.StreamAsync(Document, s_options with { IsSsml = true }))
        {
            streamed.AddRange(chunk.Samples);
        }

        Assert.That(streamed, Is.EqualTo(Speak(Document).Audio.Samples));
    }

    [Test]
    public void Many_documents_sound_as_each_does_alone()
    {
        string[] documents = ["<speak>One.<break time='500ms'/>Two.</speak>", "<speak><prosody pitch='low'>One.</prosody> Two.</speak>"];
        var options = s_options with { IsSsml = true };
        var together = _synthesizer.SpeakAll(documents.Select(document => new SpeechRequest(document, options))).ToList();
        Assert.That(together.Select(speech => speech.Audio.Samples), Is.EqualTo(documents.Select(document => Speak(document).Audio.Samples)));
    }

    [TestCase("<speak>")]
    [TestCase("<speak></speak>")]
    [TestCase("<speak><break time='1s'/></speak>")]
    [TestCase("no mark-up")]
    public void What_cannot_be_spoken_is_an_error(string document) =>
        Assert.That(() => Speak(document), Throws.TypeOf<TextException>().With.Message.Not.Contains("\n"));

    private SpeechResult Speak(string document) => _synthesizer.SpeakSsml(document, s_options);
}
