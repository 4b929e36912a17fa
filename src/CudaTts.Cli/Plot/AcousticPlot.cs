using CudaTts.Audio;
using CudaTts.Files;
using CudaTts.Models;
using SkiaSharp;

namespace CudaTts.Cli.Plot;

/// <summary>One picture of what the acoustic model did: its log-mel, and below it which token it attended to when.</summary>
internal static class AcousticPlot
{
    private const int PanelHeight = 260;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 40;
    private const int Gap = 80;
    private const int Bottom = 55;
    private const float TitleSize = 18;
    private const float LabelSize = 15;

    /// <summary>Draws a text's sentences side by side; their tokens continue upwards.</summary>
    public static void Write(string path, IReadOnlyList<AcousticResult> sentences, MelContract mel)
    {
        var melMap = JoinMels(sentences);
        var alignmentMap = JoinAlignments(sentences);
        var seconds = (double)melMap.Columns * mel.HopLength / mel.SampleRate;
        var width = Math.Clamp(melMap.Columns * 2, 500, 2400);
        using var bitmap = new SKBitmap(Left + width + Right, Top + (2 * PanelHeight) + Gap + Bottom);
        using var canvas = new SKCanvas(bitmap);
        using var letters = new Lettering();
        canvas.Clear(SKColors.White);
        DrawPanel(canvas, letters, new SKRectI(Left, Top, Left + width, Top + PanelHeight), melMap, "log-mel", "mel band", seconds);
        var second = Top + PanelHeight + Gap;
        DrawPanel(canvas, letters, new SKRectI(Left, second, Left + width, second + PanelHeight), alignmentMap, "alignment", "token", seconds);
        using var image = SKImage.FromBitmap(bitmap);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFiles.Write((path, png.SaveTo));
    }

    private static void DrawPanel(SKCanvas canvas, Lettering letters, SKRectI area, HeatMap map, string title, string rows, double seconds)
    {
        using var cells = map.ToImage();
        canvas.DrawImage(cells, area, new SKSamplingOptions(SKFilterMode.Nearest));
        using var line = new SKPaint { Color = SKColors.Black, Style = SKPaintStyle.Stroke };
        canvas.DrawRect(area.Left - 0.5f, area.Top - 0.5f, area.Width + 1, area.Height + 1, line);
        letters.Draw(canvas, title, new SKPoint(area.MidX, area.Top - 12), SKTextAlign.Center, TitleSize);
        letters.Draw(canvas, "seconds", new SKPoint(area.MidX, area.Bottom + 42), SKTextAlign.Center, LabelSize);
        foreach (var tick in AxisTicks.Of(seconds))
        {
            var x = area.Left + (float)(tick.Value / seconds * area.Width);
            canvas.DrawLine(x, area.Bottom, x, area.Bottom + 5, line);
            letters.Draw(canvas, tick.Label, new SKPoint(x, area.Bottom + 21), SKTextAlign.Center, LabelSize);
        }

        DrawUpwards(canvas, letters, rows, new SKPoint(20, area.MidY));
        foreach (var tick in AxisTicks.Of(map.Rows))
        {
            var y = area.Bottom - (float)(tick.Value / map.Rows * area.Height);
            canvas.DrawLine(area.Left - 5, y, area.Left, y, line);
            letters.Draw(canvas, tick.Label, new SKPoint(area.Left - 9, y + 5), SKTextAlign.Right, LabelSize);
        }
    }

    private static void DrawUpwards(SKCanvas canvas, Lettering letters, string text, SKPoint middle)
    {
        using var rotation = new SKAutoCanvasRestore(canvas);
        canvas.RotateDegrees(-90, middle.X, middle.Y);
        letters.Draw(canvas, text, middle, SKTextAlign.Center, LabelSize);
    }

    private static HeatMap JoinMels(IReadOnlyList<AcousticResult> sentences)
    {
        var map = new HeatMap(sentences[0].Mel[1], sentences.Sum(sentence => sentence.Mel[2]));
        var column = 0;
        foreach (var sentence in sentences)
        {
            map.Fill(0, column, sentence.Mel);
            column += sentence.Mel[2];
        }

        return map;
    }

    private static HeatMap JoinAlignments(IReadOnlyList<AcousticResult> sentences)
    {
        var map = new HeatMap(sentences.Sum(sentence => sentence.Alignments[2]), sentences.Sum(sentence => sentence.Alignments[1]));
        int row = 0, column = 0;
        foreach (var sentence in sentences)
        {
            map.FillAlignment(row, column, sentence.Alignments);
            row += sentence.Alignments[2];
            column += sentence.Alignments[1];
        }

        return map;
    }
}
