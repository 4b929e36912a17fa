using CudaTts.Models;

namespace CudaTts.Pipeline;

/// <summary>What an attempt made, and how many there were.</summary>
internal sealed record SentenceAttempt(AcousticResult Result, AttentionVerdict Verdict, int Number);

/// <summary>
/// Attempts at sentences: what the models are told for each, and which is the best. Random numbers are keyed by sentence and attempt, so a sentence
/// sounds the same whatever was spoken before it or is spoken beside it.
/// </summary>
internal static class SentenceAttempts
{
    /// <summary>Most attempts at a sentence; one where a second would be the same.</summary>
    public static int Most(Voice voice, ReadSentence sentence) =>
        voice.Acoustic.HasAttempts ? sentence.Options.Attempts ?? voice.Manifest.Defaults.Attempts : 1;

    /// <summary>The token ids of an attempt, counted from 1.</summary>
    public static int[] Ids(Voice voice, ReadSentence sentence, int attempt) =>
        LeadIn.IsFor(voice, sentence.Tokens, attempt) ? LeadIn.Before(voice, sentence.Tokens) : sentence.Tokens.Ids;

    /// <summary>What the acoustic model is told for an attempt, counted from 1.</summary>
    public static AcousticOptions Options(Voice voice, ReadSentence sentence, int attempt)
    {
        var (defaults, options) = (voice.Manifest.Defaults, sentence.Options);
        return new AcousticOptions
        {
            GateThreshold = options.GateThreshold ?? defaults.GateThreshold,
            // Of speech as fast as the model finds fit: what is to be slower may last longer.
            MaxSeconds = (options.MaxSeconds ?? defaults.MaxSeconds) / Math.Min(1, sentence.Prosody?.Min(token => token.Pace) ?? 1),
            Seed = Seed(voice, sentence),
            Utterance = (uint)((sentence.Index * SpeechSynthesizer.MostAttempts) + attempt - 1),
            Speaker = Speaker(voice.Acoustic.Speakers, voice, sentence),
            Prosody = sentence.Prosody,
            NoiseScale = options.NoiseScale,
            DurationNoiseScale = options.DurationNoiseScale,
            HoldsAttention = HoldsAttention(options.AttentionWindow, attempt),
        };
    }

    /// <summary>What a sentence's vocoder is told.</summary>
    public static VocoderOptions VocoderOptions(Voice voice, ReadSentence sentence) => new()
    {
        Seed = Seed(voice, sentence),
        Utterance = (uint)sentence.Index,
        Speaker = Speaker(voice.Vocoder.Speakers, voice, sentence),
    };

    /// <summary>The better of the attempts so far and a new one, counted from 1.</summary>
    public static SentenceAttempt Better(Voice voice, ReadSentence sentence, SentenceAttempt? best, AcousticResult made, int number)
    {
        var mel = voice.Acoustic.Mel;
        var result = LeadIn.IsFor(voice, sentence.Tokens, number) ? LeadIn.CutOff(made, sentence.Tokens) : made;
        var verdict = result.Judge((double)mel.HopLength / mel.SampleRate);
        return best is null || verdict.Penalty < best.Verdict.Penalty ? new SentenceAttempt(result, verdict, number) : best with { Number = number };
    }

    private static bool HoldsAttention(AttentionWindowUse use, int attempt) =>
        use == AttentionWindowUse.Always || (use == AttentionWindowUse.Retry && attempt % 2 == 0);

    // Of two networks one may know of no speakers: it is not asked for any.
    private static int? Speaker(int speakers, Voice voice, ReadSentence sentence) =>
        speakers == 0 ? null : sentence.Options.Speaker ?? voice.Manifest.Defaults.Speaker;

    private static ulong Seed(Voice voice, ReadSentence sentence) => sentence.Options.Seed ?? voice.Manifest.Defaults.Seed;
}
