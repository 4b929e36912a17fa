using System.Text;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Text.English;

/// <summary>
/// Rewrites text in ASCII the way readers of English expect: accents dropped, punctuation straightened, Greek, Cyrillic, kana, Hangul and
/// Chinese romanised. Results agree with what the public front ends' <c>unidecode</c> gives for these ranges; a character without a reading is
/// dropped. (Unicode decomposition by the platform is not an option: invariant globalisation, which a native executable wants, does not
/// decompose.)
/// </summary>
internal static class AsciiFolding
{
    // One character a code point; '*' is in Others, '?' has no reading.
    private const int LatinStart = 0xC0;
    private const string Latin =
        "AAAAAA*CEEEEIIIIDNOOOOOxOUUUUY**aaaaaa*ceeeeiiiidnooooo/ouuuuy*yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi**JjKkkLlLlLl??LlNnNnNn*"
        + "**OoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs????????????????"
        + "????????????????Oo?????????????Uu???????????????????*********AaIiOoUuUu"
        + "UuUuUu?AaAa????GgKkOoOo??j***Gg??NnAa????AaAaEeEeIiIiOoOoRrRrUuUuSsTt??Hh??????AaEeOoOoOoOoYy????????????????????????????";

    private const int LatinAdditionalStart = 0x1E00;
    private const string LatinAdditional =
        "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXx"
        + "XxYyZzZzZzhtwy?s????AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy??????";

    // From U+0410: the capitals, then the small letters.
    private static readonly string[] Cyrillic =
        "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch \" y ' e iu ia".Split(' ');

    // From U+0391.
    private static readonly string[] Greek = "a b g d e z e th i k l m n x o p r s s t u ph kh ps o".Split(' ');

    // From U+3041.
    private static readonly string[] Kana =
        ("a a i i u u e e o o ka ga ki gi ku gu ke ge ko go sa za shi ji su zu se ze so zo ta da chi di tsu tsu zu te de to do na ni nu ne no "
        + "ha ba pa hi bi pi hu bu pu he be pe ho bo po ma mi mu me mo ya ya yu yu yo yo ra ri ru re ro wa wa wi we wo n vu").Split(' ');

    // Leading consonants, vowels and final consonants of Hangul syllables, whose code points are their product.
    private static readonly string[] HangulLeads = "g gg n d dd r m b bb s ss  j jj c k t p h".Split(' ');
    private static readonly string[] HangulVowels = "a ae ya yae eo e yeo ye o wa wae oe yo u weo we wi yu eu yi i".Split(' ');
    private static readonly string[] HangulTails = " g gg gs n nj nh d l lg lm lb ls lt lp lh m b bs s ss ng j c k t p h".Split(' ');

    private static readonly Dictionary<char, string> Others = new()
    {
        ['\u00A0'] = " ", ['¡'] = "!", ['¢'] = "C/", ['£'] = "PS", ['¤'] = "$?", ['¥'] = "Y=", ['¦'] = "|", ['§'] = "SS", ['¨'] = "\"", ['©'] = "(c)",
        ['ª'] = "a", ['«'] = "<<", ['¬'] = "!", ['®'] = "(r)", ['¯'] = "-", ['°'] = "deg", ['±'] = "+-", ['²'] = "2", ['³'] = "3", ['´'] = "'",
        ['µ'] = "u", ['¶'] = "P", ['·'] = "*", ['¸'] = ",", ['¹'] = "1", ['º'] = "o", ['»'] = ">>", ['¼'] = " 1/4 ", ['½'] = " 1/2 ", ['¾'] = " 3/4 ",
        ['¿'] = "?", ['Æ'] = "AE", ['Þ'] = "Th", ['ß'] = "ss", ['æ'] = "ae", ['þ'] = "th", ['Ĳ'] = "IJ", ['ĳ'] = "ij", ['ŉ'] = "'n", ['Ŋ'] = "ng",
        ['ŋ'] = "ng", ['Œ'] = "OE", ['œ'] = "oe", ['Ǆ'] = "DZ", ['ǅ'] = "Dz", ['ǆ'] = "dz", ['Ǉ'] = "LJ", ['ǈ'] = "Lj", ['ǉ'] = "lj", ['Ǌ'] = "NJ",
        ['ǋ'] = "Nj", ['ǌ'] = "nj", ['Ǳ'] = "DZ", ['ǲ'] = "Dz", ['ǳ'] = "dz", ['ẞ'] = "Ss",
        ['Ά'] = "A", ['Έ'] = "E", ['Ή'] = "E", ['Ί'] = "I", ['Ό'] = "O", ['Ύ'] = "U", ['Ώ'] = "O", ['Ϊ'] = "I", ['Ϋ'] = "U", ['ΐ'] = "i", ['ά'] = "a",
        ['έ'] = "e", ['ή'] = "e", ['ί'] = "i", ['ΰ'] = "u", ['ϊ'] = "i", ['ϋ'] = "u", ['ό'] = "o", ['ύ'] = "u", ['ώ'] = "o",
        ['Ё'] = "Io", ['Ђ'] = "Dj", ['Ѓ'] = "Gj", ['Є'] = "Ie", ['Ѕ'] = "Dz", ['І'] = "I", ['Ї'] = "Yi", ['Ј'] = "J", ['Љ'] = "Lj", ['Њ'] = "Nj",
        ['Ћ'] = "Tsh", ['Ќ'] = "Kj", ['Ў'] = "U", ['Џ'] = "Dzh", ['ё'] = "io", ['ђ'] = "dj", ['ѓ'] = "gj", ['є'] = "ie", ['ѕ'] = "dz", ['і'] = "i",
        ['ї'] = "yi", ['ј'] = "j", ['љ'] = "lj", ['њ'] = "nj", ['ћ'] = "tsh", ['ќ'] = "kj", ['ў'] = "u", ['џ'] = "dzh", ['Ґ'] = "G'", ['ґ'] = "g'",
        ['‐'] = "-", ['‑'] = "-", ['‒'] = "-", ['–'] = "-", ['—'] = "--", ['―'] = "--", ['‖'] = "||", ['‘'] = "'", ['’'] = "'", ['‚'] = ",",
        ['‛'] = "'",
        ['“'] = "\"", ['”'] = "\"", ['„'] = ",,", ['‟'] = "\"", ['†'] = "+", ['‡'] = "++", ['•'] = "*", ['‣'] = "*>", ['․'] = ".", ['‥'] = "..",
        ['…'] = "...", ['‧'] = ".", ['‰'] = "%0", ['′'] = "'", ['″'] = "\"", ['‴'] = "'''", ['‹'] = "<", ['›'] = ">", ['‼'] = "!!", ['⁄'] = "/",
        ['₤'] = "L", ['€'] = "EUR", ['₩'] = "W", ['₹'] = "Rs", ['℃'] = " degC ", ['℉'] = " degF ", ['№'] = "No. ", ['℗'] = "(p)", ['™'] = "(tm)",
        ['⅓'] = " 1/3 ", ['⅔'] = " 2/3 ", ['⅛'] = " 1/8 ", ['⅜'] = " 3/8 ", ['⅝'] = " 5/8 ", ['⅞'] = " 7/8 ",
        ['−'] = "-", ['∕'] = "/", ['∗'] = "*", ['∙'] = "*", ['≠'] = "!=", ['≤'] = "<=", ['≥'] = ">=",
        ['\u2028'] = "\n", ['\u2029'] = "\n\n", ['\u202F'] = " ", ['\u3000'] = " ", ['、'] = ", ", ['。'] = ". ", ['「'] = "\"", ['」'] = "\"",
        ['ー'] = "-",
        ['ﬀ'] = "ff", ['ﬁ'] = "fi", ['ﬂ'] = "fl", ['ﬃ'] = "ffi", ['ﬄ'] = "ffl", ['ﬅ'] = "st", ['ﬆ'] = "st",
    };

