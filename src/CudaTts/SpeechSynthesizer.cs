using System.Runtime.CompilerServices;
using CudaTts.Compute;
using CudaTts.Pipeline;

namespace CudaTts;

/// <summary>
/// The whole pipeline: text, sentences, token ids [1, T], log-mel [1, 80, F], samples. One synthesiser may speak for several threads at once, whose
/// sentences then share the device, and be disposed of while it does: <see cref="Dispose"/> says what becomes of them.
/// </summary>
public sealed class SpeechSynthesizer : IDisposable
{
    /// <summary>Most attempts at one sentence that a voice or a caller may ask for.</summary>
    public const int MostAttempts = 16;

    // The one that is heard, and the one behind it.
    private const int SentencesOfStream = 2;

    private readonly ComputeDevice _device;
    private readonly CallsUnderWay _calls;
    private readonly SpeechScheduler _scheduler;

    private SpeechSynthesizer(Voice voice, ComputeDevice device)
    {
        Voice = voice;
        _device = device;
        _calls = new CallsUnderWay(nameof(SpeechSynthesizer), device, Release);
        _scheduler = new SpeechScheduler(voice, _calls.Ended);
    }

    /// <summary>The voice that speaks.</summary>
    public Voice Voice { get; }

    /// <summary>Where the networks run.</summary>
    public ComputeDevice Device => _device;

    /// <summary>What is under way for all callers.</summary>
    public SpeechOccupancy Occupancy => _scheduler.Occupancy;

