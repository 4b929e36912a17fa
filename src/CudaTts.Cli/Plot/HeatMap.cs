using CudaTts.Tensors;
using SkiaSharp;

namespace CudaTts.Cli.Plot;

/// <summary>Values as colours, dark for the smallest and bright for the largest; row 0 is at the bottom.</summary>
internal sealed class HeatMap(int rows, int columns)
{
    // Nine points of the viridis map (matplotlib, CC0): its lightness rises evenly, so it reads right in grey and to the colour-blind.
    private static readonly SKColor[] s_viridis =
    [
        new(68, 1, 84), new(72, 40, 120), new(62, 74, 137), new(49, 104, 142), new(38, 130, 142),
        new(31, 158, 137), new(53, 183, 121), new(109, 205, 89), new(253, 231, 37),
    ];

    private readonly float[] _values = new float[rows * columns];
    private float _smallest = float.PositiveInfinity;
    private float _largest = float.NegativeInfinity;

    public int Rows => rows;

    public int Columns => columns;

    /// <summary>Copies values [1, rows, columns] to a place within the map.</summary>
    public void Fill(int row, int column, Tensor values)
    {
        for (var i = 0; i < values[1]; i++)
        {
            var source = values.Span.Slice(i * values[2], values[2]);
            source.CopyTo(_values.AsSpan(((row + i) * columns) + column));
            foreach (var value in source)
            {
                _smallest = Math.Min(_smallest, value);
                _largest = Math.Max(_largest, value);
            }
        }
    }

    /// <summary>Copies attention weights [1, steps, tokens]: each step becomes a column, the tokens go upwards.</summary>
    public void FillAlignment(int row, int column, Tensor alignments)
    {
        var (steps, tokens) = (alignments[1], alignments[2]);
        var transposed = new Tensor(1, tokens, steps);
        for (var step = 0; step < steps; step++)
        {
            for (var token = 0; token < tokens; token++)
            {
                transposed.Span[(token * steps) + step] = alignments.Span[(step * tokens) + token];
            }
        }

        Fill(row, column, transposed);
    }

    /// <summary>Sets which values are darkest and brightest, so that maps can be compared; what lies outside is as dark or as bright.</summary>
    public void Limit(float darkest, float brightest) => (_smallest, _largest) = (darkest, brightest);

    /// <summary>The map as a PNG file.</summary>
    public byte[] ToPng()
    {
        using var image = ToImage();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <summary>One pixel a value.</summary>
    public SKImage ToImage()
    {
        var range = Math.Max(_largest - _smallest, 1e-9f);
        var pixels = new SKColor[_values.Length];
        Array.Fill(pixels, s_viridis[0]);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                pixels[((rows - 1 - row) * columns) + column] = Colour((_values[(row * columns) + column] - _smallest) / range);
            }
        }

        using var bitmap = new SKBitmap(columns, rows) { Pixels = pixels };
        return SKImage.FromBitmap(bitmap);
    }

    private static SKColor Colour(float value)
    {
        var position = Math.Clamp(value, 0, 1) * (s_viridis.Length - 1);
        var index = Math.Min((int)position, s_viridis.Length - 2);
        var (low, high, part) = (s_viridis[index], s_viridis[index + 1], position - index);
        return new SKColor(Mix(low.Red, high.Red, part), Mix(low.Green, high.Green, part), Mix(low.Blue, high.Blue, part));
    }

    private static byte Mix(byte low, byte high, float part) => (byte)MathF.Round(low + ((high - low) * part));
}
