using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tests;
using CudaTts.Vocoders.HifiGan;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>The generators V1, V2 and V3, mel in the host's memory to audio in the host's memory.</summary>
internal static class HifiGanBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a version and batch, and in half precision on a CUDA device one more with all residual layers fused and one with none.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        foreach (var (name, config) in HifiGanVersions.All)
        {
            var generator = new HifiGanGenerator(config, WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config))), device);
            foreach (var batch in options.Batches)
            {
                var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
                var audioSeconds = batch * options.Frames * generator.SamplesPerFrame / SampleRate;
                var weights = HifiGanTensors.Expected(config).Sum(tensor => tensor.Shape.Aggregate(1.0, (product, size) => product * size));
                var bytes = weights * (device is CudaCompute { Type: ElementType.Float16 } ? 2 : 4);
                foreach (var (fusion, times) in Times(device, options, () => generator.Generate(mels)))
                {
                    var (median, least) = (times[times.Count / 2], times[0]);
                    yield return new DeviceFigure(
                        $"HiFi-GAN {name.ToUpperInvariant()}, {options.Frames} frames{fusion}", "", batch, median, least, audioSeconds / (median / 1000),
                        bytes / median / 1e6, 2 * Products(config) * options.Frames * batch / median / 1e9);
                }
            }
        }
    }

    private static IEnumerable<(string Fusion, List<double> Milliseconds)> Times(ComputeDevice device, DeviceBenchmarkOptions options, Action run)
    {
        yield return ("", DeviceCommand.Milliseconds(options, run));
        if (device is not CudaCompute { Type: ElementType.Float16 } cuda)
        {
            yield break;
        }

        foreach (var (fusion, fuses) in new[] { (", residual layers fused", true), (", residual layers separate", false) })
        {
            cuda.FusesResidualLayers = fuses;
            yield return (fusion, DeviceCommand.Milliseconds(options, run));
        }

        cuda.FusesResidualLayers = null;
    }

    /// <summary>Multiplications for one mel frame.</summary>
    private static double Products(HifiGanConfig config)
    {
        var shapes = HifiGanTensors.Expected(config).Where(tensor => tensor.Shape.Length == 3).ToList();
        double products = 0;
        foreach (var (name, shape) in shapes)
        {
            // A transposed convolution multiplies every input step with all its weights; the others run at their output's rate.
            var steps = name.Split('.') switch
            {
                ["conv_pre", ..] => 1,
                ["ups", var stage, ..] => Rate(config, int.Parse(stage, System.Globalization.CultureInfo.InvariantCulture)),
                ["resblocks", var block, ..] => Rate(config, (int.Parse(block, System.Globalization.CultureInfo.InvariantCulture) / config.ResidualKernels.Length) + 1),
                _ => Rate(config, config.UpsampleRates.Length),
            };
            products += steps * shape.Aggregate(1.0, (product, size) => product * size);
        }

        return products;
    }

    private static int Rate(HifiGanConfig config, int stages) => config.UpsampleRates.Take(stages).Aggregate(1, (product, rate) => product * rate);
}
