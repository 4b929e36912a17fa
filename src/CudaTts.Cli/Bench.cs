using System.Diagnostics;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;

namespace CudaTts.Cli;

/// <summary>Measures one text on one device: each stage, the time to the first and the last audio, and many texts at once.</summary>
/// <param name="text">What to say.</param>
/// <param name="runs">Measured runs; as many as a device makes in little time, if nothing is said.</param>
/// <param name="batches">Numbers of texts to speak at once.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class Bench(string text, int? runs, IReadOnlyList<int> batches, CancellationToken cancellation)
{
    // The fastest of so many counts as a batch's.
    private const int BatchRuns = 3;

    // Of 20 runs the 95th percentile is the second slowest; of fewer it is the slowest.
    private const int RunsOnGpu = 20;
    private const int RunsOnProcessor = 5;

    /// <summary>Rows that a GPU's decoder takes at a time; of more some wait until others have ended.</summary>
    internal const int DecoderSlots = 128;

    private int _runs;

    public async Task<BenchReport> MeasureAsync(string? voice, DeviceOptions device, VoiceOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        using var synthesizer = SpeechSynthesizer.Load(voice, device, options);
        var loadTime = Stopwatch.GetElapsedTime(start);
        _runs = runs ?? (synthesizer.Device.Kind == DeviceKind.Gpu ? RunsOnGpu : RunsOnProcessor);
        var result = synthesizer.Speak(text, Options(0), cancellation);
        var stages = MeasureStages(synthesizer, result, out var peak);
        var (first, last) = await MeasureLatencyAsync(synthesizer).ConfigureAwait(false);
        var audioSeconds = result.Audio.Duration.TotalSeconds;
        return new BenchReport(
            text, synthesizer.Voice.Manifest.Name, synthesizer.Voice.Vocoder.Name, synthesizer.Device.Name, synthesizer.Device.DisplayName,
            PrecisionOf(synthesizer.Device), CpuCompute.ProcessorName, synthesizer.Device.Threads, _runs, loadTime.TotalSeconds, audioSeconds,
                Tokens(result),
            Frames(result), peak, stages, stages[^1].MedianSeconds / audioSeconds, first, last,
            [.. batches.Select(batch => MeasureThroughput(synthesizer, batch))], ProcessMemory.Peak())
        {
            // The peer's is a Tacotron 2: with one that goes without steps there is nothing to compare.
            AcousticIsPublicSize = HasSteps(synthesizer) && synthesizer.Voice.Acoustic.IsPublicSize,
            VocoderTitle = synthesizer.Voice.Vocoder.Title,
        };
    }

    // One attempt, so that every run does the same work.
    private static SpeechOptions Options(ulong seed) => new() { Attempts = 1, Seed = seed };

    private static string PrecisionOf(ComputeDevice device) => device.Precision == Precision.Half ? "float16" : "float32";

    private static int Tokens(SpeechResult result) => result.Sentences.Sum(sentence => sentence.Tokens.Ids.Length);

    private static bool HasSteps(SpeechSynthesizer synthesizer) => synthesizer.Voice.Acoustic is not DurationModel;

    private static int Frames(SpeechResult result) => result.Sentences.Sum(sentence => sentence.Mel.Mel[2]);

    private List<BenchStage> MeasureStages(SpeechSynthesizer synthesizer, SpeechResult result, out BenchPeak peak)
    {
        using var recorder = new StageRecorder(synthesizer.Device);
        var table = new StageTable(synthesizer, result);
        peak = table.Peak;
        for (var run = 0; run < _runs; run++)
        {
            var total = synthesizer.Speak(text, Options(0), cancellation).Timings.Total;
            table.Add(recorder.TakeStages(), total);
        }

        return table.Stages();
    }

    private async Task<(BenchLatency First, BenchLatency Last)> MeasureLatencyAsync(SpeechSynthesizer synthesizer)
    {
        var (first, last) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var run = 0; run <= _runs; run++)
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
        using var recorder = new StageRecorder(synthesizer.Device);
        var requests = Enumerable.Range(0, batch).Select(number => new SpeechRequest(text, Options((ulong)number))).ToList();
        var best = new BenchThroughput(batch, 0, null, 0);
        for (var run = 0; run < Math.Min(_runs, BatchRuns); run++)
        {
            var start = Stopwatch.GetTimestamp();
            var results = synthesizer.SpeakAll(requests, cancellation).ToList();
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var stages = recorder.TakeStages();
            var audio = results.Sum(result => result.Audio.Duration.TotalSeconds);
            if (audio / time > best.AudioSecondsPerSecond)
            {
                best = new BenchThroughput(
                    batch, audio / time,
                    HasSteps(synthesizer) ? StageTable.Covered(stages, Stage.Decoder).TotalSeconds / CommonSteps(results) : null,
                    audio / StageTable.Covered(stages, Stage.Vocoder).TotalSeconds);
            }
        }

        return best;
    }

    /// <summary>Steps of all rows side by side: the longest sentence's. Of more rows than slots there is no step of all.</summary>
    private static int? CommonSteps(List<SpeechResult> results)
    {
        var steps = results.SelectMany(result => result.Sentences).Select(sentence => sentence.Mel.Steps).ToList();
        return steps.Count <= DecoderSlots ? steps.Max() : null;
    }

    private static BenchLatency Percentiles(List<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToList();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
        return new BenchLatency(At(0.5), At(0.95), At(0.99));
    }
}
