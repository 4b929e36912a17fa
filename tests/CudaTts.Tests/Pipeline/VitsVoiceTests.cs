using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Pipeline;
using CudaTts.Tests.Models.Vits;
using CudaTts.Text;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Pipeline;

/// <summary>A voice that is one network from text to samples, with three speakers.</summary>
[TestFixture]
internal sealed class VitsVoiceTests
{
    private const string Text = "The words of this sentence are counted. Are they? Yes, in a moment.";
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;

    internal static VitsConfig Config { get; } = new()
    {
        Symbols = 256,
        Speakers = 3,
        SpeakerChannels = 5,
        InterChannels = 16,
        HiddenChannels = 24,
        FilterChannels = 32,
        ResidualBlock = "2",
        ResidualKernels = [3, 5],
        ResidualDilations = [[1, 2], [2, 6]],
        UpsampleRates = [4, 4],
        UpsampleKernels = [8, 8],
        InitialChannels = 16,
        Text = new VitsText
        {
            Kind = VitsText.PiperKind,
            EspeakVoice = "en-us",
            Language = "en_GB",
            SpeakerIdMap = new() { ["anna"] = 2, ["bert"] = 0, ["2"] = 1, ["4077"] = 1 },
            PhonemeIdMap = SymbolTable.Piper.Symbols.Index().Where(symbol => symbol.Item.Length > 0)
                .ToDictionary(symbol => symbol.Item, symbol => new[] { symbol.Index }),
        },
    };

    private string VoiceFolder => _folder.Path("voice");

    private int Hop => _synthesizer.Voice.Vocoder.Mel.HopLength;

