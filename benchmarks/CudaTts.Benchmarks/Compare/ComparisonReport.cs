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
    public void Write(string resultsFolder)
    {
        var folder = Directory.CreateDirectory(Path.Combine(resultsFolder, Machine.Folder)).FullName;
        var path = Path.Combine(folder, "cpu-vs-onnxruntime.md");
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
        var ours = Spread(row.Timing.Ours, "F1");
        var peer = Spread(row.Timing.Peer, "F1");
        var speed = 1000 * row.AudioSeconds / PairedTiming.Median(row.Timing.Ours);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Job} | {row.Threads} | {row.Ours} | {row.Peer} | {ours} | {peer} | {Spread(row.Timing.Ratios, "F2")} | {speed:F1} | {row.Timing.Ours.Count} | {row.Nmse:E1} |");
    }

    private static string Spread(IReadOnlyList<double> values, string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"**{Text(PairedTiming.Median(values))}** ({Text(values.Min())} to {Text(values.Max())})";
    }

    private string Page()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # CPU: CudaTts against ONNX Runtime

            - Machine: {Machine.Description}
            - Load average (1 minute) before and after: {_loadBefore:F1} and {Machine.LoadAverage:F1}; above {Environment.ProcessorCount}, other work shared the cores,
              which widens the spread and hurts whichever side was interrupted. The ratio is taken pair by pair for that reason.
            - Date: {DateTime.UtcNow:yyyy-MM-dd}
            - CudaTts {Machine.Build}, {RuntimeInformation.FrameworkDescription}; ONNX Runtime {OrtEnv.Instance().GetVersionString()}, CPU provider,
              all graph optimisations, sequential, spinning threads, bindings made once
            - Command: `{command}`

            Times are milliseconds of one run: **median** (min to max). Ratio is ONNX Runtime's time over ours in the same pair; above 1 we are the faster.
            Both sides hold the same procedural weights and read the same input; NMSE is our output against ONNX Runtime's.
            `x real time` is seconds of speech a second of our median.

            | job | threads | ours | ONNX Runtime graph | our ms | ONNX Runtime ms | ratio | ours, x real time | pairs | NMSE |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |

            """);
        foreach (var row in _rows)
        {
            page.Append(Line(row)).Append('\n');
        }

        return page.ToString();
    }
}