    /// <summary>The text in ASCII. ASCII itself, control characters included, is unchanged.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var folded = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            Append(folded, character);
        }

        return folded.ToString();
    }

    /// <summary>Appends what one UTF-16 unit folds to; beyond the basic plane, where the emoji are, nothing has a reading.</summary>
    public static void Append(StringBuilder folded, char character)
    {
        if (char.IsAscii(character))
        {
            folded.Append(character);
        }
        else if (Others.TryGetValue(character, out var reading))
        {
            folded.Append(reading);
        }
        else if (character < 0x370 || (character >= LatinAdditionalStart && character < LatinAdditionalStart + LatinAdditional.Length))
        {
            AppendLatin(folded, character);
        }
        else
        {
            AppendOtherScript(folded, character);
        }
    }

    private static void AppendLatin(StringBuilder folded, char character)
    {
        var (table, start) = character < LatinAdditionalStart ? (Latin, LatinStart) : (LatinAdditional, LatinAdditionalStart);
        var place = character - start;
        if (place >= 0 && place < table.Length && table[place] is not ('*' or '?'))
        {
            folded.Append(table[place]);
        }
    }

    private static void AppendOtherScript(StringBuilder folded, char character)
    {
        switch (character)
        {
            case >= '\u0391' and <= '\u03C9':
                AppendCased(folded, Greek, (character - 0x391) % 0x20, character < '\u03B1');
                break;
            case >= '\u0410' and <= '\u044F':
                AppendCased(folded, Cyrillic, (character - 0x410) % 0x20, character < '\u0430');
                break;
            case >= '\u2000' and <= '\u200A':
                folded.Append(' ');
                break;
            case >= '\u3041' and <= '\u3094':
                folded.Append(Kana[character - 0x3041]);
                break;
            case >= '\u30A1' and <= '\u30F4':
                folded.Append(Kana[character - 0x30A1]);
                break;
            case >= HanReadings.First and <= HanReadings.Last:
                HanReadings.Append(folded, character);
                break;
            case >= '\uAC00' and <= '\uD7A3':
                var syllable = character - 0xAC00;
                folded.Append(HangulLeads[syllable / 588]).Append(HangulVowels[syllable / 28 % 21]).Append(HangulTails[syllable % 28]);
                break;
            case >= '\uFF01' and <= '\uFF5E':
                folded.Append((char)(character - 0xFF01 + '!'));
                break;
        }
    }

    private static void AppendCased(StringBuilder folded, string[] readings, int place, bool capital)
    {
        if (place >= readings.Length)
        {
            return;
        }

        var reading = readings[place];
        folded.Append(capital ? char.ToUpperInvariant(reading[0]) : reading[0]).Append(reading, 1, reading.Length - 1);
    }
}
