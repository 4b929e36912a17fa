using System.Buffers;
using System.Globalization;
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
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾";
    private const string Subscripts = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎";
    private const string Raised = "0123456789+-=()";

    private static readonly SearchValues<char> Rewritten = SearchValues.Create("\t\r\v\f`&");

    private static readonly Dictionary<char, string> Others = new()
    {
        ['℃'] = "°C", ['℉'] = "°F", ['μ'] = "µ", ['\u2126'] = "Ω", ['\u212A'] = "K", ['Å'] = "A", ['￥'] = "¥", ['￡'] = "£", ['￠'] = "¢", ['￦'] = "₩",
        ['₤'] = "£", ['¼'] = " 1/4 ", ['½'] = " 1/2 ", ['¾'] = " 3/4 ", ['⅐'] = " 1/7 ", ['⅑'] = " 1/9 ", ['⅒'] = " 1/10 ", ['⅓'] = " 1/3 ", ['⅔'] = " 2/3 ",
        ['⅕'] = " 1/5 ", ['⅖'] = " 2/5 ", ['⅗'] = " 3/5 ", ['⅘'] = " 4/5 ", ['⅙'] = " 1/6 ", ['⅚'] = " 5/6 ", ['⅛'] = " 1/8 ", ['⅜'] = " 3/8 ",
        ['⅝'] = " 5/8 ", ['⅞'] = " 7/8 ", ['…'] = "... ", ['·'] = "\u22C5", ['∗'] = "*", ['∙'] = "\u22C5", ['∕'] = "÷", ['⁄'] = "/", ['⧸'] = "/",
        ['ʼ'] = "'", ['ʹ'] = "'", ['ʻ'] = "", ['ʽ'] = "'", ['´'] = "'", ['\u2032'] = "'", ['\u2033'] = "\"", ['\u2034'] = "'''", ['‒'] = "–", ['―'] = "—", ['﹣'] = "-",
        ['‐'] = "-", ['‑'] = "-", ['⁃'] = "•", ['‣'] = "•", ['▪'] = "•", ['●'] = "•", ['◦'] = "•", ['■'] = "•", ['∎'] = "•", ['º'] = "°", ['˚'] = "°", ['ª'] = "a", ['™'] = "", ['®'] = "",
        ['«'] = "\"", ['»'] = "\"", ['‹'] = "'", ['›'] = "'", ['ℂ'] = "C", ['ℍ'] = "H", ['ℕ'] = "N", ['ℙ'] = "P", ['ℚ'] = "Q", ['ℝ'] = "R", ['ℤ'] = "Z",
        ['ℬ'] = "B", ['ℰ'] = "E", ['ℱ'] = "F", ['ℋ'] = "H", ['ℐ'] = "I", ['ℒ'] = "L", ['ℳ'] = "M", ['ℛ'] = "R", ['ℯ'] = "e", ['ℊ'] = "g", ['ℴ'] = "o",
        ['ℎ'] = "h", ['ℑ'] = "I", ['ℜ'] = "R", ['ℭ'] = "C", ['ℌ'] = "H", ['ℨ'] = "Z", ['⊄'] = " is not a subset of ", ['ϕ'] = "φ", ['ϵ'] = "ε", ['ϑ'] = "θ",
        ['ⁱ'] = "^i", ['№'] = "№ ", ['\u2028'] = "\n", ['\u2029'] = "\n\n", ['¸'] = ",", ['¿'] = "", ['¡'] = "", ['‖'] = "|",
    };

    // Raised letters of 1st and the like, in the order of the letters they stand for.
    private const string RaisedLetters = "ᵃᵇᶜᵈᵉᶠᵍʰ\0ʲᵏˡᵐ\0ᵒᵖ\0ʳˢᵗᵘᵛʷˣʸᶻ";
    private const string LoweredLetters = "ₐ\0\0\0ₑ\0\0ₕᵢⱼₖₗₘₙₒₚ\0ᵣₛₜᵤᵥ\0ₓ\0\0";

    // References of HTML that are met in plain text (HTML Standard, section 13.5).
    private static readonly Dictionary<string, string> Entities = new()
    {
        ["amp"] = "&", ["lt"] = "<", ["gt"] = ">", ["quot"] = "\"", ["apos"] = "'", ["nbsp"] = "\u00A0", ["ndash"] = "–", ["mdash"] = "—", ["hellip"] = "…",
        ["copy"] = "©", ["reg"] = "®", ["trade"] = "™", ["deg"] = "°", ["times"] = "×", ["rsquo"] = "’", ["lsquo"] = "‘", ["ldquo"] = "“", ["rdquo"] = "”",
        ["euro"] = "€", ["pound"] = "£", ["cent"] = "¢", ["yen"] = "¥", ["sect"] = "§", ["bull"] = "•",
    };

    // UTF-8 that was read as Windows-1252, and what it was.
    private static readonly (string Garbled, string Meant)[] Garbled =
        [("â€™", "'"), ("â€˜", "'"), ("â€œ", "\""), ("â€\u009D", "\""), ("â€“", "–"), ("â€”", "—"), ("â€¦", "…"), ("â€¢", "•"), ("â‚¬", "€")];

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
            while (places is not null && places.Count < folded.Length)
            {
                places.Add(i);
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

        if (character == 'â' && Array.Find(Garbled, garbled => string.CompareOrdinal(text, place, garbled.Garbled, 0, garbled.Garbled.Length) == 0)
            is { Garbled.Length: > 0 } garbled)
        {
            folded.Append(garbled.Meant);
            return garbled.Garbled.Length;
        }

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
            foreach (var one in meant)
            {
                Append(folded, one.ToString(), 0);
            }

            return length + 2;
        }

        // A grave accent within a word is an apostrophe.
        var isApostrophe = character == '`' && place > 0 && char.IsLetter(text[place - 1]) && place + 1 < text.Length && char.IsLetter(text[place + 1]);
        folded.Append(character is '\t' or '\r' or '\v' or '\f' ? ' ' : isApostrophe ? '\'' : character);
        return 1;
    }

    private static string? Entity(ReadOnlySpan<char> name)
    {
        if (name[0] != '#')
        {
            return Entities.GetValueOrDefault(name.ToString());
        }

        var isHexadecimal = name.Length > 1 && name[1] is 'x' or 'X';
        var isNumber = int.TryParse(name[(isHexadecimal ? 2 : 1)..], isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code);
        return isNumber && code is > 0x1F and < 0xD800 ? ((char)code).ToString() : null;
    }

    private static void AppendOne(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (IsFootnote(text, place) || IsUnseen(character))
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
        else if (character is '–' or '—' or '−' or '•' or (>= '\u2160' and <= '\u217F') or (>= '\u20A0' and <= '\u20C0') or '฿' or '؋' or '元' || Marks.HasName(character))
        {
            AppendNamed(folded, text, place);
        }
        else if (!AppendScript(folded, text, place))
        {
            AppendOther(folded, character);
        }
    }

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
            var isFirst = !IsSuperscript(text, place - 1);
            var isPower = place > 0 && char.IsLetterOrDigit(text[place - 1]);
            folded.Append(isFirst && (isPower || place > 0 && text[place - 1] == ')') ? "^" : "").Append(Raised[raised]);
            return true;
        }

        var index = Subscripts.IndexOf(character, StringComparison.Ordinal);
        if (index >= 0)
        {
            folded.Append(Raised[index]);
            return true;
        }

        // 1ˢᵗ and 2ⁿᵈ are one word; xⁿ is a power, and xₙ has a second letter.
        var isEnding = character == 'ⁿ' && place + 1 < text.Length && RaisedLetters.Contains(text[place + 1], StringComparison.Ordinal);
        var letter = RaisedLetters.IndexOf(character, StringComparison.Ordinal);
        var lowered = LoweredLetters.IndexOf(character, StringComparison.Ordinal);
        folded.Append(character == 'ⁿ' ? isEnding ? "n" : "^n" : letter >= 0 ? ((char)('a' + letter)).ToString()
            : lowered >= 0 ? $" {(char)('a' + lowered)}" : "");
        return character == 'ⁿ' || letter >= 0 || lowered >= 0;
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
                if (!OtherScripts.Append(folded, character))
                {
                    AsciiFolding.Append(folded, character);
                }

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
        while (place > 0 && IsSuperscript(text, place))
        {
            place--;
            if (!IsSuperscript(text, place))
            {
                var letters = 0;
                while (letters < 4 && place >= letters && char.IsAsciiLetterLower(text[place - letters]))
                {
                    letters++;
                }

                return letters == 4 || text[place] is '.' or ',' or ';' or '!' or '?' or '”' or '"';
            }
        }

        return false;
    }

    // Soft hyphens, joiners, directions, accents and variations: they change how a text looks, and are no part of it.
    private static bool IsUnseen(char character) => character is '\u00AD' or (>= '\u0300' and <= '\u036F') or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E')
        or (>= '\u2060' and <= '\u2064') or (>= '\u2066' and <= '\u2069') or '\uFEFF' or (>= '\uFE00' and <= '\uFE0F') or (>= '\u20D0' and <= '\u20F0');

    /// <summary>A Greek letter with no other Greek letter beside it is a symbol, and its name is said.</summary>
    private static bool IsLoneGreek(string text, int place) =>
        IsGreek(text[place]) && !(place > 0 && IsInGreekWord(text[place - 1])) && !(place + 1 < text.Length && IsInGreekWord(text[place + 1]));

    // Accents by themselves, and letters with the accents of old Greek.
    private static bool IsInGreekWord(char character) => IsGreek(character) || character is (>= '\u0300' and <= '\u036F') or (>= '\u1F00' and <= '\u1FFC');

    private static bool IsGreek(char character) => character is (>= 'Α' and <= 'Ω') or (>= 'Ά' and <= 'ώ');
}
