using System.Globalization;
using System.Text.Json;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests;

namespace CudaTts.Benchmarks.Device;

/// <summary>One layer by one tile.</summary>
/// <param name="Layer">Which.</param>
/// <param name="Batch">Rows.</param>
/// <param name="Tile">The kernel.</param>
/// <param name="Microseconds">Of one launch among many.</param>
/// <param name="IsChosen">Whether it is the engine's choice.</param>
internal sealed record TileFigure(string Layer, int Batch, string Tile, double Microseconds, bool IsChosen);

/// <summary>The convolutions of HiFi-GAN V1 in float16, one by one, by each tile of <see cref="ConvolutionTile"/> that they may have.</summary>
internal static class TilesCommand
{
    private const int WarmUp = 2;
    private const int LaunchesAtOnce = 10;
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Measures; a line for each layer and batch, with all of its tiles.</summary>
    public static int Run(string deviceName, IReadOnlyList<int> batches, int frames, double seconds, string? json)
    {
        using var opened = ComputeDevice.Open(new DeviceOptions { Name = deviceName, Precision = Precision.Half });
        if (opened is not CudaCompute device)
        {
            throw new ArgumentException($"--device: expected a CUDA device or the emulated one, whose kernels have tiles; found '{deviceName}'.");
        }

        Console.WriteLine($"{device.Name}: {device.Context.Name}, {device.Context.Multiprocessors} multiprocessors, float16");
        Console.WriteLine("| layer | batch | tiles, us (* the engine's) |");
        Console.WriteLine("| --- | --- | --- |");
        List<TileFigure> figures = [];
        foreach (var (name, sizes, steps) in Layers(HifiGanConfig.V1, frames))
        {
            foreach (var batch in batches)
            {
                List<TileFigure> tiles = [.. Measure(device, name, sizes, batch, steps, seconds)];
                var cells = tiles.Select(
                    tile => string.Create(CultureInfo.InvariantCulture, $"{tile.Tile} {tile.Microseconds:F1}{(tile.IsChosen ? "*" : "")}"));
                Console.WriteLine($"| {name} | {batch} | {string.Join(", ", cells)} |");
                figures.AddRange(tiles);
            }
        }

        if (json is not null)
        {
            File.WriteAllText(json, JsonSerializer.Serialize(figures, s_json));
        }

        return 0;
    }

    /// <summary>Name, sizes and input steps of those that have a choice; a dilation changes the window alone, and 1 stands for all.</summary>
    private static IEnumerable<(string Name, Conv1dSizes Sizes, int Steps)> Layers(HifiGanConfig config, int frames)
    {
        var (channels, steps) = (config.InitialChannels, frames);
        for (var stage = 0; stage < config.UpsampleRates.Length; stage++)
        {
            var (taps, rate) = (config.UpsampleKernels[stage], config.UpsampleRates[stage]);
            yield return ($"upsampling {channels} to {channels / 2}, stride {rate}",
                new(channels / 2, channels, taps, 1, (taps - rate) / 2, rate, true), steps);
            (channels, steps) = (channels / 2, steps * rate);
            foreach (var kernel in config.ResidualKernels)
            {
                var sizes = new Conv1dSizes(channels, channels, kernel, 1, kernel / 2, 1, false);
                if (ConvolutionTile.Candidates(ElementType.Float16, ElementType.Float16, sizes).Length > 1)
                {
                    yield return ($"{channels} channels, {kernel} taps", sizes, steps);
                }
            }
        }
    }

    private static IEnumerable<TileFigure> Measure(CudaCompute device, string name, Conv1dSizes sizes, int batch, int steps, double seconds)
    {
        using var memory = device.CreateModelMemory();
        var weights = Pack(memory, sizes);
        using var rows = device.Rows([.. Enumerable.Repeat(steps, batch)]);
        using var inputBuffer = device.Borrow(batch * sizes.InputChannels * steps);
        var input = inputBuffer.Tensor.AsSequence(rows, sizes.InputChannels);
        using var outputRows = device.Rows([.. Enumerable.Repeat(weights.OutputLength(steps), batch)]);
        using var outputBuffer = device.Borrow(batch * sizes.OutputChannels * outputRows.Longest);
        var output = outputBuffer.Tensor.AsSequence(outputRows, sizes.OutputChannels);
        device.Upload(Values(name, batch, sizes.InputChannels, steps), input);
        var chosen = weights.KernelFor((long)weights.ProductRows(output[2]) * batch);
        foreach (var kernel in ConvolutionKernel.Candidates(device, ElementType.Float16, sizes, weights.UsesWarpgroups))
        {
            var microseconds = Microseconds(device, seconds, () => device.Convolve(kernel, input, weights, output, ConvFusion.None));
            yield return new TileFigure(name, batch, kernel.Tile.Kernel, microseconds, kernel == chosen);
        }
    }

    private static double Microseconds(CudaCompute device, double seconds, Action launch)
    {
        using CudaEvent start = new(device.Context), end = new(device.Context);
        for (var i = 0; i < WarmUp; i++)
        {
            launch();
        }

        // Many at once, so that the host's time to start one does not count; one where there is no time to measure, but something to try.
        var launches = seconds > 0 ? LaunchesAtOnce : 1;
        var times = new List<double>();
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        do
        {
            start.Record(device.Stream);
            for (var i = 0; i < launches; i++)
            {
                launch();
            }

            end.Record(device.Stream);
            device.Stream.Synchronize();
            times.Add(end.Since(start).TotalMicroseconds / launches);
        }
        while (System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);

        times.Sort();
        return times[times.Count / 2];
    }

    private static CudaConv1dWeights Pack(ModelMemory memory, Conv1dSizes sizes)
    {
        var (first, second) = sizes.IsTransposed ? (sizes.InputChannels, sizes.OutputChannels) : (sizes.OutputChannels, sizes.InputChannels);
        var weight = Values("benchmark.weight", first, second, sizes.Kernel);
        var bias = Values("benchmark.bias", sizes.OutputChannels);
        return (CudaConv1dWeights)(sizes.IsTransposed
            ? memory.PackConvTranspose1d(weight, bias, sizes.Stride, sizes.Padding)
            : memory.PackConv1d(weight, bias, sizes.Dilation, sizes.Padding));
    }

    private static Tensor Values(string name, params int[] shape)
    {
        var values = new Tensor(shape);
        for (var i = 0; i < values.Length; i++)
        {
            values.Span[i] = (2 * ProceduralWeights.Uniform(name, i)) - 1;
        }

        return values;
    }
}
