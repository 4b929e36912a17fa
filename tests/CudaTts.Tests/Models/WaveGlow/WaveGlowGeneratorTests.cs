using System.Globalization;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.WaveGlow;

internal sealed class WaveGlowGeneratorTests
{
    private static readonly WaveGlowConfig Channels64 = new() { Channels = 64 };

    private static readonly WaveGlowConfig Tiny = new()
    {
        Flows = 5,
        EarlyEvery = 2,
        Layers = 3,
        Channels = 12,
        Mel = new() { MelBands = 10, HopLength = 64, FftLength = 256, WindowLength = 256 },
        UpsampleKernel = 256,
    };

    private static readonly Lazy<ModelWeights> Weights64 = new(() => Procedural(Channels64));

    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCase("waveglow_64.safetensors", 64)]
    [TestCase("waveglow_256.safetensors", 256)]
    public void Agrees_with_the_golden(string file, int channels)
    {
        var golden = Read(Golden.Path(file));
        var config = new WaveGlowConfig { Channels = channels };
        using var generator = new WaveGlowGenerator(config, channels == 64 ? Weights64.Value : Procedural(config), _compute);

        Golden.Matches($"{file} audio", Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), golden.Limit);
    }

    [TestCase("upsample.weight")]
    [TestCase("WN.11.start.weight")]
    [TestCase("WN.7.in_layers.6.weight")]
    [TestCase("WN.3.cond_layer.weight")]
    [TestCase("WN.0.res_skip_layers.7.bias")]
    [TestCase("convinv.4.conv.weight")]
    public void The_golden_sees_one_wrong_weight(string name)
    {
        var golden = Read(Golden.Path("waveglow_64.safetensors"));
        using var generator = new WaveGlowGenerator(Channels64, OneWrongWeight.In(Weights64.Value, name), _compute);

        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), Is.GreaterThan(golden.Limit));
    }

    [Test]
    public void The_golden_sees_exchanged_noise()
    {
        var golden = Read(Golden.Path("waveglow_64.safetensors"));
        var given = golden.Noise.Given!;
        var exchanged = new Dictionary<string, Tensor>(given) { ["early_z.0"] = given["early_z.1"], ["early_z.1"] = given["early_z.0"] };
        using var generator = new WaveGlowGenerator(Channels64, Weights64.Value, _compute);

        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), Is.LessThan(golden.Limit));
        Assert.That(Nmse.Of(generator.Generate(golden.Mel, new() { Given = exchanged }).Span, golden.Audio.Span), Is.GreaterThan(golden.Limit));
        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise with { Sigma = 0.61f }).Span, golden.Audio.Span),
            Is.GreaterThan(golden.Limit));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Undoes_what_the_training_direction_does(bool alternateHalves)
    {
        // The flow is invertible: what the public code's forward() makes of the audio is the noise that the audio was made of.
        var config = Tiny with { AlternateHalves = alternateHalves };
        var weights = Procedural(config);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 9]), 1, 10, 9);
        using var generator = new WaveGlowGenerator(config, weights, _compute);
        var noise = generator.NoiseShapes(1, 9)
            .ToDictionary(each => each.Name, each => Tensor.From(ProceduralWeights.Values(each.Name, each.Shape), each.Shape));

        var audio = generator.Generate(mel, new VocoderOptions { Given = noise, Sigma = 1 });

        foreach (var (name, found) in ReferenceWaveGlow.Analyze(config, weights, mel, audio))
        {
            Assert.That(Nmse.Of(found, noise[name].Span), Is.LessThan(1e-9), name);
        }
    }

    [Test]
    public void Chunks_join_without_seams([Values(1, 7)] int chunkFrames)
    {
        using var generator = new WaveGlowGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [2, 10, 41]), 2, 10, 41);
        var noise = new VocoderOptions { Seed = 5, Utterance = 2 };

        var whole = generator.InChunksOf(41).Generate(mel, noise);
        var joined = generator.InChunksOf(chunkFrames).Generate(mel, noise);

        Assert.That(whole.Shape, Is.EqualTo((int[])[2, 41 * 64]));
        Assert.That(Nmse.Of(joined.Span, whole.Span), Is.LessThan(1e-11));
    }

    [Test]
    public void The_context_is_needed_almost_whole()
    {
        // By its definition: a filter's rounding sees some steps more.
        using var compute = new CpuCompute { GoesByDefinition = true };
        using var generator = new WaveGlowGenerator(Tiny, Procedural(Tiny), compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 61]), 1, 10, 61);
        var before = generator.Generate(mel, new VocoderOptions());
        for (var band = 0; band < 10; band++)
        {
            mel.Span[(band * 61) + 30] += 1;
        }

        var after = generator.Generate(mel, new VocoderOptions());
        var differing = Enumerable.Range(0, before.Length).Where(i => before.Span[i] != after.Span[i]).Select(i => i / 64).ToArray();

        // The transposed convolution reaches forward in time only, so the context before is its taps longer than the one after.
        Assert.That(differing[^1] - 30, Is.InRange(generator.ContextFrames - 2, generator.ContextFrames));
        Assert.That(30 - differing[0], Is.InRange(generator.ContextFrames - 5, generator.ContextFrames));
    }

    [Test]
    public void The_public_models_context_is_a_hundred_frames() =>
        Assert.That(WaveGlowGeometry.ContextFrames(new WaveGlowConfig()), Is.EqualTo(99));

    [Test]
    public void Rows_are_utterances_of_their_own()
    {
        using var generator = new WaveGlowGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [3, 10, 6]), 3, 10, 6);

        var together = generator.Generate(mel, new VocoderOptions { Seed = 3 });

        for (var row = 0; row < 3; row++)
        {
            var alone = generator.Generate(mel.Slice(row, 1), new VocoderOptions { Seed = 3, Utterance = (uint)row });
            Assert.That(alone.Span.SequenceEqual(together.Slice(row, 1).Span), Is.True, $"row {row}");
        }

        Assert.That(generator.Generate(mel, new VocoderOptions { Seed = 4 }).Span.SequenceEqual(together.Span), Is.False);
    }

    [Test]
    public void Without_noise_the_seed_does_not_matter()
    {
        using var generator = new WaveGlowGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 10, 6]), 1, 10, 6);

        var first = generator.Generate(mel, new VocoderOptions { Seed = 3, Sigma = 0 });

        Assert.That(generator.Generate(mel, new VocoderOptions { Seed = 4, Sigma = 0 }).Span.SequenceEqual(first.Span), Is.True);
    }

    [Test]
    public void Noise_and_mels_of_other_shapes_are_refused()
    {
        using var generator = new WaveGlowGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = new Tensor(1, 10, 6);
        var noise = generator.NoiseShapes(1, 6).ToDictionary(each => each.Name, each => new Tensor(each.Shape));
        var early = new Dictionary<string, Tensor>(noise) { ["early_z.1"] = new Tensor(1, 3, 48) };

        Assert.That(() => generator.Generate(new Tensor(1, 80, 6), new()), Throws.ArgumentException.With.Message.Contains("[1, 80, 6]"));
        Assert.That(() => generator.Generate(mel, new() { Given = early }),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("[1, 3, 48]"));
        early.Remove("early_z.1");
        Assert.That(() => generator.Generate(mel, new() { Given = early }),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("'early_z.1'"));
        noise["early_z.1"].Span[50] = float.NaN;
        Assert.That(() => generator.Generate(mel, new() { Given = noise }),
            Throws.InstanceOf<CudaTtsException>().With.Message.EqualTo("noise 'early_z.1': expected finite numbers, found NaN at [0, 1, 2]."));
        Assert.That(() => generator.Generate(mel, new(), new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_singular_mixing_matrix_is_refused()
    {
        var weights = Procedural(Tiny);
        var entries = weights.Names.ToDictionary(name => name, weights.Entry);
        entries["convinv.2.conv.weight"] = entries["convinv.2.conv.weight"] with { Bytes = new byte[6 * 6 * 4] };

        Assert.That(
            () => new WaveGlowGenerator(Tiny, new ModelWeights("file", entries), _compute),
            Throws.InstanceOf<WeightsException>().With.Message.Contains("'convinv.2.conv.weight'"));
    }

    [Test]
    public void A_config_that_contradicts_itself_is_refused()
    {
        (WaveGlowConfig Config, string Says)[] wrong =
        [
            (Tiny with { Flows = 0 }, "n_flows"),
            (Tiny with { Group = 7 }, "n_group"),
            (Tiny with { EarlyEvery = 0 }, "n_early_every"),
            (Tiny with { EarlySize = 3 }, "n_early_size"),
            (Tiny with { EarlySize = 4 }, "stay to the end"),
            (Tiny with { Layers = 17 }, "n_layers"),
            (Tiny with { Channels = 0 }, "n_channels"),
            (Tiny with { Kernel = 2 }, "kernel_size"),
            (Tiny with { UpsampleKernel = 250 }, "found 250"),
            (Tiny with { UpsampleKernel = 32 }, "upsample_kernel_size: expected 64 to"),
            (Tiny with { Sigma = -1 }, "sigma"),
        ];
        foreach (var (config, says) in wrong)
        {
            Assert.That(() => new WaveGlowGenerator(config, Procedural(Tiny), _compute),
                Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private static ModelWeights Procedural(WaveGlowConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(config)));

    private static (Tensor Mel, VocoderOptions Noise, Tensor Audio, double Limit) Read(string path)
    {
        var file = SafetensorsFile.Open(path);
        var noise = new[] { "z", "early_z.0", "early_z.1" }.ToDictionary(
            name => name, name => file.Weights.Take(name, file.Weights.Entry(name).Shape));
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 20), new VocoderOptions { Given = noise }, file.Weights.Take("audio", 1, 5120), Nmse.Limit(error));
    }
}
