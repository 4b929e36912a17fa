using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Rewrites a text in ASCII, but for the signs that have a reading of their own. Characters that Unicode has as forms of others become these, where
/// that keeps the meaning (the compatibility decompositions of The Unicode Standard, chapter 3.7): small and raised digits, mathematical alphabets,
/// circled numbers, full width. What has no reading stays as it is, so that it separates words and can be reported.
/// </summary>
internal static class SpeechFolding
{
    private const int LongestEntity = 8;
    private const int LongestFootnote = 4;
    private const int LettersBeforeFootnote = 4;
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾";
    private const string Subscripts = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎";
    private const string Raised = "0123456789+-=()";

    // Signs that a reader passes over.
    private const string Unsaid = "ʻ™®¿¡";

    // Raised letters of 1st and the like, in the order of the letters they stand for.
    private const string RaisedLetters = "ᵃᵇᶜᵈᵉᶠᵍʰ\0ʲᵏˡᵐ\0ᵒᵖ\0ʳˢᵗᵘᵛʷˣʸᶻ";
    private const string LoweredLetters = "ₐ\0\0\0ₑ\0\0ₕᵢⱼₖₗₘₙₒₚ\0ᵣₛₜᵤᵥ\0ₓ\0\0";

    private static readonly SearchValues<char> Rewritten = SearchValues.Create("\t\r\v\f`&");

    private static readonly Dictionary<char, string> Others = ReadingTable.Rows("folding")
        .ToDictionary(row => CodePoint(row[0]), row => row[1].Replace('\u2423', ' ').Replace('\u2424', '\n'));

    private static readonly Dictionary<string, string> Entities = ReadingTable.Pairs("entities");

    // UTF-8 that was read as Windows-1252, and what it was.
    private static readonly (string Garbled, string Meant)[] Garbled =
    [
        ("â€™", "'"), ("â€˜", "'"), ("â€œ", "\""), ("â€\u009D", "\""), ("â€“", "–"), ("â€”", "—"),
        ("â€¦", "…"), ("â€¢", "•"), ("â‚¬", "€"),
    ];

