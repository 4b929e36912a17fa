using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tensors;
using CudaTts.Tests;

namespace CudaTts.Benchmarks.Device;

/// <summary>
/// The decoder at NVIDIA's full size, random dropout, no gate: rows of 100 tokens side by side; on a GPU also the few rows that the persistent
/// decoder takes once more without clusters and step by step, and a queue of more rows than slots.
/// </summary>
internal static class DecoderBenchmark
{
    private const int Tokens = 100;
    private const double SecondsPerStep = 256 / 22050.0;

    // The queue: so many rows for every slot.
    private const int RowsPerSlot = 4;

    /// <summary>One figure a batch, whose time is that of a step of all rows; then one of the queue, whose time is that of all of it.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        if (!options.Jobs.Contains("decoder"))
        {
            yield break;
        }

        var config = new Tacotron2Config();
        var weights = HalfWeights.From(ProceduralWeights.Create(Tacotron2Tensors.Expected(config)));
        foreach (var batch in options.Batches.Where(batch => batch > device.MostDecoderRows))
        {
            Console.Error.WriteLine($"No decoder step of {batch} rows: {device.Name} takes {device.MostDecoderRows} at most.");
        }

        var batches = options.Batches.Where(batch => batch <= device.MostDecoderRows).ToList();
        using var memory = device.CreateModelMemory();
        var decoder = Tacotron2Decoder.Create(config, weights, memory);
        foreach (var batch in batches)
        {
            yield return Steps(device, config, "Tacotron 2 decoder step", decoder, batch, options);
        }

        if (memory is not CudaModelMemory gpu)
        {
            yield break;
        }

        var cuda = gpu.Compute;
        var stepwise = new CudaDecoderWeights(config, weights, gpu, isPersistent: false);
        if (PersistentDecoder.Fits(config, cuda))
        {
            decoder = memory.Own(new CudaTacotron2Decoder(config, new CudaDecoderWeights(config, weights, gpu), cuda, way: DecoderWay.Grid));
            foreach (var batch in batches.Where(batch => batch <= PersistentDecoderPlan.MostClusterRows))
            {
                yield return Steps(device, config, "Tacotron 2 decoder step, without clusters", decoder, batch, options);
            }

            decoder = memory.Own(new CudaTacotron2Decoder(config, stepwise, cuda));
            foreach (var batch in batches.Where(batch => batch <= PersistentDecoder.MostRows))
            {
                yield return Steps(device, config, "Tacotron 2 decoder step, not persistent", decoder, batch, options);
            }
        }

        yield return Queue(cuda, config, stepwise, options);
    }

    /// <summary>Rows of as many tokens and steps.</summary>
    private static DeviceFigure Steps(
        ComputeDevice device, Tacotron2Config config, string job, Tacotron2Decoder decoder, int batch, DeviceBenchmarkOptions options)
    {
        using var memory = device.CreateModelMemory();
        var rows = Encoded(memory, batch, config.EncoderEmbedding, _ => Tokens);
        var runs = Enumerable.Range(0, batch)
            .Select(row => new Tacotron2Options { GateThreshold = 1, MaxSteps = options.Steps, Utterance = (uint)row }).ToList();
        var times = DeviceCommand.Milliseconds(options, () => decoder.Decode(rows, runs, CancellationToken.None));
        Console.Error.WriteLine($"{job}, {batch} rows: {decoder.Way}.");
        return Figure(device, config, job, batch, batch, (times[times.Count / 2] / options.Steps, times[0] / options.Steps));
    }

    /// <summary>Rows of half to all of the tokens and steps, in no order, that enter as others end.</summary>
    private static DeviceFigure Queue(CudaCompute device, Tacotron2Config config, CudaDecoderWeights weights, DeviceBenchmarkOptions options)
    {
        var slots = Math.Min(CudaDecoderState.MostSlots, options.Batches.Max());
        var rows = slots * RowsPerSlot;
        double Share(int row) => 0.5 + (0.5 * ProceduralWeights.Uniform("benchmark.share", row));
        using var memory = device.CreateModelMemory();
        var encoded = Encoded(memory, rows, config.EncoderEmbedding, row => Math.Max(1, (int)(Tokens * Share(row))));
        var runs = Enumerable.Range(0, rows).Select(row => new Tacotron2Options
        {
            GateThreshold = 1, MaxSteps = Math.Max(1, (int)(options.Steps * Share(row))), Utterance = (uint)row,
        }).ToList();
        using var decoder = new CudaTacotron2Decoder(config, weights, device, slots);
        var times = DeviceCommand.Milliseconds(options, () => decoder.Decode(encoded, runs, CancellationToken.None));
        var products = runs.Sum(run => (double)run.MaxSteps!);
        return Figure(device, config, $"Tacotron 2 decoder, {rows} rows in {slots} slots", slots, products, (times[times.Count / 2], times[0]));
    }

    // products: how often all weights are multiplied with a row's inputs in the time given. They are read once for the rows in all slots.
    private static DeviceFigure Figure(
        ComputeDevice device, Tacotron2Config config, string job, int batch, double products, (double Median, double Least) milliseconds)
    {
        var weights = Tacotron2Work.StepWeights(config);
        var bytes = weights * (device is CudaCompute { Type: ElementType.Float32 } ? 4.0 : 2.0) * products / Math.Min(
            batch, CudaDecoderState.MostSlots);
        return new DeviceFigure(
            job, "", batch, milliseconds.Median, milliseconds.Least, products * SecondsPerStep / (milliseconds.Median / 1000),
            bytes / milliseconds.Median / 1e6, 2.0 * weights * products / milliseconds.Median / 1e9);
    }

    // In the groups that a device's encoder makes.
    private static EncodedRows[] Encoded(ModelMemory memory, int rows, int width, Func<int, int> tokens) =>
    [
        .. Enumerable.Range(0, rows).Select(tokens).Chunk(memory.Device.MostRows)
            .Select(group => new EncodedRows(memory.Store(Memory(group.Length, group.Max(), width)), memory.Own(memory.Device.Rows(group)))),
    ];

    private static Tensor Memory(int batch, int tokens, int width)
    {
        var memory = new Tensor(batch, tokens, width);
        for (var i = 0; i < memory.Length; i++)
        {
            memory.Span[i] = (2 * ProceduralWeights.Uniform("benchmark.memory", i)) - 1;
        }

        return memory;
    }
}
