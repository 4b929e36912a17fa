using System.Collections.Concurrent;
using System.Numerics.Tensors;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Cepstra;

/// <summary>
/// Mel-cepstral analysis: the c0 to cM for which log |H| = c0 + sum of c_m cos(m w~), on an axis w~ warped by an all-pass, fits a frame best in the
/// unbiased log-spectral sense (Fukada, Tokuda, Kobayashi, Imai, ICASSP 1992; SPTK's <c>mcep</c>, whose stopping rule is repeated). Newton's method,
/// 2 to 30 steps. The frequency transforms are linear, so they are matrices here, made once for a convention. One object a thread.
/// </summary>
internal sealed class MelCepstrum
{
    // Added to the periodogram; the scale of the samples matters by it.
    private const double PowerFloor = 1e-6;
    private const double Threshold = 0.001;
    private const int MostSteps = 30;

    private static readonly ConcurrentDictionary<CepstralConvention, WarpedTransforms> s_transforms = new();

    private readonly CepstralConvention _convention;
    private readonly WarpedTransforms _warped;
    private readonly RealFourierTransform _transform;
    private readonly double[] _window;
    private readonly double[] _frame;
    private readonly double[] _power;
    private readonly double[] _work;
    private readonly double[] _correlation;
    private readonly SymmetricSystem _system;

    /// <summary>Prepares a convention's matrices and working memory.</summary>
    public MelCepstrum(CepstralConvention convention)
    {
        _convention = convention;
        _warped = s_transforms.GetOrAdd(convention, known => new WarpedTransforms(known.FrameLength, known.Order, known.Alpha));
        _transform = new RealFourierTransform(convention.FrameLength);
        _window = Windows.UnitHamming(convention.FrameLength);
        _frame = new double[convention.FrameLength];
        _power = new double[_transform.Bins];
        _work = new double[_transform.Bins];
        _correlation = new double[(2 * convention.Order) + 1];
        _system = new SymmetricSystem(convention.Order + 1);
    }

    /// <summary>The cepstra [frames][M + 1] of a signal at the convention's rate.</summary>
    public static double[][] Analyze(Signal signal, CepstralConvention convention)
    {
        var analysis = new MelCepstrum(convention);
        var cepstra = new double[convention.FramesOf(signal.Samples.Length)][];
        for (var frame = 0; frame < cepstra.Length; frame++)
        {
            cepstra[frame] = analysis.OfFrame(signal.Samples.AsSpan(frame * convention.Hop, convention.FrameLength));
        }

        return cepstra;
    }

    /// <summary>The cepstrum [M + 1] of one frame [N], nominally within -1 and 1.</summary>
    public double[] OfFrame(ReadOnlySpan<double> samples)
    {
        for (var i = 0; i < _frame.Length; i++)
        {
            _frame[i] = samples[i] * Signal.Int16Scale * _window[i];
        }

        _transform.Power(_frame, _power, _work);
        TensorPrimitives.Add(_power, PowerFloor, _power);
        TensorPrimitives.Log<double>(_power, _work);
        var cepstrum = new double[_convention.Order + 1];
        var previous = _warped.Start(_work, cepstrum);
        for (var step = 1; step <= MostSteps; step++)
        {
            Correlate(cepstrum);
            var gain = _correlation[0];
            if (step >= 2)
            {
                if (Math.Abs((gain - previous) / gain) < Threshold)
                {
                    break;
                }

                previous = gain;
            }

            if (!Update(cepstrum))
            {
                break;
            }
        }

        return cepstrum;
    }

    /// <summary>The warped autocorrelation r[0..2M] of the frame after the inverse of the model, P exp(-2 D).</summary>
    private void Correlate(double[] cepstrum)
    {
        _warped.LogAmplitude(cepstrum, _work);
        TensorPrimitives.Multiply(_work, -2, _work);
        TensorPrimitives.Exp<double>(_work, _work);
        TensorPrimitives.Multiply<double>(_power, _work, _work);
        _warped.Correlation(_work, _correlation);
    }

