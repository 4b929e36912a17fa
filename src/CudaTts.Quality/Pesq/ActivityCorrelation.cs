using System.Numerics.Tensors;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The lag at which two log activities correlate best: y[k] = sum over frames i of reference[i] degraded[i + shift + k], both within a stretch. An
/// object covers a stretch that grows, which costs only what is new: a splitting needs the lags of up to 40 beginnings of one stretch, and of the
/// ends after them.
/// </summary>
internal sealed class ActivityCorrelation
{
    // Sums that differ by rounding alone are equal, and of equal ones the first counts.
    private const double Slack = 1e-10;

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

    /// <summary>The lag of two stretches as wholes, frames.</summary>
    public static int Lag(ReadOnlySpan<double> reference, ReadOnlySpan<double> degraded)
    {
        if (reference.Length <= 1 || degraded.Length <= 1)
        {
            return 0;
        }

        var transform = new RealFourierTransform(RealFourierTransform.LengthFor(reference.Length + degraded.Length));
        var (re, im) = (new double[transform.Bins], new double[transform.Bins]);
        var (otherRe, otherIm) = (new double[transform.Bins], new double[transform.Bins]);
        transform.Forward(reference, re, im);
        transform.Forward(degraded, otherRe, otherIm);
        for (var k = 0; k < re.Length; k++)
        {
            (re[k], im[k]) = ((re[k] * otherRe[k]) + (im[k] * otherIm[k]), (re[k] * otherIm[k]) - (im[k] * otherRe[k]));
        }

        var sums = new double[transform.Length];
        transform.Inverse(re, im, sums);
        double[] inOrder = [.. sums[^(reference.Length - 1)..], .. sums[..degraded.Length]];
        return (FirstGreatest(inOrder) ?? (reference.Length - 1)) - (reference.Length - 1);
    }

    /// <summary>
    /// The lag of a stretch of the reference, start to end, against the same stretch of the degraded signal moved by a shift; all in frames.
    /// </summary>
    public static int Lag(double[] reference, double[] degraded, int start, int end, int shift)
    {
        var (rows, columns) = Within(reference.Length, degraded.Length, start, end, shift);
        return Lag(reference.AsSpan(rows.Start..rows.End), degraded.AsSpan(columns.Start..columns.End));
    }

    /// <summary>
    /// Covers a stretch of the reference, start to end, that contains what was covered before, and the degraded signal moved by a shift.
    /// </summary>
    public void Cover(int start, int end, int shift)
    {
        var (rows, columns) = Within(_reference.Length, _degraded.Length, start, end, shift);
        if (rows.End == rows.Start || columns.End == columns.Start)
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

    /// <summary>The first lag beside a shift at which the sum over what is covered is greatest; 0 where no sum is above 0.</summary>
    public int Lag(int shift)
    {
        var (rows, columns) = (_rows.End - _rows.Start, _columns.End - _columns.Start);
        return rows <= 1 || columns <= 1
            ? 0
            : (FirstGreatest(_sums.AsSpan(shift + _reference.Length - rows, rows + columns - 1)) ?? (rows - 1)) - (rows - 1);
    }

    /// <summary>What there is of a stretch and of the same one moved by a shift: both begin where both signals have begun.</summary>
    private static ((int Start, int End) Rows, (int Start, int End) Columns) Within(int reference, int degraded, int start, int end, int shift)
    {
        var (first, last) = (Math.Clamp(Math.Max(start, -shift), 0, reference), Math.Clamp(end, 0, reference));
        var (moved, movedLast) = (Math.Clamp(first + shift, 0, degraded), Math.Clamp(end + shift, 0, degraded));
        return ((first, Math.Max(first, last)), (moved, Math.Max(moved, movedLast)));
    }

    private static int? FirstGreatest(ReadOnlySpan<double> sums)
    {
        double greatest = 0;
        int? first = null;
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] > greatest * (1 + Slack))
            {
                (greatest, first) = (sums[i], i);
            }
        }

        return first;
    }

    /// <summary>Adds the products of some reference frames with some degraded ones.</summary>
    private void Add((int Start, int End) rows, (int Start, int End) columns)
    {
        for (var i = rows.Start; i < rows.End && columns.Start < columns.End; i++)
        {
            if (_reference[i] != 0)
            {
                var count = columns.End - columns.Start;
                var sums = _sums.AsSpan(columns.Start - i + _reference.Length - 1, count);
                TensorPrimitives.MultiplyAdd(_degraded.AsSpan(columns.Start, count), _reference[i], sums, sums);
            }
        }
    }
}
