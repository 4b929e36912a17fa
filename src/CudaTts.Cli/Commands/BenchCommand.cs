using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts bench</c>: how fast each stage is on this machine.</summary>
internal static class BenchCommand
{
    private const string DefaultText = "The quick brown fox jumps over the lazy dog, and then it rests in the shade.";

    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string>("text") { Description = "What to say.", DefaultValueFactory = _ => DefaultText };
        var voice = SharedOptions.Voice();
        var device = new DeviceArguments();
        var runs = new Option<int>("--runs") { Description = "Measured runs, after one to warm up.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var batch = new Option<string>("--batch") { Description = "Numbers of texts to speak at once.", HelpName = "N,N...", DefaultValueFactory = _ => "1,8,32" };
        var json = SharedOptions.Json();
        var command = new Command("bench", "Measures latency, throughput and each stage on this machine.") { text, voice, runs, batch, json };
        device.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(runs) is < 1 or > 10_000)
            {
                throw new ArgumentsException($"--runs: expected 1 to 10000, found {parsed.GetValue(runs)}.");
            }

            var bench = new Bench(parsed.GetValue(text)!, parsed.GetValue(runs), Batches(parsed.GetValue(batch)!), cancellation);
            var report = await bench.MeasureAsync(parsed.GetValue(voice), device.Of(parsed)).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                terminal.Text.WriteLine(JsonSerializer.Serialize(report, CliJson.Instance.BenchReport));
            }
            else
            {
                Print(terminal.Text, report);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static int[] Batches(string list) =>
        [.. list.Split(',').Select(item => int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var batch) && batch is >= 1 and <= 4096
            ? batch
            : throw new ArgumentsException($"--batch: expected numbers from 1 to 4096 with commas between, found '{list}'."))];

    private static void Print(TextWriter output, BenchReport report)
    {
        var invariant = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(
            invariant, $"{report.Processor}, device {report.Device}, {report.Threads} threads, voice {report.Voice}, vocoder {report.Vocoder}, {report.Runs} runs"));
        output.WriteLine(string.Create(invariant, $"{report.Tokens} tokens, {report.Frames} frames, {report.AudioSeconds:F2} s of speech; voice loaded in {report.LoadSeconds:F3} s"));
        output.WriteLine("stage      median ms  fastest ms");
        foreach (var stage in report.Stages)
        {
            output.WriteLine(string.Create(invariant, $"{stage.Name,-10} {stage.MedianSeconds * 1000,9:F2}  {stage.FastestSeconds * 1000,10:F2}"));
        }

        output.WriteLine("latency     p50 ms    p95 ms    p99 ms");
        foreach (var (name, latency) in new[] { ("first", report.FirstAudio), ("last", report.LastAudio) })
        {
            output.WriteLine(string.Create(
                invariant, $"{name,-8} {latency.P50Seconds * 1000,9:F2} {latency.P95Seconds * 1000,9:F2} {latency.P99Seconds * 1000,9:F2}"));
        }

        foreach (var throughput in report.Throughput)
        {
            output.WriteLine(string.Create(invariant, $"batch {throughput.Batch,-4} {throughput.AudioSecondsPerSecond,9:F1} s of speech a second"));
        }

        output.WriteLine(string.Create(invariant, $"real-time factor {report.RealTimeFactor:F4}; peak memory {report.PeakMemoryBytes / 1e6:F0} MB"));
    }
}
