using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// The delays at which a window of the reference and one of the degraded signal correlate best. The same windows are asked for again and again while
/// utterances are split, so every answer is kept. Holds its working memory: one object a pair.
/// </summary>
internal sealed unsafe class FrameCorrelation
{
    private const double PeakShare = 0.99;
    private const int Lanes = LaneOrder.Lanes;

    private readonly double[] _reference;
    private readonly double[] _degraded;
    private readonly double[] _window;
    private readonly DoubleFourierTransform _transform;
    private readonly Dictionary<(int Reference, int Delay), FramePeaks> _known = [];
    private readonly Work _frame;
    private readonly Work _first;
    private readonly Work _second;

    /// <summary>Takes two signals that have passed <see cref="AlignmentFilter"/>.</summary>
    public FrameCorrelation(PaddedSignal reference, PaddedSignal degraded)
    {
        _reference = reference.Samples;
        _degraded = degraded.Samples;
        Length = reference.Rate.AlignmentWindow;
        _window = Windows.Hann(Length);
        _transform = new DoubleFourierTransform(Length);
        (_frame, _first, _second) = (new Work(Length), new Work(Length), new Work(Length));
    }

    /// <summary>Samples of a window.</summary>
    public int Length { get; }

    /// <summary>The delays of one frame that has been prepared.</summary>
    /// <param name="reference">Where the reference's window starts.</param>
    /// <param name="delay">How much later the degraded signal's window starts.</param>
    public FramePeaks Peaks(int reference, int delay) => _known[(reference, delay)];

    /// <summary>Finds the delays of frames in a row, two at a time: that is what one complex transform holds of real correlations.</summary>
    /// <param name="first">Where the first reference window starts; samples outside a buffer are zero.</param>
    /// <param name="count">How many frames.</param>
    /// <param name="step">How much later each reference window starts than the one before.</param>
    /// <param name="delay">How much later the degraded signal's windows start.</param>
    public void Prepare(int first, int count, int step, int delay)
    {
        int? waiting = null;
        for (var i = 0; i < count; i++)
        {
            var reference = first + (i * step);
            if (_known.ContainsKey((reference, delay)))
            {
                continue;
            }

            if (waiting is { } other)
            {
                Find(other, reference, delay);
                waiting = null;
            }
            else
            {
                waiting = reference;
            }
        }

        if (waiting is { } last)
        {
            Find(last, last, delay);
        }
    }

    private void Find(int first, int second, int delay)
    {
        var firstScale = Transform(_first, first, delay);
        var secondScale = Transform(_second, second, delay);
        Correlate();
        _transform.Forward(_first.Im, _first.Re, _frame.Im, _frame.Re);
        _known[(first, delay)] = Peaks(_frame.Re.AsSpan(0, Length), firstScale);
        _known[(second, delay)] = Peaks(_frame.Im.AsSpan(0, Length), secondScale);
    }

    /// <summary>
    /// The transform of reference + i degraded, both windowed. The degraded signal is scaled by a power of two to about the power of the reference,
    /// or the rounding of the louder one would drown the softer one; what a correlation is to be multiplied by for that is returned, 0 if a window is
    /// silent.
    /// </summary>
    private double Transform(Work work, int reference, int delay)
    {
        var power = Load(_reference, reference, _frame.Re);
        var otherPower = Load(_degraded, reference + delay, _frame.Im);
        if (power == 0 || otherPower == 0)
        {
            Array.Clear(work.Re);
            Array.Clear(work.Im);
            return 0;
        }

        var scale = Math.ScaleB(1, (Math.ILogB(power) - Math.ILogB(otherPower)) / 2);
        TensorPrimitives.Multiply(_frame.Im, scale, _frame.Im);
        _transform.Forward(_frame.Re, _frame.Im, work.Re, work.Im);
        (work.Re[Length], work.Im[Length]) = (work.Re[0], work.Im[0]);
        return 1 / scale;
    }

