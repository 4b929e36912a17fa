using System.Globalization;
using System.Text.Json;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;

namespace CudaTts.Benchmarks.Device;

/// <summary>What the <c>device</c> verb measures.</summary>
/// <param name="Device">As <c>--device</c> of the command names it.</param>
/// <param name="Precisions">Arithmetic, each in turn.</param>
/// <param name="Batches">Rows, each in turn.</param>
/// <param name="Frames">Mel frames of a row for the vocoders.</param>
/// <param name="Steps">Decoder steps of a run.</param>
/// <param name="Seconds">Time for each line.</param>
/// <param name="Json">A file for the lines as JSON, or none.</param>
/// <param name="Jobs">Which of <see cref="AllJobs"/>.</param>
/// <param name="Residual">
/// Ways to compute HiFi-GAN's residual layers: <c>chosen</c> as the engine does, <c>fused</c>, <c>separate</c>, or <c>all</c> three.
/// </param>
/// <param name="MostTeraflops">Operations of one run of a vocoder in float16; what has more is left out. Float32 products take an eighth.</param>
internal sealed record DeviceBenchmarkOptions(
    string Device,
    IReadOnlyList<Precision> Precisions,
    IReadOnlyList<int> Batches,
    int Frames,
    int Steps,
    double Seconds,
    string? Json,
    IReadOnlyList<string> Jobs,
    string Residual,
    double MostTeraflops)
{
    // A GPU takes no more at once: more would be the same figure in a multiple of the time.
    private const int MostVocoderRows = 128;
    private const int Float32Slowdown = 8;

    /// <summary>Names of all jobs, in their order.</summary>
    public static string[] AllJobs { get; } = ["decoder", "v1", "v2", "v3", "waveglow", "parallel_wavegan"];

    /// <summary>Rows for a vocoder, each in turn; what takes too much is named instead.</summary>
    /// <param name="job">What messages call it.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="workOf">Its work in so many frames.</param>
    public IEnumerable<int> VocoderBatches(string job, ComputeDevice device, Func<long, StageWork> workOf)
    {
        var most = MostTeraflops / (device.Precision == Precision.Half ? 1 : Float32Slowdown);
        foreach (var batch in Batches.Where(batch => batch <= MostVocoderRows))
        {
            var teraflops = workOf((long)Frames * batch).Operations / 1e12;
            if (teraflops <= most)
            {
                yield return batch;
            }
            else
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"left out: {job}, {Frames} frames, {batch} rows: {teraflops:F0} TFLOP a run, more than {most:F0} (--most-teraflops)"));
            }
        }
    }
}

/// <summary>One line: a job's time, and what that is in bytes and operations a second.</summary>
/// <param name="Job">What was run.</param>
/// <param name="Precision">Arithmetic.</param>
/// <param name="Batch">Rows side by side.</param>
/// <param name="MedianMilliseconds">Of a decoder step, or of a whole run of a vocoder.</param>
/// <param name="LeastMilliseconds">The fastest.</param>
/// <param name="AudioSecondsPerSecond">Speech made in a second, all rows together.</param>
/// <param name="GigabytesPerSecond">Bytes of weights read once for each step or run, a second.</param>
/// <param name="TeraflopsPerSecond">Multiplications and additions a second.</param>
internal sealed record DeviceFigure(
    string Job,
    string Precision,
    int Batch,
    double MedianMilliseconds,
    double LeastMilliseconds,
    double AudioSecondsPerSecond,
    double GigabytesPerSecond,
    double TeraflopsPerSecond);

/// <summary>The decoder and the vocoders on one device, from the host's call to the result in the host's memory.</summary>
internal static class DeviceCommand
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Measures, and prints and writes each figure at once: a run that is cut short has those before.</summary>
    public static int Run(DeviceBenchmarkOptions options)
    {
        var figures = new List<DeviceFigure>();
        foreach (var precision in options.Precisions)
        {
            using var device = ComputeDevice.Open(new DeviceOptions { Name = options.Device, Precision = precision });
            Console.WriteLine($"{Describe(device)}, {Name(device, precision)}");
            Console.WriteLine("| job | batch | median ms | least ms | audio s / s | GB / s | TFLOP / s |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
            foreach (var figure in Jobs(device, options))
            {
                figures.Add(figure with { Precision = Name(device, precision) });
                Console.WriteLine(Line(figure));
                Write(figures, options.Json);
            }
        }

        return 0;
    }

    /// <summary>Times a run, after two that warm up, for as long as the options say and at least three times.</summary>
    public static List<double> Milliseconds(DeviceBenchmarkOptions options, Action run)
    {
        run();
        run();
        var times = new List<double>();
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        while (times.Count < 3 || System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds < options.Seconds)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            run();
            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return times;
    }

    private static string Line(DeviceFigure figure)
    {
        var times = string.Create(CultureInfo.InvariantCulture, $"{figure.MedianMilliseconds:G4} | {figure.LeastMilliseconds:G4}");
        var bytes = string.Create(CultureInfo.InvariantCulture, $"{figure.AudioSecondsPerSecond:F1} | {figure.GigabytesPerSecond:F0}");
        return string.Create(CultureInfo.InvariantCulture, $"| {figure.Job} | {figure.Batch} | {times} | {bytes} | {figure.TeraflopsPerSecond:F2} |");
    }

    /// <summary>All figures so far, never half of them: the file before stays until the new one is whole.</summary>
    private static void Write(List<DeviceFigure> figures, string? path)
    {
        if (path is not null)
        {
            File.WriteAllText($"{path}.partial", JsonSerializer.Serialize(figures, s_json));
            File.Move($"{path}.partial", path, overwrite: true);
        }
    }

    private static IEnumerable<DeviceFigure> Jobs(ComputeDevice device, DeviceBenchmarkOptions options) =>
        DecoderBenchmark.Run(device, options).Concat(HifiGanBenchmark.Run(device, options)).Concat(NoiseVocoderBenchmark.Run(device, options));

    private static string Name(ComputeDevice device, Precision precision) =>
        device is CudaCompute && precision == Precision.Half ? "float16" : "float32";

    private static string Describe(ComputeDevice device) => device is CudaCompute cuda
        ? $"{cuda.Name}: {cuda.Context.Name}, compute capability {cuda.Context.ComputeCapability}, {cuda.Context.Multiprocessors} multiprocessors"
        : $"{device.Name}: {Compare.Machine.Description}, {device.Threads} threads";
}
