namespace CudaTts;

/// <summary>Exact silence before or after a sentence, and the marks within it.</summary>
/// <param name="Samples">Its length, samples.</param>
/// <param name="Marks">Marks of an SSML document, in order.</param>
public sealed record SpeechPause(int Samples, IReadOnlyList<SpeechMark> Marks)
{
    /// <summary>No silence and no marks.</summary>
    public static SpeechPause None { get; } = new(0, []);
}

/// <summary>A place that the caller wants to know the time of.</summary>
/// <param name="Name">As the document has it.</param>
/// <param name="Offset">Samples from the beginning of its pause; for a mark within a sentence, words before it.</param>
public readonly record struct SpeechMark(string Name, int Offset);
