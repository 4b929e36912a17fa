using System.Globalization;
using CudaTts.Compute;
using CudaTts.Tests.Kernels;
using CudaTts.Vocoders.HifiGan;
using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>HiFi-GAN through the whole CUDA path, on the emulated device.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class CudaHifiGanTests(Precision precision)
{
    private const double HalfLimit = 1e-4;
    private static readonly HifiGanConfig V1 = new();
    private static readonly HifiGanConfig V2 = V1 with { InitialChannels = 128 };
    private static readonly HifiGanConfig V3 = V1 with
    {
        ResidualBlock = "2",
        UpsampleRates = [8, 8, 4],
        UpsampleKernels = [16, 16, 8],
        InitialChannels = 256,
        ResidualKernels = [3, 5, 7],
        ResidualDilations = [[1, 2], [2, 6], [3, 12]],
    };

    private static readonly HifiGanConfig Tiny = V1 with { InitialChannels = 16, ResidualKernels = [3, 7], ResidualDilations = [[1, 3], [1, 3]] };

    private static IEnumerable<TestCaseData> Goldens =>
    [
        new TestCaseData("hifigan_v1.safetensors", V1).SetArgDisplayNames("V1"),
        new TestCaseData("hifigan_v2.safetensors", V2).SetArgDisplayNames("V2"),
        new TestCaseData("hifigan_v3.safetensors", V3).SetArgDisplayNames("V3"),
    ];

    [TestCaseSource(nameof(Goldens))]
    public void AgreesWithTheGolden(string file, HifiGanConfig config)
    {
        var (mel, audio, limit) = Read(Golden.Path(file));
        var generator = new HifiGanGenerator(config, Procedural(config), EmulatedDevice.Open(precision));

        var error = Nmse.Of(generator.Generate(mel).Span, audio.Span);

        TestContext.Out.WriteLine($"NMSE {error:E2}, limit {limit:E0}");
        Assert.That(error, Is.LessThan(limit));
    }

    private (Tensor Mel, Tensor Audio, double Limit) Read(string path)
    {
        var file = SafetensorsFile.Open(path);
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 48), file.Weights.Take("audio", 1, 48 * 256), precision == Precision.Half ? HalfLimit : Nmse.Limit(error));
    }

    private static ModelWeights Procedural(HifiGanConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config)));
}
