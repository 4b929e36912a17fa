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

    private int Step => _rate.AlignmentWindow / 4;

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

    /// <summary>A walk over the frames from an activity frame on.</summary>
    public Walk From(int start, int crude) => new(this, crude, Math.Max(start * _rate.ActivityFrame, -crude), Step);

    /// <summary>A walk back over the frames that end before an activity frame.</summary>
    public Walk Before(int end, int crude) =>
        new(this, crude, Math.Min(end * _rate.ActivityFrame, _degradedLength - crude) - _rate.AlignmentWindow, -Step);

    /// <summary>The delays of frames at one crude delay, one after the other; a stretch that grows costs only what is new.</summary>
    internal sealed class Walk
    {
        private readonly FineAlignment _alignment;
        private readonly DelayHistogram _histogram;
        private readonly int _crude;
        private readonly int _step;
        private int _reference;

        /// <summary>Starts with an empty histogram.</summary>
        /// <param name="alignment">Where the frames are.</param>
        /// <param name="crude">By how much the degraded signal's frames are later, samples.</param>
        /// <param name="reference">Where the first frame of the reference starts.</param>
        /// <param name="step">From one frame to the next; below zero for a walk back.</param>
        public Walk(FineAlignment alignment, int crude, int reference, int step)
        {
            _alignment = alignment;
            _histogram = new DelayHistogram(alignment._rate.AlignmentWindow);
            (_crude, _reference, _step) = (crude, reference, step);
        }

        /// <summary>The delay that most frames so far agree with.</summary>
        public DelayEstimate Estimate => DelayEstimate.Of(_crude, _histogram);

        /// <summary>Adds the frames that lie within both signals and on this side of an activity frame.</summary>
        public void To(int activityFrame)
        {
            var (frames, limit) = (_alignment._frames, activityFrame * _alignment._rate.ActivityFrame);
            var last = _step > 0 ? Math.Min(limit, _alignment._degradedLength - _crude) - frames.Length : Math.Max(limit, -_crude);
            var isPast = _step > 0 ? _reference > last : _reference < last;
            var count = isPast ? 0 : ((last - _reference) / _step) + 1;
            frames.Prepare(_reference, count, _step, _crude);
            for (var i = 0; i < count; i++)
            {
                _histogram.Add(frames.Peaks(_reference, _crude));
                _reference += _step;
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
