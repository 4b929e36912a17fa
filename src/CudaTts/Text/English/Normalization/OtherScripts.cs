using System.Text;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Letters of scripts that English prints only in names, in Latin letters, so that a reader's attempt is heard and not a gap: Arabic, Hebrew,
/// Armenian, Georgian, Devanagari, and the Greek of before 1982. The values are those of the ALA-LC romanisation tables without their diacritics.
/// </summary>
internal static class OtherScripts
{
    // From U+0621, from U+05D0, from U+0561 and from U+10D0; an underscore stands for nothing.
    private static readonly string[] Arabic = ("_ a a w i y a b a t th j h kh d dh r z s sh s d t z a gh _ _ _ _ _ _ f q k l m n h w a y").Split(' ');
    private static readonly string[] Hebrew = "a b g d h v z kh t y k k l m m n n s a p p ts ts k r sh t".Split(' ');
    private static readonly string[] Armenian = "a b g d e z e e t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f".Split(' ');
    private static readonly string[] Georgian = "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".Split(' ');

    // From U+0915 the consonants, each with an "a" of its own; from U+0905 the vowels, and from U+093E their signs behind a consonant.
    private static readonly string[] DevanagariConsonants =
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l l v sh sh s h".Split(' ');

    private static readonly string[] DevanagariVowels = "a a i i u u ri li e e e ai o o o au".Split(' ');
    private static readonly string[] DevanagariSigns = "a i i u u ri ri e e e ai o o o au".Split(' ');

    /// <summary>Appends a letter; false when it is of none of these scripts.</summary>
    public static bool Append(StringBuilder folded, char character)
    {
        if (character is >= '\u0900' and <= '\u097F')
        {
            AppendDevanagari(folded, character);
            return true;
        }

        var reading = character switch
        {
            >= '\u1F00' and <= '\u1F6F' => "aehiouo"[(character - 0x1F00) / 16].ToString(),
            >= '\u1F70' and <= '\u1F7D' => "aehiouo"[(character - 0x1F70) / 2].ToString(),
            >= '\u1F80' and <= '\u1FFC' => "ahoahiuo"[(character - 0x1F80) / 16].ToString(),
            >= '\u0621' and <= '\u064A' => Arabic[character - 0x621],
            '\u064B' or '\u064E' => "a",
            '\u064C' or '\u064F' => "u",
            '\u064D' or '\u0650' => "i",
            '\u0651' or '\u0652' => "_",
            >= '\u05D0' and <= '\u05EA' => Hebrew[character - 0x5D0],
            >= '\u0591' and <= '\u05C7' => "_",
            >= '\u0531' and <= '\u0556' => Armenian[character - 0x531],
            >= '\u0561' and <= '\u0586' => Armenian[character - 0x561],
            >= '\u10D0' and <= '\u10F0' => Georgian[character - 0x10D0],
            '\u060C' => ",",
            '\u061F' => "?",
            _ => "",
        };
        folded.Append(reading is "_" ? "" : reading);
        return reading.Length > 0;
    }

    private static void AppendDevanagari(StringBuilder folded, char character)
    {
        var isBehindConsonant = folded.Length > 0 && folded[^1] == 'a';
        switch (character)
        {
            case >= '\u0915' and <= '\u0939':
                folded.Append(DevanagariConsonants[character - 0x915]).Append('a');
                break;
            case >= '\u0905' and <= '\u0914':
                folded.Append(DevanagariVowels[character - 0x905]);
                break;
            case >= '\u093E' and <= '\u094C':
                folded.Length -= isBehindConsonant ? 1 : 0;
                folded.Append(DevanagariSigns[character - 0x93E]);
                break;
            case '\u094D':
                folded.Length -= isBehindConsonant ? 1 : 0;
                break;
            case '\u0902' or '\u0901':
                folded.Append('n');
                break;
            case '\u0964' or '\u0965':
                folded.Append('.');
                break;
        }
    }
}
