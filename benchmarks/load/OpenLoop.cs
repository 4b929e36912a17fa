using System.Diagnostics;

namespace CudaTts.Load;

/// <summary>
/// Sends requests when they are due, however many of the earlier ones are unanswered: as people do, who know nothing of each other. A generator that
/// waits for answers sends less the slower the server is, and measures the latency of a load that it has itself taken away.
/// </summary>
internal static class OpenLoop
{
    // The last stretch before a request is due is waited for by looking at the clock: a thread's sleep is up to this late.
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(1.5);

    /// <summary>Runs through all arrivals, and waits for the answers.</summary>
    /// <param name="clients">Who asks; an arrival names one by its index.</param>
    /// <param name="arrivals">When, in order.</param>
    /// <param name="patience">How long after the last arrival answers are waited for.</param>
    /// <returns>The results in the order of the arrivals, and the time from the begin to the last answer.</returns>
    public static async Task<(IReadOnlyList<CallResult> Results, TimeSpan Elapsed)> RunAsync(
        IReadOnlyList<SpeechClient> clients, IReadOnlyList<Arrival> arrivals, TimeSpan patience)
    {
        using var ending = new CancellationTokenSource();
        var calls = new Task<CallResult>[arrivals.Count];
        var start = Stopwatch.GetTimestamp();

        // On a thread of its own, which no work of the pool can hold up.
        await Task.Factory.StartNew(() => Send(clients, arrivals, calls, start, ending.Token), TaskCreationOptions.LongRunning);
        ending.CancelAfter(patience);
        var results = await Task.WhenAll(calls);
        var last = results.Length == 0 ? start : results.Max(result => result.EndedAt);
        return (results, Stopwatch.GetElapsedTime(start, last));
    }

    private static void Send(
        IReadOnlyList<SpeechClient> clients, IReadOnlyList<Arrival> arrivals, Task<CallResult>[] calls, long start, CancellationToken cancellation)
    {
        for (var i = 0; i < arrivals.Count; i++)
        {
            var arrival = arrivals[i];
            var due = start + (long)(arrival.At.TotalSeconds * Stopwatch.Frequency);
            WaitUntil(due);
            calls[i] = Task.Run(() => clients[arrival.Client].CallAsync(arrival.Text, due, cancellation), CancellationToken.None);
        }
    }

    private static void WaitUntil(long due)
    {
        while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is var left && left > TimeSpan.Zero)
        {
            if (left > s_watch)
            {
                Thread.Sleep(left - s_watch);
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
