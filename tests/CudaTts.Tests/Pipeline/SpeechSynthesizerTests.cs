using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Tests.Pipeline;

[TestFixture]
internal sealed class SpeechSynthesizerTests
{
    private static readonly DeviceOptions s_device = new() { Name = "cpu", Threads = 2 };
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _stops = null!;
    private SpeechSynthesizer _runsOn = null!;

    [OneTimeSetUp]
    public void LoadVoices()
    {
        _folder = new TemporaryFolder();
        _stops = SpeechSynthesizer.Load(TinyVoice.Create(_folder.Path("stops")), s_device);
        _runsOn = SpeechSynthesizer.Load(TinyVoice.Create(_folder.Path("runs-on"), gateBias: -100), s_device);
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _stops.Dispose();
        _runsOn.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Speak_joins_the_sentences_with_the_voices_pause()
    {
        var result = _runsOn.Speak("One is here. Two is there. Three are gone.");
        var pause = (int)(0.1 * 22050);
        Assert.That(result.Sentences, Has.Count.EqualTo(3));
        Assert.That(result.Audio.Samples, Has.Length.EqualTo(result.Sentences.Sum(sentence => sentence.Audio.Samples.Length) + (2 * pause)));
        var first = result.Sentences[0].Audio.Samples.Length;
        Assert.That(result.Audio.Samples[first..(first + pause)], Is.All.Zero);
        Assert.That(result.Audio.Samples[(first + pause)..(first + pause + 1000)], Is.EqualTo(result.Sentences[1].Audio.Samples[..1000]));
    }

    private static readonly SpeechOptions[] s_wrong =
    [
        new() { Speed = 0 }, new() { Speed = -1 }, new() { Speed = 1e-9 }, new() { Speed = double.NaN }, new() { PitchSemitones = double.NaN },
        new() { PitchSemitones = 25 }, new() { VolumeDecibels = double.NaN }, new() { VolumeDecibels = double.PositiveInfinity },
        new() { GateThreshold = double.NaN }, new() { GateThreshold = -1 }, new() { MaxSeconds = 1e9 }, new() { MaxSeconds = 0 },
        new() { MaxSeconds = double.NaN }, new() { Attempts = 1_000_000_000 }, new() { Attempts = 0 }, new() { Denoise = float.NaN },
        new() { Denoise = -1 }, new() { AttentionWindow = (AttentionWindowUse)7 },
    ];

    [Test]
    public void A_number_is_refused_in_the_words_of_its_limits()
    {
        Assert.That(
            () => _stops.Speak("One.", new SpeechOptions { Speed = 0.2 }),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo("Speed: expected 0.25 to 4, found 0.2."));
        Assert.That(
            () => _stops.Speak("One.", new SpeechOptions { VolumeDecibels = 41 }),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo("VolumeDecibels: expected at most 40, found 41."));
    }

    [Test]
    public void A_number_that_cannot_be_meant_is_refused_by_every_way_of_speaking([ValueSource(nameof(s_wrong))] SpeechOptions options)
    {
        Assert.That(() => _stops.Speak("One.", options), Throws.InstanceOf<CudaTtsException>().With.Message.Contains("expected"));
        Assert.That(() => _stops.SpeakAll([new("One.", options)]).ToList(), Throws.InstanceOf<CudaTtsException>());
        Assert.That(
            async () => await _stops.StreamAsync("One.", options with { Attempts = null }).GetAsyncEnumerator().MoveNextAsync(),
            options.Attempts is null ? Throws.InstanceOf<CudaTtsException>() : Throws.Nothing);
        var outcomes = _stops.SpeakEach([new("One.", options), new("Two.")]);
        Assert.That(outcomes.Select(outcome => outcome.Error is null), Is.EqualTo(new[] { false, true }));
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(40)]
    public void Each_text_has_its_outcome_in_order_whatever_becomes_of_the_others(int every)
    {
        var texts = Enumerable.Range(0, 40).Select(i => i % every == 0 ? "* * *" : $"This is number {i}.").ToList();
        var outcomes = _stops.SpeakEach(texts.Select(text => new SpeechRequest(text))).ToList();
        Assert.That(outcomes.Select(outcome => outcome.Error is TextException), Is.EqualTo(texts.Select(text => text == "* * *")));
        Assert.That(outcomes.Select(outcome => outcome.Result is not null), Is.EqualTo(texts.Select(text => text != "* * *")));
        Assert.That(() => _stops.SpeakAll(texts.Select(text => new SpeechRequest(text))).ToList(), Throws.TypeOf<TextException>());
        for (var i = 1; i < 40 && i % every != 0; i++)
        {
            Assert.That(outcomes[i].Result!.Audio.Samples, Is.EqualTo(_stops.Speak(texts[i]).Audio.Samples));
        }
    }

    [TestCase(-1)]
    [TestCase(257)]
    [TestCase(int.MaxValue)]
    public void A_number_of_threads_that_cannot_be_meant_is_refused(int threads) => Assert.That(
        () => ComputeDevice.Open(s_device with { Threads = threads }), Throws.TypeOf<CudaTtsException>().With.Message.Contains("threads"));

    [Test]
    public void Speak_stops_at_the_voices_limit_and_says_so()
    {
        var result = _runsOn.Speak("This never ends.");
        var steps = (int)(0.5 / (2 * 256.0 / 22050));
        Assert.Multiple(() =>
        {
            Assert.That(result.Stop, Is.EqualTo(StopReason.FrameLimit));
            Assert.That(result.Faults, Is.Not.EqualTo(SpeechFaults.None));
            Assert.That(result.Sentences[0].Mel.Mel.Shape, Is.EqualTo(new[] { 1, 80, steps * 2 }));
            Assert.That(result.Audio.Samples, Has.Length.EqualTo(steps * 2 * 256));
        });
    }

    [Test]
    public void Speak_stops_at_the_callers_limit() =>
        Assert.That(_runsOn.Speak("This never ends.", new SpeechOptions { MaxSeconds = 0.1 }).Sentences[0].Mel.Mel[2], Is.EqualTo(8));

    [Test]
    public void A_gate_before_the_end_of_the_text_counts_as_incomplete()
    {
        var result = _stops.Speak("The gate opens after one step although this sentence is longer than that.");
        Assert.That(result.Stop, Is.EqualTo(StopReason.Gate));
        Assert.That(result.Faults.HasFlag(SpeechFaults.Unfinished), Is.EqualTo(!Alignment.ReachesEnd(result.Sentences[0].Mel.Alignments)));
    }

    [Test]
    public void The_seed_decides_the_samples()
    {
        var options = new SpeechOptions { Seed = 7 };
        var samples = _runsOn.Speak("Repeat me.", options).Audio.Samples;
        Assert.That(_runsOn.Speak("Repeat me.", options).Audio.Samples, Is.EqualTo(samples));
        Assert.That(_runsOn.Speak("Repeat me.", new SpeechOptions { Seed = 8 }).Audio.Samples, Is.Not.EqualTo(samples));
    }

    [Test]
    public void Speak_gives_the_same_on_several_threads_at_once()
    {
        var alone = _runsOn.Speak("Two at a time. Or more.").Audio.Samples;
        var together = new float[4][];
        Parallel.For(0, together.Length, i => together[i] = _runsOn.Speak("Two at a time. Or more.").Audio.Samples);
        Assert.That(together, Is.All.EqualTo(alone));
    }

    [TestCase(0.5)]
    [TestCase(2)]
    public void Speed_changes_the_duration(double speed)
    {
        var usual = _runsOn.Speak("How long is this?").Audio.Samples.Length;
        Assert.That(_runsOn.Speak("How long is this?", new SpeechOptions { Speed = speed }).Audio.Samples,
            Has.Length.EqualTo((int)Math.Round(usual / speed)));
    }

    [TestCase("")]
    [TestCase("   \n\t ")]
    [TestCase("\U0001F600")]
    public void A_text_with_nothing_to_say_is_an_error(string text) =>
        Assert.That(() => _stops.Speak(text), Throws.TypeOf<TextException>().With.Message.Not.Contains("\n"));

    [Test]
    public void Speak_throws_when_cancelled_already()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => _stops.Speak("Too late.", null, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Speak_stops_within_a_step_of_being_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var frames = new List<int>();
        var options = new SpeechOptions { Progress = new Callback(progress =>
        {
            frames.Add(progress.Frames);
            cancellation.Cancel();
        }) };
        Assert.That(() => _runsOn.Speak("One. Two. Three.", options, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(frames, Has.Count.InRange(1, 2), "steps reported: the one that cancelled, and at most the one after it");
    }

    [Test]
    public void SpeakSentences_gives_the_first_before_it_speaks_the_second()
    {
        var spoken = new HashSet<int>();
        var options = new SpeechOptions { Progress = new Callback(progress => spoken.Add(progress.Sentence)) };
        using var sentences = _runsOn.SpeakSentences("One is here. Two is there.", options).GetEnumerator();
        Assert.That(sentences.MoveNext(), Is.True);
        Assert.That(spoken, Is.EqualTo(new[] { 0 }));
    }

    [TestCase(0, false)]
    [TestCase(15, false)]
    [TestCase(16, true)]
    [TestCase(19, true)]
    public void Alignment_reaches_the_end_when_its_peak_was_on_a_last_token(int token, bool expected)
    {
        var alignments = new Tensor(1, 3, 20);
        alignments.Span[0] = 1;
        alignments.Span[20 + token] = 0.9f;
        alignments.Span[40] = 1;
        Assert.That(Alignment.ReachesEnd(alignments), Is.EqualTo(expected));
    }

    [Test]
    public void Many_texts_sound_as_each_does_alone()
    {
        string[] texts = ["One.", "Two at a time. Or more.", "A third one, which is somewhat longer than the others.", "Four. Five. Six."];
        var options = new SpeechOptions { MaxSeconds = 0.2 };
        var together = _runsOn.SpeakAll(texts.Select((text, i) => new SpeechRequest(text, options with { Seed = (ulong)i }))).ToList();
        Assert.That(together, Has.Count.EqualTo(texts.Length));
        for (var i = 0; i < texts.Length; i++)
        {
            var alone = _runsOn.Speak(texts[i], options with { Seed = (ulong)i });
            Assert.That(together[i].Audio.Samples, Is.EqualTo(alone.Audio.Samples), texts[i]);
        }
    }

    [Test]
    public void A_text_is_read_only_when_its_batch_begins()
    {
        var read = 0;
        var requests = Enumerable.Range(0, 1000).Select(i =>
        {
            read++;
            return new SpeechRequest("One.", new SpeechOptions { MaxSeconds = 0.05 });
        });
        Assert.That(_runsOn.SpeakAll(requests).First().Audio.Samples, Is.Not.Empty);
        Assert.That(read, Is.LessThanOrEqualTo(_runsOn.Device.PreferredBatch + 1));
    }

    [Test]
    public void An_unsound_sentence_is_tried_again_and_the_best_attempt_kept()
    {
        var once = _runsOn.Speak("This never ends.", new SpeechOptions { Attempts = 1 }).Sentences[0];
        var often = _runsOn.Speak("This never ends.", new SpeechOptions { Attempts = 4 }).Sentences[0];
        Assert.That((once.Attempts, often.Attempts), Is.EqualTo((1, 4)));
        Assert.That(often.Verdict.Penalty, Is.LessThanOrEqualTo(once.Verdict.Penalty));
    }

    private sealed class Callback(Action<SpeechProgress> action) : IProgress<SpeechProgress>
    {
        public void Report(SpeechProgress value) => action(value);
    }
}
