using CudaTts.Compute;
using CudaTts.Cuda;

namespace CudaTts.Tests.Pipeline;

/// <summary>Callers that speak at once share the device, and hear what they would hear alone.</summary>
[TestFixture("cpu")]
[TestFixture("emulated")]
internal sealed class SpeechSchedulerTests(string device)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly SpeechOptions s_short = new() { MaxSeconds = 0.3, Attempts = 2, Seed = 4 };
    private TemporaryFolder _folder = null!;

    // A GPU in half precision: rows go through other kernels alone than together, and chunks through the postnet with less around them.
    private double Limit => device == "cpu" ? 1e-10 : 1e-5;

    [SetUp]
    public void MakeFolder()
    {
        if (device == "emulated" && CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        _folder = new TemporaryFolder();
    }

    [TearDown]
    public void RemoveFolder() => _folder?.Dispose();

    [Test]
    public async Task Many_callers_hear_what_each_would_alone()
    {
        using var synthesizer = Load();
        string[] texts = ["One.", "One and two. Three.", "Nobody waits for it.", "Oh.", "Four is more than three. Five is more. Six."];
        var alone = texts.Select(text => synthesizer.Speak(text, s_short).Audio.Samples).ToArray();

        var together = await Task.WhenAll(Enumerable.Range(0, 15).Select(async i =>
        {
            await Task.Yield();
            var text = texts[i % texts.Length];
            return (i % 3) switch
            {
                0 => synthesizer.Speak(text, s_short).Audio.Samples,
                1 => await JoinedAsync(synthesizer.SpeakSentencesAsync(text, s_short)),
                _ => synthesizer.SpeakAll([new SpeechRequest(text, s_short)]).Single().Audio.Samples,
            };
        })).WaitAsync(s_patience);

        Assert.Multiple(() =>
        {
            for (var i = 0; i < together.Length; i++)
            {
                var expected = alone[i % texts.Length];
                Assert.That(together[i], Has.Length.EqualTo(expected.Length), $"call {i}");
                Assert.That(Nmse.Of(together[i], expected), Is.LessThan(Limit), $"call {i}");
            }
        });
    }

    [Test]
    public async Task Streams_run_side_by_side_and_end_with_the_whole()
    {
        using var synthesizer = Load();
        const string Text = "The decoder is still at work. Nobody waits for it.";
        var options = s_short with { MaxSeconds = 0.8, Attempts = 1 };
        var whole = synthesizer.Speak(Text, options);

        var reading = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(synthesizer, Text, options)));
        var streams = await Task.WhenAll(reading).WaitAsync(s_patience);

        Assert.Multiple(() =>
        {
            foreach (var chunks in streams)
            {
                Assert.That(chunks, Has.Count.GreaterThan(5));
                Assert.That(Nmse.Of(chunks.SelectMany(chunk => chunk.Samples).ToArray(), whole.Audio.Samples), Is.LessThan(Limit));
                var sentences = chunks.Select(chunk => chunk.Whole).OfType<SpokenSentence>().ToList();
                Assert.That(sentences.Select(sentence => sentence.Audio.Samples.Length),
                    Is.EqualTo(whole.Sentences.Select(sentence => sentence.Audio.Samples.Length)));
                Assert.That(SpeechResult.Of(sentences).Timestamps, Is.EqualTo(whole.Timestamps).Using<SpeechTimestamps>(SameTimes));
            }
        });
    }

    [Test]
    public async Task A_cancelled_call_leaves_and_the_others_go_on()
    {
        using var synthesizer = Load();
        using var leaving = new CancellationTokenSource();
        var endless = s_short with { MaxSeconds = 3600, GateThreshold = 2, Progress = new Reports(leaving.Cancel) };
        var cancelled = Task.Run(() => synthesizer.Speak("One and two and three.", endless, leaving.Token));
        var other = Task.Run(() => synthesizer.Speak("One.", s_short));

        Assert.That(async () => await cancelled.WaitAsync(s_patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await other.WaitAsync(s_patience)).Audio.Samples, Is.Not.Empty);
        // Its row has gone, or the scheduler would be at work for an hour.
        await UntilIdleAsync(synthesizer);
    }

    [Test]
    public async Task A_callback_that_never_returns_holds_up_nobody_else()
    {
        using var synthesizer = Load();
        using var mayGoOn = new ManualResetEventSlim();
        using var isWithin = new ManualResetEventSlim();
        var held = Task.Run(() => synthesizer.Speak("One.", s_short with
        {
            Progress = new Reports(() =>
            {
                isWithin.Set();
                mayGoOn.Wait(s_patience);
            }),
        }));
        Assert.That(isWithin.Wait(s_patience), Is.True);

        Assert.That((await Task.Run(() => synthesizer.Speak("Two.", s_short)).WaitAsync(s_patience)).Audio.Samples, Is.Not.Empty);

        mayGoOn.Set();
        Assert.That((await held.WaitAsync(s_patience)).Audio.Samples, Is.Not.Empty);
    }

    [Test]
    public void A_call_within_a_callback_of_another_is_spoken()
    {
        using var synthesizer = Load();
        var inner = 0;
        var result = synthesizer.Speak("One.", s_short with
        {
            Progress = new Reports(() => inner = inner == 0 ? synthesizer.Speak("Two.", s_short).Audio.Samples.Length : inner),
        });
        Assert.That(inner, Is.Positive);
        Assert.That(result.Audio.Samples, Is.Not.Empty);
    }

    [Test]
    public void What_is_under_way_is_told_and_a_text_is_measured_beforehand()
    {
        using var synthesizer = Load();
        var before = synthesizer.Plan("One and two and three.");
        var seen = new List<SpeechOccupancy>();
        synthesizer.Speak("One and two and three.", s_short with { Progress = new Reports(() => seen.Add(synthesizer.Occupancy)) });

        Assert.Multiple(() =>
        {
            Assert.That(before.Characters, Is.EqualTo("Oneandtwoandthree.".Length));
            Assert.That(before.AudioSeconds, Is.InRange(0.5, 3));
            Assert.That(before.AudioBytes, Is.EqualTo((long)(before.AudioSeconds * 22050) * sizeof(float)).Within(sizeof(float)));
            Assert.That(
                synthesizer.Plan("One and two and three.", new SpeechOptions { Speed = 2 }).AudioSeconds,
                Is.EqualTo(before.AudioSeconds / 2).Within(0.5));
            Assert.That(seen, Is.Not.Empty);
            Assert.That(synthesizer.Occupancy.MostRows, Is.GreaterThan(1));
            Assert.That(synthesizer.Occupancy.MostBytes, Is.Positive);
        });
    }

    private static async Task UntilIdleAsync(SpeechSynthesizer synthesizer)
    {
        for (var end = DateTime.UtcNow + s_patience; synthesizer.Occupancy is { RowsUnderWay: > 0 } or { SentencesWaiting: > 0 };)
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), "still at work");
            await Task.Yield();
        }
    }

    private static bool SameTimes(SpeechTimestamps a, SpeechTimestamps b) =>
        a.Sentences.SelectMany(sentence => sentence.Words).Zip(b.Sentences.SelectMany(sentence => sentence.Words))
            .All(pair => pair.First.Text == pair.Second.Text && Math.Abs(pair.First.Start - pair.Second.Start) < 1e-6);

    private static async Task<float[]> JoinedAsync(IAsyncEnumerable<SpokenSentence> sentences)
    {
        var spoken = new List<SpokenSentence>();
        await foreach (var sentence in sentences)
        {
            spoken.Add(sentence);
        }

        return SpeechResult.Of(spoken).Audio.Samples;
    }

    private static async Task<List<AudioChunk>> ReadAsync(SpeechSynthesizer synthesizer, string text, SpeechOptions options)
    {
        var chunks = new List<AudioChunk>();
        await foreach (var chunk in synthesizer.StreamAsync(text, options))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }

    private SpeechSynthesizer Load() =>
        SpeechSynthesizer.Load(SpeechStreamTests.CreateHifiGanVoice(_folder.Path("voice")), new DeviceOptions { Name = device, Threads = 2 });

    private sealed class Reports(Action report) : IProgress<SpeechProgress>
    {
        public void Report(SpeechProgress value) => report();
    }
}
