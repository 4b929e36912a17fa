using CudaTts.Text.English;

namespace CudaTts.Text.Ssml;

/// <summary>The phones of the element <c>phoneme</c> as words in braces.</summary>
internal static class PhonemeValues
{
    // A word of a hundred letters has less; what is longer than a segment of the text could not stay whole.
    private const int MostSounds = 48;
    private const int LongestValue = 500;

    /// <summary>The words, with a space between; null when the phones cannot be read.</summary>
    /// <param name="phones">The phones as the document writes them; null when it has none.</param>
    /// <param name="alphabet">How they are written.</param>
    /// <param name="reason">Why they cannot be read.</param>
    public static string? Words(string? phones, string alphabet, out string reason)
    {
        var name = alphabet.Trim().ToLowerInvariant();
        var words = phones is null || phones.Length > LongestValue ? null : name switch
        {
            "ipa" => Ipa.Words(phones, new TextRange(0, phones.Length))?.ConvertAll(word => word.Phones),
            "x-arpabet" or "x-cmu-arpabet" or "cmu-arpabet" or "arpabet" => ArpabetOf(phones),
            _ => null,
        };
        words = words?.TrueForAll(word => word.Length <= MostSounds) == true ? words : null;
        reason = phones switch
        {
            null => "'phoneme' has no phones: expected ph=\"...\"",
            { Length: > LongestValue } => $"expected at most {LongestValue} characters of phones, found {phones.Length}",
            _ when name.Contains("arpabet", StringComparison.Ordinal) => $"'{SsmlScanner.Quote(phones)}' is not ARPAbet such as HH AH0 L OW1",
            _ when name != "ipa" => $"the alphabet '{SsmlScanner.Quote(alphabet)}' is not known, only ipa and x-arpabet",
            _ => $"'{SsmlScanner.Quote(phones)}' is not IPA that English uses",
        };
        return words is null ? null : string.Join(' ', words.Select(word => $"{{{string.Join(' ', word)}}}"));
    }

    private static List<string[]>? ArpabetOf(string phones)
    {
        var names = AnnotatedText.NamesIn(phones.ToUpperInvariant());
        return names.Length > 0 && Array.TrueForAll(names, Arpabet.IsPhone) ? [names] : null;
    }
}
