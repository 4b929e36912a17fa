namespace CudaTts.Models;

/// <summary>What a network's config says of the text that it was taught with.</summary>
public sealed record TaughtText
{
    /// <summary>Ids of each phoneme; null where the network reads symbols that are public.</summary>
    public IReadOnlyDictionary<string, int[]>? PhonemeIds { get; init; }

    /// <summary>Phonemes that stand for others.</summary>
    public IReadOnlyDictionary<string, string[]>? PhonemeReplacements { get; init; }

    /// <summary>Seconds of silence behind phonemes; none when it is null.</summary>
    public IReadOnlyDictionary<string, double>? PhonemeSilences { get; init; }

    /// <summary>The voice of espeak-ng that spoke its phonemes, such as <c>en-us</c>; null where that is not known.</summary>
    public string? EspeakVoice { get; init; }

    /// <summary>Whether its phonemes are the characters of the text.</summary>
    public bool ReadsCharacters { get; init; }

    /// <summary>The language, as its config writes it, such as <c>en_US</c>; null where that is not known.</summary>
    public string? Language { get; init; }
}
