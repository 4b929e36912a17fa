using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Compare;

/// <summary>One measured line: our variant of a job against one form of the peer's.</summary>
/// <param name="Job">What was run, with its size.</param>
/// <param name="Threads">Threads of both sides.</param>
/// <param name="Ours">Our variant.</param>
/// <param name="Peer">The peer's form.</param>
/// <param name="Timing">The times.</param>
/// <param name="AudioSeconds">Seconds of speech that one run makes.</param>
/// <param name="Nmse">Our output against the peer's.</param>
internal sealed record ComparisonRow(string Job, int Threads, string Ours, string Peer, PairedTiming Timing, double AudioSeconds, double Nmse);

/// <summary>Writes the comparison as one Markdown page.</summary>
internal sealed class ComparisonReport(string command)
{
    private readonly double? _loadBefore = Machine.LoadAverage;
    private readonly List<ComparisonRow> _rows = [];

    /// <summary>Adds a line, and prints it at once: a run takes minutes.</summary>
    public void Add(ComparisonRow row)
    {
        _rows.Add(row);
        Console.WriteLine(Line(row));
    }

    /// <summary>Writes the page under benchmarks/results, complete or not at all, and says where.</summary>
    /// <param name="resultsFolder">benchmarks/results.</param>
    /// <param name="only">The one job that was run, which has a page of its own; empty for all.</param>
    public void Write(string resultsFolder, string only)
    {
        var folder = Directory.CreateDirectory(Path.Combine(resultsFolder, Machine.Folder)).FullName;
        var path = Path.Combine(folder, only.Length == 0 ? "cpu-vs-onnxruntime.md" : $"cpu-vs-onnxruntime-{only.Replace('_', '-')}.md");
        var partial = path + ".partial";
        var page = Page();
        File.WriteAllText(partial, page);
        File.Move(partial, path, overwrite: true);
        Console.WriteLine();
        Console.WriteLine(page);
        Console.WriteLine(path);
    }

    private static string Line(ComparisonRow row)
    {
        var timing = row.Timing;
        var ours = Spread.Of(timing.Ours.Select(run => run.Wall));
        var peer = Spread.Of(timing.Peer.Select(run => run.Wall));
        string[] cells =
        [
            row.Job,
            $"{row.Threads}",
            row.Ours,
            row.Peer,
            ours.Text(1),
            peer.Text(1),
            Spread.Of(timing.WallRatios).Text(2),
            Spread.Of(timing.ProcessorRatios).Text(2),
            (1000 * row.AudioSeconds / ours.Median).ToString("F1", CultureInfo.InvariantCulture),
            $"{timing.Ours.Count}",
            row.Nmse.ToString("E1", CultureInfo.InvariantCulture),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private string Page()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # CPU: CudaTts against ONNX Runtime

            - Machine: {Machine.Description}
            - Load average (1 minute) before and after: {_loadBefore:F1} and {Machine.LoadAverage:F1}; above {Environment.ProcessorCount},
              other work shared the cores, which widens the spread and hurts whichever side was interrupted. The ratio is taken pair by pair for that reason.
            - Date: {DateTime.UtcNow:yyyy-MM-dd}
            - CudaTts {Machine.Build}, {RuntimeInformation.FrameworkDescription}; ONNX Runtime {OrtEnv.Instance().GetVersionString()}, CPU provider,
              all graph optimisations, sequential, spinning threads, bindings made once
            - Command: `{command}`

            Times are milliseconds of one run: **median** (min to max). `ratio` is ONNX Runtime's time over ours in the same pair; above 1 we are the
            faster. `processor ratio` compares, likewise, the processor time that all threads spent: on one thread it is the speed that a machine
            without other work shows; on several it is the cost, waiting included.
            Both sides hold the same procedural weights and read the same input; NMSE is our output against ONNX Runtime's.
            `x real time` is seconds of speech a second of our median.

            | job | threads | ours | ONNX Runtime graph | our ms | ONNX Runtime ms | ratio | processor ratio | ours, x real time | pairs | NMSE |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |

            """);
        foreach (var row in _rows)
        {
            page.Append(Line(row)).Append('\n');
        }

        return page.ToString();
    }
}
