using System.Numerics;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The correlation of two log activities by lag: y[k] = sum over frames i of reference[i] degraded[i + shift + k], both within the frames covered so far. What is
/// covered can grow, which costs only what is new: a splitting needs the lags of up to 40 beginnings of one stretch, and of the ends after them.
/// </summary>
internal sealed class ActivityCorrelation
{
    private readonly double[] _reference;
    private readonly double[] _degraded;

    // By degraded frame - reference frame, from -(reference frames - 1) on.
    private readonly double[] _sums;
    private (int Start, int End) _rows;
    private (int Start, int End) _columns;

    /// <summary>Starts with nothing covered.</summary>
    /// <param name="reference">Log activity of the reference.</param>
    /// <param name="degraded">Log activity of the degraded signal.</param>
    public ActivityCorrelation(double[] reference, double[] degraded)
    {
        _reference = reference;
        _degraded = degraded;
        _sums = new double[reference.Length + degraded.Length];
    }

    /// <summary>The lag of a stretch of the reference, start to end, against the same stretch of the degraded signal moved by a shift; all in frames.</summary>
    public static int Lag(double[] reference, double[] degraded, int start, int end, int shift)
    {
        var correlation = new ActivityCorrelation(reference, degraded);
        correlation.Cover(start, end, shift);
        return correlation.Lag(shift);
    }

    /// <summary>The lag of the two signals as wholes.</summary>
    public static int Lag(double[] reference, double[] degraded)
    {
        var correlation = new ActivityCorrelation(reference, degraded);
        correlation.Cover((0, reference.Length), (0, degraded.Length));
        return correlation.Lag(0);
    }

    /// <summary>Covers a stretch, start to end, that contains what was covered before; frames that would be before or after the degraded signal are left out.</summary>
    public void Cover(int start, int end, int shift)
    {
        var first = Math.Max(start, -shift);
        Cover((first, end), (first + shift, Math.Min(end + shift, _degraded.Length)));
    }

    /// <summary>The first lag beside a shift at which the sum is greatest; 0 where no sum is above 0.</summary>
    public int Lag(int shift)
    {
        var (rows, columns) = (_rows.End - _rows.Start, _columns.End - _columns.Start);
        if (rows <= 1 || columns <= 1)
        {
            return 0;
        }

        double greatest = 0;
        var lag = 0;
        var zero = shift + _reference.Length - 1;
        for (var k = -(rows - 1); k < columns; k++)
        {
            if (_sums[zero + k] > greatest)
            {
                (greatest, lag) = (_sums[zero + k], k);
            }
        }

        return lag;
    }

    private void Cover((int Start, int End) rows, (int Start, int End) columns)
    {
        rows = (Math.Clamp(rows.Start, 0, _reference.Length), Math.Clamp(rows.End, 0, _reference.Length));
        columns = (Math.Clamp(columns.Start, 0, _degraded.Length), Math.Clamp(columns.End, 0, _degraded.Length));
        if (rows.End <= rows.Start || columns.End <= columns.Start)
        {
            return;
        }

        if (_rows.End == _rows.Start)
        {
            (_rows, _columns) = ((rows.Start, rows.Start), columns);
        }

        Add((rows.Start, _rows.Start), columns);
        Add((_rows.End, rows.End), columns);
        Add(_rows, (columns.Start, _columns.Start));
        Add(_rows, (_columns.End, columns.End));
        (_rows, _columns) = (rows, columns);
    }

    /// <summary>Adds the products of some reference frames with some degraded ones.</summary>
    private void Add((int Start, int End) rows, (int Start, int End) columns)
    {
        for (var i = rows.Start; i < rows.End && columns.Start < columns.End; i++)
        {
            if (_reference[i] != 0)
            {
                var count = columns.End - columns.Start;
                AddScaled(_reference[i], _degraded.AsSpan(columns.Start, count), _sums.AsSpan(columns.Start - i + _reference.Length - 1, count));
            }
        }
    }

    private static void AddScaled(double factor, ReadOnlySpan<double> values, Span<double> sums)
    {
        var factors = new Vector<double>(factor);
        var j = 0;
        for (; j <= values.Length - Vector<double>.Count; j += Vector<double>.Count)
        {
            (new Vector<double>(sums[j..]) + (factors * new Vector<double>(values[j..]))).CopyTo(sums[j..]);
        }

        for (; j < values.Length; j++)
        {
            sums[j] += factor * values[j];
        }
    }
}
