using System.Globalization;
using CudaTts.Compute;
using CudaTts.Vocoders;
using CudaTts.Vocoders.WaveGlow;
using CudaTts.Weights;

namespace CudaTts.Tests;

internal sealed class WaveGlowGeneratorTests
{
    private static readonly WaveGlowConfig Channels64 = new() { Channels = 64 };

    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCase("waveglow_64.safetensors", 64)]
    [TestCase("waveglow_256.safetensors", 256)]
    public void AgreesWithTheGolden(string file, int channels)
    {
        var golden = Read(Golden.Path(file));
        var config = new WaveGlowConfig { Channels = channels };
        var generator = new WaveGlowGenerator(config, Procedural(config), _compute);

        Assert.That(Nmse.Of(generator.Generate(golden.Mel, golden.Noise).Span, golden.Audio.Span), Is.LessThan(golden.Limit));
    }

    private static ModelWeights Procedural(WaveGlowConfig config) =>
        WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(config)));

    private static (Tensor Mel, VocoderNoise Noise, Tensor Audio, double Limit) Read(string path)
    {
        var file = SafetensorsFile.Open(path);
        var noise = new[] { "z", "early_z.0", "early_z.1" }.ToDictionary(name => name, name => file.Weights.Take(name, file.Weights.Entry(name).Shape));
        var error = double.Parse(file.Metadata["torch_f32_nmse.audio"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 20), new VocoderNoise { Given = noise }, file.Weights.Take("audio", 1, 5120), Nmse.Limit(error));
    }
}
