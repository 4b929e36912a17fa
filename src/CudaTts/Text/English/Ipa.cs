using System.Text;

namespace CudaTts.Text.English;

/// <summary>The International Phonetic Alphabet as it is used for English, in the phones of CMUdict.</summary>
internal static class Ipa
{
    private const int LongestSymbol = 3;
    private const char Syllabic = '\u0329';

    // Vowels without stress: the stress is read from the marks.
    private static readonly Dictionary<string, string> Symbols = Read("""
        p P;b B;t T;d D;k K;g G;ɡ G;f F;v V;θ TH;ð DH;s S;z Z;ʃ SH;ʒ ZH;h HH;m M;n N;ŋ NG;l L;ɫ L;r R;ɹ R;ɻ R;ɾ D;w W;ʍ W;j Y;x K;ʔ _;tʃ CH;ʧ CH;
        dʒ JH;ʤ JH;i IY;ɪ IH;e EY;eɪ EY;ej EY;ei EY;ɛ EH;æ AE;a AA;ɑ AA;ɒ AA;ɔ AO;o OW;oʊ OW;əʊ OW;əu OW;ou OW;ow OW;ʊ UH;u UW;ʌ AH;ɐ AH;ə AH;
        ɚ ER;ɝ ER;ɜ ER;ə˞ ER;ɜ˞ ER;ɜr ER;ɜɹ ER;ər ER;əɹ ER;aɪ AY;aj AY;ai AY;aʊ AW;aw AW;au AW;ɔɪ OY;ɔj OY;ɪə IH_R;eə EH_R;ɛə EH_R;ʊə UH_R;ɨ IH;
        ᵻ IH;y UW;n̩ AH_N;l̩ AH_L;m̩ AH_M;r̩ ER
        """);

    /// <summary>Phones with stress, <c>HH AH0 L OW1</c>; null when something is no symbol, or nothing is.</summary>
    public static string[]? ToPhones(ReadOnlySpan<char> ipa)
    {
        var phones = new List<string>();
        var stress = '0';
        var plain = Strip(ipa);
        for (var at = 0; at < plain.Length;)
        {
            if (plain[at] is 'ˈ' or 'ˌ' or '\'')
            {
                stress = plain[at] == 'ˌ' ? '2' : '1';
                at++;
                continue;
            }

            if (!TryMatch(plain, at, out var length, out var names))
            {
                return null;
            }

            foreach (var name in names.Split('_', StringSplitOptions.RemoveEmptyEntries))
            {
                var isVowel = Arpabet.IsVowel(name);
                phones.Add(isVowel ? name + stress : name);
                stress = isVowel ? '0' : stress;
            }

            at += length;
        }

        return phones.Count == 0 ? null : WithPrimary([.. phones]);
    }

    /// <summary>
    /// Words of IPA with white space between them, each with its place in the text; null when one of them is no IPA, or there is none.
    /// </summary>
    public static List<(TextRange Place, string[] Phones)>? Words(string text, TextRange place)
    {
        var words = new List<(TextRange Place, string[] Phones)>();
        for (var start = place.Start; start < place.End;)
        {
            var end = start;
            while (end < place.End && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (end > start)
            {
                if (ToPhones(text.AsSpan(start, end - start)) is not { } phones)
                {
                    return null;
                }

                words.Add((new TextRange(start, end), phones));
            }

            start = end + 1;
        }

        return words.Count == 0 ? null : words;
    }

    /// <summary>A word without a mark is stressed on its first full vowel.</summary>
    private static string[] WithPrimary(string[] phones)
    {
        if (!Array.Exists(phones, phone => phone.EndsWith('1')))
        {
            var full = Array.FindIndex(phones, phone => phone.EndsWith('0') && phone != "AH0");
            full = full >= 0 ? full : Array.FindIndex(phones, phone => phone.EndsWith('0'));
            if (full >= 0)
            {
                phones[full] = phones[full][..^1] + "1";
            }
        }

        return phones;
    }

    private static string Strip(ReadOnlySpan<char> ipa)
    {
        var plain = new StringBuilder(ipa.Length);
        foreach (var character in ipa)
        {
            if (!IsPassedOver(character))
            {
                plain.Append(character);
            }
        }

        return plain.ToString();
    }

    /// <summary>
    /// Length, ties, syllables, brackets around a sound that may be left out, and marks of a finer pronunciation than English tells apart, such as
    /// devoiced or aspirated; but not the mark of a consonant that is a syllable.
    /// </summary>
    private static bool IsPassedOver(char character) => character is 'ː' or 'ˑ' or '.' or '‿' or '-' or '/' or '(' or ')' or '|' or '‖'
        or 'ʰ' or 'ʷ' or 'ʲ' or 'ˠ' or 'ˤ' or 'ⁿ' or 'ˡ'
        || (character is >= '\u0300' and <= '\u036F' and not Syllabic)
        || char.IsWhiteSpace(character);

    private static bool TryMatch(string text, int at, out int length, out string names)
    {
        for (length = Math.Min(LongestSymbol, text.Length - at); length > 0; length--)
        {
            if (Symbols.TryGetValue(text.Substring(at, length), out var found))
            {
                names = found;
                return true;
            }
        }

        names = "";
        return false;
    }

    private static Dictionary<string, string> Read(string table) =>
        table.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
