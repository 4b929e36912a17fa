using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The delays at which a window of the reference and one of the degraded signal correlate best, through their spectra. The same windows are asked for
/// again and again while utterances are split, so every answer is kept.
/// </summary>
internal sealed class FrameCorrelation
{
    private const double PeakShare = 0.99;

    private readonly double[] _reference;
    private readonly double[] _degraded;
    private readonly double[] _window;
    private readonly RealFourierTransform _transform;
    private readonly Dictionary<(int Reference, int Degraded), FramePeaks> _known = [];
    private readonly double[] _frame;
    private readonly double[] _re;
    private readonly double[] _im;
    private readonly double[] _otherRe;
    private readonly double[] _otherIm;

    /// <summary>Takes two signals that have passed <see cref="AlignmentFilter"/>.</summary>
    public FrameCorrelation(PaddedSignal reference, PaddedSignal degraded)
    {
        _reference = reference.Samples;
        _degraded = degraded.Samples;
        Length = reference.Rate.AlignmentWindow;
        _window = Windows.Hann(Length);
        _transform = new RealFourierTransform(Length);
        _frame = new double[Length];
        (_re, _im) = (new double[_transform.Bins], new double[_transform.Bins]);
        (_otherRe, _otherIm) = (new double[_transform.Bins], new double[_transform.Bins]);
    }

    /// <summary>Samples of a window.</summary>
    public int Length { get; }

    /// <summary>The delays of one frame; samples outside the buffers are zero.</summary>
    /// <param name="reference">Where the reference's window starts.</param>
    /// <param name="degraded">Where the degraded signal's window starts.</param>
    public FramePeaks Peaks(int reference, int degraded)
    {
        if (!_known.TryGetValue((reference, degraded), out var peaks))
        {
            peaks = Find(reference, degraded);
            _known.Add((reference, degraded), peaks);
        }

        return peaks;
    }

    private FramePeaks Find(int reference, int degraded)
    {
        Load(_reference, reference);
        _transform.Forward(_frame, _re, _im);
        Load(_degraded, degraded);
        _transform.Forward(_frame, _otherRe, _otherIm);
        for (var k = 0; k < _re.Length; k++)
        {
            (_re[k], _im[k]) = ((_re[k] * _otherRe[k]) + (_im[k] * _otherIm[k]), (_re[k] * _otherIm[k]) - (_im[k] * _otherRe[k]));
        }

        _transform.Inverse(_re, _im, _frame);
        var limit = PeakShare * _frame.Max(Math.Abs);
        var delays = Enumerable.Range(0, Length).Where(i => Math.Abs(_frame[i]) > limit).ToArray();
        return new FramePeaks(Math.Pow(limit, 0.125), delays);
    }

    private void Load(double[] signal, int start)
    {
        for (var i = 0; i < Length; i++)
        {
            var at = start + i;
            _frame[i] = at >= 0 && at < signal.Length ? signal[at] * _window[i] : 0;
        }
    }
}

/// <summary>The delays that one frame shows.</summary>
/// <param name="Weight">How much they count: the eighth root of 0.99 of the greatest correlation.</param>
/// <param name="Delays">Delays in samples, 0 to the window's length - 1, whose correlation is above 0.99 of the greatest.</param>
internal readonly record struct FramePeaks(double Weight, int[] Delays);
