namespace CudaTts.Quality.Pesq;

/// <summary>
/// How often each delay within a window was seen, weighted and smoothed by a triangle; delays wrap around. Its peak is a delay, and the height of the
/// peak over the whole weight is how much that is to be believed.
/// </summary>
internal sealed class DelayHistogram
{
    private readonly double[] _bins;
    private readonly double[] _triangle;
    private double _weight;

    /// <summary>Starts with an empty histogram.</summary>
    /// <param name="length">Samples of the window, a power of two.</param>
    public DelayHistogram(int length)
    {
        _bins = new double[length];
        var reach = length / 64;
        _triangle = new double[(2 * reach) - 1];
        for (var k = 1 - reach; k < reach; k++)
        {
            _triangle[k + reach - 1] = 1 - ((double)Math.Abs(k) / reach);
        }
    }

    /// <summary>Counts the delays that one frame shows.</summary>
    public void Add(FramePeaks frame)
    {
        foreach (var delay in frame.Delays)
        {
            var first = delay - (_triangle.Length / 2);
            for (var k = 0; k < _triangle.Length; k++)
            {
                _bins[(first + k) & (_bins.Length - 1)] += frame.Weight * _triangle[k];
            }

            _weight += frame.Weight;
        }
    }

    /// <summary>
    /// The first of the most frequent delays, samples, from minus half a window on, and its confidence; both 0 in an empty histogram.
    /// </summary>
    public (int Delay, double Confidence) Peak()
    {
        var peak = 0;
        for (var i = 1; i < _bins.Length; i++)
        {
            if (_bins[i] > _bins[peak])
            {
                peak = i;
            }
        }

        var delay = peak >= _bins.Length / 2 ? peak - _bins.Length : peak;
        return _weight == 0 ? (0, 0) : (delay, _bins[peak] / _weight);
    }
}
