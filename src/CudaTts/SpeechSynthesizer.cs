using System.Diagnostics;
using CudaTts.Acoustic.Tacotron2;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Text;
using CudaTts.Weights;

namespace CudaTts;

/// <summary>
/// The whole pipeline: text, sentences, token ids [1, T], log-mel [1, 80, F], samples. One synthesiser may speak on several threads at once.
/// </summary>
public sealed class SpeechSynthesizer : IDisposable
{
    /// <summary>Most attempts at one sentence that a voice or a caller may ask for.</summary>
    public const int MostAttempts = 16;

    private readonly ComputeDevice _device;

    private SpeechSynthesizer(Voice voice, ComputeDevice device)
    {
        Voice = voice;
        _device = device;
    }

    /// <summary>The voice that speaks.</summary>
    public Voice Voice { get; }

    /// <summary>Silence between two sentences, samples.</summary>
    public int PauseSamples => (int)(Voice.Manifest.Defaults.PauseSeconds * Voice.Vocoder.Mel.SampleRate);

    /// <summary>Where the networks run.</summary>
    public ComputeDevice Device => _device;

    /// <summary>Loads a voice.</summary>
    /// <param name="voiceFolder">The voice's folder; null for the default voice (<see cref="Voice.FindDefault"/>).</param>
    /// <param name="options">Where to compute; a GPU if there is one, when omitted.</param>
    /// <exception cref="CudaTtsException">The voice is missing, incomplete or damaged, or there is no such device.</exception>
    public static SpeechSynthesizer Load(string? voiceFolder = null, DeviceOptions? options = null)
    {
        var device = ComputeDevice.Open(options);
        try
        {
            return new SpeechSynthesizer(Voice.Load(voiceFolder ?? Voice.FindDefault(), device), device);
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
    public SpeechResult Speak(string text, SpeechOptions? options = null, CancellationToken cancellation = default)
    {
        var sentences = SpeakSentences(text, options, cancellation).ToList();
        return SpeechResult.Of(sentences, PauseSamples);
    }

    /// <summary>Speaks a text one sentence at a time, each as soon as the one before has been taken.</summary>
    /// <inheritdoc cref="Speak" path="/exception"/>
    public IEnumerable<SpokenSentence> SpeakSentences(string text, SpeechOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new SpeechOptions();
        TimeStretch.RequireSpeed(options.Speed);
        var sentences = Read(text);
        for (var i = 0; i < sentences.Count; i++)
        {
            yield return SpeakSentence(sentences[i].Tokens, sentences[i].Time, i, sentences.Count, options, cancellation);
        }
    }

    // Part of a text may have nothing to say (a line of dashes, a smiley); only when all of it has not is that an error.
    private List<(TokenSequence Tokens, TimeSpan Time)> Read(string text)
    {
        var sentences = new List<(TokenSequence, TimeSpan)>();
        TextException? silent = null;
        foreach (var sentence in SentenceSplitter.Split(text))
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                sentences.Add((Voice.FrontEnd.Read(sentence), Stopwatch.GetElapsedTime(start)));
            }
            catch (TextException error)
            {
                silent = error;
            }
        }

        return sentences.Count > 0 ? sentences : throw silent ?? new TextException("there is nothing to say: the text is empty.");
    }

    private SpokenSentence SpeakSentence(
        TokenSequence tokens, TimeSpan textTime, int index, int count, SpeechOptions options, CancellationToken cancellation)
    {
        var seed = options.Seed ?? Voice.Manifest.Defaults.Seed;
        var start = Stopwatch.GetTimestamp();
        var (mel, verdict, attempts) = Synthesize(tokens.Ids, index, count, options, seed, cancellation);
        var synthesised = Stopwatch.GetTimestamp();
        var samples = Voice.Vocoder.Generate(mel.Mel, seed, cancellation);
        var audio = TimeStretch.Apply(new Waveform(samples.Span.ToArray(), Voice.Vocoder.Mel.SampleRate), options.Speed);
        return new SpokenSentence(
            tokens, mel, verdict, attempts, audio, new SpeechTimings(textTime, Stopwatch.GetElapsedTime(start, synthesised), Stopwatch.GetElapsedTime(synthesised)));
    }

    // Random numbers are keyed by sentence and attempt, so a sentence sounds the same whatever was spoken before it.
    private (Tacotron2Result Mel, AttentionVerdict Verdict, int Attempts) Synthesize(
        int[] ids, int index, int count, SpeechOptions options, ulong seed, CancellationToken cancellation)
    {
        var defaults = Voice.Manifest.Defaults;
        var contract = Voice.AcousticConfig.Mel;
        var secondsPerFrame = (double)contract.HopLength / contract.SampleRate;
        var attempts = options.Attempts ?? defaults.Attempts;
        (Tacotron2Result Mel, AttentionVerdict Verdict)? best = null;
        for (var attempt = 0; ; attempt++)
        {
            var mel = Voice.Acoustic.Synthesize(
                ids,
                new Tacotron2Options
                {
                    GateThreshold = options.GateThreshold ?? defaults.GateThreshold,
                    MaxSteps = Math.Max(1, (int)((options.MaxSeconds ?? defaults.MaxSeconds) / (secondsPerFrame * Voice.AcousticConfig.FramesPerStep))),
                    Seed = seed,
                    Utterance = (uint)((index * MostAttempts) + attempt),
                    Progress = options.Progress is { } progress ? new SentenceProgress(progress, index, count) : null,
                },
                cancellation);
            cancellation.ThrowIfCancellationRequested();
            var verdict = AttentionWatch.Judge(mel, secondsPerFrame);
            if (best is null || verdict.Badness < best.Value.Verdict.Badness)
            {
                best = (mel, verdict);
            }

            if (verdict.IsGood || attempt + 1 >= attempts)
            {
                return (best.Value.Mel, best.Value.Verdict, attempt + 1);
            }
        }
    }

    /// <summary>Lets go of the device.</summary>
    public void Dispose() => _device.Dispose();

    private sealed class SentenceProgress(IProgress<SpeechProgress> progress, int index, int count) : IProgress<int>
    {
        public void Report(int frames) => progress.Report(new SpeechProgress(index, count, frames));
    }
}
