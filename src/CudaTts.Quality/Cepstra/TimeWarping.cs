using System.Numerics.Tensors;

namespace CudaTts.Quality.Cepstra;

/// <summary>
/// Dynamic time warping of two sequences of vectors, exact: Euclidean distance, steps (1, 1), (1, 0) and (0, 1) of equal weight, from both beginnings
/// to both ends; where costs are equal the first of these steps is taken (Sakoe, Chiba, IEEE TASSP 26(1), 1978, without slope weights).
/// </summary>
internal static class TimeWarping
{
    /// <summary>The most cells that are all computed; of more only a band around the diagonal.</summary>
    public const long MostCells = 25_000_000;

    private const int LeastBand = 200;
    private const double BandShare = 0.1;
    private const byte Both = 0;
    private const byte First = 1;
    private const byte Second = 2;

    /// <summary>The most cells of a band; beyond, the sounds are too long to be warped.</summary>
    public const long MostBandCells = 1L << 28;

    /// <summary>Whether even the band of sequences of these lengths is too large.</summary>
    public static bool IsTooLong(int first, int second) => IsBanded(first, second) && first * (2L * ReachOf(first, second)) > MostBandCells;

    /// <summary>Whether sequences of these lengths are compared within a band only.</summary>
    public static bool IsBanded(int first, int second) => (long)first * second > MostCells;

    /// <summary>The cheapest path between two sequences of at least one vector each.</summary>
    /// <param name="first">Vectors [m][d].</param>
    /// <param name="second">Vectors [n][d].</param>
    /// <param name="from">The first element of the vectors that counts.</param>
    public static WarpingPath Align(double[][] first, double[][] second, int from)
    {
        var (m, n) = (first.Length, second.Length);
        var reach = IsBanded(m, n) ? ReachOf(m, n) : int.MaxValue;
        var steps = new byte[m][];
        var starts = new int[m];
        var (row, previous) = (new double[n], new double[n]);
        Array.Fill(previous, double.PositiveInfinity);
        for (var i = 0; i < m; i++)
        {
            var middle = (double)i * n / m;
            var (low, high) = reach == int.MaxValue ? (0, n - 1)
                : ((int)Math.Max(0, Math.Ceiling(middle - reach)), (int)Math.Min(n - 1, Math.Floor(middle + reach)));
            steps[i] = new byte[high - low + 1];
            starts[i] = low;
            Array.Fill(row, double.PositiveInfinity);
            for (var j = low; j <= high; j++)
            {
                var both = j > 0 ? previous[j - 1] : i == 0 ? 0 : double.PositiveInfinity;
                var one = previous[j];
                var other = j > low ? row[j - 1] : double.PositiveInfinity;
                var step = both <= one && both <= other ? Both : one <= other ? First : Second;
                steps[i][j - low] = step;
                row[j] = (step == Both ? both : step == First ? one : other) + Distance(first[i], second[j], from);
            }

            (row, previous) = (previous, row);
        }

        return new WarpingPath(Trace(steps, starts, n), reach != int.MaxValue);
    }

    // With slopes far from 1 the band must still join one row to the next.
    private static int ReachOf(int m, int n) => Math.Max((int)Math.Max(LeastBand, BandShare * m), (int)Math.Ceiling((double)n / m) + 1);

    /// <summary>The Euclidean distance of two vectors from an element on.</summary>
    public static double Distance(double[] a, double[] b, int from) => TensorPrimitives.Distance<double>(a.AsSpan(from), b.AsSpan(from));

    private static (int First, int Second)[] Trace(byte[][] steps, int[] starts, int n)
    {
        var path = new List<(int First, int Second)>();
        var (i, j) = (steps.Length - 1, n - 1);
        while (true)
        {
            path.Add((i, j));
            if (i == 0 && j == 0)
            {
                path.Reverse();
                return [.. path];
            }

            var step = steps[i][j - starts[i]];
            i -= step == Second ? 0 : 1;
            j -= step == First ? 0 : 1;
        }
    }
}

/// <summary>Which vector of one sequence belongs to which of another.</summary>
/// <param name="Steps">Pairs of indices, from both beginnings to both ends.</param>
/// <param name="IsBanded">Whether only a band around the diagonal was looked at.</param>
internal sealed record WarpingPath((int First, int Second)[] Steps, bool IsBanded);
