using SkiaSharp;

namespace CudaTts.Cli.Plot;

/// <summary>What plots are labelled with: Inter, which travels inside the command, since a bare machine has no font.</summary>
internal sealed class Lettering : IDisposable
{
    private const string FontFile = "inter-latin-400-normal.woff";

    private readonly SKTypeface _typeface;
    private readonly SKPaint _ink = new() { Color = SKColors.Black, IsAntialias = true };

    public Lettering()
    {
        using var stream = typeof(Lettering).Assembly.GetManifestResourceStream(FontFile)!;
        _typeface = SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"{FontFile} is not a font that this Skia reads.");
    }

    /// <summary>Draws a line of text.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="text">What; Latin letters.</param>
    /// <param name="at">The left end, the middle or the right end of the base line, as the alignment says.</param>
    /// <param name="align">What of the text stands there.</param>
    /// <param name="size">Height of the line, pixels.</param>
    public void Draw(SKCanvas canvas, string text, SKPoint at, SKTextAlign align, float size)
    {
        using var font = new SKFont(_typeface, size) { Edging = SKFontEdging.Antialias, Subpixel = true };
        canvas.DrawText(text, at, align, font, _ink);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ink.Dispose();
        _typeface.Dispose();
    }
}
