namespace CudaTts.Text.Ssml;

/// <summary>
/// What the levels of <c>emphasis</c> are (W3C, Speech Synthesis Markup Language 1.1, section 3.2.2, which leaves that to the engine): stressed words
/// are slower, higher and louder than others. As much of each as listeners notice without hearing another speaker.
/// </summary>
/// <param name="Rate">Factor on the rate.</param>
/// <param name="Semitones">Added to the pitch.</param>
/// <param name="Decibels">Added to the loudness.</param>
internal sealed record Emphasis(double Rate, double Semitones, double Decibels)
{
    /// <summary>No emphasis, whatever stands around it.</summary>
    public static Emphasis None { get; } = new(1, 0, 0);

    /// <summary>The emphasis of a level; null when there is no such level.</summary>
    public static Emphasis? Of(string level) => level switch
    {
        "strong" => new Emphasis(0.8, 2.5, 4),
        "moderate" => new Emphasis(0.9, 1.5, 2),
        "reduced" => new Emphasis(1.15, -1, -2),
        "none" => None,
        _ => null,
    };

    /// <summary>Whether a prosody has no room for this emphasis.</summary>
    public bool IsCutOn(Prosody prosody) => On(prosody) is var cut
        && (cut.Rate != prosody.Rate * Rate || cut.PitchSemitones != prosody.PitchSemitones + Semitones);

    /// <summary>A prosody with this emphasis on top.</summary>
    public Prosody On(Prosody prosody) => this == None ? prosody : new Prosody(
        Math.Clamp(prosody.Rate * Rate, ProsodyValues.SlowestRate, ProsodyValues.FastestRate),
        prosody.VolumeDecibels + Decibels,
        Math.Clamp(prosody.PitchSemitones + Semitones, -ProsodyValues.MostSemitones, ProsodyValues.MostSemitones))
    {
        EmphasisDecibels = Decibels,
    };
}
