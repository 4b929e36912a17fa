using System.Numerics;
using System.Numerics.Tensors;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The delay, within 128 ms, at which the magnitudes of a stretch of two signals correlate best. Only so many lags are asked for, so the stretch goes
/// through a short transform piece by piece, and the pieces' spectra are summed. Holds its working memory: one object a pair.
/// </summary>
internal sealed class EnvelopeAlignment
{
    private const int ReachInWindows = 4;
    private const double LeastPower = 1e-6;
    private const double LeastCorrelation = 0.5;

    private readonly ModelSignals _signals;
    private readonly double[] _aligned;
    private readonly int _reach;
    private readonly RealFourierTransform _transform;
    private readonly double[] _samples;
    private readonly (double[] Re, double[] Im) _reference;
    private readonly (double[] Re, double[] Im) _degraded;
    private readonly (double[] Re, double[] Im) _sum;

    /// <summary>Takes the two signals.</summary>
    /// <param name="signals">The reference, and how long the sound is.</param>
    /// <param name="aligned">The degraded signal in step with it.</param>
    public EnvelopeAlignment(ModelSignals signals, double[] aligned)
    {
        _signals = signals;
        _aligned = aligned;
        _reach = ReachInWindows * signals.Rate.ModelWindow;
        _transform = new RealFourierTransform(4 * _reach);
        _samples = new double[4 * _reach];
        (double[] Re, double[] Im) Spectrum() => (new double[_transform.Bins], new double[_transform.Bins]);
        (_reference, _degraded, _sum) = (Spectrum(), Spectrum(), Spectrum());
    }

    /// <summary>By how many samples the degraded signal is later within a stretch; 0 where too little is alike.</summary>
    /// <param name="start">The stretch's first sample.</param>
    /// <param name="end">The first sample after it.</param>
    public int Delay(int start, int end)
    {
        var (power, degradedPower) = (ReferencePower(start, end), DegradedPower(start - _reach, end + _reach));
        var length = end - start + (2 * _reach);
        var divisor = BitOperations.RoundUpToPowerOf2((uint)(2 * length));
        if (power / divisor <= LeastPower || degradedPower / divisor <= LeastPower)
        {
            return 0;
        }

        Correlate(start, end);
        var best = 0;
        for (var i = 1; i < 2 * _reach; i++)
        {
            best = _samples[i] > _samples[best] ? i : best;
        }

        return _samples[best] / Math.Sqrt(power * degradedPower) < LeastCorrelation ? 0 : best - _reach;
    }

    private double ReferencePower(int start, int end)
    {
        return TensorPrimitives.SumOfSquares<double>(_signals.Reference.AsSpan(start..end));
    }

    private double DegradedPower(int start, int end)
    {
        double sum = 0;
        for (var i = start; i < end; i++)
        {
            sum += Degraded(i) * Degraded(i);
        }

        return sum;
    }

    // Where a stretch reaches over an end of the sound, its last sample goes on.
    private double Degraded(int sample) => Math.Abs(_aligned[Math.Clamp(sample, _signals.Rate.Guard, _signals.End - 1)]);

    /// <summary>
    /// The correlation at the delays from minus the reach on: a piece of twice the reach meets all of them within four times the reach.
    /// </summary>
    private void Correlate(int start, int end)
    {
        Array.Clear(_sum.Re);
        Array.Clear(_sum.Im);
        for (var piece = start; piece < end; piece += 2 * _reach)
        {
            var count = Math.Min(2 * _reach, end - piece);
            for (var i = 0; i < count; i++)
            {
                _samples[i] = Math.Abs(_signals.Reference[piece + i]);
            }

            _transform.Forward(_samples.AsSpan(0, count), _reference.Re, _reference.Im);
            for (var i = 0; i < _samples.Length; i++)
            {
                var at = piece - _reach + i;
                _samples[i] = at < end + _reach ? Degraded(at) : 0;
            }

            _transform.Forward(_samples, _degraded.Re, _degraded.Im);
            AddProduct();
        }

        _transform.Inverse(_sum.Re, _sum.Im, _samples);
    }

    /// <summary>Adds conj(R[k]) D[k] of one piece.</summary>
    private void AddProduct()
    {
        for (var k = 0; k < _transform.Bins; k++)
        {
            _sum.Re[k] += (_reference.Re[k] * _degraded.Re[k]) + (_reference.Im[k] * _degraded.Im[k]);
            _sum.Im[k] += (_reference.Re[k] * _degraded.Im[k]) - (_reference.Im[k] * _degraded.Re[k]);
        }
    }
}
