using System.Globalization;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.HifiGan;

internal sealed class HifiGanGeneratorTests
{
    private static readonly HifiGanConfig V1 = HifiGanConfig.V1;
    private static readonly HifiGanConfig V2 = HifiGanConfig.V2;
    private static readonly HifiGanConfig V3 = HifiGanConfig.V3;
    private static readonly HifiGanConfig Tiny = V1 with { InitialChannels = 16, ResidualKernels = [3, 7], ResidualDilations = [[1, 3], [1, 3]] };

    private readonly CpuCompute _compute = new(2);

    private static IEnumerable<TestCaseData> Goldens =>
    [
        new TestCaseData("hifigan_v1.safetensors", V1).SetArgDisplayNames("V1"),
        new TestCaseData("hifigan_v2.safetensors", V2).SetArgDisplayNames("V2"),
        new TestCaseData("hifigan_v3.safetensors", V3).SetArgDisplayNames("V3"),
    ];

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCaseSource(nameof(Goldens))]
    public void Agrees_with_the_golden(string file, HifiGanConfig config)
    {
        var (mel, audio, limit) = Read(Golden.Path(file));
        using var generator = new HifiGanGenerator(config, Procedural(config), _compute);

        Golden.Matches($"{file} audio", Nmse.Of(generator.Generate(mel).Span, audio.Span), limit);
    }

    [TestCase("conv_pre.weight")]
    [TestCase("ups.1.weight")]
    [TestCase("resblocks.4.convs1.2.weight")]
    [TestCase("resblocks.9.convs2.0.bias")]
    [TestCase("conv_post.weight")]
    public void The_golden_sees_one_wrong_weight(string name)
    {
        var (mel, audio, limit) = Read(Golden.Path("hifigan_v2.safetensors"));
        using var generator = new HifiGanGenerator(V2, WithOneChanged(Procedural(V2), name), _compute);

        Assert.That(Nmse.Of(generator.Generate(mel).Span, audio.Span), Is.GreaterThan(limit));
    }

    [TestCase("hifigan_v3_lj_folded.pt")]
    [TestCase("hifigan_v3_lj_weight_norm.pt")]
    [TestCase("hifigan_v3_lj_weight_norm_legacy.pt")]
    public void A_published_checkpoint_speaks_as_its_reference(string checkpoint)
    {
        var audio = SafetensorsFile.Open(Golden.Path("checkpoints/hifigan_v3_lj_on_LJ001-0012.safetensors")).Weights.Take("audio", 258 * 256);
        var mel = SafetensorsFile.Open(Golden.Path("speech/LJ001-0012.mel.safetensors")).Weights.Take("hifigan", 80, 258).Reshape(1, 80, 258);
        var folder = Directory.CreateTempSubdirectory("cudatts");
        try
        {
            CheckpointConverter.Convert(Golden.Path($"checkpoints/{checkpoint}"), folder.FullName);
            var config = ConfigJson.Read<HifiGanConfig>(Path.Combine(folder.FullName, ConfigJson.FileName));
            var weights = SafetensorsFile.Open(Path.Combine(folder.FullName, ModelFolder.WeightsFileName)).Weights;

            var generated = TestMemory.Hold(new HifiGanGenerator(config, weights, _compute)).Generate(mel);

            Golden.Matches($"{checkpoint} audio", Nmse.Of(generated.Span, audio.Span), 1e-10);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Chunks_join_without_seams([Values(1, 7, 40)] int chunkFrames)
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [2, 80, 61]), 2, 80, 61);

        var whole = generator.InChunksOf(61).Generate(mel, new());
        var joined = generator.InChunksOf(chunkFrames).Generate(mel, new());

        Assert.That(whole.Shape, Is.EqualTo(Tensor.From(new float[2 * 61 * 256], 2, 61 * 256).Shape));
        Assert.That(Nmse.Of(joined.Span, whole.Span), Is.LessThan(1e-12));
    }

    [Test]
    public void Odd_steps_make_whole_frames_without_seams([Values(1, 7, 40)] int chunkFrames)
    {
        var config = Tiny with { UpsampleRates = [5, 3], UpsampleKernels = [10, 6], Mel = Tiny.Mel with { HopLength = 15 } };
        using var generator = new HifiGanGenerator(config, Procedural(config), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 80, 61]), 1, 80, 61);

        var whole = generator.InChunksOf(61).Generate(mel, new());
        var joined = generator.InChunksOf(chunkFrames).Generate(mel, new());

        Assert.That(whole.Shape, Is.EqualTo((int[])[1, 61 * 15]));
        Assert.That(Nmse.Of(joined.Span, whole.Span), Is.LessThan(1e-12));
    }

    [Test]
    public void The_context_is_needed_almost_whole()
    {
        // One frame is changed just within and just outside the context of another.
        // By its definition: a filter's rounding sees some steps more.
        using var compute = new CpuCompute { GoesByDefinition = true };
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 80, 61]), 1, 80, 61);
        var before = generator.Generate(mel);
        var changed = 30;
        for (var band = 0; band < 80; band++)
        {
            mel.Span[(band * 61) + changed] += 1;
        }

        var after = generator.Generate(mel);
        var differing = Enumerable.Range(0, before.Length).Where(i => before.Span[i] != after.Span[i]).Select(i => i / 256).ToArray();

        Assert.That(changed - differing.First(), Is.InRange(generator.ContextFrames - 2, generator.ContextFrames));
        Assert.That(differing.Last() - changed, Is.InRange(generator.ContextFrames - 2, generator.ContextFrames));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Short_mels_become_as_many_hops(int frames)
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), _compute);

        var audio = generator.Generate(new Tensor(1, 80, frames));

        Assert.That(audio.Length, Is.EqualTo(frames * 256));
        Assert.That(audio.Span.ToArray(), Is.All.InRange(-1f, 1f));
    }

    [Test]
    public void Rows_of_a_batch_do_not_influence_one_another()
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), _compute);
        var mel = Tensor.From(ProceduralWeights.Values("mel", [3, 80, 20]), 3, 80, 20);

        var together = generator.Generate(mel);

        for (var row = 0; row < 3; row++)
        {
            Assert.That(Nmse.Of(generator.Generate(mel.Slice(row, 1)).Span, together.Slice(row, 1).Span), Is.LessThan(1e-13), $"row {row}");
        }
    }

    [Test]
    public void Cancellation_ends_the_work()
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), _compute);
        Assert.That(() => generator.Generate(new Tensor(1, 80, 9), new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_mel_of_other_bands_is_refused()
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), _compute);
        Assert.That(() => generator.Generate(new Tensor(1, 40, 9)), Throws.ArgumentException.With.Message.Contains("[1, 40, 9]"));
    }

    [Test]
    public void A_config_that_contradicts_itself_is_refused()
    {
        (HifiGanConfig Config, string Says)[] wrong =
        [
            (Tiny with { ResidualBlock = "3" }, "found 3"),
            (Tiny with { UpsampleRates = [] }, "upsample_rates: expected a list of 1 to 16 numbers, found 0"),
            (Tiny with { UpsampleRates = [8, 8, 2] }, "upsample_rates: expected as many as the 4 of upsample_kernel_sizes, found 3"),
            (Tiny with { UpsampleRates = [8, 8, 4, 0] }, "upsample_rates: expected 1 to the kernel size 4"),
            (Tiny with { UpsampleRates = [8, 8, 2, 4] }, "expected 512"),
            (Tiny with { UpsampleKernels = [16, 16, 4, 1] }, "upsample_rates: expected 1 to the kernel size 1"),
            (Tiny with { InitialChannels = 24 }, "found 24"),
            (Tiny with { InitialChannels = 0 }, "found 0"),
            (Tiny with { ResidualKernels = [3] }, "resblock_kernel_sizes: expected as many as the 2 of resblock_dilation_sizes, found 1"),
            (Tiny with { ResidualKernels = [3, 4] }, "resblock_kernel_sizes: expected odd numbers, found 4"),
            (Tiny with { ResidualDilations = [[1], []] }, "resblock_dilation_sizes: expected a list of 1 to 16"),
            (Tiny with { ResidualDilations = [[1], [65536]] }, "resblock_dilation_sizes: expected 1 to 65535, found 65536"),
            (Tiny with { ResidualDilations = [[40000], [1]] }, "resblock_dilation_sizes: expected at most 65536 steps"),
            (Tiny with { FinalSlope = 2 }, "found 2"),
            (Tiny with { ResidualDilations = [[1], [0]] }, "resblock_dilation_sizes: expected 1 to 65535, found 0"),
        ];
        var weights = Procedural(Tiny);
        foreach (var (config, says) in wrong)
        {
            Assert.That(() => new HifiGanGenerator(config, weights, _compute), Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private static ModelWeights WithOneChanged(ModelWeights weights, string name)
    {
        var entries = weights.Names.ToDictionary(each => each, weights.Entry);
        var bytes = entries[name].Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes, BitConverter.ToSingle(bytes) + 0.01f);
        entries[name] = entries[name] with { Bytes = bytes };
        return new ModelWeights($"weights with {name} changed", entries);
    }

    private static ModelWeights Procedural(HifiGanConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config)));

    private static (Tensor Mel, Tensor Audio, double Limit) Read(string path)
    {
        var file = SafetensorsFile.Open(path);
        var mel = file.Weights.Take("mel", 1, 80, 48);
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (mel, file.Weights.Take("audio", 1, 48 * 256), Nmse.Limit(error));
    }
}
