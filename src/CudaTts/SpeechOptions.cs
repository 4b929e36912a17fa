using CudaTts.Audio;
using CudaTts.Text.English;

namespace CudaTts;

/// <summary>What may differ from one text to the next. What is null is as the voice has it.</summary>
public sealed record SpeechOptions
{
    /// <summary>Key of the random numbers: the same voice, text and seed give the same samples.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Which of the voice's speakers speaks, from 0, where it has several (<see cref="Voice.SpeakerOf"/> knows names); who the voice says, when
    /// omitted.
    /// </summary>
    public int? Speaker { get; init; }

    /// <summary>
    /// How fast to speak, 0.25 to 4: 2 takes half the time. The pitch stays. A model that predicts durations (VITS, FastPitch) makes shorter or
    /// longer ones; else the waveform is changed.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>
    /// Change of pitch in semitones, -24 to 24. FastPitch speaks higher or lower; else the waveform is changed: <see cref="ProsodyChange"/>.
    /// </summary>
    public double PitchSemitones { get; init; }

    /// <summary>
    /// How lively a VITS voice speaks, 0 to 10: the factor on the noise that its latent frames are drawn with. Left aside by other voices.
    /// </summary>
    public float? NoiseScale { get; init; }

    /// <summary>
    /// How freely a VITS voice chooses its rhythm, 0 to 10: the factor on the noise that its durations are drawn with. Left aside by other voices.
    /// </summary>
    public float? DurationNoiseScale { get; init; }

    /// <summary>Change of loudness in decibels, at most 40, up to full scale; negative infinity is silence.</summary>
    public double VolumeDecibels { get; init; }

    /// <summary>What emphasis adds to <see cref="VolumeDecibels"/>, unless the model predicts energy and takes it upon itself.</summary>
    internal double EmphasisDecibels { get; init; }

    /// <summary>Whether the text is SSML (<see cref="Text.Ssml.SsmlReader"/>): its prosody comes on top of that of these options.</summary>
    public bool IsSsml { get; init; }

    /// <summary>A sentence ends when the gate's probability exceeds this.</summary>
    public double? GateThreshold { get; init; }

    /// <summary>Longest speech of one sentence, seconds (before <see cref="Speed"/>).</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>
    /// How often a sentence is tried, each time with other random numbers, until the attention watch finds nothing wrong; the best attempt is kept.
    /// 1 to <see cref="SpeechSynthesizer.MostAttempts"/>.
    /// </summary>
    public int? Attempts { get; init; }

    /// <summary>When attention may look only at the tokens around the last step's peak.</summary>
    public AttentionWindowUse AttentionWindow { get; init; }

    /// <summary>How much of the vocoder's own hum to take away, 0 to 10; see <see cref="Models.Vocoder.Denoise"/>.</summary>
    public float? Denoise { get; init; }

    /// <summary>Words as they shall be said, before every rule of the front end, which must be <c>english</c>.</summary>
    public UserLexicon? Lexicon { get; init; }

    /// <summary>Whose the text is and how soon it is wanted, where several speak at once; somebody's own who waits for it, when omitted.</summary>
    public SpeechSchedule? Schedule { get; init; }

    /// <summary>Refuses numbers that cannot be meant (<see cref="SpeechLimits"/>).</summary>
    /// <exception cref="CudaTtsException">Names the number, and what it may be.</exception>
    internal void Require()
    {
        SpeechLimits.Speed.Require(Speed, nameof(Speed));
        SpeechLimits.Pitch.Require(PitchSemitones, nameof(PitchSemitones));
        SpeechLimits.Volume.Require(VolumeDecibels, nameof(VolumeDecibels));
        SpeechLimits.GateThreshold.Require(GateThreshold ?? 0, nameof(GateThreshold));
        SpeechLimits.SentenceSeconds.Require(MaxSeconds ?? SpeechLimits.SentenceSeconds.Most, nameof(MaxSeconds));
        SpeechLimits.Attempts.Require(Attempts ?? 1, nameof(Attempts));
        SpeechLimits.Denoise.Require(Denoise ?? 0, nameof(Denoise));
        SpeechLimits.Sigma.Require(NoiseScale ?? 0, nameof(NoiseScale));
        SpeechLimits.Sigma.Require(DurationNoiseScale ?? 0, nameof(DurationNoiseScale));
        if (!Enum.IsDefined(AttentionWindow))
        {
            var known = string.Join(", ", Enum.GetNames<AttentionWindowUse>());
            throw new CudaTtsException($"{nameof(AttentionWindow)}: expected {known}, found {AttentionWindow}.");
        }
    }

    /// <summary>Whether the audio stays as the vocoder makes it.</summary>
    internal bool KeepsAudio => Speed == 1 && PitchSemitones == 0 && VolumeDecibels == 0;

    /// <summary>
    /// Told after every decoder step (on a GPU: every few), on a thread that synthesises; sentences of one batch report side by side.
    /// </summary>
    public IProgress<SpeechProgress>? Progress { get; init; }

    /// <summary>
    /// Told, in a line each and before the first sound, what a document asks for and does not get: phones that cannot be read, a rate out of its
    /// range.
    /// </summary>
    public IProgress<string>? Warnings { get; init; }
}

/// <summary>When attention is held to a window around the token where it was, by a model that has such attention.</summary>
public enum AttentionWindowUse
{
    /// <summary>The window is used in no attempt.</summary>
    Off,

    /// <summary>
    /// The window is used in every second attempt at a sentence whose first attempt was not sound: the second, the fourth, and so on.
    /// </summary>
    Retry,

    /// <summary>The window is used in every attempt.</summary>
    Always,
}

/// <summary>One of many texts to speak.</summary>
/// <param name="Text">The text.</param>
/// <param name="Options">How to speak it; as the voice has it when omitted.</param>
public sealed record SpeechRequest(string Text, SpeechOptions? Options = null);

/// <summary>What became of one of many texts: its speech, or why there is none.</summary>
/// <param name="Result">The speech; null when there is an error.</param>
/// <param name="Error">Why the text cannot be spoken; null when it is.</param>
public sealed record SpeechOutcome(SpeechResult? Result, CudaTtsException? Error);

/// <summary>How far a text has come.</summary>
/// <param name="Sentence">The sentence being spoken, from 0. Sentences of one batch report side by side.</param>
/// <param name="Frames">Mel frames of this sentence so far.</param>
public readonly record struct SpeechProgress(int Sentence, int Frames);
