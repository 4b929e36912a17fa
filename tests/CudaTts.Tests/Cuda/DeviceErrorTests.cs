using System.Runtime.InteropServices;
using CudaTts.Cli;
using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cuda;

/// <summary>What goes wrong on a device is one line that says what to do, and an exception that every caller of the library expects.</summary>
[TestFixture]
[NonParallelizable]
internal sealed partial class DeviceErrorTests
{
    private const string MemoryVariable = "CUDATTS_EMULATED_MEMORY_BYTES";

    [Test]
    public void Too_little_memory_is_said_and_smaller_work_goes_on() => IsolatedDevice.RunEngine(SpeakWithLittleMemory);

    [Test]
    public void The_command_says_in_one_line_that_memory_is_lacking() => IsolatedDevice.RunEngine(SayWithLittleMemory);

    [TestCase(CUresult.OutOfMemory, "--precision float16")]
    [TestCase(CUresult.EccUncorrectable, "started anew")]
    [TestCase(CUresult.NvlinkUncorrectable, "link between devices")]
    [TestCase(CUresult.LaunchFailed, "started anew")]
    [TestCase(CUresult.IllegalAddress, "started anew")]
    [TestCase(CUresult.ContextIsDestroyed, "was reset or taken away")]
    [TestCase(CUresult.DeviceUnavailable, "another process")]
    [TestCase(CUresult.PeerAccessUnsupported, "one alone")]
    [TestCase(CUresult.UnsupportedPtxVersion, "newer driver")]
    [TestCase(CUresult.SystemDriverMismatch, "restart the machine")]
    [TestCase(CUresult.Unknown, "may have been lost")]
    public void Advice_fits_the_error(CUresult result, string advice) =>
        Assert.That(ErrorAdvice.For(result), Does.Contain(advice).And.Not.Contains("\n"));

    [Test]
    public void Where_nothing_is_known_to_help_nothing_is_said() => Assert.That(ErrorAdvice.For(CUresult.InvalidValue), Is.Empty);

    [Test]
    public void Every_error_after_which_the_device_is_useless_says_so([Values] CUresult result)
    {
        if (result.IsSticky)
        {
            Assert.That(ErrorAdvice.For(result), Does.Contain("started anew"));
        }
    }

    private static void SpeakWithLittleMemory()
    {
        using var folder = new TemporaryFolder();
        var voice = TinyVoice.CreateWithHifiGan(folder.Path("voice"), gateBias: -100);
        using var synthesizer = SpeechSynthesizer.Load(voice, new DeviceOptions { Name = "emulated", Precision = Precision.Full });
        synthesizer.Speak("It works.");
        var context = ((CudaTts.Compute.Cuda.CudaCompute)synthesizer.Device).Context;
        WithMemory(context.AllocatedBytes + 1000, () =>
        {
            var error = Assert.Throws<CudaException>(() => synthesizer.Speak("This is longer, and needs more than there is."))!;
            Assert.That(error, Is.InstanceOf<CudaTtsException>());
            Assert.That((error.IsOutOfMemory, error.IsSticky), Is.EqualTo((true, false)));
            Assert.That(error.Message,
                Does.Contain("bytes free").And.Contain("a shorter text").And.Contain("--precision float16").And.Not.Contains("\n"));
        });

        Assert.That(() => synthesizer.Speak("This is longer, and needs more than there was."), Throws.Nothing);
        synthesizer.Dispose();
        Assert.That(context.AllocatedBytes, Is.Zero);
    }

    private static void SayWithLittleMemory()
    {
        using var folder = new TemporaryFolder();
        var voice = TinyVoice.CreateWithHifiGan(folder.Path("voice"));
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var terminal = new Terminal(Stream.Null, output, error);
        string[] arguments = ["say", "It does not.", "-o", folder.Path("out.wav"), "--voice", voice, "--device", "emulated"];
        WithMemory(50_000, () =>
        {
            var code = CommandLine.RunAsync(arguments, terminal, CancellationToken.None).GetAwaiter().GetResult();
            Assert.That(code, Is.EqualTo(ExitCode.Failed), error.ToString());
        });

        Assert.That(error.ToString().TrimEnd().Split('\n'), Has.Length.EqualTo(1), error.ToString());
        Assert.That(error.ToString(), Does.StartWith("cudatts: ").And.Contain("--precision float16").And.Not.Contains("unexpected"));
        Assert.That((IsolatedDevice.LiveAllocations(), IsolatedDevice.LiveObjects()), Is.EqualTo((0, 0)), "what was loaded by then is freed");
    }

    // The emulated device looks at the variable at every allocation; .NET's own setter does not change what native code sees.
    private static void WithMemory(long bytes, Action run)
    {
        _ = SetVariable(MemoryVariable, $"{bytes}", 1);
        try
        {
            run();
        }
        finally
        {
            _ = UnsetVariable(MemoryVariable);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);
}