    [OneTimeSetUp]
    public void Load()
    {
        _folder = new TemporaryFolder();
        WriteModel(VoiceFolder, Config);
        File.WriteAllText(_folder.Path("MODEL_CARD"), "# Model card\n* License: CC BY 4.0\n");
        Assert.That(ConvertedVoice.Write(VoiceFolder, _folder.Path("voice.onnx")), Has.Count.EqualTo(2));
        _synthesizer = SpeechSynthesizer.Load(VoiceFolder, new DeviceOptions { Name = "cpu", Threads = 2 });
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _synthesizer.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Its_manifest_says_what_is_known()
    {
        var manifest = _synthesizer.Voice.Manifest;
        Assert.Multiple(() =>
        {
            Assert.That((manifest.Name, manifest.Language, manifest.Licence), Is.EqualTo(("voice", "en-GB", "CC BY 4.0")));
            Assert.That((manifest.FrontEnd, manifest.Symbols), Is.EqualTo(("english_ipa", "model")));
            Assert.That(ConvertedVoice.Write(VoiceFolder, _folder.Path("voice.onnx")).Single(), Does.Contain("was there already and is kept"));
            Assert.That(_synthesizer.Voice.Speakers, Is.EqualTo(3));
        });
    }

    [Test]
    public void Times_add_up_to_the_sample()
    {
        var speech = _synthesizer.Speak(Text);
        var times = speech.Timestamps;
        Assert.That(speech.Sentences, Has.Count.EqualTo(3));
        var position = 0;
        foreach (var (sentence, time) in speech.Sentences.Zip(times.Sentences))
        {
            var durations = ((DurationResult)sentence.Mel).Durations;
            position += sentence.PauseBefore.Samples;
            Assert.That(sentence.Audio.Samples, Has.Length.EqualTo(durations.Sum() * Hop));
            Assert.That(time.Start, Is.EqualTo(position / 22050.0).Within(1e-6));
            Assert.That(time.Words.Select(word => word.Start), Is.Ordered);
            foreach (var (word, written) in time.Words.Zip(sentence.Tokens.Written))
            {
                var before = durations.AsSpan(0, written.FirstToken).ToArray().Sum();
                Assert.That(word.Start, Is.EqualTo((position + (before * Hop)) / 22050.0).Within(1e-6), word.Text);
                Assert.That(word.Phonemes, Is.Not.Empty, word.Text);
            }

            position += sentence.Audio.Samples.Length;
            Assert.That(time.End, Is.EqualTo(position / 22050.0).Within(1e-6));
        }

        Assert.That(position, Is.EqualTo(speech.Audio.Samples.Length));
        Assert.That(times.Sentences.SelectMany(sentence => sentence.Words).Select(word => word.Text), Is.EqualTo(Text.Split(' ')));
    }

    [Test]
    public async Task The_chunks_are_the_whole()
    {
        var options = new SpeechOptions { Seed = 3, Speed = 0.25, Speaker = 1 };
        var whole = _synthesizer.Speak(Text, options);
        var chunks = new List<AudioChunk>();
        await foreach (var chunk in _synthesizer.StreamAsync(Text, options))
        {
            chunks.Add(chunk);
        }

        Assert.That(chunks.Count(chunk => chunk.Sentence == 0), Is.GreaterThan(2), "the first sentence comes in chunks");
        Assert.That(Nmse.Of(chunks.SelectMany(chunk => chunk.Samples).ToArray(), whole.Audio.Samples), Is.LessThan(1e-10));
    }

    [Test]
    public void Speed_is_the_model_s_own()
    {
        var usual = Durations(new SpeechOptions());
        var fast = Durations(new SpeechOptions { Speed = 2 });
        Assert.That(usual.Zip(fast).All(pair => pair.Second >= (pair.First - 1) / 2.0 && pair.Second <= (pair.First / 2.0) + 1), Is.True);
        Assert.That(fast.Sum(), Is.LessThan(usual.Sum()));
    }

    [Test]
    public void A_part_of_a_document_has_its_own_speed()
    {
        const string Slow = "<speak>Quick words <prosody rate='25%'>and slow words</prosody> and quick ones.</speak>";
        var sentence = _synthesizer.SpeakSsml(Slow).Sentences.Single();
        var (slow, usual) = (((DurationResult)sentence.Mel).Durations,
            ((DurationResult)_synthesizer.Speak("Quick words and slow words and quick ones.").Sentences.Single().Mel).Durations);
        var (from, to) = (sentence.Tokens.Written[2].FirstToken, sentence.Tokens.Written[5].FirstToken);
        Assert.Multiple(() =>
        {
            Assert.That(slow[..from], Is.EqualTo(usual[..from]));
            Assert.That(slow[to..], Is.EqualTo(usual[to..]));
            Assert.That(slow[from..to].Sum(), Is.GreaterThan(3 * usual[from..to].Sum()));
            Assert.That(sentence.Audio.Samples, Has.Length.EqualTo(slow.Sum() * Hop), "the waveform is left as it is");
        });
    }

    [Test]
    public void Texts_side_by_side_are_what_they_are_alone()
    {
        string[] texts = ["One.", "A longer text beside it, with a comma.", "I."];
        var together = _synthesizer.SpeakAll(texts.Select((text, i) => new SpeechRequest(text, new SpeechOptions { Speaker = i }))).ToList();
        for (var i = 0; i < texts.Length; i++)
        {
            var alone = _synthesizer.Speak(texts[i], new SpeechOptions { Speaker = i });
            Assert.That(together[i].Audio.Samples, Is.EqualTo(alone.Audio.Samples), texts[i]);
        }
    }

    [Test]
    public void Speaker_seed_and_noise_make_other_speech()
    {
        float[] Samples(SpeechOptions options) => _synthesizer.Speak("Yes.", options).Audio.Samples;
        var usual = Samples(new SpeechOptions());
        Assert.Multiple(() =>
        {
            Assert.That(Samples(new SpeechOptions { Speaker = 0 }), Is.EqualTo(usual));
            Assert.That(Samples(new SpeechOptions { Speaker = 2 }), Is.Not.EqualTo(usual));
            Assert.That(Samples(new SpeechOptions { Seed = 1 }), Is.Not.EqualTo(usual));
            Assert.That(Samples(new SpeechOptions { NoiseScale = 0 }), Is.Not.EqualTo(usual));
            Assert.That(Samples(new SpeechOptions { DurationNoiseScale = 0 }), Is.Not.EqualTo(usual));
            Assert.That(() => Samples(new SpeechOptions { Speaker = 3 }), Throws.TypeOf<CudaTtsException>()
                .With.Message.EqualTo("speaker: expected 0 to 2 for the voice 'voice', found 3."));
        });
    }

    [Test]
    public void Nothing_else_reads_its_frames()
    {
        using var device = new CudaTts.Compute.Cpu.CpuCompute(1);
        Assert.That(
            () => Voice.Load(VoiceFolder, device, new VoiceOptions { Vocoder = Vocoder.GriffinLimName }),
            Throws.TypeOf<VoiceException>().With.Message.Contains("nothing else can read its latent frames"));
        Assert.That(() => new LogMelAnalyzer(_synthesizer.Voice.Vocoder.Mel, MelFraming.HifiGan), Throws.TypeOf<AudioException>());
    }

    [Test]
    public void A_text_that_fails_fails_alone()
    {
        // Tokens of this phoneme overflow, and so does all that attends to them.
        var folder = _folder.Path("spoiled");
        WriteModel(folder, Config, spoiled: Config.Text.PhonemeIdMap["z"][0]);
        ConvertedVoice.Write(folder, _folder.Path("voice.onnx"));
        using var synthesizer = SpeechSynthesizer.Load(folder, new DeviceOptions { Name = "cpu", Threads = 2 });
        var voice = synthesizer.Voice;
        using var batch = voice.Acoustic.CreateBatch();
        string[] texts = ["One.", "The zoo.", "Two."];
        var rows = batch.Join([.. texts.Select(text => voice.FrontEnd.Read(text).Ids)], [.. texts.Select(_ => new AcousticOptions())]);
        while (rows.Any(row => !row.IsDone))
        {
            batch.Advance([.. rows.Where(row => !row.IsDone)], () => false);
        }

        Assert.Multiple(() =>
        {
            Assert.That(rows.Select(row => row.Failure is null), Is.EqualTo(new[] { true, false, true }));
            Assert.That(batch.Finish([rows[0], rows[2]]).Select(result => result.Stop), Is.All.EqualTo(StopReason.Durations));
            Assert.That(() => batch.Finish([rows[1]]), Throws.TypeOf<CudaTtsException>().With.Message.Contains("no number"));
        });
    }

    [Test]
    public void A_network_whose_symbols_no_text_can_have_becomes_no_voice()
    {
        var folder = _folder.Path("no voice");
        var ids = new Dictionary<string, int[]>(Config.Text.PhonemeIdMap) { ["ab"] = [3] };
        WriteModel(folder, Config with { Text = Config.Text with { PhonemeIdMap = ids } });

        Assert.That(ConvertedVoice.Write(folder, _folder.Path("voice.onnx")).Single(), Is.EqualTo(
            "No voice.json was written: phoneme_id_map: expected phonemes of one Unicode character, found 'ab'; synthesize takes ids."));
        Assert.That(File.Exists(Path.Combine(folder, Voice.ManifestName)), Is.False);
        File.Copy(Path.Combine(VoiceFolder, Voice.ManifestName), Path.Combine(folder, Voice.ManifestName));
        using var device = new CudaTts.Compute.Cpu.CpuCompute(1);
        Assert.That(
            () => Voice.Load(folder, device),
            Throws.TypeOf<VoiceException>().With.Message.Contains("config.json: phoneme_id_map: expected phonemes of one Unicode character"));
    }

    [Test]
    public void A_speaker_who_is_not_there_is_refused_in_a_batch_and_in_the_manifest()
    {
        var outcome = _synthesizer.SpeakEach([new SpeechRequest("One.", new SpeechOptions { Speaker = 3 })]).Single();
        Assert.That(outcome.Error!.Message, Is.EqualTo("speaker: expected 0 to 2 for the voice 'voice', found 3."));
        var folder = _folder.Path("wrong speaker");
        WriteModel(folder, Config);
        ConvertedVoice.Write(folder, _folder.Path("voice.onnx"));
        var path = Path.Combine(folder, Voice.ManifestName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seed\": 0", "\"seed\": 0, \"speaker\": 5", StringComparison.Ordinal));
        using var device = new CudaTts.Compute.Cpu.CpuCompute(1);
        Assert.That(
            () => Voice.Load(folder, device),
            Throws.TypeOf<VoiceException>().With.Message.EndsWith("defaults.speaker: expected 0 to 2 for the voice's networks, found 5."));
    }

