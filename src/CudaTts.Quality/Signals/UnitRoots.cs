namespace CudaTts.Quality.Signals;

/// <summary>
/// The roots of unity exp(-2 pi i k / N) of one order N. An eighth of them is computed; the others are the same numbers in other places.
/// </summary>
internal sealed class UnitRoots
{
    // sin(2 pi k / N) of the first quarter, both ends included.
    private readonly double[] _sines;

    /// <summary>Computes the roots.</summary>
    /// <param name="order">N, a power of two of 8 or more.</param>
    public UnitRoots(int order)
    {
        Order = order;
        var quarter = order / 4;
        _sines = new double[quarter + 1];
        for (var k = 0; k <= quarter / 2; k++)
        {
            (_sines[k], _sines[quarter - k]) = Math.SinCos(2 * Math.PI * k / order);
        }
    }

    /// <summary>The order N.</summary>
    public int Order { get; }

    /// <summary>The cosine and minus the sine of 2 pi k / N, of k from 0 to N - 1.</summary>
    public (double Re, double Im) this[int k]
    {
        get
        {
            var quarter = Order / 4;
            var (turns, rest) = (k / quarter, k & (quarter - 1));
            var (sin, cos) = (_sines[rest], _sines[quarter - rest]);
            return turns switch
            {
                0 => (cos, -sin),
                1 => (-sin, -cos),
                2 => (-cos, sin),
                _ => (sin, cos),
            };
        }
    }
}
