using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The Bark spectrum of a frame: the powers of the bins of each band, from a Hann window of 32 ms. Holds its working memory: one object a thread.
/// </summary>
internal sealed class AuditoryTransform
{
    private readonly ModelRate _rate;
    private readonly double[] _window;
    private readonly RealFourierTransform _transform;
    private readonly double[] _frame;
    private readonly double[] _power;
    private readonly double[] _work;

    /// <summary>Prepares the transform of one rate.</summary>
    public AuditoryTransform(ModelRate rate)
    {
        _rate = rate;
        _window = Windows.Hann(rate.ModelWindow);
        _transform = new RealFourierTransform(rate.ModelWindow);
        _frame = new double[rate.ModelWindow];
        _power = new double[_transform.Bins];
        _work = new double[_transform.Bins];
    }

    /// <summary>The power of each band.</summary>
    /// <param name="samples">A window of samples.</param>
    /// <param name="bands">Receives one power a band.</param>
    public void Apply(ReadOnlySpan<double> samples, Span<double> bands)
    {
        for (var i = 0; i < _frame.Length; i++)
        {
            _frame[i] = samples[i] * _window[i];
        }

        _transform.Power(_frame, _power, _work);
        _power[0] = 0;
        var bin = 0;
        for (var b = 0; b < bands.Length; b++)
        {
            double sum = 0;
            for (var end = bin + _rate.Bands[b].Bins; bin < end; bin++)
            {
                sum += _power[bin];
            }

            bands[b] = sum * _rate.Bands[b].Correction * _rate.PowerScale;
        }
    }
}