    [Test]
    public void Silence_follows_the_phonemes_that_the_config_names()
    {
        var folder = _folder.Path("silence");
        WriteModel(folder, Config with { Text = Config.Text with { PhonemeSilence = new() { [","] = 0.25, ["."] = 0.5, ["☃"] = 1, ["_"] = 2 } } });
        ConvertedVoice.Write(folder, _folder.Path("voice.onnx"));
        using var synthesizer = SpeechSynthesizer.Load(folder, new DeviceOptions { Name = "cpu", Threads = 2 });

        var speech = synthesizer.Speak("One, two and three, four. Five!");
        var usual = (int)(synthesizer.Voice.Manifest.Defaults.PauseSeconds * 22050);

        Assert.That(speech.Sentences.Select(sentence => string.Join(' ', sentence.Tokens.Written.Select(word => word.Text))),
            Is.EqualTo(new[] { "One,", "two and three,", "four.", "Five!" }));
        Assert.That(speech.Sentences.Select(sentence => sentence.PauseBefore.Samples), Is.EqualTo(new[] { 0, 5512, 5512, usual + 11025 }));
        Assert.That(speech.Sentences[^1].PauseAfter.Samples, Is.Zero, "a mark that is not named");
        Assert.That(synthesizer.Speak("Five.").Sentences[^1].PauseAfter.Samples, Is.EqualTo(11025));
        Assert.That(speech.Timestamps.Duration, Is.EqualTo(speech.Audio.Samples.Length / 22050.0).Within(1e-6));
        var document = synthesizer.SpeakSsml("<speak>One, two.<break time='100ms'/> Three!</speak>");
        Assert.That(document.Sentences.Select(sentence => sentence.PauseBefore.Samples), Is.EqualTo(new[] { 0, 5512, 2205 }));
        var tokens = synthesizer.Voice.FrontEnd.ReadParts("One, two.");
        Assert.That(tokens.Select(phrase => (phrase.Ids[0], phrase.Ids[1], phrase.Ids[^1])), Is.All.EqualTo((1, 0, 2)), "each in its frame");
        Assert.That(tokens.Select(phrase => phrase.Text), Is.EqualTo(new[] { "wˈʌn,", "tˈuː." }));
        Assert.That(tokens[1].Sounds.Select(sound => sound.Name), Is.EqualTo(new[] { "t", "ˈuː" }));
        Assert.That(tokens[1].Symbols[tokens[1].Sounds[0].FirstToken], Is.EqualTo("t"));
    }

