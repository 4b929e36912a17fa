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

    // What ffmpeg takes.
    private const long BytesOfProgram = 50L << 20;

    // Characters of a sentence that are not white space.
    private const double UsualSentence = 60;

    private readonly Lock _lock = new();
    private readonly LinkedList<Turn> _listeners = [];
    private readonly LinkedList<Turn> _bulk = [];
    private readonly HashSet<Place> _places = [];
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

    /// <summary>Predicted time for what is still to be spoken of the requests under way.</summary>
    public double WorkSeconds
    {
        get
        {
            lock (_lock)
            {
                return _places.Sum(place => place.WorkSeconds);
            }
        }
    }

    // Of texts of which nothing has been heard, before the engine knows their sentences too.
    private double FirstSentencesSeconds
    {
        get
        {
            lock (_lock)
            {
                return _places.Sum(place => place.FirstSentenceSeconds);
            }
        }
    }

    /// <summary>Waits for the turn of an order.</summary>
    /// <exception cref="ApiException">There is no room, or the wait was too long.</exception>
    public async Task<Place> EnterAsync(SpeechOrder order, CancellationToken cancellation)
    {
        RequireReady();
        RequireTime(order);
        var plan = order.Voice.Synthesizer.Plan(order.Input, order.Options);
        var turn = new LinkedListNode<Turn>(new Turn(plan, BytesOf(order, plan), order.IsBulk));
        lock (_lock)
        {
            var waiting = _listeners.Count + _bulk.Count;
            if (waiting == 0 && Fits(turn.Value))
            {
                return Begin(turn.Value);
            }

            if (waiting >= settings.Limits.Waiting)
            {
                throw ApiException.Unavailable("queue_full", $"The server is busy: {waiting} requests wait already; try again later.", RetryAfter);
            }

            // Speech that somebody waits for goes before speech that nobody listens to yet.
            (order.IsBulk ? _bulk : _listeners).AddLast(turn);

            // A listener that there is room for does not wait behind a larger request that may wait.
            LetIn();
        }

        var place = await WaitAsync(turn, cancellation);
        if (readiness.Reason is not null)
        {
            place.Dispose();
            RequireReady();
        }

        return place;
    }

    // Nobody knows how long the others take; half the longest wait spreads those who come back.
    private TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Max(1, settings.Limits.QueueSeconds / 2));

    private long BytesOf(SpeechOrder order, SpeechPlan plan)
    {
        // All of a whole answer is held twice: as samples, and encoded.
        var rate = (double)order.SampleRate / order.Voice.Synthesizer.Voice.Vocoder.Mel.SampleRate;
        var silence = order.SilenceSeconds * order.Voice.Synthesizer.Voice.Vocoder.Mel.SampleRate * sizeof(float);
        var whole = order.IsStreamed ? 0 : (long)(2 * Math.Max(1, rate) * (plan.AudioBytes + silence));
        return BytesOfRequest + (order.Format is { IsExternal: true } ? BytesOfProgram : 0) + (order.IsStreamed ? settings.Limits.AheadBytes : whole);
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
        // What may wait does so for all that is still to be spoken; a listener's first sentence only for what the engine has been given.
        var occupancy = order.Voice.Synthesizer.Occupancy;
        RequireTime(order.IsBulk ? WorkSeconds : occupancy.WorkSeconds, settings.Limits.QueueSeconds);
        if (!order.IsBulk)
        {
            RequireTime(Math.Max(occupancy.FirstSentencesSeconds, FirstSentencesSeconds), settings.Limits.FirstAudioMilliseconds / 1000.0);
        }
    }

    private static void RequireTime(double workSeconds, double most)
    {
        if (workSeconds > most && most > 0)
        {
            var wait = TimeSpan.FromSeconds(Math.Max(1, workSeconds - (most / 2)));
            throw ApiException.Unavailable(
                "queue_full",
                FormattableString.Invariant($"The server is busy: it has {workSeconds:F1} seconds of work already; try again later."),
                wait);
        }
    }

    // A request that is larger than all of the memory is let in when it is alone.
    private bool Fits(Turn turn) => _running == 0
        || (_running < settings.Limits.ParallelRequests && _bytes + turn.Bytes <= settings.Limits.MemoryBytes);

    private Place Begin(Turn turn)
    {
        (_running, _bytes) = (_running + 1, _bytes + turn.Bytes);
        var place = new Place(this, turn);
        _places.Add(place);
        return place;
    }

    private async Task<Place> WaitAsync(LinkedListNode<Turn> turn, CancellationToken cancellation)
    {
        try
        {
            return await turn.Value.Come.Task.WaitAsync(TimeSpan.FromSeconds(settings.Limits.QueueSeconds), cancellation);
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

            // Its turn came at the same moment: it is taken, or given on.
            var place = await turn.Value.Come.Task;
            if (error is OperationCanceledException)
            {
                place.Dispose();
                throw;
            }

            return place;
        }
    }

    private void Leave(Place place, long bytes)
    {
        lock (_lock)
        {
            (_running, _bytes) = (_running - 1, _bytes - bytes);
            _places.Remove(place);
            LetIn();
        }
    }

    private void LetIn()
    {
        while ((_listeners.First ?? _bulk.First) is { } next && Fits(next.Value))
        {
            next.List!.Remove(next);
            next.Value.Come.SetResult(Begin(next.Value));
        }
    }

    /// <summary>A request before its turn.</summary>
    /// <param name="Plan">What its text is predicted to take.</param>
    /// <param name="Bytes">Bytes that its answer is predicted to take.</param>
    /// <param name="IsBulk">Whether nobody waits for it.</param>
    public sealed record Turn(SpeechPlan Plan, long Bytes, bool IsBulk)
    {
        /// <summary>Ends with the place that the request gets.</summary>
        internal TaskCompletionSource<Place> Come { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The right to work on one request.</summary>
    public sealed class Place(Admission admission, Turn turn) : IDisposable
    {
        private Admission? _admission = admission;
        private double _spokenSeconds;

        /// <summary>Predicted time for what is still to be spoken.</summary>
        public double WorkSeconds =>
            turn.Plan.WorkSeconds * Math.Max(0, 1 - (Volatile.Read(ref _spokenSeconds) / Math.Max(1e-3, turn.Plan.AudioSeconds)));

        /// <summary>Predicted time for the first sentence while nothing of it has been made, of a text that somebody waits for.</summary>
        public double FirstSentenceSeconds => turn.IsBulk || Volatile.Read(ref _spokenSeconds) > 0
            ? 0
            : turn.Plan.WorkSeconds * Math.Min(1, UsualSentence / Math.Max(1, turn.Plan.Characters));

        /// <summary>Says how many seconds of the speech have been made.</summary>
        public void Speak(double seconds) => Volatile.Write(ref _spokenSeconds, seconds);

        /// <summary>Gives it back.</summary>
        public void Dispose() => Interlocked.Exchange(ref _admission, null)?.Leave(this, turn.Bytes);
    }
}
