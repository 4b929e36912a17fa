using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>What is done to a sentence's sound when the vocoder has made it: hum, speed, pitch and volume, silent edges.</summary>
internal static class SpeechFinish
{
    /// <summary>What is there of a text that has breaks and no words.</summary>
    public static SpokenSentence Silence(Voice voice, ReadSentence sentence)
    {
        var nothing = new SilentResult(voice.Acoustic.Mel.MelBands, voice.Acoustic.UsualStop);
        return new SpokenSentence(sentence.Tokens, nothing, nothing.Judge(0), 0, new Waveform([], voice.Vocoder.Mel.SampleRate), default)
        {
            PauseAfter = sentence.PauseAfter,
        };
    }

    /// <summary>A sentence of the vocoder's samples [1, N].</summary>
    public static SpokenSentence Whole(Voice voice, ReadSentence sentence, SentenceAttempt made, Tensor audio, SpeechTimings timings)
    {
        using var stage = voice.Device.BeginHostStage(Stage.Samples);
        var clean = voice.Vocoder.Denoise(audio, sentence.Options.Denoise ?? voice.Manifest.Defaults.Denoise);
        var waveform = new Waveform(clean.Span.ToArray(), voice.Vocoder.Mel.SampleRate);
        var parts = PartsOf(sentence, made.Result, waveform.Samples.Length);
        var changed = ProsodyParts.Apply(waveform, parts, out var ends);
        EdgeFade.AtStart(changed.Samples, changed.SampleRate);
        EdgeFade.AtEnd(changed.Samples, changed.SampleRate);
        return Of(sentence, made, changed, timings) with { Parts = [.. parts.Select((part, p) => new SpokenPart(part.End, ends[p]))] };
    }

    /// <summary>A sentence of samples that stay as they are.</summary>
    public static SpokenSentence Of(ReadSentence sentence, SentenceAttempt made, Waveform audio, SpeechTimings timings) =>
        new(sentence.Tokens, made.Result, made.Verdict, made.Number, audio, timings)
        {
            PauseBefore = sentence.PauseBefore,
            PauseAfter = sentence.PauseAfter,
            Marks = sentence.Marks,
        };

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
}
