using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Access;

/// <summary>
/// Who may begin: so many requests at once, whose answers take so much memory; and so many who wait, for so long. The others are refused at once,
/// which costs them less than a wait in vain. So is everybody while the engine has more to speak than it is predicted to be able to in that time.
/// </summary>
internal sealed class Admission(ServerSettings settings, Readiness readiness)
{
    // What an answer takes beside what is made ahead of its client: a sentence's samples and mel.
    private const long BytesOfRequest = 4L << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<Turn> _listeners = [];
    private readonly LinkedList<Turn> _bulk = [];
    private int _running;
    private long _bytes;

    /// <summary>Requests that are worked on.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>Requests that wait for their turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count + _bulk.Count;
            }
        }
    }

    /// <summary>Bytes that the answers under way are predicted to take.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Waits for the turn of an order.</summary>
    /// <exception cref="ApiException">There is no room, or the wait was too long.</exception>
    public async Task<Place> EnterAsync(SpeechOrder order, CancellationToken cancellation)
    {
        RequireReady();
        RequireTime(order);
        var turn = new LinkedListNode<Turn>(new Turn(BytesOf(order)));
        lock (_lock)
        {
            var waiting = _listeners.Count + _bulk.Count;
            if (waiting == 0 && Fits(turn.Value))
            {
                Begin(turn.Value);
                return new Place(this, turn.Value.Bytes);
            }

            if (waiting >= settings.Limits.Waiting)
            {
                throw ApiException.Unavailable("queue_full", $"The server is busy: {waiting} requests wait already; try again later.", RetryAfter);
            }

            // Speech that somebody waits for goes before speech that nobody listens to yet.
            (order.IsBulk ? _bulk : _listeners).AddLast(turn);
        }

        await WaitAsync(turn, cancellation);
        var place = new Place(this, turn.Value.Bytes);
        if (readiness.Reason is not null)
        {
            place.Dispose();
            RequireReady();
        }

        return place;
    }

    // Nobody knows how long the others take; half the longest wait spreads those who come back.
    private TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Max(1, settings.Limits.QueueSeconds / 2));

    private long BytesOf(SpeechOrder order)
    {
        // All of a whole answer is held twice: as samples, and encoded.
        var whole = order.IsStreamed ? 0 : 2 * order.Voice.Synthesizer.Plan(order.Input, order.Options).AudioBytes;
        return BytesOfRequest + (order.IsStreamed ? settings.Limits.AheadBytes : whole);
    }

    private void RequireReady()
    {
        if (readiness.Reason is { } reason)
        {
            throw ApiException.Unavailable(reason, "The server takes no work at present: try again later.", RetryAfter);
        }
    }

    /// <summary>
    /// Refuses what would wait too long for its turn, and a listener's text already where the first sentences of others take too long: whoever is
    /// let in hears something soon.
    /// </summary>
    private void RequireTime(SpeechOrder order)
    {
        var occupancy = order.Voice.Synthesizer.Occupancy;
        RequireTime(occupancy.WorkSeconds, settings.Limits.QueueSeconds);
        if (!order.IsBulk)
        {
            RequireTime(occupancy.FirstSentencesSeconds, settings.Limits.FirstAudioSeconds);
        }
    }

    private static void RequireTime(double workSeconds, int most)
    {
        if (workSeconds > most && most > 0)
        {
            var wait = TimeSpan.FromSeconds(Math.Max(1, workSeconds - (most / 2.0)));
            throw ApiException.Unavailable(
                "queue_full",
                FormattableString.Invariant($"The server is busy: it has {workSeconds:F1} seconds of work already; try again later."),
                wait);
        }
    }

    // A request that is larger than all of the memory is let in when it is alone.
    private bool Fits(Turn turn) => _running == 0
        || (_running < settings.Limits.ParallelRequests && _bytes + turn.Bytes <= settings.Limits.MemoryBytes);

    private void Begin(Turn turn) => (_running, _bytes) = (_running + 1, _bytes + turn.Bytes);

    private async Task WaitAsync(LinkedListNode<Turn> turn, CancellationToken cancellation)
    {
        try
        {
            await turn.Value.Come.Task.WaitAsync(TimeSpan.FromSeconds(settings.Limits.QueueSeconds), cancellation);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (turn.List is { } list)
                {
                    list.Remove(turn);

                    // One that is smaller may have waited for it.
                    LetIn();
                    throw error is TimeoutException
                        ? ApiException.Unavailable(
                            "queue_timeout",
                            $"The request's turn did not come within {settings.Limits.QueueSeconds} seconds: try again later.",
                            RetryAfter)
                        : error;
                }
            }

            // Its turn came at the same moment: it must be given on.
            if (error is OperationCanceledException)
            {
                Leave(turn.Value.Bytes);
                throw;
            }
        }
    }

    private void Leave(long bytes)
    {
        lock (_lock)
        {
            (_running, _bytes) = (_running - 1, _bytes - bytes);
            LetIn();
        }
    }

    private void LetIn()
    {
        while ((_listeners.First ?? _bulk.First) is { } next && Fits(next.Value))
        {
            next.List!.Remove(next);
            Begin(next.Value);
            next.Value.Come.SetResult();
        }
    }

    /// <summary>A request that waits.</summary>
    /// <param name="Bytes">Bytes that its answer is predicted to take.</param>
    private sealed record Turn(long Bytes)
    {
        public TaskCompletionSource Come { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The right to work on one request.</summary>
    public sealed class Place(Admission admission, long bytes) : IDisposable
    {
        private Admission? _admission = admission;

        /// <summary>Gives it back.</summary>
        public void Dispose() => Interlocked.Exchange(ref _admission, null)?.Leave(bytes);
    }
}
