using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Cuda;

namespace CudaTts.Tests.Pipeline;

/// <summary>What becomes of calls when a synthesiser is disposed of: those under way end in order, later ones throw one exception.</summary>
[TestFixture("cpu")]
[TestFixture("emulated")]
[NonParallelizable]
internal sealed class LifeCycleTests(string device)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly SpeechOptions s_short = new() { MaxSeconds = 0.2, Attempts = 1 };
    private TemporaryFolder _folder = null!;

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
    public async Task Dispose_waits_for_a_call_that_returns_what_it_would_have([Values("speak", "ssml", "sentence", "many")] string call)
    {
        var synthesizer = Load();
        using var isWithin = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var options = Within(isWithin, mayGoOn);
        var speaking = Task.Run(() => call switch
        {
            "speak" => synthesizer.Speak("One. Two. Three.", options).Audio.Samples.Length,
            "ssml" => synthesizer.SpeakSsml("<speak>One. Two.</speak>", options).Audio.Samples.Length,
            "sentence" => synthesizer.SpeakSentences("One.", options).First().Audio.Samples.Length,
            _ => synthesizer.SpeakAll([new SpeechRequest("One.", options)]).First().Audio.Samples.Length,
        });
        Assert.That(isWithin.Wait(s_patience), Is.True);
        var disposing = Task.Run(synthesizer.Dispose);
        // Later calls are refused as soon as the disposing has begun, while it waits.
        Assert.That(() => RefusedSoon(synthesizer), Throws.Nothing);
        Assert.That(disposing.IsCompleted, Is.False, "waits for the call");

        mayGoOn.Set();

        Assert.That(await speaking.WaitAsync(s_patience), Is.GreaterThan(0));
        await disposing.WaitAsync(s_patience);
    }

    [Test]
    public void Every_call_after_it_throws_the_same()
    {
        var synthesizer = Load();
        var late = synthesizer.SpeakSentences("One. Two.", s_short);
        using var begun = synthesizer.SpeakSentences("One. Two.", s_short).GetEnumerator();
        Assert.That(begun.MoveNext(), Is.True);

        synthesizer.Dispose();
        synthesizer.Dispose();

        Assert.That(() => synthesizer.Speak("One.", s_short), IsEnded());
        Assert.That(() => synthesizer.SpeakSsml("<speak>One.</speak>", s_short), IsEnded());
        Assert.That(() => synthesizer.SpeakSentences("One.", s_short).ToList(), IsEnded());
        Assert.That(() => late.ToList(), IsEnded());
        Assert.That(() => begun.MoveNext(), IsEnded());
        Assert.That(() => synthesizer.SpeakAll([new SpeechRequest("One.", s_short)]).ToList(), IsEnded());
        Assert.That(async () => await ReadAsync(synthesizer, s_short), IsEnded());
        Assert.That(async () => await ReadAsync(synthesizer, s_short with { Speed = 2 }), IsEnded());
    }

    [TestCase("<speak><break time='100ms'/>One.</speak>")]
    [TestCase("<speak><break time='100ms'/></speak>")]
    public async Task A_stream_of_silence_throws_it_too(string document)
    {
        var synthesizer = Load();
        var options = s_short with { IsSsml = true };
        await using var late = synthesizer.StreamAsync(document, options).GetAsyncEnumerator();
        await using var begun = synthesizer.StreamAsync("<speak><break time='100ms'/></speak>", options).GetAsyncEnumerator();
        Assert.That(await begun.MoveNextAsync(), Is.True);

        synthesizer.Dispose();

        Assert.That(async () => await late.MoveNextAsync(), IsEnded());
        Assert.That(async () => await begun.MoveNextAsync(), IsEnded());
    }

    [Test]
    public void Models_and_devices_of_their_own_throw_it_too()
    {
        var synthesizer = Load();
        var (voice, compute) = (synthesizer.Voice, synthesizer.Device);
        voice.Dispose();
        Assert.That(() => synthesizer.Speak("One.", s_short), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => voice.Acoustic.SynthesizeBatch([[5, 6]], [new CudaTts.Models.AcousticOptions()]), Throws.TypeOf<ObjectDisposedException>());
        compute.Dispose();
        Assert.That(() => Voice.Load(_folder.Path("voice"), compute), Throws.TypeOf<ObjectDisposedException>());
        synthesizer.Dispose();
        Assert.That(() => synthesizer.Speak("One.", s_short), IsEnded());
    }

    [Test]
    public void A_device_that_is_disposed_of_first_ends_its_voices()
    {
        using var synthesizer = Load();
        synthesizer.Device.Dispose();
        Assert.That(() => synthesizer.Speak("One.", s_short), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_callback_of_a_call_cannot_wait_for_it()
    {
        using var synthesizer = Load();
        var options = s_short with { Progress = new Reports(synthesizer.Dispose) };
        Assert.That(() => synthesizer.Speak("One.", options), Throws.TypeOf<InvalidOperationException>().With.Message.Contains("callback"));
        Assert.That(synthesizer.Speak("One.", s_short).Audio.Samples, Is.Not.Empty, "nothing has ended");
    }

    [Test]
    public void Threads_of_another_device_may_dispose_of_it()
    {
        using var synthesizer = Load();
        using var other = new CpuCompute(2);
        using var both = new Barrier(2);
        var caller = Environment.CurrentManagedThreadId;
        other.Team.Run(2, _ =>
        {
            // Neither goes on before the other has come, so one of them is the team's own thread.
            Assert.That(both.SignalAndWait(s_patience), Is.True);
            if (Environment.CurrentManagedThreadId != caller)
            {
                Assert.That(other.IsOwnThread, Is.True);
                Assert.That(synthesizer.Device.IsOwnThread, Is.False);
                Assert.That(synthesizer.Dispose, Throws.Nothing);
            }
        });
        Assert.That(() => synthesizer.Speak("One.", s_short), IsEnded());
    }

    [Test]
    public async Task Only_the_first_of_two_releases_and_the_second_waits_for_it()
    {
        using var compute = new CpuCompute(1);
        using var isReleasing = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var releases = 0;
        using var calls = new CallsUnderWay("anything", compute, () =>
        {
            Interlocked.Increment(ref releases);
            isReleasing.Set();
            mayGoOn.Wait(s_patience);
        });
        var first = Task.Run(calls.Dispose);
        Assert.That(isReleasing.Wait(s_patience), Is.True);
        var second = Task.Run(calls.Dispose);
        Assert.That(second.IsCompleted, Is.False);

        mayGoOn.Set();

        await Task.WhenAll(first, second).WaitAsync(s_patience);
        Assert.That(releases, Is.EqualTo(1));
    }

    [Test]
    public async Task A_stream_that_nobody_reads_on_blocks_nothing()
    {
        var synthesizer = Load();
        var stream = synthesizer.StreamAsync("One and two and three and four.", s_short with { MaxSeconds = 600 }).GetAsyncEnumerator();
        Assert.That(await stream.MoveNextAsync(), Is.True);

        await Task.Run(synthesizer.Dispose).WaitAsync(s_patience);

        Assert.That(async () =>
        {
            while (await stream.MoveNextAsync())
            {
                // What was made by then may still be read.
            }
        }, IsEnded());
        await stream.DisposeAsync();
    }

    [Test]
    public async Task A_stream_may_be_ended_by_its_reader()
    {
        var synthesizer = Load();
        Assert.That(async () =>
        {
            await foreach (var chunk in synthesizer.StreamAsync("One and two and three. Four.", s_short))
            {
                synthesizer.Dispose();
            }
        }, IsEnded());
        await Task.Run(synthesizer.Dispose).WaitAsync(s_patience);
    }

    [Test]
    public async Task Many_threads_speak_until_it_ends()
    {
        var synthesizer = Load();
        using var begun = new CountdownEvent(4);
        var speaking = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var call = 0; ; call++)
            {
                try
                {
                    Assert.That(synthesizer.Speak("One.", s_short with { Seed = (ulong)thread }).Audio.Samples, Is.Not.Empty);
                }
                catch (ObjectDisposedException error)
                {
                    Assert.That(error.ObjectName, Is.EqualTo(nameof(SpeechSynthesizer)));
                    return call;
                }

                if (call == 0)
                {
                    begun.Signal();
                }
            }
        })).ToArray();
        Assert.That(begun.Wait(s_patience), Is.True);

        await Task.WhenAll(Task.Run(synthesizer.Dispose), Task.Run(synthesizer.Dispose)).WaitAsync(s_patience);

        Assert.That(await Task.WhenAll(speaking).WaitAsync(s_patience), Is.All.Positive);
    }

    private static NUnit.Framework.Constraints.EqualStringConstraint IsEnded() =>
        Throws.TypeOf<ObjectDisposedException>().With.Property(nameof(ObjectDisposedException.ObjectName)).EqualTo(nameof(SpeechSynthesizer));

    private static SpeechOptions Within(ManualResetEventSlim isWithin, ManualResetEventSlim mayGoOn) => s_short with
    {
        Progress = new Reports(() =>
        {
            isWithin.Set();
            mayGoOn.Wait(s_patience);
        }),
    };

    private static void RefusedSoon(SpeechSynthesizer synthesizer)
    {
        // The other thread may not have come to it yet: a call that still begins is spoken.
        for (var end = DateTime.UtcNow + s_patience; DateTime.UtcNow < end;)
        {
            try
            {
                synthesizer.Speak("One.", s_short);
            }
            catch (ObjectDisposedException error) when (error.ObjectName == nameof(SpeechSynthesizer))
            {
                return;
            }
        }

        throw new TimeoutException("calls still begin");
    }

    private static async Task ReadAsync(SpeechSynthesizer synthesizer, SpeechOptions options)
    {
        await foreach (var chunk in synthesizer.StreamAsync("One.", options))
        {
            Assert.That(chunk.Samples, Is.Empty, "nothing is spoken any more");
        }
    }

    private SpeechSynthesizer Load() =>
        SpeechSynthesizer.Load(SpeechStreamTests.CreateHifiGanVoice(_folder.Path("voice")), new DeviceOptions { Name = device, Threads = 2 });

    private sealed class Reports(Action report) : IProgress<SpeechProgress>
    {
        public void Report(SpeechProgress value) => report();
    }
}
