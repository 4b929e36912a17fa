using System.Globalization;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.HifiGan;

/// <summary>HiFi-GAN through the whole CUDA path, on the emulated device.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class CudaHifiGanTests(Precision precision)
{
    private const double HalfLimit = 1e-4;
    private static readonly HifiGanConfig V1 = HifiGanConfig.V1;
    private static readonly HifiGanConfig V2 = HifiGanConfig.V2;
    private static readonly HifiGanConfig V3 = HifiGanConfig.V3;
    internal static readonly HifiGanConfig Tiny = V1 with { InitialChannels = 16, ResidualKernels = [3, 7], ResidualDilations = [[1, 3], [1, 3]] };

    private static IEnumerable<TestCaseData> Goldens =>
    [
        new TestCaseData("hifigan_v1.safetensors", V1).SetArgDisplayNames("V1"),
        new TestCaseData("hifigan_v2.safetensors", V2).SetArgDisplayNames("V2"),
        new TestCaseData("hifigan_v3.safetensors", V3).SetArgDisplayNames("V3"),
    ];

    // In half precision with all residual layers fused, which the short goldens would not fill a device with.
    [TestCaseSource(nameof(Goldens))]
    public void Agrees_with_the_golden(string file, HifiGanConfig config)
    {
        var (mel, audio, limit) = Read(Golden.Path(file));
        var device = TestDevice.Open(precision);
        using var generator = new HifiGanGenerator(config, Procedural(config), device);

        var error = Nmse.Of(ResidualFusion.Run(device, true, () => generator.Generate(mel)).Span, audio.Span);

        Golden.Matches($"{precision} {file} audio", error, limit);
    }

    [Test]
    public void Fused_residual_layers_make_the_same_audio()
    {
        var device = TestDevice.Open(precision);
        using var generator = new HifiGanGenerator(V3, Procedural(V3), device);
        Tensor[] mels = [.. new[] { 6, 2 }.Select(frames => Tensor.From(ProceduralWeights.Values($"mel.{frames}", [1, 80, frames]), 1, 80, frames))];
        Tensor[] Generate(bool? fuses) => ResidualFusion.Run(device, fuses, () => generator.Generate(mels, VocoderRuns.NoNoise(mels.Length)));

        var separate = Generate(false);

        foreach (var fuses in new bool?[] { true, null })
        {
            var audio = Generate(fuses);
            Assert.That(audio[0].Span.SequenceEqual(separate[0].Span) && audio[1].Span.SequenceEqual(separate[1].Span), Is.True);
        }
    }

    [TestCase(new[] { 5, 3 }, new[] { 10, 6 })]
    [TestCase(new[] { 3, 2 }, new[] { 6, 4 })]
    [TestCase(new[] { 7 }, new[] { 14 })]
    [TestCase(new[] { 4, 5 }, new[] { 5, 8 })]
    public void Odd_steps_sound_as_on_the_cpu(int[] rates, int[] kernels)
    {
        var hop = rates.Aggregate(1, (product, rate) => product * rate);
        var config = Tiny with { UpsampleRates = rates, UpsampleKernels = kernels, Mel = Tiny.Mel with { HopLength = hop } };
        using var cpu = new CpuCompute(1);
        using var expected = new HifiGanGenerator(config, Procedural(config), cpu);
        using var generator = new HifiGanGenerator(config, Procedural(config), TestDevice.Open(precision));
        Tensor[] mels = [.. new[] { 9, 4 }.Select(frames => Tensor.From(ProceduralWeights.Values($"mel.{frames}", [1, 80, frames]), 1, 80, frames))];

        var audio = generator.Generate(mels, VocoderRuns.NoNoise(mels.Length));

        for (var row = 0; row < mels.Length; row++)
        {
            var reference = expected.Generate(mels[row]);
            Assert.That(audio[row].Shape, Is.EqualTo(reference.Shape));
            Assert.That(Nmse.Of(audio[row].Span, reference.Span), Is.LessThan(precision == Precision.Half ? 1e-3 : 1e-10), $"row {row}");
        }
    }

    [TestCase("conv_pre.weight", 1f)]
    [TestCase("ups.1.weight", 1f)]
    [TestCase("conv_post.weight", 0.1f)]
    public void The_golden_sees_one_wrong_weight(string name, float change)
    {
        var (mel, audio, limit) = Read(Golden.Path("hifigan_v2.safetensors"));
        using var generator = new HifiGanGenerator(V2, WithOneChanged(Procedural(V2), name, change), TestDevice.Open(precision));

        Assert.That(Nmse.Of(generator.Generate(mel).Span, audio.Span), Is.GreaterThan(limit));
    }

    [Test]
    public void A_published_checkpoint_speaks_as_its_reference()
    {
        var audio = SafetensorsFile.Open(Golden.Path("checkpoints/hifigan_v3_lj_on_LJ001-0012.safetensors")).Weights.Take("audio", 258 * 256);
        var mel = SafetensorsFile.Open(Golden.Path("speech/LJ001-0012.mel.safetensors")).Weights.Take("hifigan", 80, 258).Reshape(1, 80, 258);
        using var folder = new TemporaryFolder();
        CheckpointConverter.Convert(Golden.Path("checkpoints/hifigan_v3_lj_folded.pt"), folder.Path("."));
        var config = ConfigJson.Read<HifiGanConfig>(folder.Path(ConfigJson.FileName));
        var weights = SafetensorsFile.Open(folder.Path(ModelFolder.WeightsFileName)).Weights;

        var generated = TestMemory.Hold(new HifiGanGenerator(config, weights, TestDevice.Open(precision))).Generate(mel);

        var limit = precision == Precision.Half ? HalfLimit : 1e-10;
        Golden.Matches($"{precision} published HiFi-GAN V3 audio", Nmse.Of(generated.Span, audio.Span), limit);
    }

    [Test]
    public void A_batch_is_its_single_runs_bit_for_bit()
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), TestDevice.Open(precision));
        Tensor[] mels = [.. new[] { 1, 40, 9, 17 }.Select(
            (frames, row) => Tensor.From(ProceduralWeights.Values($"mel.{row}", [1, 80, frames]), 1, 80, frames))];

        var together = generator.Generate(mels, VocoderRuns.NoNoise(mels.Length));

        for (var row = 0; row < mels.Length; row++)
        {
            Assert.That(generator.Generate([mels[row]], VocoderRuns.NoNoise(1))[0].Span.SequenceEqual(together[row].Span), Is.True, $"row {row}");
        }
    }

    [Test]
    public void Chunks_join_without_seams()
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), TestDevice.Open(precision));
        var mel = Tensor.From(ProceduralWeights.Values("mel", [1, 80, 61]), 1, 80, 61);

        var whole = generator.InChunksOf(61).Generate(mel, new());
        var joined = generator.InChunksOf(25).Generate(mel, new());

        // Every sum is made of the same numbers in the same order wherever its chunk begins.
        Assert.That(joined.Span.SequenceEqual(whole.Span), Is.True);
    }

    [TestCase(0)]
    [TestCase(1)]
    public void Short_mels_become_as_many_hops(int frames)
    {
        using var generator = new HifiGanGenerator(Tiny, Procedural(Tiny), TestDevice.Open(precision));

        Assert.That(generator.Generate(new Tensor(1, 80, frames)).Length, Is.EqualTo(frames * 256));
    }

    private static ModelWeights WithOneChanged(ModelWeights weights, string name, float change)
    {
        var entries = weights.Names.ToDictionary(each => each, weights.Entry);
        var bytes = entries[name].Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes, BitConverter.ToSingle(bytes) + change);
        entries[name] = entries[name] with { Bytes = bytes };
        return new ModelWeights($"weights with {name} changed", entries);
    }

    private (Tensor Mel, Tensor Audio, double Limit) Read(string path)
    {
        var file = SafetensorsFile.Open(path);
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 48), file.Weights.Take("audio", 1, 48 * 256), precision == Precision.Half ? HalfLimit
            : Nmse.Limit(error));
    }

    internal static ModelWeights Procedural(HifiGanConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config)));
}
