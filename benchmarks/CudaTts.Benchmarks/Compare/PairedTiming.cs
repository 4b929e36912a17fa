using System.Diagnostics;

namespace CudaTts.Benchmarks.Compare;

/// <summary>One run: how long it took, and the processor time of all threads that it cost. Milliseconds.</summary>
internal readonly record struct RunTime(double Wall, double Processor);

/// <summary>Two sides timed in turn, A B A B, so that whatever else the machine does meets both alike.</summary>
/// <param name="Ours">One time a pair.</param>
/// <param name="Peer">The peer's time in the same pair.</param>
internal sealed record PairedTiming(IReadOnlyList<RunTime> Ours, IReadOnlyList<RunTime> Peer)
{
    private const int FewestPairs = 5;

    // Enough for the runtime to have replaced the code it starts with by optimised code.
    private const int WarmUpRuns = 3;

    // Both thread pools spin for a while after their work; the next side must not be timed against that.
    private static readonly TimeSpan _settle = TimeSpan.FromMilliseconds(20);

    /// <summary>The peer's wall time over ours, pair by pair: above 1 we are the faster.</summary>
    public IEnumerable<double> WallRatios => Peer.Zip(Ours, (peer, ours) => peer.Wall / ours.Wall);

    /// <summary>The peer's processor time over ours, pair by pair: above 1 we cost less.</summary>
    public IEnumerable<double> ProcessorRatios => Peer.Zip(Ours, (peer, ours) => peer.Processor / ours.Processor);

    /// <summary>Warms both sides up, then times pairs until <paramref name="budget"/> is spent.</summary>
    public static PairedTiming Measure(Action ours, Action peer, TimeSpan budget)
    {
        for (var run = 0; run < WarmUpRuns; run++)
        {
            ours();
            peer();
        }

        List<RunTime> ourTimes = [];
        List<RunTime> peerTimes = [];
        var total = Stopwatch.StartNew();
        while (total.Elapsed < budget || ourTimes.Count < FewestPairs)
        {
            ourTimes.Add(Time(ours));
            peerTimes.Add(Time(peer));
        }

        return new PairedTiming(ourTimes, peerTimes);
    }

    private static RunTime Time(Action run)
    {
        Thread.Sleep(_settle);
        var processor = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        run();
        var wall = Stopwatch.GetElapsedTime(start);
        return new RunTime(wall.TotalMilliseconds, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
    }
}
