using System.Diagnostics;

namespace CudaTts.Pipeline;

/// <summary>
/// Sentences that wait for the acoustic model, and whose turn it is: the soonest wanted first, among those the caller's that has had least, among
/// those the first to come. What a caller has had is counted in tokens, and nobody saves up turns while nothing of theirs waits. Not thread-safe.
/// </summary>
internal sealed class WaitingSentences
{
    private readonly List<ScheduledSentence> _sentences = [];
    private readonly Dictionary<object, Client> _clients = [];
    private long _leastServed;

    /// <summary>Number of sentences.</summary>
    public int Count => _sentences.Count;

    /// <summary>Tokens of them all, or of those that somebody's first sound waits for.</summary>
    public long Tokens(bool firstOnly) => _sentences.Where(sentence => !firstOnly || sentence.IsFirst).Sum(sentence => (long)sentence.Tokens);

    /// <summary>Adds a sentence.</summary>
    public void Add(ScheduledSentence sentence)
    {
        if (!_clients.TryGetValue(KeyOf(sentence), out var client))
        {
            _clients.Add(KeyOf(sentence), client = new Client());
        }

        client.Served = Math.Max(client.Served, _leastServed);
        client.Waiting++;
        _sentences.Add(sentence);
    }

    /// <summary>The sentence whose turn it is.</summary>
    public ScheduledSentence? Next()
    {
        var now = Stopwatch.GetTimestamp();
        return _sentences.MinBy(sentence => (sentence.Rank(now), _clients[KeyOf(sentence)].Served, sentence.Arrived));
    }

    /// <summary>Takes a sentence out whose turn it was, which its caller has then had.</summary>
    public void Take(ScheduledSentence sentence)
    {
        _sentences.Remove(sentence);
        var client = _clients[KeyOf(sentence)];
        _leastServed = Math.Max(_leastServed, client.Served);
        client.Served += sentence.Tokens;
        client.Waiting--;
        ForgetIdle();
    }

    /// <summary>Takes out all sentences that are so.</summary>
    public List<ScheduledSentence> RemoveAll(Predicate<ScheduledSentence> match)
    {
        // Asked once a sentence, whose answer may change meanwhile.
        var removed = _sentences.FindAll(match);
        if (removed.Count > 0)
        {
            _sentences.RemoveAll(removed.Contains);
            removed.ForEach(sentence => _clients[KeyOf(sentence)].Waiting--);
            ForgetIdle();
        }

        return removed;
    }

    private static object KeyOf(ScheduledSentence sentence) => (object?)sentence.Call.Schedule.Client ?? sentence.Call;

    /// <summary>A caller who has no sentence here and has had no more than others is like a new one; so is everybody when there is none.</summary>
    private void ForgetIdle()
    {
        if (_sentences.Count == 0)
        {
            _leastServed = 0;
            _clients.Clear();
            return;
        }

        foreach (var (key, client) in _clients)
        {
            if (client.Waiting == 0 && client.Served <= _leastServed)
            {
                _clients.Remove(key);
            }
        }
    }

    private sealed class Client
    {
        public long Served { get; set; }

        public int Waiting { get; set; }
    }
}
