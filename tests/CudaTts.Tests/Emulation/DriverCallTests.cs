using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Emulation;

/// <summary>What an utterance asks of the driver besides its launches, once everything is warm.</summary>
[TestFixture]
internal sealed class DriverCallTests
{
    private const string Text = "One sentence.";
    private static readonly string[] s_functions =
    [
        "cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostAlloc", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuStreamSynchronize",
            "cuEventSynchronize",
        "cuEventCreate", "cuStreamCreate",
    ];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // Uploads: token ids, what is asked of the decoder, its slots, the postnet's mel, the vocoder's mel. Downloads: the refined mel, the
    // audio; step by step also records and a report of two chunks. The stream is waited for once a download to ordinary memory; the persistent
    // decoder's is asked when its launch has ended.
    [TestCase(Precision.Half, 5, 2, 3, 0)]
    [TestCase(Precision.Full, 5, 6, 2, 2)]
    public void An_utterance_takes_few(Precision precision, int uploads, int downloads, int waits, int eventWaits)
    {
        if (CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        var voice = TinyVoice.CreateWithHifiGan(_folder.Path("voice"), gateBias: -100);
        using var synthesizer = SpeechSynthesizer.Load(voice, new DeviceOptions { Name = "emulated", Precision = precision });
        ((CudaCompute)synthesizer.Device).Memory.Keeps = true;
        var options = new SpeechOptions { Attempts = 1 };
        void Speak() => synthesizer.Speak(Text, options);
        Speak();
        Speak();

        var calls = EmulatedDriver.CallsIn(Speak, s_functions);

        TestContext.Out.WriteLine(string.Join(", ", s_functions.Zip(calls, (function, count) => $"{function} {count}")));
        Assert.That(calls, Is.EqualTo(new[] { 0, 0, 0, uploads, downloads, waits, eventWaits, 0, 0 }), string.Join(", ", s_functions));
    }
}
