using System.Threading.Channels;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>
/// One caller's sentences at the scheduler, and what comes of them, in the order in which it is made. What the caller is told of it is told on the
/// caller's own thread: a callback holds up nobody else, and its exception is the caller's.
/// </summary>
internal sealed class SpeechCall : IDisposable
{
    private readonly SpeechScheduler _scheduler;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationTokenRegistration _waking;
    private readonly Channel<SpeechEvent> _events = Channel.CreateUnbounded<SpeechEvent>(new() { SingleReader = true });

    /// <summary>Begins a call.</summary>
    /// <param name="scheduler">Who speaks.</param>
    /// <param name="schedule">Whose call it is, and how soon it is wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="closing">Ends it too, with the synthesiser's own exception.</param>
    public SpeechCall(SpeechScheduler scheduler, SpeechSchedule schedule, CancellationToken cancellation, CancellationToken closing)
    {
        (_scheduler, Schedule, _cancellation) = (scheduler, schedule, cancellation);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, closing);
        Ending = _ending.Token;
        _waking = Ending.Register(scheduler.LookUp);
    }

    /// <summary>Whose call it is, and how soon it is wanted.</summary>
    public SpeechSchedule Schedule { get; }

    /// <summary>Cancelled when nobody waits for the call any more.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Hands a sentence to the scheduler.</summary>
    /// <param name="sentence">The sentence, which has words.</param>
    /// <param name="isStreamed">Whether its sound is wanted in chunks.</param>
    public void Submit(ReadSentence sentence, bool isStreamed) => _scheduler.Submit(new ScheduledSentence(sentence, this, isStreamed));

    /// <summary>Says what has come of a sentence.</summary>
    public void Write(SpeechEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Says why nothing more comes, where that is so.</summary>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The synthesiser has ended.</exception>
    public void ThrowIfEnding()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (Ending.IsCancellationRequested)
        {
            throw _scheduler.Ended();
        }
    }

    /// <summary>Waits for what comes next. Progress is reported on the way, by whoever reads on.</summary>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The synthesiser has ended.</exception>
    public async ValueTask<SpeechEvent> ReadAsync()
    {
        while (true)
        {
            var next = await ReceiveAsync().ConfigureAwait(false);
            if (!IsTold(next))
            {
                return next;
            }
        }
    }

    /// <summary>Waits for what comes next, on the calling thread, which so is where progress is reported.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public SpeechEvent Read()
    {
        while (true)
        {
            var next = ReceiveAsync().GetAwaiter().GetResult();
            if (!IsTold(next))
            {
                return next;
            }
        }
    }

    private static bool IsTold(SpeechEvent happened)
    {
        if (happened is not ProgressMade progress)
        {
            return false;
        }

        progress.Sentence.Options.Progress!.Report(new SpeechProgress(progress.Sentence.Index, progress.Frames));
        return true;
    }

    private async Task<SpeechEvent> ReceiveAsync()
    {
        try
        {
            return await _events.Reader.ReadAsync(Ending).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            ThrowIfEnding();
            throw;
        }
    }

    /// <summary>Takes back what is still wanted of the scheduler.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _waking.Dispose();
        _ending.Dispose();
    }
}

/// <summary>What has come of a sentence at the scheduler.</summary>
internal abstract record SpeechEvent(ReadSentence Sentence);

/// <summary>It has got further.</summary>
internal sealed record ProgressMade(ReadSentence Sentence, int Frames) : SpeechEvent(Sentence);

/// <summary>A chunk of its sound; the last one comes with the whole.</summary>
internal sealed record ChunkMade(ReadSentence Sentence, float[] Samples, SpokenSentence? Whole) : SpeechEvent(Sentence);

/// <summary>All of its sound, samples [1, N] as the vocoder made them.</summary>
internal sealed record SentenceMade(ReadSentence Sentence, SentenceAttempt Attempt, Tensor Audio, SpeechTimings Timings) : SpeechEvent(Sentence);

/// <summary>There will be nothing of it.</summary>
internal sealed record SentenceFailed(ReadSentence Sentence, Exception Error) : SpeechEvent(Sentence);
