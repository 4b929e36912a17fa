using System.Diagnostics;
using CudaTts.Models;

namespace CudaTts.Pipeline;

/// <summary>
/// The sentences that are in the acoustic model: each has a row of its batch until it is made or given up. One thread's.
/// </summary>
internal sealed class SentenceDecoder(Voice voice) : IDisposable
{
    private readonly List<ScheduledSentence> _sentences = [];
    private AcousticBatch? _batch;
    private volatile bool _isChunkDue;

    /// <summary>Sentences that have a row.</summary>
    public int Count => _sentences.Count;

    /// <summary>Tokens of them all, or of those that somebody's first sound waits for.</summary>
    public long Tokens(bool firstOnly) => _sentences.Where(sentence => !firstOnly || sentence.IsFirst).Sum(sentence => (long)sentence.Tokens);

    /// <summary>The batch, which is made when it is first needed, and anew after a failure.</summary>
    public AcousticBatch Batch => _batch ??= voice.Acoustic.CreateBatch();

    /// <summary>How soon the soonest wanted of them is wanted; the greatest number when there is none.</summary>
    public int SoonestRank => SoonestRankAt(Stopwatch.GetTimestamp());

    /// <summary>Whether these can have rows beside those that are there.</summary>
    public bool HasRoomFor(IReadOnlyList<ScheduledSentence> joining) =>
        Batch.HasRoomFor([.. joining.Select(sentence => SentenceAttempts.Ids(voice, sentence.Sentence, sentence.Attempt).Length)]);

