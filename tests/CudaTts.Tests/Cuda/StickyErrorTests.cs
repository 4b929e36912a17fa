using CudaTts.Cli;
using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cuda;

/// <summary>After a kernel has failed its device is lost to the process: everyone is told so, and nothing hangs.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class StickyErrorTests
{
    private const string Unusable = "the device has been unusable since an earlier error: ";

    // Far more than anything here takes; a test that hangs is to fail.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Test]
    public void A_wait_that_was_given_up_is_told() => IsolatedDevice.Run(WaitInVain);

    [Test]
    public void Every_thread_that_speaks_is_told() => IsolatedDevice.RunEngine(SpeakOnThreads);

    [Test]
    public void A_stream_of_chunks_ends_with_it() => IsolatedDevice.RunEngine(StreamChunks);

    [Test]
    public void The_command_says_it_in_one_line() => IsolatedDevice.RunEngine(Say);

    private static void WaitInVain()
    {
        using var context = new CudaContext();
        context.AbandonedWait.Names = new Dictionary<int, string> { [0] = "the frames", [1] = "the query" };
        using var module = CudaModule.Emulated(context);
        using var stream = new CudaStream(context);
        using var word = new CudaMemory(context, sizeof(ulong));
        stream.Clear(word.Address, word.Bytes);
        void Poll(int mailbox, int step)
        {
            module.Kernel("poll_in_vain").Launch(stream, 4, 1, 0, word.Address, context.AbandonedWait.WordFor(stream), 2, mailbox, step, 100);
            stream.Synchronize();
        }

        // Nobody waits for step 0: that is the tag of what has been cleared.
        Poll(mailbox: 1, step: 0);
        var error = Assert.Throws<CudaException>(() => Poll(mailbox: 1, step: 7))!;

        Assert.That(error.IsSticky);
        Assert.That(error.Message, Does.Contain("block 2 waited in vain for the query of step 7").And.Contain("started anew").And.Not.Contains("\n"));
        var later = Assert.Throws<CudaException>(stream.Synchronize)!;
        Assert.That(later.IsSticky);
        Assert.That(later.Message, Is.EqualTo(Unusable + error.Message));
    }

    private static void SpeakOnThreads()
    {
        const int Threads = 4;
        using var folder = new TemporaryFolder();
        using var released = new Barrier(Threads);
        var synthesizer = Load(folder);
        synthesizer.Speak("It works.");
        EmulatedDriver.TrapIn("attention_memory_f32");
        var errors = new Exception[Threads];
        var threads = Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            released.SignalAndWait();
            errors[i] = Assert.Catch(() => synthesizer.Speak("It does not."))!;
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Assert.That(threads.All(thread => thread.Join(s_patience)), "a thread hangs");

        Assert.That(errors, Is.All.TypeOf<CudaException>().And.All.Property(nameof(CudaException.IsSticky)).True);
        Assert.That(errors.Select(error => error.Message),
            Is.All.Contains("LAUNCH_FAILED").And.All.Contains("started anew").And.All.Not.Contains("\n"));
        Assert.That(errors.Count(error => !error.Message.StartsWith(Unusable, StringComparison.Ordinal)), Is.GreaterThan(0),
            "who was the first has the cause");
        var later = Assert.Throws<CudaException>(() => synthesizer.Speak("Nor later."))!;
        Assert.That(later.IsSticky);
        Assert.That(later.Message, Does.StartWith(Unusable).And.Contain("attention_memory_f32"));
        Assert.That(synthesizer.Dispose, Throws.Nothing);
        Assert.That(synthesizer.Dispose, Throws.Nothing, "twice");
    }

    private static void StreamChunks()
    {
        using var folder = new TemporaryFolder();
        using var synthesizer = Load(folder);
        EmulatedDriver.TrapIn("channels_first_f16");
        var streaming = Task.Run(async () =>
        {
            await foreach (var chunk in synthesizer.StreamAsync("It does not.", new SpeechOptions { MaxSeconds = 1 }).ConfigureAwait(false))
            {
                Assert.That(chunk.Samples, Is.Not.Empty);
            }
        });
        Assert.That(((IAsyncResult)streaming).AsyncWaitHandle.WaitOne(s_patience), "the stream hangs");
        Assert.That(streaming.Exception?.InnerException, Is.TypeOf<CudaException>().With.Property(nameof(CudaException.IsSticky)).True);
    }

    private static void Say()
    {
        using var folder = new TemporaryFolder();
        var voice = TinyVoice.CreateWithHifiGan(folder.Path("voice"));
        EmulatedDriver.TrapIn("attention_keys_f16");
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var terminal = new Terminal(Stream.Null, output, error);
        string[] arguments = ["say", "It does not.", "-o", folder.Path("out.wav"), "--voice", voice, "--device", "emulated"];

        var code = CommandLine.RunAsync(arguments, terminal, CancellationToken.None).GetAwaiter().GetResult();

        Assert.That(code, Is.EqualTo(ExitCode.Failed), error.ToString());
        Assert.That(error.ToString().TrimEnd().Split('\n'), Has.Length.EqualTo(1), error.ToString());
        Assert.That(error.ToString(),
            Does.StartWith("cudatts: ").And.Contain("attention_keys_f16").And.Contain("started anew").And.Not.Contains("unexpected"));
        Assert.That(File.Exists(folder.Path("out.wav")), Is.False);
    }

    private static SpeechSynthesizer Load(TemporaryFolder folder) => SpeechSynthesizer.Load(
        TinyVoice.CreateWithHifiGan(folder.Path("voice"), gateBias: -100), new DeviceOptions { Name = "emulated", Precision = Precision.Half });
}
