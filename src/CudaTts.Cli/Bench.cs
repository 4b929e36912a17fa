using System.Diagnostics;
using CudaTts.Compute;

namespace CudaTts.Cli;

/// <summary>Measures one text on one device: each stage, the time to the first and the last audio, and many texts at once.</summary>
internal sealed class Bench(string text, int runs, IReadOnlyList<int> batches, CancellationToken cancellation)
{
    public async Task<BenchReport> MeasureAsync(string? voice, DeviceOptions device)
    {
        var start = Stopwatch.GetTimestamp();
        using var synthesizer = SpeechSynthesizer.Load(voice, device);
        var loadTime = Stopwatch.GetElapsedTime(start);
        var result = synthesizer.Speak(text, Options(0), cancellation);
        var timings = Enumerable.Range(0, runs).Select(_ => synthesizer.Speak(text, Options(0), cancellation).Timings).ToList();
        BenchStage[] stages =
        [
            Stage("text", timings.Select(timing => timing.Text)),
            Stage("acoustic", timings.Select(timing => timing.Acoustic)),
            Stage("vocoder", timings.Select(timing => timing.Vocoder)),
            Stage("total", timings.Select(timing => timing.Total)),
        ];
        var (first, last) = await MeasureLatencyAsync(synthesizer).ConfigureAwait(false);
        var audioSeconds = result.Audio.Duration.TotalSeconds;
        return new BenchReport(
            text, synthesizer.Voice.Manifest.Name, synthesizer.Voice.Vocoder.Name, synthesizer.Device.Name, $"{device.Precision}", ProcessorFacts.Name(),
            synthesizer.Device.Threads, runs, loadTime.TotalSeconds, audioSeconds, result.Sentences.Sum(sentence => sentence.Tokens.Ids.Length),
            result.Sentences.Sum(sentence => sentence.Mel.Mel[2]), stages, stages[^1].MedianSeconds / audioSeconds, first, last,
            [.. batches.Select(batch => MeasureThroughput(synthesizer, batch))], ProcessorFacts.PeakMemory());
    }

    // One attempt, so that every run does the same work.
    private static SpeechOptions Options(ulong seed) => new() { Attempts = 1, Seed = seed };

    private async Task<(BenchLatency First, BenchLatency Last)> MeasureLatencyAsync(SpeechSynthesizer synthesizer)
    {
        var (first, last) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var run = 0; run <= runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            TimeSpan? heard = null;
            await foreach (var chunk in synthesizer.StreamAsync(text, Options(0), cancellation).ConfigureAwait(false))
            {
                heard ??= Stopwatch.GetElapsedTime(start);
            }

            // The first run warms up.
            if (run > 0)
            {
                first.Add(heard!.Value);
                last.Add(Stopwatch.GetElapsedTime(start));
            }
        }

        return (Percentiles(first), Percentiles(last));
    }

    private BenchThroughput MeasureThroughput(SpeechSynthesizer synthesizer, int batch)
    {
        var requests = Enumerable.Range(0, batch).Select(number => new SpeechRequest(text, Options((ulong)number))).ToList();
        var best = 0.0;
        for (var run = 0; run < Math.Min(runs, 3); run++)
        {
            var start = Stopwatch.GetTimestamp();
            var seconds = synthesizer.SpeakAll(requests, cancellation).Sum(result => result.Audio.Duration.TotalSeconds);
            best = Math.Max(best, seconds / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return new BenchThroughput(batch, best);
    }

    private static BenchStage Stage(string name, IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        return new BenchStage(name, (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2, sorted[0]);
    }

    private static BenchLatency Percentiles(List<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
        return new BenchLatency(At(0.5), At(0.95), At(0.99));
    }
}