    /// <summary>Gives rows to sentences.</summary>
    /// <param name="joining">At least one.</param>
    /// <param name="first">What went wrong with them and others together.</param>
    public void Join(IReadOnlyList<ScheduledSentence> joining, Exception? first = null)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            var rows = Batch.Join(
                [.. joining.Select(sentence => SentenceAttempts.Ids(voice, sentence.Sentence, sentence.Attempt))], [.. joining.Select(OptionsOf)]);
            for (var i = 0; i < rows.Count; i++)
            {
                joining[i].Row = rows[i];
                joining[i].AcousticTime += Stopwatch.GetElapsedTime(start) / rows.Count;
                _sentences.Add(joining[i]);
            }
        }
        catch (Exception error) when (joining.Count == 1)
        {
            joining[0].Fail(error, first);
        }
        catch (Exception error)
        {
            // One of them is to blame: alone each has its own fault, or none.
            foreach (var sentence in joining)
            {
                Join([sentence], error);
            }
        }
    }

    /// <summary>Goes on with the sentences until one is made, a chunk of one can be vocoded, or somebody asks.</summary>
    public void Advance(Func<bool> isInterrupted)
    {
        if (_sentences.Exists(sentence => sentence.Row!.IsDone || sentence.Stream is { IsDue: true }))
        {
            return;
        }

        var now = Stopwatch.GetTimestamp();
        var advancing = Advancing(now);
        _isChunkDue = false;
        Batch.Advance([.. advancing.Select(sentence => sentence.Row!)], () => _isChunkDue || isInterrupted());
        advancing.ForEach(sentence => sentence.AcousticTime += Stopwatch.GetElapsedTime(now) / advancing.Count);
    }

    /// <summary>Takes what is for the vocoder, and the sentences that are to be tried again.</summary>
    public List<VocoderWork> TakeMade(out List<ScheduledSentence> again)
    {
        var made = new List<VocoderWork>();
        foreach (var sentence in _sentences)
        {
            // A launch that stays on the chip may have made frames for several.
            while (sentence.Stream is { IsDue: true } stream)
            {
                made.Add(new ChunkWork(sentence, stream.Next(isLast: false)));
            }
        }

        again = [];
        var done = _sentences.FindAll(sentence => sentence.Row!.IsDone && !sentence.IsAbandoned);
        _sentences.RemoveAll(done.Contains);
        foreach (var (sentence, result) in Finish(done))
        {
            try
            {
                if (WorkOf(sentence, result) is { } work)
                {
                    made.Add(work);
                }
                else
                {
                    sentence.Attempt++;
                    again.Add(sentence);
                }
            }
            catch (Exception error)
            {
                sentence.Fail(error);
            }
        }

        return made;
    }

    /// <summary>Takes out the sentences that nobody waits for any more.</summary>
    /// <returns>The time that was spent on them.</returns>
    public TimeSpan RemoveAbandoned()
    {
        // Looked at once: a call may end at any moment, and a row that is not left is lost.
        var abandoned = _sentences.FindAll(sentence => sentence.IsAbandoned);
        abandoned.ForEach(sentence => Batch.Leave(sentence.Row!));
        _sentences.RemoveAll(abandoned.Contains);
        return abandoned.Aggregate(TimeSpan.Zero, (sum, sentence) => sum + sentence.WorkTime);
    }

    /// <summary>Gives all of them up, and the batch, whose state nobody knows.</summary>
    public void FailAll(Exception error)
    {
        _sentences.ForEach(sentence => sentence.Fail(error));
        _sentences.Clear();
        try
        {
            Dispose();
        }
        catch (CudaTtsException)
        {
            // A device that has failed may refuse to free what is there; what is told is the error that came first.
        }
    }

    /// <summary>Frees the batch.</summary>
    public void Dispose()
    {
        var batch = _batch;
        _batch = null;
        batch?.Dispose();
    }

    /// <summary>
    /// All of them, or where rows make each other slower those that are wanted soonest, the first to come first: enough of them that each thread's
    /// weights serve two rows.
    /// </summary>
    private List<ScheduledSentence> Advancing(long now)
    {
        if (!voice.Device.RowsShareTime)
        {
            return _sentences;
        }

        var soonest = SoonestRankAt(now);
        return [.. _sentences.Where(sentence => sentence.Rank(now) == soonest).OrderBy(sentence => sentence.Arrived).Take(2 * voice.Device.Threads)];
    }

    private int SoonestRankAt(long now) => _sentences.Count == 0 ? int.MaxValue : _sentences.Min(sentence => sentence.Rank(now));

    /// <summary>What an attempt leaves to the vocoder; nothing where there is to be another.</summary>
    private VocoderWork? WorkOf(ScheduledSentence sentence, AcousticResult result)
    {
        sentence.Best = SentenceAttempts.Better(voice, sentence.Sentence, sentence.Best, result, sentence.Attempt);
        return sentence.Stream is { } stream
            ? new ChunkWork(sentence, stream.Next(isLast: true))
            : sentence.Best.Verdict.IsGood || sentence.Attempt >= SentenceAttempts.Most(voice, sentence.Sentence)
                ? new WholeWork(voice, sentence)
                : null;
    }

    private List<(ScheduledSentence Sentence, AcousticResult Result)> Finish(List<ScheduledSentence> done, Exception? first = null)
    {
        if (done.Count == 0)
        {
            return [];
        }

        try
        {
            var start = Stopwatch.GetTimestamp();
            var results = Batch.Finish([.. done.Select(sentence => sentence.Row!)]);
            done.ForEach(sentence => sentence.AcousticTime += Stopwatch.GetElapsedTime(start) / done.Count);
            return [.. done.Zip(results)];
        }
        catch (Exception error) when (done.Count == 1)
        {
            done[0].Fail(error, first);
            return [];
        }
        catch (Exception error)
        {
            return [.. done.SelectMany(sentence => Finish([sentence], error))];
        }
    }

    private AcousticOptions OptionsOf(ScheduledSentence sentence)
    {
        if (sentence.IsStreamed)
        {
            sentence.Stream = new StreamedSentence(voice, sentence.Sentence);
        }

        return SentenceAttempts.Options(voice, sentence.Sentence, sentence.Attempt) with
        {
            Frames = sentence.Stream is { } stream ? frames => Hear(stream, frames) : null,
            Progress = sentence.Sentence.Options.Progress is null ? null : new FrameProgress(sentence),
            Ending = sentence.Call.Ending,
        };
    }

    private void Hear(StreamedSentence stream, ReadOnlySpan<float> frames)
    {
        stream.Add(frames);
        if (stream.IsDue)
        {
            _isChunkDue = true;
        }
    }

    private sealed class FrameProgress(ScheduledSentence sentence) : IProgress<int>
    {
        public void Report(int value) => sentence.Call.Write(new ProgressMade(sentence.Sentence, value));
    }
}
