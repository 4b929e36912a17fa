using System.Diagnostics;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>
/// Sentences to speech, in batches: every sentence is synthesised, judged, and tried again while its attention is not sound; then the best attempt of
/// each is vocoded. A sentence's speech does not depend on its batch, but for rounding in float16 on a GPU.
/// </summary>
internal static class SentenceBatches
{
    /// <summary>Speaks sentences in order.</summary>
    /// <param name="synthesizer">The voice and the device.</param>
    /// <param name="sentences">Read only as far as the batch under way needs.</param>
    /// <param name="growing">Whether the first batch is one sentence, so that speech begins soon, and the next ones double.</param>
    /// <param name="cancellation">Looked at in every decoder step and vocoder layer.</param>
    public static IEnumerable<(ReadSentence Sentence, SpokenSentence Speech)> Speak(
        SpeechSynthesizer synthesizer, IEnumerable<ReadSentence> sentences, bool growing, CancellationToken cancellation)
    {
        var most = synthesizer.Device.PreferredBatch;
        var size = growing ? 1 : most;
        var batch = new List<ReadSentence>();
        foreach (var sentence in sentences)
        {
            batch.Add(sentence);
            if (batch.Count == size)
            {
                foreach (var spoken in SpeakBatch(synthesizer, batch, cancellation))
                {
                    yield return spoken;
                }

                batch.Clear();
                size = Math.Min(2 * size, most);
            }
        }

        foreach (var spoken in SpeakBatch(synthesizer, batch, cancellation))
        {
            yield return spoken;
        }
    }

    private static List<(ReadSentence Sentence, SpokenSentence Speech)> SpeakBatch(
        SpeechSynthesizer synthesizer, List<ReadSentence> batch, CancellationToken cancellation)
    {
        var spoken = new Queue<(ReadSentence, SpokenSentence)>(SpeakWords(synthesizer, batch.FindAll(sentence => !sentence.IsSilent), cancellation));
        return batch.ConvertAll(sentence => sentence.IsSilent ? (sentence, SilenceOf(synthesizer.Voice, sentence)) : spoken.Dequeue());
    }

    /// <summary>What is there of a text that has breaks and no words.</summary>
    private static SpokenSentence SilenceOf(Voice voice, ReadSentence sentence)
    {
        var nothing = new SilentResult(voice.Acoustic.Mel.MelBands);
        return new SpokenSentence(sentence.Tokens, nothing, nothing.Judge(0), 0, new Waveform([], voice.Vocoder.Mel.SampleRate), default)
        {
            PauseAfter = sentence.PauseAfter,
        };
    }

    private static IEnumerable<(ReadSentence Sentence, SpokenSentence Speech)> SpeakWords(
        SpeechSynthesizer synthesizer, List<ReadSentence> batch, CancellationToken cancellation)
    {
        if (batch.Count == 0)
        {
            return [];
        }

        var voice = synthesizer.Voice;
        var start = Stopwatch.GetTimestamp();
        var mels = Synthesize(voice, batch, cancellation);
        var synthesised = Stopwatch.GetTimestamp();
        var noise = batch.ConvertAll(sentence => Noise(voice, sentence));
        var audio = voice.Vocoder.Generate([.. mels.Select(mel => mel.Result.Mel)], noise, cancellation);
        using (voice.Device.BeginHostStage(Stage.Samples))
        {
            Denoise(voice, batch, audio);
        }

        // A batch's time is shared equally among its sentences.
        var (acousticTime, vocoderTime) =
            (Stopwatch.GetElapsedTime(start, synthesised) / batch.Count, Stopwatch.GetElapsedTime(synthesised) / batch.Count);
        return batch.Select((sentence, i) =>
        {
            using var stage = voice.Device.BeginHostStage(Stage.Samples);
            var waveform = new Waveform(audio[i].Span.ToArray(), voice.Vocoder.Mel.SampleRate);
            var parts = PartsOf(sentence, mels[i].Result, waveform.Samples.Length);
            var changed = ProsodyParts.Apply(waveform, parts, out var ends);
            EdgeFade.AtStart(changed.Samples, changed.SampleRate);
            EdgeFade.AtEnd(changed.Samples, changed.SampleRate);
            var timings = new SpeechTimings(sentence.TextTime, acousticTime, vocoderTime);
            return (sentence, new SpokenSentence(sentence.Tokens, mels[i].Result, mels[i].Verdict, mels[i].Number, changed, timings)
            {
                PauseBefore = sentence.PauseBefore,
                PauseAfter = sentence.PauseAfter,
                Marks = sentence.Marks,
                Parts = [.. parts.Select((part, p) => new SpokenPart(part.End, ends[p]))],
            });
        });
    }

    private static void Denoise(Voice voice, List<ReadSentence> batch, Tensor[] audio)
    {
        for (var i = 0; i < audio.Length; i++)
        {
            audio[i] = voice.Vocoder.Denoise(audio[i], batch[i].Options.Denoise ?? voice.Manifest.Defaults.Denoise);
        }
    }

