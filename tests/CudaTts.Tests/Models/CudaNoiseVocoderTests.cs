using System.Globalization;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models;

/// <summary>WaveGlow and Parallel WaveGAN through the whole CUDA path, on the emulated device.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class CudaNoiseVocoderTests(Precision precision)
{
    private const double HalfLimit = 1e-4;

    internal static readonly WaveGlowConfig TinyWaveGlow = new()
    {
        Flows = 5,
        EarlyEvery = 2,
        Layers = 3,
        Channels = 12,
        Mel = new() { MelBands = 10, HopLength = 64, FftLength = 256, WindowLength = 256 },
        UpsampleKernel = 256,
    };

    internal static readonly ParallelWaveGanConfig TinyParallelWaveGan = new()
    {
        Layers = 6,
        Stacks = 2,
        ResidualChannels = 12,
        GateChannels = 10,
        SkipChannels = 9,
        UpsampleScales = [3, 5],
        Mel = new() { MelBands = 10, HopLength = 15, FftLength = 64, WindowLength = 64, Log = MelLog.Log10 },
    };

    // A wrong weight that is seen above the limit of half precision is seen above the much lower one of full precision; these networks take long.
    private bool SpoilsWeights => precision == Precision.Half;

    [TestCase(64)]
    [TestCase(256, Explicit = true, Category = "Long", Reason = "long: twelve flows of 256 channels; The_wider_wave_glow_speaks_as_the_cpu has two")]
    public void Wave_glow_agrees_with_the_golden_which_sees_one_wrong_weight(int channels)
    {
        var golden = Read($"waveglow_{channels}", "z", "early_z.0", "early_z.1");

        Golden.Matches($"{precision} waveglow_{channels} audio", WaveGlowError(golden, channels, weights => weights), golden.Limit);
        if (SpoilsWeights)
        {
            Assert.That(
                WaveGlowError(golden, channels, weights => OneWrongWeight.In(weights, "convinv.4.conv.weight", 1)), Is.GreaterThan(golden.Limit));
        }
    }

    [Test]
    public void The_wider_wave_glow_speaks_as_the_cpu()
    {
        // 160 groups of samples: more than the largest dilation, 128. The CPU's own golden is in WaveGlowGeneratorTests.
        var config = new WaveGlowConfig { Channels = 256, Flows = 2, EarlyEvery = 1 };
        var weights = Procedural(WaveGlowTensors.ExpectedWeightNormed(config));
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 80, 5]), 1, 80, 5);
        using var cpu = new CpuCompute(2);
        var expected = TestMemory.Hold(new WaveGlowGenerator(config, weights, cpu)).Generate(mel, new());
        double Error(ModelWeights held) =>
            Nmse.Of(TestMemory.Hold(new WaveGlowGenerator(config, held, TestDevice.Open(precision))).Generate(mel, new()).Span, expected.Span);
        var limit = precision == Precision.Half ? HalfLimit : 7e-11;

        Assert.That(Error(weights), Is.LessThan(limit));
        if (SpoilsWeights)
        {
            Assert.That(Error(OneWrongWeight.In(weights, "WN.1.res_skip_layers.7.bias", 1)), Is.GreaterThan(limit));
        }
    }

    [Test]
    public void Parallel_wave_gan_agrees_with_the_golden_which_sees_one_wrong_weight()
    {
        var golden = Read("parallel_wavegan", "z");

        Golden.Matches($"{precision} parallel_wavegan audio", ParallelWaveGanError(golden, weights => weights), golden.Limit);
        if (SpoilsWeights)
        {
            Assert.That(ParallelWaveGanError(golden, weights => OneWrongWeight.In(weights, "first_conv.weight", 1)), Is.GreaterThan(golden.Limit));
        }
    }

    [Test]
    public void Chunks_join_without_seams([Values(7, 25)] int chunkFrames)
    {
        var device = TestDevice.Open(precision);
        using var waveGlow = new WaveGlowGenerator(TinyWaveGlow, Procedural(WaveGlowTensors.ExpectedWeightNormed(TinyWaveGlow)), device);
        using var waveGan = new ParallelWaveGanGenerator(
            TinyParallelWaveGan, Procedural(ParallelWaveGanTensors.ExpectedWeightNormed(TinyParallelWaveGan)), device);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 61]), 1, 10, 61);
        var noise = new VocoderOptions { Seed = 5, Utterance = 2 };

        // Every sum is made of the same numbers in the same order wherever its chunk begins.
        foreach (var generate in (Func<int, Tensor>[])
            [frames => waveGlow.InChunksOf(frames).Generate(mel, noise), frames => waveGan.InChunksOf(frames).Generate(mel, noise)])
        {
            Assert.That(generate(chunkFrames).Span.SequenceEqual(generate(61).Span), Is.True);
        }
    }

    [Test]
    public void A_batch_is_its_single_runs_bit_for_bit()
    {
        var device = TestDevice.Open(precision);
        using var waveGlow = new WaveGlowGenerator(TinyWaveGlow, Procedural(WaveGlowTensors.ExpectedWeightNormed(TinyWaveGlow)), device);
        using var waveGan = new ParallelWaveGanGenerator(
            TinyParallelWaveGan, Procedural(ParallelWaveGanTensors.ExpectedWeightNormed(TinyParallelWaveGan)), device);
        Tensor[] mels = [.. new[] { 1, 20, 9 }.Select(
            (frames, row) => Tensor.From(ProceduralWeights.Values($"mel.{row}", [1, 10, frames]), 1, 10, frames))];
        VocoderOptions[] noise = [.. mels.Select((_, row) => new VocoderOptions { Seed = (ulong)row, Utterance = 3 })];

        foreach (var generate in (Func<Tensor[], VocoderOptions[], Tensor[]>[])[(m, n) => waveGlow.Generate(m, n), (m, n) => waveGan.Generate(m, n)])
        {
            var together = generate(mels, noise);
            for (var row = 0; row < mels.Length; row++)
            {
                Assert.That(generate([mels[row]], [noise[row]])[0].Span.SequenceEqual(together[row].Span), Is.True, $"row {row}");
            }
        }
    }

    [Test]
    public void The_device_speaks_as_the_cpu_and_sees_one_wrong_weight()
    {
        using var cpu = new CpuCompute(1);
        var device = TestDevice.Open(precision);
        var limit = precision == Precision.Half ? HalfLimit : 1e-10;
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 9]), 1, 10, 9);
        var noise = new VocoderOptions { Seed = 5 };

        // The same seed is the same noise on both.
        var flow = Procedural(WaveGlowTensors.ExpectedWeightNormed(TinyWaveGlow with { AlternateHalves = true }));
        Tensor WaveGlow(ComputeDevice on, ModelWeights weights) =>
            TestMemory.Hold(new WaveGlowGenerator(TinyWaveGlow with { AlternateHalves = true }, weights, on)).Generate(mel, noise);
        var expected = WaveGlow(cpu, flow);
        Assert.That(Nmse.Of(WaveGlow(device, flow).Span, expected.Span), Is.LessThan(limit));
        Assert.That(Nmse.Of(WaveGlow(device, OneWrongWeight.In(flow, "WN.1.end.bias", 1)).Span, expected.Span), Is.GreaterThan(limit));

        var gan = Procedural(ParallelWaveGanTensors.ExpectedWeightNormed(TinyParallelWaveGan));
        Tensor WaveGan(ComputeDevice on, ModelWeights weights) =>
            TestMemory.Hold(new ParallelWaveGanGenerator(TinyParallelWaveGan, weights, on)).Generate(mel, noise);
        expected = WaveGan(cpu, gan);
        Assert.That(Nmse.Of(WaveGan(device, gan).Span, expected.Span), Is.LessThan(limit));
        Assert.That(Nmse.Of(WaveGan(device, OneWrongWeight.In(gan, "conv_layers.2.conv.bias", 1)).Span, expected.Span), Is.GreaterThan(limit));
    }

    private static ModelWeights Procedural(IEnumerable<(string Name, int[] Shape)> tensors) => WeightNorm.Fold(ProceduralWeights.Create(tensors));

    private double WaveGlowError(GoldenAudio golden, int channels, Func<ModelWeights, ModelWeights> spoil)
    {
        var config = new WaveGlowConfig { Channels = channels };
        var weights = spoil(Procedural(WaveGlowTensors.ExpectedWeightNormed(config)));
        return golden.ErrorOf(TestMemory.Hold(new WaveGlowGenerator(config, weights, TestDevice.Open(precision))).Generate(golden.Mel, golden.Noise));
    }

    private double ParallelWaveGanError(GoldenAudio golden, Func<ModelWeights, ModelWeights> spoil)
    {
        var config = new ParallelWaveGanConfig();
        var weights = spoil(Procedural(ParallelWaveGanTensors.ExpectedWeightNormed(config)));
        return golden.ErrorOf(
            TestMemory.Hold(new ParallelWaveGanGenerator(config, weights, TestDevice.Open(precision))).Generate(golden.Mel, golden.Noise));
    }

    private GoldenAudio Read(string name, params string[] noise)
    {
        var file = SafetensorsFile.Open(Golden.Path($"{name}.safetensors"));
        var given = noise.ToDictionary(each => each, each => file.Weights.Take(each, file.Weights.Entry(each).Shape));
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return new GoldenAudio(
            file.Weights.Take("mel", 1, 80, 20), new VocoderOptions { Given = given }, file.Weights.Take("audio", 1, 5120),
            precision == Precision.Half ? HalfLimit : Nmse.Limit(error));
    }

    private sealed record GoldenAudio(Tensor Mel, VocoderOptions Noise, Tensor Audio, double Limit)
    {
        public double ErrorOf(Tensor audio) => Nmse.Of(audio.Span, Audio.Span);
    }
}
