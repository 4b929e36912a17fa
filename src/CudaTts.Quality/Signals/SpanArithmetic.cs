using System.Numerics;

namespace CudaTts.Quality.Signals;

/// <summary>Arithmetic on whole spans, as many elements at once as the processor has room for.</summary>
internal static class SpanArithmetic
{
    /// <summary>x[i] = x[i] factor, for every i.</summary>
    public static void Scale(Span<double> x, double factor)
    {
        var i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(x[i..]) * factor).CopyTo(x[i..]);
        }

        for (; i < x.Length; i++)
        {
            x[i] *= factor;
        }
    }

    /// <summary>product[i] = x[i] y[i], for every i of x; the product may take the place of either.</summary>
    public static void Multiply(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> product)
    {
        var i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(x[i..]) * new Vector<double>(y[i..])).CopyTo(product[i..]);
        }

        for (; i < x.Length; i++)
        {
            product[i] = x[i] * y[i];
        }
    }

    /// <summary>y[i] = y[i] + factor x[i], for every i of x.</summary>
    public static void AddScaled(double factor, ReadOnlySpan<double> x, Span<double> y)
    {
        var i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(y[i..]) + (factor * new Vector<double>(x[i..]))).CopyTo(y[i..]);
        }

        for (; i < x.Length; i++)
        {
            y[i] += factor * x[i];
        }
    }

    /// <summary>The sum of x[i] y[i] over every i of x.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            sums += new Vector<double>(x[i..]) * new Vector<double>(y[i..]);
        }

        var sum = Vector.Sum(sums);
        for (; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
