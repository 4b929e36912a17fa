using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CudaTts.Compute;

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
        var json = SharedOptions.Json();
        var command = new Command("bench", "Measures each stage on this machine.") { text, voice, runs, json };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(runs) is < 1 or > 10_000)
            {
                throw new ArgumentsException($"--runs: expected 1 to 10000, found {parsed.GetValue(runs)}.");
            }

            var report = Measure(parsed.GetValue(text)!, parsed.GetValue(voice), device.Of(parsed), parsed.GetValue(runs), cancellation);
            if (parsed.GetValue(json))
            {
                terminal.Text.WriteLine(JsonSerializer.Serialize(report, CliJson.Instance.BenchReport));
            }
            else
            {
                Print(terminal.Text, report);
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static BenchReport Measure(string text, string? voice, DeviceOptions device, int runs, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var synthesizer = SpeechSynthesizer.Load(voice, device);
        var loadTime = Stopwatch.GetElapsedTime(start);
        var result = synthesizer.Speak(text, null, cancellation);
        var timings = new List<SpeechTimings>();
        for (var run = 0; run < runs; run++)
        {
            timings.Add(synthesizer.Speak(text, null, cancellation).Timings);
        }

        BenchStage[] stages =
        [
            Stage("text", timings.Select(timing => timing.Text)),
            Stage("acoustic", timings.Select(timing => timing.Acoustic)),
            Stage("vocoder", timings.Select(timing => timing.Vocoder)),
            Stage("total", timings.Select(timing => timing.Text + timing.Acoustic + timing.Vocoder)),
        ];
        var audioSeconds = result.Audio.Duration.TotalSeconds;
        return new BenchReport(
            text, synthesizer.Voice.Manifest.Name, synthesizer.Voice.Vocoder.Name, synthesizer.Device.Name, ProcessorFacts.Name(), synthesizer.Device.Threads, runs, loadTime.TotalSeconds, audioSeconds,
            result.Sentences.Sum(sentence => sentence.Tokens.Ids.Length), result.Sentences.Sum(sentence => sentence.Mel.Mel[2]),
            stages, stages[^1].MedianSeconds / audioSeconds, ProcessorFacts.PeakMemory());
    }

    private static BenchStage Stage(string name, IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        return new BenchStage(name, (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2, sorted[0]);
    }

    private static void Print(TextWriter output, BenchReport report)
    {
        var invariant = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(invariant, $"{report.Processor}, {report.Threads} threads, voice {report.Voice}, vocoder {report.Vocoder}, {report.Runs} runs"));
        output.WriteLine(string.Create(invariant, $"{report.Tokens} tokens, {report.Frames} frames, {report.AudioSeconds:F2} s of speech; voice loaded in {report.LoadSeconds:F3} s"));
        output.WriteLine("stage      median ms  fastest ms");
        foreach (var stage in report.Stages)
        {
            output.WriteLine(string.Create(invariant, $"{stage.Name,-10} {stage.MedianSeconds * 1000,9:F2}  {stage.FastestSeconds * 1000,10:F2}"));
        }

        output.WriteLine(string.Create(
            invariant,
            $"real-time factor {report.RealTimeFactor:F4} ({1 / report.RealTimeFactor:F1} s of speech a second); peak memory {report.PeakMemoryBytes / 1e6:F0} MB"));
    }
}