    [TestCase("anna", 2)]
    [TestCase("0", 0)]
    [TestCase("2", 2)]
    [TestCase("4077", 1)]
    public void A_speaker_has_a_number_and_may_have_a_name(string speaker, int number) =>
        Assert.That(_synthesizer.Voice.SpeakerOf(speaker), Is.EqualTo(number));

    [TestCase("Anna", "'Anna'")]
    [TestCase("3", "'3'")]
    [TestCase("-1", "'-1'")]
    [TestCase("", "''")]
    public void A_name_that_nobody_has_is_refused_with_those_that_there_are(string speaker, string found) => Assert.That(
        () => _synthesizer.Voice.SpeakerOf(speaker), Throws.TypeOf<CudaTtsException>().With.Message.EqualTo(
            $"speaker: expected 0 to 2 or a name (bert, 2, 4077, anna) for the voice 'voice', found {found}."));

    [Test]
    public void Of_many_names_the_first_are_told()
    {
        var names = Enumerable.Range(0, 9).ToDictionary(number => $"p{number}", number => number);
        Assert.That(() => SpeakerChoice.Of("q", 9, names, "it"), Throws.TypeOf<CudaTtsException>().With.Message.Contains(
            "(p0, p1, p2, p3, p4 and 4 others)"));
        Assert.That(() => SpeakerChoice.Of("p1", 0, names, "it"), Throws.TypeOf<CudaTtsException>().With.Message.Contains("has one voice"));
    }

