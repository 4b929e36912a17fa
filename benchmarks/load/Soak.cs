using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CudaTts.Load;

/// <summary>What the server's memory was at a moment.</summary>
/// <param name="At">Seconds from the begin.</param>
/// <param name="WorkingSet">Bytes of the process.</param>
/// <param name="Managed">Bytes of managed objects, garbage included.</param>
internal readonly record struct MemorySample(double At, double WorkingSet, double Managed);

/// <summary>Whether memory stays flat while the server works.</summary>
internal static class Soak
{
    private const double MostGrowth = 0.05;

    /// <summary>
    /// Growth of the working set: the median of the last fifth of the samples against the median of the second fifth. The first fifth is the warming
    /// up of caches and pools; medians, because a collection makes single samples jump.
    /// </summary>
    public static double GrowthOf(IReadOnlyList<MemorySample> samples)
    {
        var fifth = Math.Max(1, samples.Count / 5);
        return (Median(samples.TakeLast(fifth)) / Median(samples.Skip(fifth).Take(fifth))) - 1;
    }

    /// <summary>Reads the server's memory out of its metrics.</summary>
    /// <exception cref="FormatException">The metrics are not those of a CudaTts server.</exception>
    public static MemorySample Parse(string metrics, double at) => new(at, ValueOf(metrics, "working_set"), ValueOf(metrics, "managed"));

    /// <summary>Takes a sample every few seconds until it is told to end.</summary>
    public static async Task<List<MemorySample>> SampleAsync(HttpClient http, Uri metrics, TimeSpan every, CancellationToken ending)
    {
        var samples = new List<MemorySample>();
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(every);
        try
        {
            do
            {
                samples.Add(Parse(await http.GetStringAsync(metrics, ending), Stopwatch.GetElapsedTime(start).TotalSeconds));
            }
            while (await timer.WaitForNextTickAsync(ending));
        }
        catch (OperationCanceledException)
        {
            // The load has ended.
        }

        return samples;
    }

    /// <summary>The report for people.</summary>
    public static string ToMarkdown(IReadOnlyList<MemorySample> samples, LevelSummary load)
    {
        const double mebibyte = 1 << 20;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{samples[^1].At / 60:0.0} minutes of mixed load, {load.Rate:0.00} requests/s: "
            + $"{load.Offered} due, {load.Spoken} spoken, {load.Broken} broken.");
        text.AppendLine().AppendLine("| minute | working set MiB | managed MiB |").AppendLine("| --- | --- | --- |");
        foreach (var sample in samples.Where((_, i) => i % Math.Max(1, samples.Count / 12) == 0))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {sample.At / 60:0.0} | {sample.WorkingSet / mebibyte:0.0} | {sample.Managed / mebibyte:0.0} |");
        }

        return text.AppendLine().Append("- ").AppendLine(TargetOf(samples).ToString()).ToString();
    }

    /// <summary>The promise of flat memory.</summary>
    public static LoadTarget TargetOf(IReadOnlyList<MemorySample> samples) =>
        new("growth of the working set, last fifth against second fifth", MostGrowth, GrowthOf(samples), "of itself");

    private static double Median(IEnumerable<MemorySample> samples) => Percentiles.Of(samples.Select(sample => sample.WorkingSet))!.P50;

    private static double ValueOf(string metrics, string kind)
    {
        var name = $"cudatts_memory_bytes{{kind=\"{kind}\"}} ";
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?? throw new FormatException(
                $"the metrics: expected a line '{name.Trim()}', found none: is --metrics the address of a CudaTts server's metrics?");
        return double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }
}
