using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Access;

/// <summary>
/// Who may begin: so many at once, and so many who wait, for so long. The others are refused at once, which costs them less than a wait in vain.
/// </summary>
internal sealed class Admission(ServerSettings settings, Readiness readiness)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _listeners = [];
    private readonly LinkedList<TaskCompletionSource> _bulk = [];
    private int _running;

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

    /// <summary>Waits for the turn of an order.</summary>
    /// <exception cref="ApiException">There is no room, or the wait was too long.</exception>
    public async Task<Place> EnterAsync(SpeechOrder order, CancellationToken cancellation)
    {
        RequireReady();
        LinkedListNode<TaskCompletionSource> turn;
        lock (_lock)
        {
            if (_running < settings.Limits.ParallelRequests)
            {
                _running++;
                return new Place(this);
            }

            var waiting = _listeners.Count + _bulk.Count;
            if (waiting >= settings.Limits.Waiting)
            {
                throw ApiException.Unavailable("queue_full", $"The server is busy: {waiting} requests wait already; try again later.", RetryAfter);
            }

            // Speech that somebody waits for goes before speech that nobody listens to yet.
            turn = (order.IsBulk ? _bulk : _listeners).AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await WaitAsync(turn, cancellation);
        var place = new Place(this);
        if (readiness.Reason is not null)
        {
            place.Dispose();
            RequireReady();
        }

        return place;
    }

    // Nobody knows how long the others take; half the longest wait spreads those who come back.
    private TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Max(1, settings.Limits.QueueSeconds / 2));

    private void RequireReady()
    {
        if (readiness.Reason is { } reason)
        {
            throw ApiException.Unavailable(reason, "The server takes no work at present: try again later.", RetryAfter);
        }
    }

    private async Task WaitAsync(LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellation)
    {
        try
        {
            await turn.Value.Task.WaitAsync(TimeSpan.FromSeconds(settings.Limits.QueueSeconds), cancellation);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (turn.List is { } list)
                {
                    list.Remove(turn);
                    throw error is TimeoutException
                        ? ApiException.Unavailable(
                            "queue_timeout", $"The request's turn did not come within {settings.Limits.QueueSeconds} seconds: try again later.", RetryAfter)
                        : error;
                }
            }

            // Its turn came at the same moment: it must be given on.
            if (error is OperationCanceledException)
            {
                Leave();
                throw;
            }
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if ((_listeners.First ?? _bulk.First) is { } next)
            {
                next.List!.Remove(next);
                next.Value.SetResult();
                return;
            }

            _running--;
        }
    }

    /// <summary>The right to work on one request.</summary>
    public sealed class Place(Admission admission) : IDisposable
    {
        private Admission? _admission = admission;

        /// <summary>Gives it back.</summary>
        public void Dispose() => Interlocked.Exchange(ref _admission, null)?.Leave();
    }
}