    /// <summary>Windows a frame and gives the sum of its squares.</summary>
    private double Load(double[] signal, int start, double[] frame)
    {
        var isWithin = start >= 0 && start <= signal.Length - Length;
        if (!isWithin)
        {
            var from = Math.Clamp(-start, 0, Length);
            var to = Math.Clamp(signal.Length - start, from, Length);
            Array.Clear(frame);
            signal.AsSpan(start + from, to - from).CopyTo(frame.AsSpan(from));
        }

        var sum = Vector256<double>.Zero;
        fixed (double* window = _window, samples = isWithin ? signal.AsSpan(start) : frame, windowed = frame)
        {
            for (var i = 0; i < Length; i += Lanes)
            {
                var product = Vector256.Load(samples + i) * Vector256.Load(window + i);
                product.Store(windowed + i);
                sum += product * product;
            }
        }

        return Vector256.Sum(sum);
    }

    /// <summary>
    /// From the transforms Z = X + i Y of two frames, P[k] = 4 conj(X[k]) Y[k] = 2 Im(Z[k] Z[-k]) - i (|Z[k]|^2 - |Z[-k]|^2) of each, and P1 + i P2
    /// in place of the first. Every P is the transform of real numbers, so after the inverse those of the first are the real parts and those of the
    /// second the imaginary parts.
    /// </summary>
    private void Correlate()
    {
        var middle = Length / 2;
        fixed (double* re = _first.Re, im = _first.Im, otherRe = _second.Re, otherIm = _second.Im)
        {
            for (var k = 0; k < middle; k += Lanes)
            {
                var mirror = Length - k;
                var (p1Re, p1Im) = Product(re, im, k, mirror);
                var (p2Re, p2Im) = Product(otherRe, otherIm, k, mirror);
                (p1Re - p2Im).Store(re + k);
                (p1Im + p2Re).Store(im + k);
                LaneOrder.StoreReversed(p1Re + p2Im, re + mirror);
                LaneOrder.StoreReversed(p2Re - p1Im, im + mirror);
            }

            // The bin in the middle is its own mirror.
            (re[middle], im[middle]) = (4 * re[middle] * im[middle], 4 * otherRe[middle] * otherIm[middle]);
        }
    }

    private static (Vector256<double> Re, Vector256<double> Im) Product(double* re, double* im, int k, int mirror)
    {
        var (zRe, zIm) = (Vector256.Load(re + k), Vector256.Load(im + k));
        var (mRe, mIm) = (LaneOrder.Reverse(re + mirror), LaneOrder.Reverse(im + mirror));
        var difference = ((mRe - zRe) * (mRe + zRe)) + ((mIm - zIm) * (mIm + zIm));
        return (((zRe * mIm) + (zIm * mRe)) * 2, difference);
    }

    private FramePeaks Peaks(ReadOnlySpan<double> correlation, double scale)
    {
        var greatest = Vector<double>.Zero;
        for (var i = 0; i < Length; i += Vector<double>.Count)
        {
            greatest = Vector.Max(greatest, Vector.Abs(new Vector<double>(correlation[i..])));
        }

        double limit = 0;
        for (var i = 0; i < Vector<double>.Count; i++)
        {
            limit = Math.Max(limit, PeakShare * greatest[i]);
        }

        return new FramePeaks(Math.Sqrt(Math.Sqrt(Math.Sqrt(limit * scale))), scale == 0 ? [] : Above(correlation, limit));
    }

    private static int[] Above(ReadOnlySpan<double> correlation, double limit)
    {
        List<int> above = [];
        var limits = new Vector<double>(limit);
        for (var i = 0; i < correlation.Length; i += Vector<double>.Count)
        {
            if (Vector.GreaterThanAny(Vector.Abs(new Vector<double>(correlation[i..])), limits))
            {
                for (var j = i; j < i + Vector<double>.Count; j++)
                {
                    if (Math.Abs(correlation[j]) > limit)
                    {
                        above.Add(j);
                    }
                }
            }
        }

        return [.. above];
    }

    /// <summary>Room for the transform of a window, and for its first element once more after its last.</summary>
    private sealed class Work(int length)
    {
        public readonly double[] Re = new double[length + 1];
        public readonly double[] Im = new double[length + 1];
    }
}

/// <summary>The delays that one frame shows.</summary>
/// <param name="Weight">How much they count: the eighth root of 0.99 of the greatest correlation.</param>
/// <param name="Delays">Delays in samples, 0 to the window's length - 1, at which the correlation is above 0.99 of the greatest.</param>
internal readonly record struct FramePeaks(double Weight, int[] Delays);
