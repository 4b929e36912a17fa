using System.Diagnostics;
using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>The mels that wait for the vocoder, and their turns: several go through it at once. One thread's.</summary>
internal sealed class SentenceVocoder(Voice voice)
{
    // Of a turn: what comes meanwhile waits for so long at most, and the memory of activations has a bound. 12 s at 256 samples of 22,050 Hz.
    private const int MostFrames = 1024;

    // On a device that many rows keep busy a mel waits for others, as long as nobody can hear.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(2);
    private readonly List<VocoderWork> _works = [];
    private readonly List<SpokenAmount> _finished = [];
    private long _oldest;

    /// <summary>Mels that wait.</summary>
    public int Count => _works.Count;

    /// <summary>Tokens of their sentences, or of those that somebody's first sound waits for.</summary>
    public long Tokens(bool firstOnly) =>
        _works.Where(work => work.IsLast && (!firstOnly || work.Sentence.IsFirst)).Sum(work => (long)work.Sentence.Tokens);

    private int MostRows => voice.Device.RowsShareTime ? voice.Device.Threads : voice.Device.MostRows;

    /// <summary>Takes a mel.</summary>
    public void Add(VocoderWork work)
    {
        _oldest = _works.Count == 0 ? Stopwatch.GetTimestamp() : _oldest;
        _works.Add(work);
    }

    /// <summary>Whether it is the vocoder's turn rather than the decoder's.</summary>
    /// <param name="soonestDecoding">How soon the decoder's sentences are wanted, or the greatest number when it has none.</param>
    public bool IsDue(int soonestDecoding)
    {
        if (_works.Count == 0)
        {
            return false;
        }

        var now = Stopwatch.GetTimestamp();
        return voice.Device.RowsShareTime
            ? _works.Min(work => work.Sentence.Rank(now)) <= soonestDecoding
            : soonestDecoding == int.MaxValue || _works.Count >= MostRows || _works.Exists(work => work is ChunkWork)
                || Stopwatch.GetElapsedTime(_oldest, now) >= s_patience;
    }

    /// <summary>Whether a mel has waited for others long enough, on a device where it does.</summary>
    public bool IsImpatient => _works.Count > 0 && !voice.Device.RowsShareTime && Stopwatch.GetElapsedTime(_oldest) >= s_patience;

    /// <summary>Takes one turn with what is wanted soonest.</summary>
    public void Run()
    {
        var batch = Choose();
        _works.RemoveAll(batch.Contains);
        _oldest = Stopwatch.GetTimestamp();
        Run(batch);
    }

    /// <summary>What the sentences came to that have been finished since the last time.</summary>
    public List<SpokenAmount> TakeFinished()
    {
        List<SpokenAmount> finished = [.. _finished];
        _finished.Clear();
        return finished;
    }

    /// <summary>Takes out the mels of sentences that nobody waits for any more.</summary>
    /// <returns>The time that was spent on those that are only here.</returns>
    public TimeSpan RemoveAbandoned()
    {
        var abandoned = _works.FindAll(work => work.Sentence.IsAbandoned);
        _works.RemoveAll(abandoned.Contains);
        return abandoned.Where(work => work.IsLast).Aggregate(TimeSpan.Zero, (sum, work) => sum + work.Sentence.WorkTime);
    }

    /// <summary>Gives all of them up.</summary>
    public void FailAll(Exception error)
    {
        foreach (var sentence in _works.Select(work => work.Sentence).Distinct())
        {
            sentence.Fail(error);
        }

        _works.Clear();
    }

    /// <summary>The soonest wanted, and beside them what is wanted as soon, or on a device with room for it whatever waits.</summary>
    private List<VocoderWork> Choose()
    {
        var now = Stopwatch.GetTimestamp();
        var (frames, batch) = (0, new List<VocoderWork>());
        foreach (var work in _works.OrderBy(work => work.Sentence.Rank(now)))
        {
            // A sentence's chunks are made in their order, one a turn: the first is wanted soonest, and a vocoder may remember it.
            if (batch.Exists(other => other.Sentence == work.Sentence))
            {
                continue;
            }

            // None after one that finds no room: what is wanted sooner is not overtaken by what is smaller.
            if (batch.Count > 0
                && (batch.Count == MostRows || frames + work.Frames > MostFrames * MostRows
                    || (voice.Device.RowsShareTime && work.Sentence.Rank(now) != batch[0].Sentence.Rank(now))))
            {
                break;
            }

            batch.Add(work);
            frames += work.Frames;
        }

        return batch;
    }

    private void Run(List<VocoderWork> batch, Exception? first = null)
    {
        Tensor[] audio;
        try
        {
            var start = Stopwatch.GetTimestamp();
            audio = Generate(batch);
            batch.ForEach(work => work.Sentence.VocoderTime += Stopwatch.GetElapsedTime(start) / batch.Count);
        }
        catch (OperationCanceledException) when (batch.TrueForAll(work => work.Sentence.IsAbandoned))
        {
            return;
        }
        catch (Exception error) when (batch.Count == 1)
        {
            batch[0].Sentence.Fail(error, first);
            return;
        }
        catch (Exception error)
        {
            // One of them is to blame: alone each has its own fault, or none.
            batch.ForEach(work => Run([work], error));
            return;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            HandOn(batch[i], audio[i]);
        }
    }

    private void HandOn(VocoderWork work, Tensor audio)
    {
        var (sentence, mel) = (work.Sentence, voice.Vocoder.Mel);
        sentence.SpokenSeconds += (double)work.OwnFrames * mel.HopLength / mel.SampleRate;
        try
        {
            work.Take(audio);
        }
        catch (Exception error)
        {
            sentence.Fail(error);
        }

        // Counted together: a stream that is broken off would else count as speech without a text.
        if (work.IsLast)
        {
            var tokens = sentence.Sentence.Tokens;
            _finished.Add(new SpokenAmount(tokens.Ids.Length, SpeechSegments.CharactersOf(tokens.Text), sentence.SpokenSeconds));
        }
    }

    private Tensor[] Generate(List<VocoderWork> batch)
    {
        using var ending = new EndOfAll([.. batch.Select(work => work.Sentence.Call.Ending)]);
        var chunks = batch.FindAll(work => work.Unrefined is not null);
        var refined = chunks.Count == 0 ? [] : new Queue<Tensor>(voice.Acoustic.Refine(
            [.. chunks.Select(work => work.Unrefined!)],
            [.. chunks.Select(work => SentenceAttempts.Options(voice, work.Sentence.Sentence, work.Sentence.Attempt))]));
        var mels = batch.ConvertAll(work => work.Mel(work.Unrefined is null ? null : refined.Dequeue()));
        return voice.Vocoder.Generate(mels, batch.ConvertAll(work => work.Options), ending.Token);
    }
}
