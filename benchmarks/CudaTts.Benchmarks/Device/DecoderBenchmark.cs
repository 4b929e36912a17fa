using CudaTts.Acoustic.Tacotron2;
using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Tests;

namespace CudaTts.Benchmarks.Device;

/// <summary>The decoder at NVIDIA's full size: rows of 100 tokens, random dropout, no gate.</summary>
internal static class DecoderBenchmark
{
    private const int Tokens = 100;
    private const double SecondsPerStep = 256 / 22050.0;

    /// <summary>One figure a batch; the time is that of a step of all rows.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        var config = new Tacotron2Config();
        var weights = HalfWeights.From(ProceduralWeights.Create(Tacotron2Tensors.Expected(config)));
        var decoder = Tacotron2Decoder.Create(config, weights, device);
        var read = Tacotron2Work.StepWeights(config);
        foreach (var batch in options.Batches.Where(batch => batch <= device.MostRows))
        {
            var rows = device.Rows([.. Enumerable.Repeat(Tokens, batch)]);
            var memory = device.Store(Memory(batch, config.EncoderEmbedding));
            var runs = Enumerable.Range(0, batch)
                .Select(row => new Tacotron2Options { GateThreshold = 1, MaxSteps = options.Steps, Utterance = (uint)row }).ToList();
            var times = DeviceCommand.Milliseconds(options, () => decoder.Decode(memory, rows, runs, CancellationToken.None));
            var (median, least) = (times[times.Count / 2] / options.Steps, times[0] / options.Steps);
            var bytes = read * (device is Compute.Cuda.CudaCompute { Type: ElementType.Float32 } ? 4.0 : 2.0);
            yield return new DeviceFigure(
                "Tacotron 2 decoder step", "", batch, median, least, batch * SecondsPerStep / (median / 1000), bytes / median / 1e6, 2.0 * read * batch / median / 1e9);
        }
    }

    private static Tensor Memory(int batch, int width)
    {
        var memory = new Tensor(batch, Tokens, width);
        for (var i = 0; i < memory.Length; i++)
        {
            memory.Span[i] = (2 * ProceduralWeights.Uniform("benchmark.memory", i)) - 1;
        }

        return memory;
    }
}
