using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Pipeline;
using CudaTts.Text;

namespace CudaTts;

/// <summary>A spoken text.</summary>
/// <param name="Audio">The sentences' samples in order, with the pauses around them.</param>
/// <param name="Sentences">Each sentence with everything the models made of it.</param>
public sealed record SpeechResult(Waveform Audio, IReadOnlyList<SpokenSentence> Sentences)
{
    /// <summary>Joins sentences of one voice into one sound.</summary>
    /// <param name="sentences">The sentences in order, at least one.</param>
    /// <exception cref="AudioException">The sound is longer than one array can be.</exception>
    public static SpeechResult Of(IReadOnlyList<SpokenSentence> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        var count = sentences.Sum(sentence => (long)sentence.Samples);
        if (count > Array.MaxLength)
        {
            throw new AudioException(
                $"expected a text of at most {Array.MaxLength} samples, found {count}: take its sentences one at a time, or divide it.");
        }

        var samples = new float[count];
        var position = 0;
        foreach (var sentence in sentences)
        {
            sentence.Audio.Samples.CopyTo(samples, position + sentence.PauseBefore.Samples);
            position += sentence.Samples;
        }

        return new SpeechResult(new Waveform(samples, sentences[0].Audio.SampleRate), sentences);
    }

    /// <summary>When every word and sound is said. Computed anew every time.</summary>
    public SpeechTimestamps Timestamps
    {
        get
        {
            var times = new TimestampBuilder();
            foreach (var sentence in Sentences)
            {
                times.Add(sentence);
            }

            return times.Build();
        }
    }

    /// <summary>What is wrong with any of the sentences.</summary>
    public SpeechFaults Faults => Sentences.Aggregate(SpeechFaults.None, (faults, sentence) => faults | sentence.Verdict.Faults);

    /// <summary>
    /// Why the model stopped: <see cref="StopReason.Gate"/> or <see cref="StopReason.Durations"/>, as the model is, only when it said every sentence
    /// to its end.
    /// </summary>
    public StopReason Stop => Sentences.Max(sentence => sentence.Mel.Stop);

    /// <summary>Time that each stage took, summed over the sentences.</summary>
    public SpeechTimings Timings => Sentences.Aggregate(new SpeechTimings(), (sum, sentence) => sum + sentence.Timings);
}

/// <summary>One spoken sentence.</summary>
/// <param name="Tokens">What the acoustic model read.</param>
/// <param name="Mel">What it made of that, with the alignment.</param>
/// <param name="Verdict">Whether that is what the text says.</param>
/// <param name="Attempts">How often the sentence was tried; the best is kept.</param>
/// <param name="Audio">What the vocoder made of the mel, at the speed, pitch and loudness asked for.</param>
/// <param name="Timings">Time that each stage took.</param>
public sealed record SpokenSentence(
    TokenSequence Tokens, AcousticResult Mel, AttentionVerdict Verdict, int Attempts, Waveform Audio, SpeechTimings Timings)
{
    /// <summary>Silence before it: the voice's pause, or what an SSML document says.</summary>
    public SpeechPause PauseBefore { get; init; } = SpeechPause.None;

    /// <summary>Silence after it, with which an SSML document may end.</summary>
    public SpeechPause PauseAfter { get; init; } = SpeechPause.None;

    /// <summary>Marks of an SSML document within it, each with the number of its words before.</summary>
    public IReadOnlyList<SpeechMark> Marks { get; init; } = [];

    /// <summary>The stretches of its audio that were made faster or slower; without any, all of it alike.</summary>
    public IReadOnlyList<SpokenPart> Parts { get; init; } = [];

    /// <summary>Length with both pauses, samples.</summary>
    public int Samples => PauseBefore.Samples + Audio.Samples.Length + PauseAfter.Samples;
}

/// <summary>A stretch of a sentence's audio, from the end of the one before it.</summary>
/// <param name="VocoderEnd">Where it ended in what the vocoder made, samples.</param>
/// <param name="End">Where it ends in the audio, samples.</param>
public readonly record struct SpokenPart(int VocoderEnd, int End);

/// <summary>Time that each stage took.</summary>
/// <param name="Text">Text to token ids.</param>
/// <param name="Acoustic">Token ids to mel, all attempts.</param>
/// <param name="Vocoder">Mel to samples.</param>
public readonly record struct SpeechTimings(TimeSpan Text, TimeSpan Acoustic, TimeSpan Vocoder)
{
    /// <summary>The time of all stages.</summary>
    public TimeSpan Total => Text + Acoustic + Vocoder;

    /// <summary>Adds stage by stage.</summary>
    public static SpeechTimings operator +(SpeechTimings a, SpeechTimings b) => new(a.Text + b.Text, a.Acoustic + b.Acoustic, a.Vocoder + b.Vocoder);
}
