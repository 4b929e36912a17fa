using System.Globalization;

namespace CudaTts.Cli;

/// <summary>Prints what <c>bench</c> has measured.</summary>
internal static class BenchTable
{
    /// <summary>Writes a report as lines of text.</summary>
    public static void Write(TextWriter output, BenchReport report)
    {
        output.WriteLine(Text(
            $"{report.Processor}, device {report.Device}, {report.Precision}, {report.Threads} threads, voice {report.Voice}, ")
            + Text($"vocoder {report.VocoderTitle}, {report.Runs} runs"));
        output.WriteLine(
            Text($"{report.Tokens} tokens, {report.Frames} frames, {report.AudioSeconds:F2} s of speech; voice loaded in {report.LoadSeconds:F3} s"));
        WriteStages(output, report.Stages);
        output.WriteLine(Peak(report));
        WriteLatency(output, report);
        WriteThroughput(output, report);
        if (report.Peer is { } peer)
        {
            WritePeer(output, peer);
        }

        output.WriteLine(Text($"real-time factor {report.RealTimeFactor:F4}; peak memory {report.PeakMemoryBytes / 1e6:F0} MB"));
    }

    /// <summary>The stages' times, and what they achieve where that is counted.</summary>
    public static void WriteStages(TextWriter output, IReadOnlyList<BenchStage> stages)
    {
        output.WriteLine("stage             clock   median ms  fastest ms   GFLOP      MB   GFLOP/s    GB/s  % FLOP  % GB/s");
        foreach (var stage in stages)
        {
            var line = Text($"{stage.Name,-17} {stage.Clock,-6} {stage.MedianSeconds * 1000,10:F3}  {stage.FastestSeconds * 1000,10:F3}");
            var work = $" {Cell(stage.Operations / 1e9, 7)} {Cell(stage.Bytes / 1e6, 7)}";
            var rates = $" {Cell(stage.OperationsPerSecond / 1e9, 9)} {Cell(stage.BytesPerSecond / 1e9, 7)}";
            var shares = $" {Cell(100 * stage.ShareOfPeakOperations, 7)} {Cell(100 * stage.ShareOfPeakBandwidth, 7)}";
            output.WriteLine(line + work + rates + shares);
        }
    }

    private static string Peak(BenchReport report)
    {
        var operations = report.Peak.Unknown is { } reason
            ? $"no share of the peak: {reason}"
            : Text($"peak {report.Peak.OperationsPerSecond / 1e12:F1} TFLOP/s in {report.Precision}");
        return operations + (report.Peak.BytesPerSecond is { } bytes ? Text($"; memory's peak {bytes / 1e9:F0} GB/s") : "");
    }

    private static void WriteLatency(TextWriter output, BenchReport report)
    {
        output.WriteLine(Text($"latency     p50 ms    p95 ms    p99 ms   of {report.Runs} runs"));
        foreach (var (name, latency) in new[] { ("first", report.FirstAudio), ("last", report.LastAudio) })
        {
            output.WriteLine(Text($"{name,-8} {latency.P50Seconds * 1000,9:F2} {latency.P95Seconds * 1000,9:F2} {latency.P99Seconds * 1000,9:F2}"));
        }
    }

    private static void WriteThroughput(TextWriter output, BenchReport report)
    {
        output.WriteLine("batch   s of speech / s   decoder step, ms   vocoder, s / s");
        foreach (var line in report.Throughput)
        {
            var step = line.DecoderStepSeconds is { } seconds ? Text($"{seconds * 1000:F4}") : "-";
            var rates = Text($"{line.AudioSecondsPerSecond,17:F1} {step,18} {line.VocoderAudioSecondsPerSecond,16:F1}");
            output.WriteLine(Text($"{line.Batch,5} {rates}"));
        }
    }

    private static void WritePeer(TextWriter output, PeerComparison peer)
    {
        output.WriteLine($"peer: {peer.Peer} on {peer.Device}; in brackets how many times faster we are");
        var width = peer.Lines.Select(line => line.Job.Length).DefaultIfEmpty(0).Max();
        foreach (var line in peer.Lines)
        {
            var ways = line.Theirs.Select(way => Text($"{way.Way} {way.Figure:G4} ({way.Ratio:F2})"));
            output.WriteLine(Text($"{line.Job.PadRight(width)}  batch {line.Batch,-4} ours {line.Ours:G4}; {string.Join(", ", ways)}"));
        }

        foreach (var note in peer.Notes)
        {
            output.WriteLine($"note: {note}");
        }
    }

    private static string Cell(double? value, int width) =>
        (value is { } number ? number.ToString("G4", CultureInfo.InvariantCulture) : "").PadLeft(width);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
