using System.Text.Json.Serialization;

namespace CudaTts.Models.Vits;

/// <summary>What a checkpoint's config says of the way from a text to ids, kept so that a voice's folder is all that its front end needs.</summary>
public sealed record VitsText
{
    /// <summary>The value of <see cref="Kind"/> for jaywalnut310/vits.</summary>
    public const string VitsKind = "vits";

    /// <summary>The value of <see cref="Kind"/> for Piper.</summary>
    public const string PiperKind = "piper";

    /// <summary>The value of <see cref="PhonemeType"/> for voices whose phonemes are the characters of the text.</summary>
    public const string CharacterPhonemes = "text";

    /// <summary>Whose rules: <c>vits</c> or <c>piper</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; init; } = VitsKind;

    /// <summary>What espeak calls the voice whose phonemes the network reads, such as <c>en-us</c>; null where that is not known.</summary>
    [JsonPropertyName("espeak_voice")]
    public string? EspeakVoice { get; init; }

    /// <summary>Piper: <c>espeak</c>, or <c>text</c> where the ids are those of the text's own characters.</summary>
    [JsonPropertyName("phoneme_type")]
    public string PhonemeType { get; init; } = "espeak";

    /// <summary>Piper: the ids of each phoneme.</summary>
    [JsonPropertyName("phoneme_id_map")]
    public Dictionary<string, int[]> PhonemeIdMap { get; init; } = [];

    /// <summary>Piper: phonemes that stand for others.</summary>
    [JsonPropertyName("phoneme_map")]
    public Dictionary<string, string[]> PhonemeMap { get; init; } = [];

    /// <summary>The speakers' names and numbers, where the config has them.</summary>
    [JsonPropertyName("speaker_id_map")]
    public Dictionary<string, int> SpeakerIdMap { get; init; } = [];

    /// <summary>Piper: seconds of silence behind phonemes, which are marks as a rule.</summary>
    [JsonPropertyName("phoneme_silence")]
    public Dictionary<string, double> PhonemeSilence { get; init; } = [];

    /// <summary>The language, as its config writes it, such as <c>en_US</c>; null where that is not known.</summary>
    [JsonPropertyName("language")]
    public string? Language { get; init; }

    /// <summary>The same, as any network says it.</summary>
    internal TaughtText Taught => new()
    {
        PhonemeIds = Kind == PiperKind ? PhonemeIdMap : null,
        PhonemeReplacements = PhonemeMap,
        PhonemeSilences = PhonemeSilence,
        EspeakVoice = EspeakVoice,
        ReadsCharacters = PhonemeType == CharacterPhonemes,
        Language = Language,
    };
}
