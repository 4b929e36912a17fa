namespace CudaTts;

/// <summary>What to load differently from what a voice's folder says.</summary>
public sealed record VoiceOptions
{
    /// <summary>Folder of another vocoder, or <c>griffin-lim</c>; null for the voice's own.</summary>
    public string? Vocoder { get; init; }

    /// <summary>
    /// Whether to speak with a vocoder that was made for another mel. What a formula can convert is converted; the sound is poor all the same.
    /// </summary>
    public bool AllowMelMismatch { get; init; }
}