    /// <summary>The parts of a sentence's audio that are spoken in their own ways; between two words the cut is in the middle.</summary>
    private static List<ProsodyPart> PartsOf(ReadSentence sentence, AcousticResult mel, int samples)
    {
        ProsodyPart Part(int end, SpeechOptions options) => new(end, options.Speed, options.PitchSemitones, options.VolumeDecibels);
        if (sentence.Parts.Count < 2)
        {
            return [Part(samples, sentence.Parts.Count == 1 ? sentence.Parts[0].Options : sentence.Options)];
        }

        var boundaries = mel.TokenBoundaries();
        var words = sentence.Tokens.Written;
        int Cut(int word) =>
            (int)((boundaries[words[word - 1].EndToken] + boundaries[words[word].FirstToken]) / 2.0 / mel.Steps * samples);
        return [.. sentence.Parts.Select(
            (part, i) => Part(i + 1 < sentence.Parts.Count ? Cut(sentence.Parts[i + 1].FirstWord) : samples, part.Options))];
    }

    /// <summary>The best attempt at each sentence.</summary>
    private static Attempt[] Synthesize(Voice voice, List<ReadSentence> batch, CancellationToken cancellation)
    {
        var mel = voice.Acoustic.Mel;
        var secondsPerFrame = (double)mel.HopLength / mel.SampleRate;
        var best = new Attempt?[batch.Count];
        var open = Enumerable.Range(0, batch.Count).ToList();
        for (var number = 1; open.Count > 0; number++)
        {
            var results = SynthesizeAttempt(voice, open.ConvertAll(i => batch[i]), number, cancellation);
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < open.Count; i++)
            {
                var verdict = results[i].Judge(secondsPerFrame);
                ref var kept = ref best[open[i]];
                kept = kept is null || verdict.Penalty < kept.Verdict.Penalty
                    ? new Attempt(results[i], verdict, number)
                    : kept with { Number = number };
            }

            open.RemoveAll(i => best[i]!.Verdict.IsGood || number >= (batch[i].Options.Attempts ?? voice.Manifest.Defaults.Attempts));
        }

        return best!;
    }

    private static AcousticResult[] SynthesizeAttempt(Voice voice, List<ReadSentence> sentences, int number, CancellationToken cancellation)
    {
        var ids = sentences.ConvertAll(
            sentence => LeadIn.IsFor(sentence.Tokens, number) ? LeadIn.Before(voice, sentence.Tokens) : sentence.Tokens.Ids);
        var results = voice.Acoustic.SynthesizeBatch(ids, sentences.ConvertAll(sentence => Options(voice, sentence, number)), cancellation);
        return
        [
            .. results.Select((result, i) => ids[i].Length > sentences[i].Tokens.Ids.Length ? LeadIn.CutOff(result, sentences[i].Tokens) : result),
        ];
    }

    /// <summary>
    /// What the acoustic model is told for an attempt, counted from 1. Random numbers are keyed by sentence and attempt, so a sentence sounds the
    /// same whatever was spoken before it.
    /// </summary>
    public static AcousticOptions Options(Voice voice, ReadSentence sentence, int attempt)
    {
        var (defaults, options) = (voice.Manifest.Defaults, sentence.Options);
        return new AcousticOptions
        {
            GateThreshold = options.GateThreshold ?? defaults.GateThreshold,
            MaxSeconds = options.MaxSeconds ?? defaults.MaxSeconds,
            Seed = Seed(voice, sentence),
            Utterance = (uint)((sentence.Index * SpeechSynthesizer.MostAttempts) + attempt - 1),
            HoldsAttention = HoldsAttention(options.AttentionWindow, attempt),
            Progress = options.Progress is { } progress ? new SentenceProgress(progress, sentence.Index) : null,
        };
    }

    private static bool HoldsAttention(AttentionWindowUse use, int attempt) =>
        use == AttentionWindowUse.Always || (use == AttentionWindowUse.Retry && attempt % 2 == 0);

    /// <summary>The noise of a sentence's vocoder.</summary>
    public static VocoderNoise Noise(Voice voice, ReadSentence sentence) => new() { Seed = Seed(voice, sentence), Utterance = (uint)sentence.Index };

    private static ulong Seed(Voice voice, ReadSentence sentence) => sentence.Options.Seed ?? voice.Manifest.Defaults.Seed;

    /// <summary>What an attempt made, and how many there were.</summary>
    private sealed record Attempt(AcousticResult Result, AttentionVerdict Verdict, int Number);

    private sealed class SentenceProgress(IProgress<SpeechProgress> progress, int sentence) : IProgress<int>
    {
        public void Report(int frames) => progress.Report(new SpeechProgress(sentence, frames));
    }
}