    /// <summary>The text in ASCII and signs.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="places">Receives the place in the text of every character of the result; stays empty when these are the same.</param>
    public static string Fold(string text, List<int>? places = null)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAny(Rewritten))
        {
            return text;
        }

        var folded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = Append(folded, text, i);
            if (places is not null)
            {
                // A vowel sign takes the place of the letter that its consonant brought.
                CollectionsMarshal.SetCount(places, Math.Min(places.Count, folded.Length));
                while (places.Count < folded.Length)
                {
                    places.Add(i);
                }
            }

            i += length;
        }

        return folded.ToString();
    }

    /// <summary>Appends what begins at a place, and returns how many characters that takes.</summary>
    private static int Append(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (char.IsAscii(character))
        {
            return AppendAscii(folded, text, place);
        }

        if (character == 'â')
        {
            var (written, meant) = Array.Find(Garbled, pair => text.AsSpan(place).StartsWith(pair.Garbled, StringComparison.Ordinal));
            if (written is not null)
            {
                folded.Append(meant);
                return written.Length;
            }
        }

        // The same fault of the letters from U+00A0 to U+00FF: Ã© is é.
        if (character is 'Ã' or 'Â' && place + 1 < text.Length && text[place + 1] is >= '\u00A0' and <= '\u00BF')
        {
            Append(folded, ((char)(text[place + 1] + (character == 'Ã' ? 0x40 : 0))).ToString(), 0);
            return 2;
        }

        if (char.IsHighSurrogate(character) && place + 1 < text.Length && char.IsLowSurrogate(text[place + 1]))
        {
            AppendBeyond(folded, text, place);
            return 2;
        }

        AppendOne(folded, text, place);
        return 1;
    }

    private static int AppendAscii(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (character == '&' && text.AsSpan(place + 1, Math.Min(LongestEntity, text.Length - place - 1)).IndexOf(';') is > 0 and var length
            && Entity(text.AsSpan(place + 1, length)) is { } meant)
        {
            Append(folded, meant.ToString(), 0);
            return length + 2;
        }

        folded.Append(character switch
        {
            '\t' or '\r' or '\v' or '\f' => ' ',
            '`' when IsWithinWord(text, place) => '\'',
            _ => character,
        });
        return 1;
    }

    /// <summary>Whether letters stand on both sides: a grave accent there is an apostrophe.</summary>
    private static bool IsWithinWord(string text, int place) =>
        place > 0 && place + 1 < text.Length && char.IsLetter(text[place - 1]) && char.IsLetter(text[place + 1]);

    /// <summary>The character that a reference of HTML names or numbers; null when it is none.</summary>
    private static char? Entity(ReadOnlySpan<char> name)
    {
        if (name[0] != '#')
        {
            return Entities.TryGetValue(name.ToString(), out var hexadecimal) ? CodePoint(hexadecimal) : null;
        }

        var isHexadecimal = name.Length > 1 && name[1] is 'x' or 'X';
        var style = isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        var isNumber = int.TryParse(name[(isHexadecimal ? 2 : 1)..], style, CultureInfo.InvariantCulture, out var code);
        return isNumber && code is > 0x1F and < 0xD800 ? (char)code : null;
    }

    private static char CodePoint(string hexadecimal) => (char)int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static void AppendOne(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (IsFootnote(text, place) || IsUnseen(character) || Unsaid.Contains(character, StringComparison.Ordinal))
        {
            return;
        }

        if (character is 'º' && place > 0 && text[place - 1] is 'N' or 'n')
        {
            folded.Append("o.");
            return;
        }

        if (IsLoneGreek(text, place))
        {
            folded.Append(character is 'Ω' ? 'Ω' : character is 'μ' ? 'µ' : char.ToLowerInvariant(character));
        }
        else if (Others.TryGetValue(character, out var reading))
        {
            folded.Append(reading);
        }
        else if (IsKept(character))
        {
            AppendNamed(folded, text, place);
        }
        else if (!AppendScript(folded, text, place))
        {
            AppendOther(folded, character);
        }
    }

    /// <summary>Dashes, Roman numerals, currency signs and signs with a name, of which the classes know more.</summary>
    private static bool IsKept(char character) =>
        character is '–' or '—' or '−' or '•' or (>= '\u2160' and <= '\u217F') || Currency.IsSign(character) || Marks.HasName(character);

    /// <summary>Signs with a name; behind a number the raised two and three are powers among others.</summary>
    private static void AppendNamed(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        var isInRow = character is '²' or '³' && (IsSuperscript(text, place - 1) || IsSuperscript(text, place + 1));
        if (isInRow)
        {
            AppendScript(folded, text, place);
        }
        else
        {
            folded.Append(character);
        }
    }

    /// <summary>Raised digits behind a number or a letter are a power; lowered ones are part of the name: H₂O, x₁.</summary>
    private static bool AppendScript(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (Superscripts.IndexOf(character, StringComparison.Ordinal) is >= 0 and var raised)
        {
            var isPower = place > 0 && (char.IsLetterOrDigit(text[place - 1]) || text[place - 1] == ')') && !IsSuperscript(text, place - 1);
            folded.Append(isPower ? "^" : "").Append(Raised[raised]);
            return true;
        }

        if (Subscripts.IndexOf(character, StringComparison.Ordinal) is >= 0 and var lowered)
        {
            folded.Append(Raised[lowered]);
            return true;
        }

        var length = folded.Length;
        folded.Append(ScriptLetter(text, place));
        return folded.Length > length;
    }

    /// <summary>1ˢᵗ and 2ⁿᵈ are one word; xⁿ is a power, and xₙ has a second letter. Empty for other characters.</summary>
    private static string ScriptLetter(string text, int place)
    {
        var character = text[place];
        if (character == 'ⁿ')
        {
            var isEnding = place + 1 < text.Length && RaisedLetters.Contains(text[place + 1], StringComparison.Ordinal);
            return isEnding ? "n" : "^n";
        }

        var raised = RaisedLetters.IndexOf(character, StringComparison.Ordinal);
        var lowered = LoweredLetters.IndexOf(character, StringComparison.Ordinal);
        return raised >= 0 ? ((char)('a' + raised)).ToString() : lowered >= 0 ? $" {(char)('a' + lowered)}" : "";
    }

    private static bool IsSuperscript(string text, int place) =>
        place >= 0 && place < text.Length && text[place] is not '\0' && Superscripts.Contains(text[place], StringComparison.Ordinal);

    /// <summary>Circled and bracketed numbers and letters, other scripts in Latin letters; what has no reading stays as it is.</summary>
    private static void AppendOther(StringBuilder folded, char character)
    {
        var before = folded.Length;
        switch (character)
        {
            case var digit when char.IsDigit(digit):
                folded.Append(CharUnicodeInfo.GetDecimalDigitValue(digit));
                break;
            case >= '①' and <= '⑳':
                folded.Append(CultureInfo.InvariantCulture, $" {character - '①' + 1} ");
                break;
            case >= '⑴' and <= '⒇':
                folded.Append(CultureInfo.InvariantCulture, $" {character - '⑴' + 1} ");
                break;
            case >= 'Ⓐ' and <= 'ⓩ':
                folded.Append((char)(character <= 'Ⓩ' ? character - 'Ⓐ' + 'A' : character - 'ⓐ' + 'a'));
                break;
            case >= '\u2500' and <= '\u259F':
                // Lines and blocks of a drawn box or table.
                folded.Append('|');
                break;
            case '\u00A0' or (>= '\u2000' and <= '\u200A') or '\u202F' or '\u205F' or '\u3000':
                folded.Append(' ');
                break;
            default:
                // A vowel sign may take the place of a letter, and leave the text as long as it was.
                if (OtherScripts.Append(folded, character))
                {
                    return;
                }

                AsciiFolding.Append(folded, character);
                break;
        }

        if (folded.Length == before)
        {
            folded.Append(character);
        }
    }

    /// <summary>Letters and digits of the mathematical alphabets and of emblems; all other characters beyond the basic plane stay.</summary>
    private static void AppendBeyond(StringBuilder folded, string text, int place)
    {
        var code = char.ConvertToUtf32(text[place], text[place + 1]);
        var isLetter = code is >= 0x1D400 and < 0x1D6A4;
        if (isLetter)
        {
            var letter = (code - 0x1D400) % 52;
            folded.Append((char)(letter < 26 ? 'A' + letter : 'a' + letter - 26));
        }
        else if (code is >= 0x1D7CE and <= 0x1D7FF)
        {
            folded.Append((char)('0' + ((code - 0x1D7CE) % 10)));
        }
        else if (code is >= 0x1D6A8 and < 0x1D7CA)
        {
            // Greek: capitals, nabla, small letters and six variants in each of five styles.
            var letter = (code - 0x1D6A8) % 58;
            folded.Append(letter is < 25 ? (char)('α' + letter) : letter is >= 26 and < 51 ? (char)('α' + letter - 26) : ' ');
        }
        else if (code is >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189)
        {
            folded.Append((char)('A' + ((code - 0x1F130) % 32)));
        }
        else
        {
            folded.Append(text, place, 2);
        }
    }

    /// <summary>Raised digits behind the mark that ends a sentence, or behind a word of four letters or more, are the number of a footnote.</summary>
    private static bool IsFootnote(string text, int place)
    {
        if (!IsSuperscript(text, place))
        {
            return false;
        }

        // Longer rows of raised digits are no number of a footnote, and must not be walked again for each of them.
        var first = place;
        while (IsSuperscript(text, place) && first - place < LongestFootnote)
        {
            place--;
        }

        var letters = 0;
        while (letters < LettersBeforeFootnote && place >= letters && char.IsAsciiLetterLower(text[place - letters]))
        {
            letters++;
        }

        return letters == LettersBeforeFootnote || (place >= 0 && ".,;!?”\"".Contains(text[place], StringComparison.Ordinal));
    }

    /// <summary>Soft hyphens, accents, joiners, directions and variations: they change how a text looks, and are no part of it.</summary>
    private static bool IsUnseen(char character) => character is '\u00AD' or '\uFEFF'
        or (>= '\u0300' and <= '\u036F') or (>= '\u20D0' and <= '\u20F0')
        or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u2064') or (>= '\u2066' and <= '\u2069')
        or (>= '\uFE00' and <= '\uFE0F');

    /// <summary>A Greek letter with no other Greek letter beside it is a symbol, and its name is said.</summary>
    private static bool IsLoneGreek(string text, int place) =>
        IsGreek(text[place]) && !(place > 0 && IsInGreekWord(text[place - 1])) && !(place + 1 < text.Length && IsInGreekWord(text[place + 1]));

    // Accents by themselves, and letters with the accents of old Greek.
    private static bool IsInGreekWord(char character) =>
        IsGreek(character) || character is (>= '\u0300' and <= '\u036F') or (>= '\u1F00' and <= '\u1FFC');

    private static bool IsGreek(char character) => character is (>= 'Α' and <= 'Ω') or (>= 'Ά' and <= 'ώ');
}
