using System.Diagnostics;

namespace CudaTts.Pipeline;

/// <summary>
/// One thread that speaks the sentences of all callers, so that they share the device: they are decoded side by side, each joining as soon as there
/// is room, and their mels go through the vocoder together. It exists while there is something to do and a little longer. A sentence's speech does
/// not depend on the sentences beside it, but for rounding in float16 on a GPU.
/// </summary>
internal sealed class SpeechScheduler : IDisposable
{
    // A quarter of the rows.
    private const int KeptForFirst = 4;
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(1);
    private readonly Func<ObjectDisposedException> _ended;
    private readonly SentenceDecoder _decoder;
    private readonly SentenceVocoder _vocoder;
    private readonly WorkRate _rate = new();
    private readonly int _mostRows;
    private readonly long _mostBytes;

    // Guards the fields below, and is what the thread waits on.
    private readonly object _lock = new();
    private readonly WaitingSentences _waiting = new();
    private (int Rows, int Vocoding, long Tokens, long FirstTokens) _underWay;
    private Thread? _thread;
    private bool _isEnding;

    // Set by whatever a decoder under way should look up for.
    private volatile bool _isWanted;

    /// <summary>Creates a scheduler that is idle.</summary>
    /// <param name="voice">The voice; stays the caller's to dispose, after this.</param>
    /// <param name="ended">The exception of what comes too late.</param>
    public SpeechScheduler(Voice voice, Func<ObjectDisposedException> ended)
    {
        _ended = ended;
        _decoder = new SentenceDecoder(voice);
        _vocoder = new SentenceVocoder(voice);
        (_mostRows, _mostBytes) = (_decoder.Batch.MostRows, _decoder.Batch.MostBytes);
    }

    /// <summary>What is under way.</summary>
    public SpeechOccupancy Occupancy
    {
        get
        {
            lock (_lock)
            {
                var (rows, vocoding, tokens, first) = _underWay;
                var work = _rate.WorkSeconds(tokens + _waiting.Tokens(firstOnly: false));
                return new SpeechOccupancy(rows, _mostRows, _waiting.Count, vocoding, work, _mostBytes)
                {
                    FirstSentencesSeconds = _rate.WorkSeconds(first + _waiting.Tokens(firstOnly: true)),
                };
            }
        }
    }

    /// <summary>How fast sentences have been made so far.</summary>
    public WorkRate Rate => _rate;

    /// <summary>The exception of what comes too late.</summary>
    public ObjectDisposedException Ended() => _ended();

    /// <summary>Takes a sentence over; what comes of it is written to its call.</summary>
    public void Submit(ScheduledSentence sentence)
    {
        lock (_lock)
        {
            if (_isEnding)
            {
                sentence.Fail(_ended());
                return;
            }

            _waiting.Add(sentence);
            _isWanted = true;
            if (_thread is null)
            {
                var thread = new Thread(Run) { IsBackground = true, Name = "speech scheduler" };
                thread.Start();
                _thread = thread;
            }

            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Has the thread look at what has changed, such as a call that is cancelled.</summary>
    public void LookUp()
    {
        _isWanted = true;
        lock (_lock)
        {
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Ends what is under way, within a step, and the thread. No call may begin from then on.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_lock)
        {
            (_isEnding, _isWanted) = (true, true);
            thread = _thread;
            Monitor.Pulse(_lock);
        }

        thread?.Join();
        _decoder.Dispose();
    }

    private void Run()
    {
        while (WaitForWork())
        {
            _isWanted = false;
            try
            {
                RemoveAbandoned();
                Admit();
                TakeTurn();
            }
            catch (Exception error)
            {
                // Where a stage fails as such, nothing that it was to work on can be trusted; what waits may fare better.
                _decoder.FailAll(error);
                _vocoder.FailAll(error);
            }

            Publish();
        }
    }

    /// <summary>Lets others see what is under way.</summary>
    private void Publish()
    {
        long Tokens(bool firstOnly) => _decoder.Tokens(firstOnly) + _vocoder.Tokens(firstOnly);
        lock (_lock)
        {
            _underWay = (_decoder.Count, _vocoder.Count, Tokens(firstOnly: false), Tokens(firstOnly: true));
        }
    }

    /// <summary>Waits until there is something to do; false when the thread is to end.</summary>
    private bool WaitForWork()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_isEnding)
                {
                    _waiting.RemoveAll(_ => true).ForEach(sentence => sentence.Fail(_ended()));
                    _decoder.FailAll(_ended());
                    _vocoder.FailAll(_ended());
                    return false;
                }

                if (_waiting.Count + _decoder.Count + _vocoder.Count > 0)
                {
                    return true;
                }

                if (!Monitor.Wait(_lock, s_linger) && _waiting.Count == 0 && !_isEnding)
                {
                    _thread = null;
                    return false;
                }
            }
        }
    }

    private void RemoveAbandoned()
    {
        lock (_lock)
        {
            _waiting.RemoveAll(sentence => sentence.IsAbandoned);
        }

        // What they took is no measure of what a text takes.
        _rate.Work(-_decoder.RemoveAbandoned() - _vocoder.RemoveAbandoned());
    }

    /// <summary>Lets sentences join the decoder's rows, as many as there is room for.</summary>
    private void Admit()
    {
        var joining = new List<ScheduledSentence>();
        lock (_lock)
        {
            while (_waiting.Next() is { } next && HasRoomFor([.. joining, next]))
            {
                _waiting.Take(next);
                joining.Add(next);
            }
        }

        if (joining.Count > 0)
        {
            Timed(() => _decoder.Join(joining));
            Publish();
        }
    }

    /// <summary>Whether sentences can join. Some rows are kept for first sentences, which would else wait until another has been made.</summary>
    private bool HasRoomFor(List<ScheduledSentence> joining)
    {
        var kept = joining[^1].IsFirst ? 0 : _mostRows / KeptForFirst;
        return _decoder.Count + joining.Count <= _mostRows - kept && _decoder.HasRoomFor(joining);
    }

    /// <summary>One turn of the vocoder, or else of the decoder until there is something else to do.</summary>
    private void TakeTurn()
    {
        if (_vocoder.IsDue(_decoder.SoonestRank))
        {
            Timed(_vocoder.Run);
            _rate.Count(_vocoder.TakeFinished());
        }
        else if (_decoder.Count > 0)
        {
            Timed(() => _decoder.Advance(() => _isWanted || _vocoder.IsImpatient));
            Timed(TakeMade);
        }
    }

    private void TakeMade()
    {
        _decoder.TakeMade(out var again).ForEach(_vocoder.Add);
        lock (_lock)
        {
            again.ForEach(_waiting.Add);
        }
    }

    private void Timed(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        _rate.Work(Stopwatch.GetElapsedTime(start));
    }
}
