using System.Runtime.ExceptionServices;

namespace CudaTts.Pipeline;

/// <summary>
/// A call's sentences in their order: read and handed to the scheduler some sentences ahead, and given back one after the other, however they are
/// made.
/// </summary>
/// <param name="voice">Who speaks.</param>
/// <param name="call">The call.</param>
/// <param name="sentences">Read only as far as needed.</param>
/// <param name="first">Sentences that are under way at first; each that is finished doubles them.</param>
/// <param name="most">Sentences that are under way at most.</param>
internal sealed class SpeechSequence(Voice voice, SpeechCall call, IEnumerable<ReadSentence> sentences, int first, int most) : IDisposable
{
    private readonly IEnumerator<ReadSentence> _sentences = sentences.GetEnumerator();
    private readonly Queue<ReadSentence> _underWay = [];
    private readonly Dictionary<ReadSentence, Queue<SpeechEvent>> _events = new(ReferenceEqualityComparer.Instance);
    private int _window = first;
    private bool _isRead;

    /// <summary>Whether sound is wanted in chunks, of sentences that can be spoken so.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>The next sentence, which is under way then; none when the text is over.</summary>
    public ReadSentence? Next()
    {
        call.ThrowIfEnding();
        while (!_isRead && _underWay.Count < _window)
        {
            _isRead = !_sentences.MoveNext();
            if (_isRead)
            {
                break;
            }

            var sentence = _sentences.Current;
            _underWay.Enqueue(sentence);
            if (!sentence.IsSilent)
            {
                _events.Add(sentence, []);
                call.Submit(sentence, IsStreamed && StreamedSentence.CanBe(voice, sentence));
            }
        }

        _window = Math.Min(2 * _window, most);
        return _underWay.TryDequeue(out var next) ? next : null;
    }

    /// <summary>Waits for a sentence.</summary>
    public SpokenSentence Whole(ReadSentence sentence)
    {
        SpeechEvent? made;
        while ((made = Taken(sentence)) is null)
        {
            Keep(call.Read());
        }

        return Finished(made);
    }

    /// <inheritdoc cref="Whole"/>
    public async ValueTask<SpokenSentence> WholeAsync(ReadSentence sentence) => Finished(await TakeAsync(sentence).ConfigureAwait(false));

    /// <summary>The chunks of a sentence, as they are made.</summary>
    public async IAsyncEnumerable<AudioChunk> ChunksAsync(ReadSentence sentence)
    {
        while (true)
        {
            var happened = await TakeAsync(sentence).ConfigureAwait(false);
            var (samples, whole) = happened is ChunkMade chunk ? (chunk.Samples, chunk.Whole) : (null, Finished(happened));
            if (whole is not null)
            {
                _events.Remove(sentence);
            }

            yield return new AudioChunk(samples ?? whole!.Audio.Samples, voice.Vocoder.Mel.SampleRate, sentence.Index, whole?.Verdict)
            {
                Whole = whole,
            };
            if (whole is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>Ends the reading of the sentences.</summary>
    public void Dispose() => _sentences.Dispose();

    private async ValueTask<SpeechEvent> TakeAsync(ReadSentence sentence)
    {
        SpeechEvent? made;
        while ((made = Taken(sentence)) is null)
        {
            Keep(await call.ReadAsync().ConfigureAwait(false));
        }

        return made;
    }

    private SpeechEvent? Taken(ReadSentence sentence) => _events[sentence].TryDequeue(out var happened) ? happened : null;

    private void Keep(SpeechEvent happened)
    {
        if (_events.TryGetValue(happened.Sentence, out var events))
        {
            events.Enqueue(happened);
        }
    }

    private SpokenSentence Finished(SpeechEvent happened)
    {
        _events.Remove(happened.Sentence);
        if (happened is SentenceFailed failed)
        {
            ExceptionDispatchInfo.Throw(failed.Error);
        }

        return happened switch
        {
            SentenceMade made => SpeechFinish.Whole(voice, made.Sentence, made.Attempt, made.Audio, made.Timings),
            ChunkMade { Whole: { } whole } => whole,
            _ => throw new InvalidOperationException($"A whole sentence was expected; found {happened.GetType().Name}."),
        };
    }
}
