using System.Text;

namespace CudaTts.Text.English.Normalization;

/// <summary>Rewrites a text in ASCII, but for the signs that have a spoken name of their own.</summary>
internal static class SpeechFolding
{
    private const string Kept = "£€¥₹₩₽₿¢×÷±°²³§¶√∞≈≠≤≥♯♭‰•";
    private const string Dropped = "©®™℗ªº";
    private const string Superscripts = "⁰¹\0\0⁴⁵⁶⁷⁸⁹";

    private static readonly string[] GreekNames =
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi psi omega"
        .Split(' ');

    private static readonly Dictionary<char, string> Others = new()
    {
        ['℃'] = "°C", ['℉'] = "°F", ['µ'] = "µ", ['μ'] = "µ", ['Ω'] = "Ω", ['\u2126'] = "Ω", ['￥'] = "¥", ['￡'] = "£", ['₤'] = "£", ['−'] = "-",
        ['⅕'] = " 1/5 ", ['⅖'] = " 2/5 ",
        ['⅗'] = " 3/5 ", ['⅘'] = " 4/5 ", ['⅙'] = " 1/6 ", ['⅚'] = " 5/6 ", ['→'] = " to ", ['…'] = "... ", ['\u00AD'] = "", ['·'] = " ",
    };

    /// <summary>The text in ASCII.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="places">Receives the place in the text of every character of the result; stays empty when these are the same.</param>
    public static string Fold(string text, List<int>? places = null)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var folded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (char.IsAscii(character))
            {
                folded.Append(character);
            }
            else if (character is '–' or '—' or '―')
            {
                folded.Append(IsBetweenDigits(text, i) ? "-" : ", ");
            }
            else if (Kept.Contains(character, StringComparison.Ordinal))
            {
                folded.Append(character);
            }
            else
            {
                Append(folded, text, i);
            }

            while (places is not null && places.Count < folded.Length)
            {
                places.Add(i);
            }
        }

        return folded.ToString();
    }

    private static void Append(StringBuilder folded, string text, int place)
    {
        var character = text[place];
        if (Dropped.Contains(character, StringComparison.Ordinal))
        {
            return;
        }

        if (Superscripts.IndexOf(character, StringComparison.Ordinal) is >= 0 and var digit)
        {
            var isFirst = place == 0 || Superscripts.IndexOf(text[place - 1], StringComparison.Ordinal) < 0;
            folded.Append(isFirst ? "^" : "").Append(digit);
        }
        else if (IsLoneGreekLetter(text, place)
            && !(character is 'μ' or 'Ω' && place > 0 && (char.IsAsciiDigit(text[place - 1]) || text[place - 1] == ' ')))
        {
            folded.Append(' ').Append(GreekNames[(character - 'Α') % 0x20]).Append(' ');
        }
        else if (Others.TryGetValue(character, out var reading))
        {
            folded.Append(reading);
        }
        else
        {
            AsciiFolding.Append(folded, character);
        }
    }

    private static bool IsBetweenDigits(string text, int place) =>
        place > 0 && place + 1 < text.Length && char.IsAsciiDigit(text[place - 1]) && char.IsAsciiDigit(text[place + 1]);

    /// <summary>A Greek letter with no other letter beside it is a symbol, and its name is said.</summary>
    private static bool IsLoneGreekLetter(string text, int place) =>
        text[place] is (>= 'Α' and <= 'Ω') or (>= 'α' and <= 'ω')
        && (place == 0 || !char.IsLetter(text[place - 1]))
        && (place + 1 == text.Length || !char.IsLetter(text[place + 1]));
}
