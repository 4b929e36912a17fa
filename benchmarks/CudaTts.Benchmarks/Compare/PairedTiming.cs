using System.Diagnostics;

namespace CudaTts.Benchmarks.Compare;

/// <summary>Times of two sides taken in turn, A B A B, so that whatever else the machine does meets both alike. All in milliseconds.</summary>
/// <param name="Ours">One time a pair.</param>
/// <param name="Peer">The peer's time in the same pair.</param>
internal sealed record PairedTiming(IReadOnlyList<double> Ours, IReadOnlyList<double> Peer)
{
    private const int FewestPairs = 5;

    // Enough for the runtime to have replaced the code it starts with by optimised code.
    private const int WarmUpRuns = 3;

    // Both thread pools spin for a while after their work; the next side must not be timed against that.
    private static readonly TimeSpan _settle = TimeSpan.FromMilliseconds(20);

    /// <summary>The peer's time over ours, pair by pair: above 1 we are the faster.</summary>
    public IReadOnlyList<double> Ratios => [.. Peer.Zip(Ours, (peer, ours) => peer / ours)];

    /// <summary>Warms both sides up, then times pairs until <paramref name="budget"/> is spent.</summary>
    public static PairedTiming Measure(Action ours, Action peer, TimeSpan budget)
    {
        for (var run = 0; run < WarmUpRuns; run++)
        {
            ours();
            peer();
        }

        List<double> ourTimes = [];
        List<double> peerTimes = [];
        var total = Stopwatch.StartNew();
        while (total.Elapsed < budget || ourTimes.Count < FewestPairs)
        {
            ourTimes.Add(Time(ours));
            peerTimes.Add(Time(peer));
        }

        return new PairedTiming(ourTimes, peerTimes);
    }

    /// <summary>The middle value, or the mean of the middle two.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Time(Action run)
    {
        Thread.Sleep(_settle);
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
