using CudaTts.Models;

namespace CudaTts.Server.Endpoints;

/// <summary>What an acoustic model made, as pictures in shades from 0 to 255.</summary>
internal static class Pictures
{
    private const float White = 255;

    /// <summary>The mel, a row a band, the lowest first; black is its least value and white its greatest.</summary>
    public static PictureBody OfMel(AcousticResult result)
    {
        var (rows, columns) = (result.Mel[1], result.Mel[2]);
        var values = result.Mel.Span;
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in values)
        {
            (least, most) = (MathF.Min(least, value), MathF.Max(most, value));
        }

        var scale = most > least ? White / (most - least) : 0;
        var shades = new byte[values.Length];
        for (var i = 0; i < shades.Length; i++)
        {
            shades[i] = (byte)Math.Clamp((values[i] - least) * scale, 0, White);
        }

        return new PictureBody(rows, columns, shades);
    }

    /// <summary>The attention, a row a token and a column a step; white is all of it.</summary>
    public static PictureBody OfAlignment(AcousticResult result)
    {
        var (steps, tokens) = (result.Alignments[1], result.Alignments[2]);
        var values = result.Alignments.Span;
        var shades = new byte[values.Length];
        for (var step = 0; step < steps; step++)
        {
            for (var token = 0; token < tokens; token++)
            {
                shades[(token * steps) + step] = (byte)Math.Clamp(values[(step * tokens) + token] * White, 0, White);
            }
        }

        return new PictureBody(tokens, steps, shades);
    }
}
