using System.Numerics.Tensors;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// Filters signals by the factors of their spectra. Holds its working memory, for signals of one length of transform: one object a thread.
/// </summary>
internal sealed class SpectralFilter
{
    private readonly ModelRate _rate;
    private readonly RealFourierTransform _transform;
    private readonly Dictionary<ResponseCurve, double[]> _factors = [];
    private readonly double[] _re;
    private readonly double[] _im;

    /// <summary>Prepares the transform of signals of about a length.</summary>
    /// <param name="count">Samples that a signal has with its tail.</param>
    /// <param name="rate">What holds at its rate.</param>
    public SpectralFilter(int count, ModelRate rate)
    {
        _rate = rate;
        _transform = new RealFourierTransform(RealFourierTransform.LengthFor(count));
        _re = new double[_transform.Bins];
        _im = new double[_transform.Bins];
    }

    /// <summary>Whether signals of a length have the same length of transform.</summary>
    public bool Suits(int count) => RealFourierTransform.LengthFor(count) == _transform.Length;

    /// <summary>The spectrum of a signal, real and imaginary parts.</summary>
    public (double[] Re, double[] Im) Transform(ReadOnlySpan<double> samples)
    {
        var (re, im) = (new double[_transform.Bins], new double[_transform.Bins]);
        _transform.Forward(samples, re, im);
        return (re, im);
    }

    /// <summary>The signal of a spectrum after a filter, as many samples as there is room for; what the filter leaves behind wraps around.</summary>
    public void Apply(ResponseCurve curve, double[] re, double[] im, Span<double> destination)
    {
        if (!_factors.TryGetValue(curve, out var factors))
        {
            _factors[curve] = factors = curve.Factors(_transform.Bins, _rate.SampleRate);
        }

        TensorPrimitives.Multiply<double>(re, factors, _re);
        TensorPrimitives.Multiply<double>(im, factors, _im);
        _transform.Inverse(_re, _im, destination);
    }
}
