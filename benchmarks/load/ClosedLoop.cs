using System.Diagnostics;

namespace CudaTts.Load;

/// <summary>So many requests at once and no more: each is followed by the next. What this gives at its most is the capacity.</summary>
internal static class ClosedLoop
{
    private static readonly TimeSpan s_pauseAfterRefusal = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs for a time, and lets what has begun come to its end.</summary>
    /// <param name="clients">Who asks, in turn.</param>
    /// <param name="atOnce">Requests at once.</param>
    /// <param name="length">How long new requests are begun.</param>
    /// <param name="mix">What is asked for.</param>
    /// <param name="seed">The same seed asks for the same texts.</param>
    /// <returns>All results, and those that ended within the time: the first ones have the server to themselves, the last ones too.</returns>
    public static async Task<ClosedResult> RunAsync(
        IReadOnlyList<SpeechClient> clients, int atOnce, TimeSpan length, TextMix mix, int seed)
    {
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var workers = Enumerable.Range(0, atOnce).Select(worker => Task.Run(async () =>
        {
            var random = new Random(Arrivals.SeedOf(seed, worker));
            var results = new List<CallResult>();
            while (Stopwatch.GetTimestamp() < end)
            {
                var result = await clients[worker % clients.Count].CallAsync(mix.Draw(random), Stopwatch.GetTimestamp(), CancellationToken.None);
                results.Add(result);
                if (!result.IsSpoken)
                {
                    await Task.Delay(s_pauseAfterRefusal);
                }
            }

            return results;
        }));
        var all = (await Task.WhenAll(workers)).SelectMany(results => results).ToList();
        return new ClosedResult(all, [.. all.Where(result => result.EndedAt <= end)], length);
    }
}

/// <summary>What a closed loop gave.</summary>
/// <param name="All">Every result.</param>
/// <param name="Within">Those that ended within the time.</param>
/// <param name="Length">The time.</param>
internal sealed record ClosedResult(IReadOnlyList<CallResult> All, IReadOnlyList<CallResult> Within, TimeSpan Length)
{
    /// <summary>Requests answered with speech, a second.</summary>
    public double RequestsPerSecond => Within.Count(result => result.IsSpoken) / Length.TotalSeconds;

    /// <summary>Seconds of speech a second.</summary>
    public double AudioPerSecond => Within.Where(result => result.IsSpoken).Sum(result => result.AudioSeconds) / Length.TotalSeconds;
}
