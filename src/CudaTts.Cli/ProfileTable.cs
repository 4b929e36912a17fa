using System.Globalization;

namespace CudaTts.Cli;

/// <summary>Prints what <c>profile</c> has measured.</summary>
internal static class ProfileTable
{
    /// <summary>Writes a report as lines of text.</summary>
    public static void Write(TextWriter output, ProfileReport report)
    {
        output.WriteLine(Text(
            $"{report.DeviceName}, device {report.Device}, {report.Precision}, voice {report.Voice}, vocoder {report.Vocoder}, ")
            + Text($"{report.AudioSeconds:F2} s of speech, {report.Runs} runs"));
        output.WriteLine($"note: {report.Note}");
        BenchTable.WriteStages(output, report.Stages);
        if (report.Kernels.Count == 0)
        {
            return;
        }

        var width = report.Kernels.Max(kernel => kernel.Name.Length);
        output.WriteLine(
            $"{"kernel".PadRight(width)}  launches  total ms    mean us   share  {"grid",-12} {"block",-8} shapes  regs  shared  occupancy");
        foreach (var kernel in report.Kernels)
        {
            var (milliseconds, microseconds) = (1000 * kernel.SecondsPerRun, 1e6 * kernel.MeanSeconds);
            var times = Text($"{kernel.LaunchesPerRun,8:F0} {milliseconds,9:F3} {microseconds,10:F2} {100 * kernel.Share,5:F1} %");
            var shape = Text($"{kernel.Grid,-12} {kernel.Block,-8} {kernel.Shapes,6}");
            var needs = Text($"{Cell(kernel.Registers),5} {kernel.SharedBytes,7} {Cell(100 * kernel.TheoreticalOccupancy),8} %");
            output.WriteLine($"{kernel.Name.PadRight(width)}  {times}  {shape} {needs}");
        }
    }

    private static string Cell(double? value) => value is { } number ? number.ToString("F0", CultureInfo.InvariantCulture) : "-";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