    /// <summary>One step of Newton's method; false where the system has no solution and the cepstrum stays.</summary>
    private bool Update(double[] cepstrum)
    {
        var order = _convention.Order;
        double power = 1;
        for (var i = 0; i <= order; i++, power *= -_convention.Alpha)
        {
            _system.Right[i] = _correlation[i] - power;
            for (var j = 0; j <= i; j++)
            {
                _system[i, j] = _correlation[i - j] + _correlation[i + j];
            }
        }

        if (!_system.Solve())
        {
            return false;
        }

        for (var i = 0; i <= order; i++)
        {
            cepstrum[i] += _system.Right[i];
        }

        return true;
    }

    /// <summary>The linear maps of the analysis between N / 2 + 1 bins and warped coefficients.</summary>
    private sealed class WarpedTransforms
    {
        private readonly double[][] _start;
        private readonly double[][] _amplitude;
        private readonly double[][] _correlation;
        private readonly double[] _mean;

        public WarpedTransforms(int length, int order, double alpha)
        {
            var half = length / 2;
            var transform = new RealFourierTransform(length);

            // Start: cepstrum of the log power, its ends halved, warped to order M.
            _start = ToBins(FrequencyTransform.Warp(half, order, alpha), transform, halvesEnds: true);
            var unit = new double[half + 1];
            unit[0] = 1;
            _mean = ToBins([unit], transform, halvesEnds: true)[0];

            // Log amplitude: unwarped to N / 2 coefficients, then the real part of their transform.
            _amplitude = new double[order + 1][];
            var unwarped = FrequencyTransform.Warp(order, half, -alpha);
            var im = new double[half + 1];
            for (var m = 0; m <= order; m++)
            {
                _amplitude[m] = new double[half + 1];
                transform.Forward(Array.ConvertAll(unwarped, row => row[m]), _amplitude[m], im);
            }

            _correlation = ToBins(FrequencyTransform.WarpCorrelation(half, 2 * order, alpha), transform, halvesEnds: false);
        }

        /// <summary>The first cepstrum of a log power spectrum; returns its unwarped c0.</summary>
        public double Start(double[] logPower, double[] cepstrum)
        {
            Multiply(_start, logPower, cepstrum);
            return TensorPrimitives.Dot<double>(_mean, logPower);
        }

        /// <summary>The log amplitude of every bin; a sum of long rows, where dots of short columns would be mostly overhead.</summary>
        public void LogAmplitude(double[] cepstrum, double[] bins)
        {
            bins.AsSpan().Clear();
            for (var m = 0; m < cepstrum.Length; m++)
            {
                TensorPrimitives.MultiplyAdd(_amplitude[m], cepstrum[m], bins, bins);
            }
        }

        public void Correlation(double[] power, double[] correlation) => Multiply(_correlation, power, correlation);

        // A row of coefficients n = 0..N/2 becomes a row of bins: c[n] = (1 / N) sum over all N bins of S[k] cos(2 pi k n / N), S being symmetric.
        private static double[][] ToBins(double[][] rows, RealFourierTransform transform, bool halvesEnds)
        {
            var half = transform.Length / 2;
            var im = new double[half + 1];
            return Array.ConvertAll(rows, row =>
            {
                var copy = row[..];
                if (halvesEnds)
                {
                    copy[0] /= 2;
                    copy[half] /= 2;
                }

                var re = new double[half + 1];
                transform.Forward(copy, re, im);
                for (var k = 0; k <= half; k++)
                {
                    re[k] *= (k == 0 || k == half ? 1.0 : 2.0) / transform.Length;
                }

                return re;
            });
        }

        private static void Multiply(double[][] matrix, double[] vector, double[] result)
        {
            for (var row = 0; row < matrix.Length; row++)
            {
                result[row] = TensorPrimitives.Dot<double>(matrix[row], vector);
            }
        }
    }
}
