namespace CudaTts.Text.Ssml;

/// <summary>What an SSML document asks for, in order. It does not change once it has been made.</summary>
/// <param name="Steps">Texts, breaks and marks.</param>
public sealed record SsmlPlan(IReadOnlyList<SsmlStep> Steps)
{
    /// <summary>What the document asks for and does not get, a line each: phones that cannot be read, values out of their range.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One step of a plan: <see cref="SsmlText"/>, <see cref="SsmlBreak"/> or <see cref="SsmlMark"/>.</summary>
public abstract record SsmlStep;

/// <summary>Something to say, at most a paragraph.</summary>
/// <param name="Text">Text for a front end; <c>phoneme</c> has become phones in braces, <c>sub</c> and <c>say-as</c> words.</param>
/// <param name="Prosody">How it is said.</param>
public sealed record SsmlText(string Text, Prosody Prosody) : SsmlStep
{
    /// <summary>Whether the document has no white space between this and the text before it: both may be parts of one word.</summary>
    public bool IsAttached { get; init; }

    /// <summary>Where the text says something else than what the document writes, in order and apart from one another.</summary>
    public IReadOnlyList<SsmlSubstitution> Substitutions { get; init; } = [];

    /// <summary>This text and one behind it as one.</summary>
    internal SsmlText Joined(SsmlText next)
    {
        var text = next.IsAttached ? Text : Text + ' ';
        var moved = next.Substitutions.Select(said => said with { Start = said.Start + text.Length, End = said.End + text.Length });
        return this with { Text = text + next.Text, Substitutions = [.. Substitutions, .. moved] };
    }
}

/// <summary>Characters of a text that are said in place of others: what people read is what the document writes.</summary>
/// <param name="Start">The first of the characters, from 0.</param>
/// <param name="End">Behind the last.</param>
/// <param name="Written">What the document writes there; empty where it writes nothing.</param>
public sealed record SsmlSubstitution(int Start, int End, string Written);

/// <summary>Silence of an exact length; without a length, no pause where there would be one, and nothing elsewhere.</summary>
/// <param name="Milliseconds">Its length, 0 to 60,000.</param>
public sealed record SsmlBreak(int Milliseconds) : SsmlStep;

/// <summary>A place that the caller wants to know the time of.</summary>
/// <param name="Name">The mark's name, as the document has it.</param>
public sealed record SsmlMark(string Name) : SsmlStep;

/// <summary>Speed, loudness and pitch of a text; elements within one another multiply and add up, and the innermost emphasis counts.</summary>
/// <param name="Rate">Times as fast, 0.25 to 4.</param>
/// <param name="VolumeDecibels">Change of loudness in decibels; negative infinity is silent.</param>
/// <param name="PitchSemitones">Change of pitch in semitones, -24 to 24.</param>
public sealed record Prosody(double Rate = 1, double VolumeDecibels = 0, double PitchSemitones = 0)
{
    /// <summary>No change of prosody.</summary>
    public static Prosody Neutral { get; } = new();

    /// <summary>How much of <see cref="VolumeDecibels"/> comes of emphasis, which a model may have a way of its own to speak.</summary>
    public double EmphasisDecibels { get; init; }
}
