using System.Globalization;
using CudaTts.Compute;
using CudaTts.Vocoders;
using CudaTts.Vocoders.ParallelWaveGan;
using CudaTts.Weights;

namespace CudaTts.Tests;

internal sealed class ParallelWaveGanGeneratorTests
{
    private static readonly ParallelWaveGanConfig V1 = new();

    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void AgreesWithTheGolden()
    {
        var golden = Read();
        var generator = new ParallelWaveGanGenerator(V1, Procedural(V1), _compute);

        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), Is.LessThan(golden.Limit));
    }

    private static ModelWeights Procedural(ParallelWaveGanConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(config)));

    private static (Tensor Mel, VocoderNoise Noise, Tensor Audio, double Limit) Read()
    {
        var file = SafetensorsFile.Open(Golden.Path("parallel_wavegan.safetensors"));
        var noise = new Dictionary<string, Tensor> { ["z"] = file.Weights.Take("z", 1, 1, 5120) };
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 20), new VocoderNoise { Given = noise }, file.Weights.Take("audio", 1, 5120), Nmse.Limit(error));
    }
}
