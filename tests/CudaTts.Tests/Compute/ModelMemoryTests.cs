using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Tests.Cuda;
using CudaTts.Tests.Models;
using CudaTts.Tests.Models.HifiGan;
using CudaTts.Tests.Models.Tacotron2;
using CudaTts.Tests.Pipeline;
using CudaTts.Weights;

namespace CudaTts.Tests.Compute;

/// <summary>Who owns device memory: what a model has there ends with it, what a run borrows ends with the run, whatever becomes of either.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
[NonParallelizable]
internal sealed class ModelMemoryTests(Precision precision)
{
    private static readonly HifiGanConfig s_hifiGan = CudaHifiGanTests.Tiny;
    private static readonly WaveGlowConfig s_waveGlow = CudaNoiseVocoderTests.TinyWaveGlow;
    private static readonly ParallelWaveGanConfig s_waveGan = CudaNoiseVocoderTests.TinyParallelWaveGan;
    private CudaCompute _device = null!;

    [SetUp]
    public void Open()
    {
        if (CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        _device = (CudaCompute)ComputeDevice.Open(new DeviceOptions { Name = "emulated", Precision = precision });
    }

    [TearDown]
    public void Close() => _device?.Dispose();

    [TestCase("hifigan")]
    [TestCase("waveglow")]
    [TestCase("parallel_wavegan")]
    public void A_vocoder_frees_all_it_had(string name)
    {
        var (network, generate) = Vocoder(name, WeightsOf(name));
        generate(7, default);
        var lent = _device.Memory.LentBytes;
        Assert.That(lent, Is.GreaterThan(0), "the workspace is kept");
        generate(7, default);
        Assert.That(_device.Memory.LentBytes, Is.EqualTo(lent), "after a run what it borrowed is back");

        network.Dispose();
        network.Dispose();

        Assert.That((_device.Memory.LentBytes, _device.Context.AllocatedBytes), Is.EqualTo((0L, 0L)));
        Assert.That(() => generate(7, default), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Tacotron_frees_all_it_had()
    {
        var model = new Tacotron2Model(Tacotron2Models.Tiny, Tacotron2Models.WeightsOf(Tacotron2Models.Tiny), _device);
        int[][] utterances = [Tacotron2Models.Ids(9), Tacotron2Models.Ids(5)];
        void Speak() => model.SynthesizeBatch(
            utterances, [.. utterances.Select((_, row) => new Tacotron2Options { Seed = (ulong)row, MaxSteps = 6 })]);
        Speak();
        var (lent, allocated) = (_device.Memory.LentBytes, _device.Context.AllocatedBytes);
        Speak();
        Assert.That((_device.Memory.LentBytes, _device.Context.AllocatedBytes), Is.EqualTo((lent, allocated)),
            "after a run what it borrowed is back");

        model.Dispose();
        model.Dispose();

        Assert.That((_device.Memory.LentBytes, _device.Context.AllocatedBytes), Is.EqualTo((0L, 0L)));
        Assert.That(Speak, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_tensor_that_is_missing_frees_what_was_packed_before_it([Values("hifigan", "waveglow", "parallel_wavegan", "tacotron2")] string name)
    {
        var weights = WeightsOf(name);
        var names = weights.Names.ToList();
        foreach (var missing in new[] { names[0], names[names.Count / 2], names[^1] })
        {
            var rest = names.Where(each => each != missing).ToDictionary(each => each, weights.Entry);
            Assert.That(() => Vocoder(name, new ModelWeights("file", rest)), Throws.TypeOf<WeightsException>().With.Message.Contains(missing));
            Assert.That((_device.Memory.LentBytes, _device.Context.AllocatedBytes), Is.EqualTo((0L, 0L)), missing);
        }
    }

    [TestCase("hifigan")]
    [TestCase("waveglow")]
    [TestCase("parallel_wavegan")]
    public void A_run_that_is_cancelled_gives_everything_back(string name)
    {
        var (network, generate) = Vocoder(name, WeightsOf(name));
        generate(7, default);
        var lent = _device.Memory.LentBytes;

        Assert.That(() => generate(7, new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(_device.Memory.LentBytes, Is.EqualTo(lent));
        network.Dispose();
        Assert.That(_device.Context.AllocatedBytes, Is.Zero);
    }

    [Test]
    public void A_device_frees_what_models_still_have()
    {
        var model = new Tacotron2Model(Tacotron2Models.Tiny, Tacotron2Models.WeightsOf(Tacotron2Models.Tiny), _device);
        model.Synthesize(Tacotron2Models.Ids(5), new Tacotron2Options { MaxSteps = 3 });

        _device.Dispose();

        Assert.That(_device.Context.AllocatedBytes, Is.Zero);
        Assert.That(() => model.Synthesize(Tacotron2Models.Ids(5)), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(model.Dispose, Throws.Nothing);
        Assert.That(_device.Dispose, Throws.Nothing, "twice");
    }

    [Test]
    public void A_model_is_not_disposed_of_from_within_its_run()
    {
        using var model = new Tacotron2Model(Tacotron2Models.Tiny, Tacotron2Models.WeightsOf(Tacotron2Models.Tiny), _device);
        var refused = 0;
        var progress = new Reports(() =>
        {
            Assert.That(model.Dispose, Throws.TypeOf<LockRecursionException>());
            refused++;
        });

        var result = model.Synthesize(Tacotron2Models.Ids(5), new Tacotron2Options { MaxSteps = 3, GateThreshold = 1, Progress = progress });

        Assert.That((refused, result.Mel[2]), Is.EqualTo((3, 3 * Tacotron2Models.Tiny.FramesPerStep)));
    }

    [Test]
    public void Disposing_waits_for_the_run_under_way()
    {
        var (network, generate) = Vocoder("hifigan", WeightsOf("hifigan"));
        using var memory = _device.CreateModelMemory();
        var stored = memory.Store(new Tensor(3));
        var run = memory.BeginRun();
        var disposing = new Thread(memory.Dispose);
        disposing.Start();
        Assert.That(_device.Download(stored).Span.ToArray(), Is.All.Zero, "the run still has its weights");
        run.Dispose();
        disposing.Join();
        Assert.That(() => memory.BeginRun(), Throws.TypeOf<ObjectDisposedException>());
        generate(3, default);
        network.Dispose();
        Assert.That(_device.Context.AllocatedBytes, Is.Zero);
    }

    [Test]
    public void Nothing_is_left_of_a_synthesizer() => IsolatedDevice.RunEngine(precision == Precision.Half ? SpeakInHalf : SpeakInFull);

    private static void SpeakInHalf() => Speak(Precision.Half);

    private static void SpeakInFull() => Speak(Precision.Full);

    private static void Speak(Precision precision)
    {
        var before = (IsolatedDevice.LiveAllocations(), IsolatedDevice.LiveObjects());
        using var folder = new TemporaryFolder();
        var voice = TinyVoice.CreateWithHifiGan(folder.Path("voice"), gateBias: -100);
        using (var synthesizer = SpeechSynthesizer.Load(voice, new DeviceOptions { Name = "emulated", Precision = precision }))
        {
            // Two sentences, which go through the networks together or one after the other, as they come; then one, which keeps what it finds.
            synthesizer.Speak("One. Two or three.");
            synthesizer.Speak("Two or three.");
            var memory = ((CudaCompute)synthesizer.Device).Memory;
            var lent = memory.LentBytes;
            synthesizer.Speak("Two or three.");
            Assert.That(memory.LentBytes, Is.EqualTo(lent));
        }

        Assert.That((IsolatedDevice.LiveAllocations(), IsolatedDevice.LiveObjects()), Is.EqualTo(before));
    }

    private (IDisposable Network, Action<int, CancellationToken> Generate) Vocoder(string name, ModelWeights weights)
    {
        switch (name)
        {
            case "hifigan":
                var hifiGan = new HifiGanGenerator(s_hifiGan, weights, _device);
                return (hifiGan, (frames, cancellation) =>
                    hifiGan.Generate([Mel(80, frames), Mel(80, frames + 2)], VocoderRuns.NoNoise(2), cancellation));
            case "waveglow":
                var waveGlow = new WaveGlowGenerator(s_waveGlow, weights, _device);
                return (waveGlow, (frames, cancellation) => waveGlow.Generate([Mel(10, frames), Mel(10, 3)], [new(), new()], cancellation));
            case "parallel_wavegan":
                var waveGan = new ParallelWaveGanGenerator(s_waveGan, weights, _device);
                return (waveGan, (frames, cancellation) => waveGan.Generate([Mel(10, frames), Mel(10, 3)], [new(), new()], cancellation));
            default:
                var tacotron = new Tacotron2Model(Tacotron2Models.Tiny, weights, _device);
                return (tacotron, (tokens, cancellation) => tacotron.Synthesize(Tacotron2Models.Ids(tokens), null, cancellation));
        }
    }

    private static Tensor Mel(int bands, int frames) => new(1, bands, frames);

    private static ModelWeights WeightsOf(string name) => name switch
    {
        "hifigan" => CudaHifiGanTests.Procedural(s_hifiGan),
        "waveglow" => WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(s_waveGlow))),
        "parallel_wavegan" => WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(s_waveGan))),
        _ => Tacotron2Models.WeightsOf(Tacotron2Models.Tiny),
    };

    private sealed class Reports(Action report) : IProgress<int>
    {
        public void Report(int value) => report();
    }
}
