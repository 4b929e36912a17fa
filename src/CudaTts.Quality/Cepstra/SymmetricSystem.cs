using System.Numerics.Tensors;

namespace CudaTts.Quality.Cepstra;

/// <summary>A symmetric system of linear equations, solved as L D L' x = b without pivots: those of the analysis are positive definite.</summary>
/// <param name="size">Number of unknowns.</param>
internal sealed class SymmetricSystem(int size)
{
    // Relative to the diagonal: below it nothing is left of float64.
    private const double SmallestPivot = 1e-14;

    private readonly double[] _matrix = new double[size * size];

    /// <summary>The right side; <see cref="Solve"/> puts the solution there.</summary>
    public double[] Right { get; } = new double[size];

    /// <summary>An element of the lower triangle; <see cref="Solve"/> overwrites it.</summary>
    public double this[int row, int column]
    {
        set => _matrix[(row * size) + column] = value;
    }

    /// <summary>Solves it; false where it is singular.</summary>
    public bool Solve()
    {
        for (var i = 0; i < size; i++)
        {
            var row = _matrix.AsSpan(i * size, i + 1);
            var diagonal = row[i];
            for (var j = 0; j < i; j++)
            {
                // Until row i is finished it holds L times D.
                row[j] -= TensorPrimitives.Dot<double>(row[..j], _matrix.AsSpan(j * size, j));
            }

            for (var j = 0; j < i; j++)
            {
                var factor = row[j] / _matrix[(j * size) + j];
                row[i] -= factor * row[j];
                row[j] = factor;
            }

            if (!(Math.Abs(row[i]) > SmallestPivot * Math.Abs(diagonal)))
            {
                return false;
            }
        }

        Substitute();
        return true;
    }

    private void Substitute()
    {
        for (var i = 0; i < size; i++)
        {
            Right[i] -= TensorPrimitives.Dot<double>(_matrix.AsSpan(i * size, i), Right.AsSpan(0, i));
        }

        for (var i = size - 1; i >= 0; i--)
        {
            Right[i] /= _matrix[(i * size) + i];
            for (var k = i + 1; k < size; k++)
            {
                Right[i] -= _matrix[(k * size) + i] * Right[k];
            }
        }
    }
}
