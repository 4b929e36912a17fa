using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Pipeline;

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
    public void An_emphasised_word_alone_is_slower_higher_and_louder()
    {
        var options = s_options with { MaxSeconds = 2 };
        var usual = _synthesizer.SpeakSsml("<speak>I really mean it, all of it.</speak>", options).Sentences[0];
        var changed = _synthesizer.SpeakSsml("<speak>I <emphasis level='strong'>really</emphasis> mean it, all of it.</speak>", options).Sentences[0];
        var (first, word) = (changed.Parts[0], changed.Parts[1]);
        var (before, after) = (word.VocoderEnd - first.VocoderEnd, word.End - first.End);
        Assert.That(after, Is.EqualTo(before / 0.8).Within(1));
        Assert.That(changed.Audio.Samples, Has.Length.EqualTo(usual.Audio.Samples.Length + after - before));
        Assert.That(changed.Audio.Samples[..first.End], Is.EqualTo(usual.Audio.Samples[..first.VocoderEnd]));
        var fade = (int)(0.005 * 22050);
        Assert.That(
            changed.Audio.Samples[(word.End + fade)..], Is.EqualTo(usual.Audio.Samples[(word.VocoderEnd + fade)..]), "behind the word");
        var same = _synthesizer.SpeakSsml(
            "<speak>I <prosody rate='0.8' pitch='+2.5st' volume='+4dB'>really</prosody> mean it, all of it.</speak>", options).Sentences[0];
        Assert.That(changed.Audio.Samples, Is.EqualTo(same.Audio.Samples));
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
    [TestCase("<speak><mark name='a'/></speak>")]
    [TestCase("<speak><p></p></speak>")]
    [TestCase("<speak><break strength='none'/></speak>")]
    [TestCase("<speak>--<break time='1s'/></speak>")]
    [TestCase("no mark-up")]
    public void What_cannot_be_spoken_is_an_error(string document) =>
        Assert.That(() => Speak(document), Throws.TypeOf<TextException>().With.Message.Not.Contains("\n"));

    [TestCase("<prosody rate='default'>really</prosody>")]
    [TestCase("<prosody rate='+0%' pitch='+0Hz' volume='+0%'>really</prosody>")]
    [TestCase("<prosody>really</prosody>")]
    [TestCase("<prosody range='high'>really</prosody>")]
    [TestCase("<emphasis level='none'>really</emphasis>")]
    [TestCase("<emphasis/>really")]
    [TestCase("<emphasis level='strong'><emphasis level='none'>really</emphasis></emphasis>")]
    [TestCase("<voice name='x'><lang xml:lang='en'>really</lang></voice>")]
    [TestCase("<amazon:effect name='whispered'>really</amazon:effect>")]
    [TestCase("<break strength='none'/>really")]
    [TestCase("<break time='0ms'/>really<break time='0s'/>")]
    [TestCase("<break strength='x-weak'/>really")]
    [TestCase("re<break strength='none'/>ally")]
    [TestCase("<mark name='here'/>really<!-- a comment -->")]
    [TestCase("really<prosody rate='medium'/>")]
    [TestCase("<prosody rate='50%'></prosody>really")]
    [TestCase("<prosody rate='50%'> <prosody pitch='+2st'/> </prosody>really")]
    [TestCase("<prosody rate='50%'><prosody rate='200%'>really</prosody></prosody>")]
    [TestCase("<prosody pitch='+2st'><prosody pitch='-2st'>really</prosody></prosody>")]
    public void What_changes_nothing_changes_not_a_sample(string really)
    {
        var options = s_options with { MaxSeconds = 0.6 };
        var usual = _synthesizer.Speak("I can really do it now, Mr. Jones. Yes.", options);
        var marked = _synthesizer.SpeakSsml($"<speak>I can {really} do it now, Mr. <prosody rate='100%'>Jones</prosody>. Yes.</speak>", options);
        Assert.That(marked.Audio.Samples, Is.EqualTo(usual.Audio.Samples));
        Assert.That(TextsOf(marked), Is.EqualTo(TextsOf(usual)));
    }

    [TestCase("<speak><break time='1s'/></speak>", 22050)]
    [TestCase("<speak> <break time='250ms'/><break/> </speak>", 5512 + 11025)]
    [TestCase("<speak><s><break time='1s'/></s><mark name='a'/></speak>", 22050)]
    public async Task A_document_of_breaks_alone_is_silence(string document, int samples)
    {
        var speech = Speak(document);
        Assert.That(speech.Audio.Samples, Is.EqualTo(new float[samples]));
        Assert.That(speech.Timestamps.Duration, Is.EqualTo(samples / 22050.0).Within(1e-6));
        Assert.That((speech.Timestamps.Sentences, speech.Faults), Is.EqualTo((Array.Empty<SentenceTime>(), SpeechFaults.None)));
        var streamed = new List<float>();
        await foreach (var chunk in _synthesizer.StreamAsync(document, s_options with { IsSsml = true }))
        {
            streamed.AddRange(chunk.Samples);
        }

        Assert.That(streamed, Is.EqualTo(speech.Audio.Samples));
        var options = s_options with { IsSsml = true };
        string[] documents = ["<speak>One.</speak>", document, "<speak>Two.</speak>"];
        var together = _synthesizer.SpeakAll(documents.Select(one => new SpeechRequest(one, options))).ToList();
        Assert.That(together.Select(one => one.Audio.Samples.Length > 0), Is.All.True);
        Assert.That(together[1].Audio.Samples, Is.EqualTo(speech.Audio.Samples));
        Assert.That(together[2].Audio.Samples, Is.EqualTo(Speak("<speak>Two.</speak>").Audio.Samples));
    }

    [TestCase("You say <phoneme ph='pɪˈkɑːn'>pecan</phoneme>, spell <say-as interpret-as='characters'>ABC</say-as> now.",
        "You|say|pecan,|spell|ABC|now.")]
    [TestCase("Room <say-as interpret-as='characters'>3A</say-as> or <say-as interpret-as='characters'>ABC1</say-as>.", "Room|3A|or|ABC1.")]
    [TestCase("The <sub alias='World Wide Web'>WWW</sub> (<sub alias='web'>W</sub>).", "The|WWW|(W).")]
    [TestCase("On <say-as interpret-as='date' format='ymd'>20101019</say-as>, at noon.", "On|20101019,|at|noon.")]
    [TestCase("A <say-as interpret-as='expletive'>damned</say-as> thing.", "A|******|thing.")]
    [TestCase("Say <phoneme ph='həˈloʊ wɝːld'>hi</phoneme>!", "Say|hi!")]
    [TestCase("Call <say-as interpret-as='telephone'>555-0123</say-as>. Now.", "Call|555-0123.|Now.")]
    [TestCase("<phoneme alphabet='x-sampa' ph='x'>Tomato</phoneme> soup.", "Tomato|soup.")]
    [TestCase("Say <phoneme ph='həˈloʊ'/> now.", "Say||now.")]
    public void Captions_show_what_the_document_writes(string body, string words)
    {
        using var synthesizer = SpeechSynthesizer.Load(
            TinyVoice.Create(_folder.Path("captions"), gateBias: -100, frontEnd: "english"), new DeviceOptions { Name = "cpu", Threads = 2 });
        var times = synthesizer.SpeakSsml($"<speak>{body}</speak>", s_options).Timestamps;
        Assert.That(string.Join('|', times.Sentences.SelectMany(sentence => sentence.Words).Select(word => word.Text)), Is.EqualTo(words));
        Assert.That(Captions.ToSubRip(times), Does.Not.Contain("{").And.Not.Contain("}").And.Not.Contain("  "));
        Assert.That(times.Sentences.SelectMany(sentence => sentence.Words).Select(word => word.Phonemes.Count), Is.All.GreaterThan(0));
    }

    [Test]
    public void Marks_and_prosody_keep_their_words_beside_what_is_said_otherwise()
    {
        var options = s_options with { MaxSeconds = 2 };
        var speech = _synthesizer.SpeakSsml(
            "<speak>The <sub alias='one two three'>X</sub> <mark name='m'/>is <prosody rate='200%'>here and</prosody> there.</speak>", options);
        var sentence = speech.Sentences.Single();
        Assert.That(sentence.Tokens.Written.Select(word => word.Text), Is.EqualTo(new[] { "The", "X", "is", "here", "and", "there." }));
        Assert.That(sentence.Marks.Single().Offset, Is.EqualTo(2));
        Assert.That(sentence.Parts, Has.Count.EqualTo(3));
    }

    [Test]
    public void Warnings_come_before_the_first_sentence()
    {
        var warnings = new List<string>();
        var options = s_options with { IsSsml = true, Warnings = new Listener(warnings) };
        const string Document = "<speak>One. <phoneme alphabet='sapi' ph='t'>Two</phoneme>. <prosody rate='10%'>Three.</prosody></speak>";
        using var sentences = _synthesizer.SpeakSentences(Document, options).GetEnumerator();
        Assert.That(sentences.MoveNext(), Is.True);
        Assert.That(warnings, Has.Count.EqualTo(2).And.All.StartsWith("SSML, line 1, column "));
    }

    [Test]
    public void A_large_document_is_spoken_from_its_beginning()
    {
        var many = string.Concat(Enumerable.Repeat("<mark name='m'/>a <prosody pitch='high'>b</prosody> ", 15_000));
        using var sentences = _synthesizer.SpeakSentences($"<speak>{many}</speak>", s_options with { IsSsml = true }).GetEnumerator();
        Assert.That(sentences.MoveNext(), Is.True);
        Assert.That(sentences.Current.Marks, Is.Not.Empty);
    }

    private static IEnumerable<string> TextsOf(SpeechResult speech) => speech.Timestamps.Sentences.Select(sentence => sentence.Text);

    private SpeechResult Speak(string document) => _synthesizer.SpeakSsml(document, s_options);

    private sealed class Listener(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
