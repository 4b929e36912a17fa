using System.Text.Json;
using CudaTts.Files;
using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Evaluation;

/// <summary>Reports of evaluations as JSON files.</summary>
internal static class ReportFile
{
    private const int MostBytes = 1 << 28;

    /// <summary>Reads a report that an evaluation has written.</summary>
    /// <exception cref="FileException">The file cannot be read or is no such report.</exception>
    public static EvaluationReport Read(string path)
    {
        var report = JsonInput.Parse(InputFile.ReadBytes(path, MostBytes), CliJson.Instance.EvaluationReport, path);
        if (report.Format != EvaluationReport.FormatName)
        {
            throw new FileException($"{path}: expected a report of the format '{EvaluationReport.FormatName}', found '{report.Format}'.");
        }

        return report.Clips.GroupBy(clip => clip.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new FileException($"{path}: the clip '{twice.Key}' is there twice; a report has each once.")
            : report;
    }

    /// <summary>Writes a report.</summary>
    public static void Write(string path, EvaluationReport report) =>
        AtomicFiles.Write((path, stream => JsonSerializer.Serialize(stream, report, CliJson.Instance.EvaluationReport)));
}
