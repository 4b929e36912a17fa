using CudaTts.Quality.Signals;

namespace CudaTts.Cli.Reports;

/// <summary>A waveform as its envelope: the least and the greatest sample of each stretch.</summary>
internal static class WaveformChart
{
    private const int Columns = 500;
    private const int MostTicks = 2;

    /// <summary>Writes the chart.</summary>
    /// <param name="html">The page.</param>
    /// <param name="signal">The sound.</param>
    /// <param name="time">The axis of seconds, which may be longer than the sound.</param>
    /// <param name="height">How high it is, CSS pixels.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public static void Write(HtmlWriter html, Signal signal, ChartAxis time, int height, string description)
    {
        var chart = new Chart(time, ChartAxis.Of(-1, 1, "", MostTicks), height, description);
        chart.Write(html, () =>
        {
            chart.DrawGrid(html);
            Envelope(chart, signal).Draw(html, "wave");
        });
    }

    /// <summary>Along the greatest samples to the end and along the least ones back.</summary>
    private static SvgPath Envelope(Chart chart, Signal signal)
    {
        var columns = Math.Min(Columns, signal.Samples.Length);
        var path = new SvgPath();
        for (var column = 0; column < columns; column++)
        {
            var (x, y) = (Middle(column), chart.Y(Extremes(signal, column, columns).Greatest));
            _ = column == 0 ? path.Move(x, y) : path.Line(x, y);
        }

        for (var column = columns - 1; column >= 0; column--)
        {
            path.Line(Middle(column), chart.Y(Extremes(signal, column, columns).Least));
        }

        return columns == 0 ? path : path.Close();

        double Middle(int column) => chart.X((column + 0.5) / columns * signal.Seconds);
    }

    private static (double Least, double Greatest) Extremes(Signal signal, int column, int columns)
    {
        var start = (int)((long)column * signal.Samples.Length / columns);
        var end = (int)((column + 1L) * signal.Samples.Length / columns);
        var (least, greatest) = (signal.Samples[start], signal.Samples[start]);
        foreach (var sample in signal.Samples.AsSpan(start..end))
        {
            (least, greatest) = (Math.Min(least, sample), Math.Max(greatest, sample));
        }

        return (least, greatest);
    }
}
