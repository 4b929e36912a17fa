using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>A mel that waits for the vocoder.</summary>
internal abstract class VocoderWork(ScheduledSentence sentence)
{
    /// <summary>Whose it is.</summary>
    public ScheduledSentence Sentence => sentence;

    /// <summary>Frames that go through the vocoder.</summary>
    public abstract int Frames { get; }

    /// <summary>Frames [1, bands, F] that the postnet has not seen; none where the mel is ready.</summary>
    public virtual Tensor? Unrefined => null;

    /// <summary>What the vocoder is told.</summary>
    public abstract VocoderOptions Options { get; }

    /// <summary>Whether the sentence ends with it.</summary>
    public abstract bool IsLast { get; }

    /// <summary>Frames whose sound is handed on: those of the context are not.</summary>
    public abstract int OwnFrames { get; }

    /// <summary>The mel [1, bands, F].</summary>
    /// <param name="refined">What the postnet made of <see cref="Unrefined"/>.</param>
    public abstract Tensor Mel(Tensor? refined);

    /// <summary>Hands the samples [1, N] on.</summary>
    public abstract void Take(Tensor audio);
}

/// <summary>The mel of a whole sentence.</summary>
internal sealed class WholeWork(Voice voice, ScheduledSentence sentence) : VocoderWork(sentence)
{
    /// <inheritdoc/>
    public override int Frames => Sentence.Best!.Result.Mel[2];

    /// <inheritdoc/>
    public override VocoderOptions Options => SentenceAttempts.VocoderOptions(voice, Sentence.Sentence);

    /// <inheritdoc/>
    public override bool IsLast => true;

    /// <inheritdoc/>
    public override int OwnFrames => Frames;

    /// <inheritdoc/>
    public override Tensor Mel(Tensor? refined) => Sentence.Best!.Result.Mel;

    /// <inheritdoc/>
    public override void Take(Tensor audio) =>
        Sentence.Call.Write(new SentenceMade(Sentence.Sentence, Sentence.Best!, audio, Sentence.Timings));
}

/// <summary>A chunk of a sentence that is heard while its decoder runs.</summary>
internal sealed class ChunkWork(ScheduledSentence sentence, StreamedSentence.Chunk chunk) : VocoderWork(sentence)
{
    private Tensor? _mel;

    /// <inheritdoc/>
    public override int Frames => chunk.Frames;

    /// <inheritdoc/>
    public override Tensor? Unrefined => chunk.Unrefined;

    /// <inheritdoc/>
    public override VocoderOptions Options => chunk.Options;

    /// <inheritdoc/>
    public override bool IsLast => chunk.IsLast;

    /// <inheritdoc/>
    public override int OwnFrames => chunk.Count;

    /// <inheritdoc/>
    public override Tensor Mel(Tensor? refined) => _mel = chunk.Window(refined!);

    /// <inheritdoc/>
    public override void Take(Tensor audio)
    {
        var stream = Sentence.Stream!;
        var samples = stream.Take(chunk, _mel!, audio);
        var whole = chunk.IsLast ? SpeechFinish.Of(Sentence.Sentence, Heard(Sentence.Best!), stream.Audio, Sentence.Timings) : null;
        Sentence.Call.Write(new ChunkMade(Sentence.Sentence, samples, whole));
    }

    // A model may leave the refinement of a sentence that is heard in chunks to the chunks.
    private SentenceAttempt Heard(SentenceAttempt attempt) => attempt with { Result = attempt.Result with { Mel = Sentence.Stream!.HeardMel } };
}
