using CudaTts.Tensors;

namespace CudaTts.Models.WaveGlow;

/// <summary>Inverts the small matrices of invertible 1x1 convolutions.</summary>
internal static class MatrixInverse
{
    /// <summary>The inverse [C, C] of a 1x1 convolution's weight [C, C, 1], by Gauss and Jordan's elimination with row pivots in float64.</summary>
    /// <exception cref="WeightsException">The matrix is singular.</exception>
    public static Tensor Of(Tensor weight, string name, string source)
    {
        var size = weight[0];
        var matrix = Array.ConvertAll(weight.Span.ToArray(), value => (double)value);
        var inverse = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            inverse[(i * size) + i] = 1;
        }

        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(matrix[(row * size) + column]));
            if (!(Math.Abs(matrix[(pivot * size) + column]) > 0))
            {
                throw new WeightsException(
                    $"{source}: tensor '{name}': expected a matrix that can be inverted, found a singular one; the file is damaged.");
            }

            foreach (var rows in (double[][])[matrix, inverse])
            {
                Exchange(rows, size, column, pivot);
            }

            Eliminate(matrix, inverse, size, column);
        }

        return Tensor.From(Array.ConvertAll(inverse, value => (float)value), size, size);
    }

    private static void Exchange(double[] matrix, int size, int first, int second)
    {
        for (var k = 0; k < size; k++)
        {
            (matrix[(first * size) + k], matrix[(second * size) + k]) = (matrix[(second * size) + k], matrix[(first * size) + k]);
        }
    }

    private static void Eliminate(double[] matrix, double[] inverse, int size, int column)
    {
        var pivot = matrix[(column * size) + column];
        for (var k = 0; k < size; k++)
        {
            matrix[(column * size) + k] /= pivot;
            inverse[(column * size) + k] /= pivot;
        }

        for (var row = 0; row < size; row++)
        {
            var factor = matrix[(row * size) + column];
            for (var k = 0; k < size && row != column; k++)
            {
                matrix[(row * size) + k] -= factor * matrix[(column * size) + k];
                inverse[(row * size) + k] -= factor * inverse[(column * size) + k];
            }
        }
    }
}
