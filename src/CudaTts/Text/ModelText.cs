namespace CudaTts.Text;

/// <summary>What a model's own configuration says of the text that it was taught with.</summary>
public sealed record ModelText
{
    /// <summary>Ids of each phoneme, which is one Unicode character; null for the table of 178 symbols that VITS has.</summary>
    public IReadOnlyDictionary<string, int[]>? PhonemeIds { get; init; }

    /// <summary>Phonemes that are written as others before their ids are looked up.</summary>
    public IReadOnlyDictionary<string, string[]>? PhonemeReplacements { get; init; }

    /// <summary>Seconds of silence behind phonemes; none when it is null.</summary>
    public IReadOnlyDictionary<string, double>? PhonemeSilences { get; init; }

    /// <summary>The voice of espeak-ng that spoke its phonemes.</summary>
    public string? EspeakVoice { get; init; }

    /// <summary>Whether its phonemes are the characters of the text.</summary>
    public bool ReadsCharacters { get; init; }
}