    [Test]
    public void What_is_to_be_slower_may_last_longer()
    {
        var usual = _synthesizer.Speak("How long is this?");
        var options = new SpeechOptions { MaxSeconds = usual.Audio.Duration.TotalSeconds + 0.01 };
        var slow = _synthesizer.Speak("How long is this?", options with { Speed = 0.25 });
        var cut = _synthesizer.Speak("How long is this?", options with { MaxSeconds = options.MaxSeconds / 2 });
        Assert.Multiple(() =>
        {
            Assert.That((slow.Stop, slow.Faults), Is.EqualTo((StopReason.Durations, SpeechFaults.None)));
            Assert.That((cut.Stop, cut.Faults), Is.EqualTo((StopReason.FrameLimit, SpeechFaults.FrameLimit)));
        });
    }

    [Test]
    public void No_manifest_is_written_for_what_could_not_be_spoken()
    {
        var folder = _folder.Path("no map");
        WriteModel(folder, Config with { Text = Config.Text with { PhonemeIdMap = [] } });
        var note = ConvertedVoice.Write(folder, _folder.Path("voice.onnx")).Single();
        Assert.That(note, Does.StartWith("No voice.json was written: the voice's .json"));
        Assert.That(File.Exists(Path.Combine(folder, Voice.ManifestName)), Is.False);
    }

    [Test]
    public void A_sentence_whose_call_ends_meanwhile_is_cancelled_and_goes_no_further()
    {
        var voice = _synthesizer.Voice;
        using var scheduler = new SpeechScheduler(voice, () => new ObjectDisposedException("test"));
        using var ending = new CancellationTokenSource();
        using var call = new SpeechCall(scheduler, new SpeechSchedule(), ending.Token, closing: default);
        using var decoder = new SentenceDecoder(voice);
        var read = new ReadSentence(voice.FrontEnd.Read("One."), Index: 0, IsLast: true, new SpeechOptions(), default);
        var sentence = new ScheduledSentence(read, call, isStreamed: false);
        decoder.Join([sentence]);
        ending.Cancel();

        decoder.Advance(() => false);

        Assert.That(decoder.TakeMade(out var again).Count + again.Count, Is.Zero);
        Assert.That(decoder.Batch.Finish([sentence.Row!])[0].Stop, Is.EqualTo(StopReason.Cancelled));
        decoder.RemoveAbandoned();
        Assert.That(decoder.Count, Is.Zero);
    }

    internal static void WriteModel(string folder, VitsConfig config, int? spoiled = null)
    {
        Directory.CreateDirectory(folder);
        var weights = VitsProcedural.Folded(config);
        var entries = weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))).ToDictionary();
        if (spoiled is { } symbol)
        {
            var embedding = entries["enc_p.emb.weight"];
            var bytes = embedding.Bytes.ToArray();
            BitConverter.GetBytes(float.MaxValue).CopyTo(bytes, symbol * config.HiddenChannels * sizeof(float));
            entries["enc_p.emb.weight"] = embedding with { Bytes = bytes };
        }

        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), ConfigJson.Write(config));
        SafetensorsWriter.Write(Path.Combine(folder, ModelFolder.WeightsFileName), entries);
    }

    private int[] Durations(SpeechOptions options) => ((DurationResult)_synthesizer.Speak("How long is this?", options).Sentences[0].Mel).Durations;
}
