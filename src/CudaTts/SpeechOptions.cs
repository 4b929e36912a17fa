using CudaTts.Text;

namespace CudaTts;

/// <summary>What may differ from one text to the next. What is null is as the voice has it.</summary>
public sealed record SpeechOptions
{
    /// <summary>Key of the random numbers: the same voice, text and seed give the same samples.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How fast to speak, 0.25 to 4: 2 takes half the time. The pitch stays.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>A sentence ends when the gate's probability exceeds this.</summary>
    public double? GateThreshold { get; init; }

    /// <summary>Longest speech of one sentence, seconds (before <see cref="Speed"/>).</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>
    /// How often a sentence is tried, each time with other random numbers, until the attention watch finds nothing wrong; the best attempt is kept.
    /// 1 to <see cref="SpeechSynthesizer.MostAttempts"/>.
    /// </summary>
    public int? Attempts { get; init; }

    /// <summary>How much of the vocoder's own hum to take away, 0 to 10; see <see cref="Vocoders.Vocoder.Denoise"/>.</summary>
    public float? Denoise { get; init; }

    /// <summary>Words as they shall be said, before every rule of the front end, which must be <c>english</c>.</summary>
    public UserLexicon? Lexicon { get; init; }

    /// <summary>Told after every decoder step (on a GPU: every few), on a thread that synthesises; sentences of one batch report side by side.</summary>
    public IProgress<SpeechProgress>? Progress { get; init; }
}

/// <summary>One of many texts to speak.</summary>
/// <param name="Text">The text.</param>
/// <param name="Options">How to speak it; as the voice has it when omitted.</param>
public sealed record SpeechRequest(string Text, SpeechOptions? Options = null);

/// <summary>How far a text has come.</summary>
/// <param name="Sentence">The sentence being spoken, from 0. Sentences of one batch report side by side.</param>
/// <param name="Frames">Mel frames of this sentence so far.</param>
public readonly record struct SpeechProgress(int Sentence, int Frames);
