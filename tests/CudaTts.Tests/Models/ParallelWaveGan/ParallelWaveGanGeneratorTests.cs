using System.Globalization;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.ParallelWaveGan;

internal sealed class ParallelWaveGanGeneratorTests
{
    private static readonly ParallelWaveGanConfig V1 = new();

    private static readonly ParallelWaveGanConfig Tiny = new()
    {
        Layers = 6,
        Stacks = 2,
        ResidualChannels = 12,
        GateChannels = 10,
        SkipChannels = 9,
        UpsampleScales = [3, 5],
        Mel = new() { MelBands = 10, HopLength = 15, FftLength = 64, WindowLength = 64, Log = Audio.MelLog.Log10 },
    };

    private static readonly Lazy<ModelWeights> WeightsV1 = new(() => Procedural(V1));

    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void Agrees_with_the_golden()
    {
        var golden = Read();
        using var generator = new ParallelWaveGanGenerator(V1, WeightsV1.Value, _compute);

        Golden.Matches("parallel_wavegan audio", Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), golden.Limit);
    }

    [TestCase("first_conv.weight")]
    [TestCase("upsample_net.conv_in.weight")]
    [TestCase("upsample_net.upsample.up_layers.5.weight")]
    [TestCase("conv_layers.9.conv.weight")]
    [TestCase("conv_layers.15.conv1x1_aux.weight")]
    [TestCase("conv_layers.0.conv1x1_out.bias")]
    [TestCase("conv_layers.29.conv1x1_skip.weight")]
    [TestCase("last_conv_layers.3.bias")]
    public void The_golden_sees_one_wrong_weight(string name)
    {
        var golden = Read();
        using var generator = new ParallelWaveGanGenerator(V1, OneWrongWeight.In(WeightsV1.Value, name), _compute);

        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), Is.GreaterThan(golden.Limit));
    }

    [Test]
    public void The_public_checkpoint_has_as_many_tensors_and_numbers()
    {
        // Read off the published v1 checkpoint.
        var tensors = ParallelWaveGanTensors.ExpectedWeightNormed(V1).ToList();

        Assert.That(tensors, Has.Count.EqualTo(349));
        Assert.That(tensors.Sum(tensor => tensor.Shape.Aggregate(1, (product, size) => product * size)), Is.EqualTo(1_346_042));
    }

    [Test]
    public void Chunks_join_without_seams([Values(1, 7, 40)] int chunkFrames)
    {
        using var generator = new ParallelWaveGanGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [2, 10, 61]), 2, 10, 61);
        var noise = new VocoderOptions { Seed = 5, Utterance = 2 };

        var whole = generator.InChunksOf(61).Generate(mel, noise);
        var joined = generator.InChunksOf(chunkFrames).Generate(mel, noise);

        Assert.That(whole.Shape, Is.EqualTo((int[])[2, 61 * 15]));
        Assert.That(Nmse.Of(joined.Span, whole.Span), Is.LessThan(1e-12));
    }

    [Test]
    public void The_context_is_needed_almost_whole()
    {
        // By its definition: a filter's rounding sees some steps more.
        using var compute = new CpuCompute { GoesByDefinition = true };
        using var generator = new ParallelWaveGanGenerator(Tiny, Procedural(Tiny), compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 61]), 1, 10, 61);
        var before = generator.Generate(mel, new());
        for (var band = 0; band < 10; band++)
        {
            mel.Span[(band * 61) + 30] += 1;
        }

        var after = generator.Generate(mel, new());
        var differing = Enumerable.Range(0, before.Length).Where(i => before.Span[i] != after.Span[i]).Select(i => i / 15).ToArray();

        Assert.That(30 - differing[0], Is.InRange(generator.ContextFrames - 1, generator.ContextFrames));
        Assert.That(differing[^1] - 30, Is.InRange(generator.ContextFrames - 1, generator.ContextFrames));
    }

    [Test]
    public void The_receptive_field_of_v_1_is_the_public_one() =>
        Assert.That(ParallelWaveGanGeometry.ContextFrames(V1),
            Is.EqualTo((int)Math.Ceiling(2 + 1 + 0.25 + 0.0625 + 0.015625 + ((6139 - 1) / 2 / 256.0))));

    [Test]
    public void Rows_are_utterances_of_their_own()
    {
        using var generator = new ParallelWaveGanGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [3, 10, 6]), 3, 10, 6);

        var together = generator.Generate(mel, new VocoderOptions { Seed = 3 });

        for (var row = 0; row < 3; row++)
        {
            var alone = generator.Generate(mel.Slice(row, 1), new VocoderOptions { Seed = 3, Utterance = (uint)row });
            Assert.That(alone.Span.SequenceEqual(together.Slice(row, 1).Span), Is.True, $"row {row}");
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Short_mels_become_as_many_hops(int frames)
    {
        using var generator = new ParallelWaveGanGenerator(Tiny, Procedural(Tiny), _compute);
        Assert.That(generator.Generate(new Tensor(1, 10, frames), new()).Length, Is.EqualTo(frames * 15));
    }

    [Test]
    public void Mels_and_noise_of_other_shapes_are_refused()
    {
        using var generator = new ParallelWaveGanGenerator(Tiny, Procedural(Tiny), _compute);
        var given = new Dictionary<string, Tensor> { ["z"] = new(1, 1, 89) };

        Assert.That(() => generator.Generate(new Tensor(1, 80, 6), new()), Throws.ArgumentException.With.Message.Contains("[1, 80, 6]"));
        Assert.That(
            () => generator.Generate(new Tensor(1, 10, 6), new() { Given = given }),
                Throws.InstanceOf<CudaTtsException>().With.Message.Contains("[1, 1, 89]"));
        given["z"] = new Tensor(1, 1, 90);
        given["z"].Span[7] = float.PositiveInfinity;
        Assert.That(
            () => generator.Generate(new Tensor(1, 10, 6), new() { Given = given }),
                Throws.InstanceOf<CudaTtsException>().With.Message.EqualTo("noise 'z': expected finite numbers, found Infinity at [0, 0, 7]."));
    }

    [Test]
    public void A_config_that_contradicts_itself_is_refused()
    {
        (ParallelWaveGanConfig Config, string Says)[] wrong =
        [
            (Tiny with { Layers = 7 }, "found 2"),
            (Tiny with { Kernel = 4 }, "kernel_size"),
            (Tiny with { GateChannels = 11 }, "found 11"),
            (Tiny with { SkipChannels = 0 }, "skip_channels"),
            (Tiny with { ContextWindow = -1 }, "aux_context_window"),
            (Tiny with { UpsampleScales = [3, 0] }, "upsample_scales: expected 1 to 4095, found 0"),
            (Tiny with { UpsampleScales = [3, 4] }, "expected 12"),
        ];
        foreach (var (config, says) in wrong)
        {
            Assert.That(() => new ParallelWaveGanGenerator(config, Procedural(Tiny), _compute),
                Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private static ModelWeights Procedural(ParallelWaveGanConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(config)));

    private static (Tensor Mel, VocoderOptions Noise, Tensor Audio, double Limit) Read()
    {
        var file = SafetensorsFile.Open(Golden.Path("parallel_wavegan.safetensors"));
        var noise = new Dictionary<string, Tensor> { ["z"] = file.Weights.Take("z", 1, 1, 5120) };
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 20), new VocoderOptions { Given = noise }, file.Weights.Take("audio", 1, 5120), Nmse.Limit(error));
    }
}
