namespace CudaTts.Quality.Pesq;

/// <summary>The delay of a stretch to the sample: the peak of a histogram of the delays of its frames, each 64 ms long, every 16 ms.</summary>
internal sealed class FineAlignment
{
    private readonly FrameCorrelation _frames;
    private readonly ModelRate _rate;
    private readonly int _degradedLength;

    /// <summary>Takes two signals that have passed <see cref="AlignmentFilter"/>.</summary>
    public FineAlignment(PaddedSignal reference, PaddedSignal degraded)
    {
        _frames = new FrameCorrelation(reference, degraded);
        _rate = reference.Rate;
        _degradedLength = degraded.Length;
    }

    /// <summary>The delay of a stretch.</summary>
    /// <param name="start">Its first activity frame.</param>
    /// <param name="end">The first activity frame after it.</param>
    /// <param name="crude">The delay from the activities, samples.</param>
    public DelayEstimate Estimate(int start, int end, int crude)
    {
        var walk = From(start, crude);
        walk.To(end);
        return walk.Estimate;
    }

    /// <summary>A walk over the frames after a start.</summary>
    public ForwardWalk From(int start, int crude) => new(this, start * _rate.ActivityFrame, crude);

    /// <summary>A walk over the frames before an end, back from it.</summary>
    public BackwardWalk Before(int end, int crude) => new(this, (end * _rate.ActivityFrame) - _rate.AlignmentWindow, crude);

    /// <summary>Grows the histogram of a stretch whose start is fixed.</summary>
    internal sealed class ForwardWalk
    {
        private readonly FineAlignment _alignment;
        private readonly DelayHistogram _histogram;
        private readonly int _crude;
        private int _reference;

        public ForwardWalk(FineAlignment alignment, int reference, int crude)
        {
            _alignment = alignment;
            _histogram = new DelayHistogram(alignment._rate.AlignmentWindow);
            _crude = crude;
            _reference = Math.Max(reference, -crude);
        }

        public DelayEstimate Estimate => DelayEstimate.Of(_crude, _histogram);

        /// <summary>Adds the frames up to an activity frame.</summary>
        public void To(int end)
        {
            var (window, frames) = (_alignment._rate.AlignmentWindow, _alignment._frames);
            var last = Math.Min(end * _alignment._rate.ActivityFrame, _alignment._degradedLength - _crude) - window;
            var step = window / 4;
            frames.Prepare(_reference, last < _reference ? 0 : ((last - _reference) / step) + 1, step, _crude);
            for (; _reference <= last; _reference += step)
            {
                _histogram.Add(frames.Peaks(_reference, _crude));
            }
        }
    }

    /// <summary>Grows the histogram of a stretch whose end is fixed.</summary>
    internal sealed class BackwardWalk
    {
        private readonly FineAlignment _alignment;
        private readonly DelayHistogram _histogram;
        private readonly int _crude;
        private int _reference;

        public BackwardWalk(FineAlignment alignment, int reference, int crude)
        {
            _alignment = alignment;
            _histogram = new DelayHistogram(alignment._rate.AlignmentWindow);
            _crude = crude;
            _reference = Math.Min(reference, alignment._degradedLength - alignment._rate.AlignmentWindow - crude);
        }

        public DelayEstimate Estimate => DelayEstimate.Of(_crude, _histogram);

        /// <summary>Adds the frames back to an activity frame.</summary>
        public void To(int start)
        {
            var first = Math.Max(start * _alignment._rate.ActivityFrame, -_crude);
            var (step, frames) = (_alignment._rate.AlignmentWindow / 4, _alignment._frames);
            frames.Prepare(_reference, first > _reference ? 0 : ((_reference - first) / step) + 1, -step, _crude);
            for (; _reference >= first; _reference -= step)
            {
                _histogram.Add(frames.Peaks(_reference, _crude));
            }
        }
    }
}

/// <summary>A delay of the degraded signal behind the reference.</summary>
/// <param name="Crude">The delay from the activities, samples.</param>
/// <param name="Delay">The delay to the sample.</param>
/// <param name="Confidence">How much of the frames' weight agrees with it, 0 to 1.</param>
internal readonly record struct DelayEstimate(int Crude, int Delay, double Confidence)
{
    /// <summary>Adds what a histogram says to a crude delay.</summary>
    public static DelayEstimate Of(int crude, DelayHistogram histogram)
    {
        var (delay, confidence) = histogram.Peak();
        return new DelayEstimate(crude, crude + delay, confidence);
    }
}