    /// <summary>Loads a voice.</summary>
    /// <param name="voiceFolder">The voice's folder; null for the default voice (<see cref="Voice.FindDefault"/>).</param>
    /// <param name="options">Where to compute; a GPU if there is one, when omitted.</param>
    /// <param name="voiceOptions">What to load differently from what the voice says, such as another vocoder.</param>
    /// <exception cref="CudaTtsException">The voice is missing, incomplete or damaged, or there is no such device.</exception>
    public static SpeechSynthesizer Load(string? voiceFolder = null, DeviceOptions? options = null, VoiceOptions? voiceOptions = null)
    {
        var device = ComputeDevice.Open(options);
        try
        {
            return new SpeechSynthesizer(Voice.Load(voiceFolder ?? Voice.FindDefault(), device, voiceOptions), device);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Speaks a text.</summary>
    /// <exception cref="TextException">There is nothing to say in the text.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is noticed within one decoder step or vocoder layer.</exception>
    /// <exception cref="Cuda.CudaException">
    /// The GPU failed. Where that <see cref="Cuda.CudaException.IsSticky"/>,
    /// every later call fails too, on all threads, and only a new process helps.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The synthesiser has been disposed of.</exception>
    public SpeechResult Speak(string text, SpeechOptions? options = null, CancellationToken cancellation = default)
    {
        using var call = _calls.Enter();
        options = Checked(text, options);
        var sentences = SentenceReader.Read(Voice, text, options, cancellation);
        var spoken = Spoken(sentences, growing: false, options.Schedule ?? new SpeechSchedule(), cancellation);
        return SpeechResult.Of([.. spoken.Select(sentence => sentence.Speech)]);
    }

    /// <summary>Speaks an SSML document: breaks are exact silence, marks have their times in <see cref="SpeechResult.Timestamps"/>.</summary>
    /// <exception cref="TextException">The document is malformed, or there is nothing to say in it.</exception>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public SpeechResult SpeakSsml(string document, SpeechOptions? options = null, CancellationToken cancellation = default) =>
        Speak(document, (options ?? new SpeechOptions()) with { IsSsml = true }, cancellation);

    /// <summary>
    /// Speaks a text one sentence at a time, the first as soon as it is ready. What
    /// has been taken is not kept, so a book needs no more memory than a page.
    /// </summary>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public IEnumerable<SpokenSentence> SpeakSentences(string text, SpeechOptions? options = null, CancellationToken cancellation = default)
    {
        options = Checked(text, options);
        var sentences = SentenceReader.Read(Voice, text, options, cancellation);
        return Steps(Spoken(sentences, growing: true, options.Schedule ?? new SpeechSchedule(), cancellation).Select(spoken => spoken.Speech));
    }

    /// <summary>The same for a caller that does not want to hold up its thread.</summary>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public async IAsyncEnumerable<SpokenSentence> SpeakSentencesAsync(
        string text, SpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options = Checked(text, options);
        using var call = new SpeechCall(_scheduler, options.Schedule ?? new SpeechSchedule(), cancellation, _calls.Closing);
        var sentences = Steps(SentenceReader.Read(Voice, text, options, cancellation));
        using var speech = new SpeechSequence(Voice, call, sentences, First(growing: true), _device.PreferredBatch);
        while (speech.Next() is { } sentence)
        {
            yield return sentence.IsSilent ? SpeechFinish.Silence(Voice, sentence) : await speech.WholeAsync(sentence).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Speaks a text chunk by chunk while it is still being synthesised: the first chunk is a fifth of a second, or as much as the vocoder's context
    /// (half a second with a spectrogram network). There is one attempt at a sentence that is heard so, whose verdict comes with its last chunk;
    /// silence between sentences is a chunk of its own. Where the options need a whole sentence (the denoiser, a speed or pitch that the
    /// model does not make itself), a chunk is a sentence.
    /// </summary>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public async IAsyncEnumerable<AudioChunk> StreamAsync(
        string text, SpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options = Checked(text, options);
        using var call = new SpeechCall(_scheduler, options.Schedule ?? new SpeechSchedule(), cancellation, _calls.Closing);
        var sentences = Steps(SentenceReader.Read(Voice, text, options, cancellation));
        using var speech = new SpeechSequence(Voice, call, sentences, SentencesOfStream, SentencesOfStream)
        {
            IsStreamed = true,
        };
        while (speech.Next() is { } sentence)
        {
            if (sentence.PauseBefore.Samples > 0)
            {
                yield return Silence(sentence.PauseBefore, sentence);
            }

            if (!sentence.IsSilent)
            {
                await foreach (var chunk in speech.ChunksAsync(sentence).ConfigureAwait(false))
                {
                    yield return chunk;
                }
            }

            if (sentence.PauseAfter.Samples > 0)
            {
                yield return Silence(sentence.PauseAfter, sentence);
            }
        }
    }

    /// <summary>What a text will take, by what texts have taken so far: as exact as a look at its length can be, and as cheap.</summary>
    public SpeechPlan Plan(string text, SpeechOptions? options = null)
    {
        options = Checked(text, options);
        var characters = SpeechSegments.CharactersOf(text);
        var (audio, work) = _scheduler.Rate.Of(characters);
        return new SpeechPlan(characters, audio / options.Speed, work, (long)(audio / options.Speed * Voice.Vocoder.Mel.SampleRate) * sizeof(float));
    }

    /// <summary>
    /// Speaks many texts, each to a result of its own, in order, in batches that keep the device busy. A text is read only when its batch begins.
    /// </summary>
    /// <param name="requests">Texts with their options.</param>
    /// <param name="cancellation">Ends the work; texts not yet returned are lost.</param>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public IEnumerable<SpeechResult> SpeakAll(IEnumerable<SpeechRequest> requests, CancellationToken cancellation = default) =>
        SpeakEach(requests, cancellation).Select(outcome => outcome.Result ?? throw outcome.Error!);

    /// <summary>
    /// Speaks many texts as <see cref="SpeakAll"/> does, and goes on after one that cannot be spoken: its outcome is the error.
    /// </summary>
    /// <param name="requests">Texts with their options.</param>
    /// <param name="cancellation">Ends the work; texts not yet returned are lost.</param>
    /// <returns>An outcome for each text, in order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled, which is noticed within one decoder step or vocoder layer.</exception>
    /// <exception cref="CudaTtsException">The device or the voice failed, which ends all of the work.</exception>
    public IEnumerable<SpeechOutcome> SpeakEach(IEnumerable<SpeechRequest> requests, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var bulk = new SpeechSchedule { Priority = SpeechPriority.Bulk };
        return Steps(new RequestReader(Voice, requests, cancellation)
            .Outcomes(sentences => Spoken(sentences, growing: false, bulk, cancellation)));
    }

    private SpeechOptions Checked(string text, SpeechOptions? options)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new SpeechOptions();
        options.Require();
        Voice.RequireSpeaker(options.Speaker);
        return options;
    }

    /// <summary>Sentences that are under way at first: one where speech is to begin soon, or all that keep the device busy.</summary>
    private int First(bool growing) => growing ? 1 : _device.PreferredBatch;

    private IEnumerable<(ReadSentence Sentence, SpokenSentence Speech)> Spoken(
        IEnumerable<ReadSentence> sentences, bool growing, SpeechSchedule schedule, CancellationToken cancellation)
    {
        using var call = new SpeechCall(_scheduler, schedule, cancellation, CancellationToken.None);
        using var speech = new SpeechSequence(Voice, call, sentences, First(growing), _device.PreferredBatch);
        while (speech.Next() is { } sentence)
        {
            yield return (sentence, sentence.IsSilent ? SpeechFinish.Silence(Voice, sentence) : speech.Whole(sentence));
        }
    }

    private AudioChunk Silence(SpeechPause pause, ReadSentence sentence) =>
        new(new float[pause.Samples], Voice.Vocoder.Mel.SampleRate, sentence.Index, Verdict: null);

    /// <summary>A sequence each step of which is a call: between two of them nobody is waited for, so no reader that is gone.</summary>
    private IEnumerable<T> Steps<T>(IEnumerable<T> sequence)
    {
        using var enumerator = sequence.GetEnumerator();
        while (true)
        {
            T current;
            using (_calls.Enter())
            {
                if (!enumerator.MoveNext())
                {
                    yield break;
                }

                current = enumerator.Current;
            }

            yield return current;
        }
    }

    /// <summary>
    /// Waits for what is under way and releases the voice, its models and the device, in this order; a second time only waits for that. What is under
    /// way is a call that returns speech, which returns it, and one step of an enumeration. A stream that is half read is ended, whether it is read
    /// on or not: it throws <see cref="ObjectDisposedException"/>, as do the next step of an enumeration and every later call.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is called by a callback of a call under way, which would wait for itself.</exception>
    public void Dispose() => _calls.Dispose();

    private void Release()
    {
        _scheduler.Dispose();
        Voice.Dispose();
        _device.Dispose();
    }
}
