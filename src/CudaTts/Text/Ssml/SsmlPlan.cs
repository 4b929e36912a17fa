namespace CudaTts.Text.Ssml;

/// <summary>What an SSML document asks for, in order. It does not change once it has been made.</summary>
/// <param name="Steps">Texts, breaks and marks.</param>
public sealed record SsmlPlan(IReadOnlyList<SsmlStep> Steps);

/// <summary>One step of a plan: <see cref="SsmlText"/>, <see cref="SsmlBreak"/> or <see cref="SsmlMark"/>.</summary>
public abstract record SsmlStep;

/// <summary>Something to say, at most a paragraph.</summary>
/// <param name="Text">Text for the front end <c>english</c>; <c>phoneme</c> has become phones in braces, <c>sub</c> and <c>say-as</c> words.</param>
/// <param name="Prosody">How it is said.</param>
public sealed record SsmlText(string Text, Prosody Prosody) : SsmlStep;

/// <summary>Silence of an exact length.</summary>
/// <param name="Milliseconds">Its length, 0 to 60,000.</param>
public sealed record SsmlBreak(int Milliseconds) : SsmlStep;

/// <summary>A place that the caller wants to know the time of.</summary>
/// <param name="Name">The mark's name, as the document has it.</param>
public sealed record SsmlMark(string Name) : SsmlStep;

/// <summary>Speed, loudness and pitch of a text; elements within one another multiply and add up. The audio is changed, not the model.</summary>
/// <param name="Rate">Times as fast, 0.25 to 4.</param>
/// <param name="VolumeDecibels">Change of loudness in decibels; negative infinity is silent.</param>
/// <param name="PitchSemitones">Change of pitch in semitones, -24 to 24.</param>
public sealed record Prosody(double Rate = 1, double VolumeDecibels = 0, double PitchSemitones = 0)
{
    /// <summary>No change of prosody.</summary>
    public static Prosody Neutral { get; } = new();
}
