using System.Diagnostics;
using CudaTts.Models;

namespace CudaTts.Pipeline;

/// <summary>A sentence on its way through the scheduler.</summary>
internal sealed class ScheduledSentence(ReadSentence sentence, SpeechCall call, bool isStreamed)
{
    // A sentence that has waited so long goes with those that are wanted sooner; else there could always be some of them.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private bool _hasFailed;

    /// <summary>The sentence as it was read.</summary>
    public ReadSentence Sentence => sentence;

    /// <summary>Whose it is.</summary>
    public SpeechCall Call => call;

    /// <summary>Its chunks, where it is heard while it is made.</summary>
    public StreamedSentence? Stream { get; set; }

    /// <summary>Whether somebody's first sound waits for it.</summary>
    public bool IsFirst => FirstRank == 0;

    /// <summary>Whether it is to be heard while it is made.</summary>
    public bool IsStreamed => isStreamed;

    /// <summary>Its row in the acoustic model's batch, while it is there.</summary>
    public AcousticRow? Row { get; set; }

    /// <summary>The attempt under way, from 1.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>The best attempt so far.</summary>
    public SentenceAttempt? Best { get; set; }

    /// <summary>When it came.</summary>
    public long Arrived { get; init; } = Stopwatch.GetTimestamp();

    /// <summary>Whether nobody waits for it any more, or it has failed.</summary>
    public bool IsAbandoned => _hasFailed || call.Ending.IsCancellationRequested;

    /// <summary>Its share of the acoustic model's time so far.</summary>
    public TimeSpan AcousticTime { get; set; }

    /// <summary>Its share of the vocoder's time so far.</summary>
    public TimeSpan VocoderTime { get; set; }

    /// <summary>Tokens, as the measure of its work.</summary>
    public int Tokens => sentence.Tokens.Ids.Length;

    /// <summary>
    /// How soon it is wanted, less being sooner: first sentences, those behind them, and what may wait. Each patience waited counts for one.
    /// </summary>
    public int Rank(long now) =>
        Math.Max(0, FirstRank - (int)(Stopwatch.GetElapsedTime(Arrived, now) / s_patience));

    private int FirstRank => call.Schedule.Priority == SpeechPriority.Bulk ? 2 : sentence.Index == 0 ? 0 : 1;

    /// <summary>Seconds of its sound so far.</summary>
    public double SpokenSeconds { get; set; }

    /// <summary>Its share of the device's time so far.</summary>
    public TimeSpan WorkTime => AcousticTime + VocoderTime;

    /// <summary>The stages' times.</summary>
    public SpeechTimings Timings => new(sentence.TextTime, AcousticTime, VocoderTime);

    /// <summary>Says that there will be nothing of it.</summary>
    /// <param name="error">Why.</param>
    /// <param name="first">
    /// What went wrong before, with several sentences together: where the device has failed, that has the cause, and this only that it is of no more
    /// use.
    /// </param>
    public void Fail(Exception error, Exception? first = null)
    {
        _hasFailed = true;
        var isSame = first is not null and not TextException && first.GetType() == error.GetType();
        call.Write(new SentenceFailed(sentence, isSame ? first! : error));
    }
}
