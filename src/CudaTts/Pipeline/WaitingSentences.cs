using System.Diagnostics;

namespace CudaTts.Pipeline;

/// <summary>
/// Sentences that wait for the acoustic model, and whose turn it is: the soonest wanted first, among those the caller's that has had least, among
/// those the first to come. What a caller has had is counted in tokens, and nobody saves up turns while nothing of theirs waits. Not thread-safe.
/// </summary>
internal sealed class WaitingSentences
{
    private readonly List<ScheduledSentence> _sentences = [];
    private readonly Dictionary<object, long> _served = [];
    private long _leastServed;

    /// <summary>Number of sentences.</summary>
    public int Count => _sentences.Count;

    /// <summary>Tokens of them all, or of those that somebody's first sound waits for.</summary>
    public long Tokens(bool firstOnly) => _sentences.Where(sentence => !firstOnly || sentence.IsFirst).Sum(sentence => (long)sentence.Tokens);

    /// <summary>Adds a sentence.</summary>
    public void Add(ScheduledSentence sentence)
    {
        var client = ClientOf(sentence);
        _served[client] = Math.Max(_served.GetValueOrDefault(client), _leastServed);
        _sentences.Add(sentence);
    }

    /// <summary>The sentence whose turn it is.</summary>
    public ScheduledSentence? Next()
    {
        var now = Stopwatch.GetTimestamp();
        return _sentences.MinBy(sentence => (sentence.Rank(now), _served[ClientOf(sentence)], sentence.Arrived));
    }

    /// <summary>Takes a sentence out whose turn it was, which its caller has then had.</summary>
    public void Take(ScheduledSentence sentence)
    {
        _sentences.Remove(sentence);
        var client = ClientOf(sentence);
        _leastServed = Math.Max(_leastServed, _served[client]);
        _served[client] += sentence.Tokens;
        ForgetIdle();
    }

    /// <summary>Takes out all sentences that are so.</summary>
    public List<ScheduledSentence> RemoveAll(Predicate<ScheduledSentence> match)
    {
        var removed = _sentences.FindAll(match);
        _sentences.RemoveAll(match);
        ForgetIdle();
        return removed;
    }

    private static object ClientOf(ScheduledSentence sentence) => (object?)sentence.Call.Schedule.Client ?? sentence.Call;

    /// <summary>A caller who has no sentence here and has had no more than others is like a new one.</summary>
    private void ForgetIdle()
    {
        foreach (var (client, served) in _served)
        {
            if (served <= _leastServed && !_sentences.Exists(sentence => ClientOf(sentence).Equals(client)))
            {
                _served.Remove(client);
            }
        }

        if (_sentences.Count == 0)
        {
            _leastServed = 0;
            _served.Clear();
        }
    }
}
