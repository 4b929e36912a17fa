using System.Text;

namespace CudaTts.Text;

/// <summary>
/// Turns English as it is written into what is said: words, letters and pauses. One pass from left to right, linear in the text. All
/// punctuation that marks a pause becomes one of <c>, . ! ?</c>, the marks of the default voice's training text; quotation marks, emoji and
/// characters without a reading are dropped.
/// </summary>
internal sealed class EnglishNormalizer
{
    private static readonly Dictionary<string, string> Abbreviations = new Dictionary<string, string>
    {
        ["mr"] = "mister", ["mrs"] = "missus", ["ms"] = "miz", ["dr"] = "doctor", ["prof"] = "professor", ["jr"] = "junior", ["sr"] = "senior",
        ["rev"] = "reverend", ["hon"] = "honorable", ["gen"] = "general", ["lt"] = "lieutenant", ["col"] = "colonel", ["capt"] = "captain",
        ["sgt"] = "sergeant", ["maj"] = "major", ["cmdr"] = "commander", ["gov"] = "governor", ["sen"] = "senator", ["rep"] = "representative",
        ["pres"] = "president", ["esq"] = "esquire", ["inc"] = "incorporated", ["ltd"] = "limited", ["co"] = "company", ["corp"] = "corporation",
        ["dept"] = "department", ["univ"] = "university", ["assn"] = "association", ["ave"] = "avenue", ["blvd"] = "boulevard", ["rd"] = "road",
        ["hwy"] = "highway", ["mt"] = "mount", ["ft"] = "fort", ["vs"] = "versus", ["etc"] = "et cetera", ["approx"] = "approximately",
        ["vol"] = "volume",
        ["fig"] = "figure", ["ed"] = "edition", ["est"] = "established", ["misc"] = "miscellaneous", ["jan"] = "january", ["feb"] = "february",
        ["apr"] = "april", ["aug"] = "august", ["sept"] = "september", ["sep"] = "september", ["oct"] = "october", ["nov"] = "november",
        ["dec"] = "december", ["mon"] = "monday", ["tue"] = "tuesday", ["tues"] = "tuesday", ["wed"] = "wednesday", ["thu"] = "thursday",
        ["thurs"] = "thursday", ["fri"] = "friday",
    };

    // Ordinary words too, so that only an abbreviation's usual place makes them one.
    private static readonly HashSet<string> NeedsCapital =
        ["jan", "mon", "wed", "fri", "dec", "nov", "oct", "sep", "apr", "aug", "ed",
        "est", "fig", "col", "gen", "gov", "sen", "rep", "co", "rev", "hon"];

    private static readonly Dictionary<string, string> Symbols = new Dictionary<string, string>
    {
        ["&"] = "and", ["%"] = "percent", ["@"] = "at", ["="] = "equals", ["+"] = "plus", ["×"] = "times", ["÷"] = "divided by",
        ["±"] = "plus or minus", ["°"] = "degrees",
    };

    private static readonly HashSet<string> BeforeNumeral =
        ["chapter", "part", "section", "war", "volume", "act", "scene", "phase", "type", "book", "title",
        "class", "level", "stage", "figure", "bowl"];

    private static readonly HashSet<string> NamesOfRulers =
        ["henry", "george", "louis", "charles", "james", "edward", "william", "richard", "john", "paul", "pius", "elizabeth", "philip", "napoleon",
        "alexander", "nicholas", "catherine", "mary", "benedict", "gregory", "frederick", "ramses", "leopold", "xavier", "urban", "leo"];

    // Longer chains are no initials; the limit also keeps the pass linear.
    private const int MostInitials = 8;
    private const int LongestStreetName = 30;

    private readonly string _text;
    private readonly bool _isShouted;
    private readonly SpokenText _spoken;
    private int _position;

    private EnglishNormalizer(string text, SpokenText spoken)
    {
        _text = text;
        _spoken = spoken;
        _isShouted = !text.AsSpan().ContainsAnyInRange('a', 'z');
    }

    /// <summary>Appends what a stretch of text says.</summary>
    public static void Normalize(string text, SpokenText spoken) => new EnglishNormalizer(FoldForSpeech(text), spoken).Run();

    /// <summary>ASCII, but for the signs that have a spoken name of their own.</summary>
    private static string FoldForSpeech(string text)
    {
        var folded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '£' or '€' or '¥' or '×' or '÷' or '±' or '°':
                    folded.Append(text[i]);
                    break;
                case '℃':
                    folded.Append("°C");
                    break;
                case '℉':
                    folded.Append("°F");
                    break;
                case '²':
                    folded.Append(" squared ");
                    break;
                case '³':
                    folded.Append(" cubed ");
                    break;
                case '©' or '®' or '™' or '℗':
                    break;
                case '–' or '—' or '―':
                    var isRange = i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]);
                    folded.Append(isRange ? "-" : ", ");
                    break;
                default:
                    AsciiFolding.Append(folded, text[i]);
                    break;
            }
        }

        return folded.ToString();
    }

    private void Run()
    {
        while (_position < _text.Length)
        {
            var character = _text[_position];
            if (char.IsAsciiLetter(character))
            {
                ReadWord();
            }
            else if (char.IsAsciiDigit(character))
            {
                _position = EnglishNumberReader.Read(_text, _position, _spoken);
            }
            else if (EnglishNumberReader.IsCurrency(character))
            {
                ReadCurrency();
            }
            else
            {
                ReadMark();
            }
        }
    }

    private char At(int offset) => _position + offset >= 0 && _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private void ReadCurrency()
    {
        if (char.IsAsciiDigit(At(1)))
        {
            _position = EnglishNumberReader.ReadMoney(_text, _position, _spoken);
            return;
        }

        _spoken.AddWord(EnglishNumberReader.CurrencyName(_text[_position]));
        _position++;
    }

    /// <summary>Everything that is neither letter, digit nor currency sign.</summary>
    private void ReadMark()
    {
        var mark = _text[_position];
        var gluedBoth = char.IsAsciiLetterOrDigit(At(-1)) && char.IsAsciiLetterOrDigit(At(1));
        switch (mark)
        {
            case '!' or '?':
                _spoken.AddPause(mark);
                break;
            case '.':
                ReadPoint(gluedBoth);
                return;
            case ',' or ';' or ':' when !gluedBoth || mark != ':':
            case '(' or ')' or '[' or ']' or '{' or '}':
                _spoken.AddPause(',');
                break;
            case '-' when char.IsAsciiDigit(At(1)) && !char.IsAsciiLetterOrDigit(At(-1)):
                _spoken.AddWord("minus");
                break;
            case '-' when At(1) == '-' || (char.IsWhiteSpace(At(-1)) && char.IsWhiteSpace(At(1))):
                _spoken.AddPause(',');
                break;
            case '#':
                _spoken.AddWord(char.IsAsciiDigit(At(1)) ? "number" : "hash");
                break;
            case '\n' when _text.AsSpan(_position + 1).TrimStart(" \t\r") is ['\n', ..]:
                _spoken.AddPause('.');
                break;
            default:
                _spoken.AddWords(Symbols.GetValueOrDefault(mark.ToString(), ""));
                break;
        }

        _position++;
    }

    private void ReadPoint(bool gluedBoth)
    {
        if (gluedBoth || (char.IsAsciiDigit(At(1)) && !char.IsAsciiLetterOrDigit(At(-1))))
        {
            _spoken.AddWord(char.IsAsciiDigit(At(1)) ? "point" : "dot");
            _position++;
            return;
        }

        var dots = _text.AsSpan(_position).IndexOfAnyExcept('.');
        dots = dots < 0 ? _text.Length - _position : dots;
        _position += dots;
        _spoken.AddPause(dots == 1 ? '.' : ',');
    }

    private void ReadWord()
    {
        if (TryReadInitials() || TryReadScheme())
        {
            return;
        }

        var start = _position;
        var end = WordEnd(start);
        var word = _text[start..end];
        _position = end;
        var lower = word.ToLowerInvariant();
        if (At(0) == '.' && TryReadAbbreviation(word, lower))
        {
            return;
        }

        if (lower is "no" && At(0) == '.' && At(1) == ' ' && char.IsAsciiDigit(At(2)))
        {
            _spoken.AddWord("number");
            _position++;
        }
        else if (lower is "am" or "pm" && start > 0 && (char.IsAsciiDigit(_text[start - 1]) || (start > 1 && char.IsAsciiDigit(_text[start - 2]))))
        {
            _spoken.AddLetters(lower);
        }
        else if (start > 0 && char.IsAsciiDigit(_text[start - 1]) && word.Length == 1)
        {
            _spoken.AddLetters(word);
        }
        else
        {
            AddPlainWord(start, word, lower);
        }
    }

    private bool IsLetter(int place) => place < _text.Length && char.IsAsciiLetter(_text[place]);

    /// <summary>Letters, and apostrophes between letters.</summary>
    private int WordEnd(int start)
    {
        var end = start;
        while (IsLetter(end) || (end > start && end < _text.Length && _text[end] == '\'' && IsLetter(end + 1)))
        {
            end++;
        }

        return end;
    }

    /// <summary>Letters with a dot each: U.S., a.m., and the two that are read as words, e.g. and i.e.</summary>
    private bool TryReadInitials()
    {
        var letters = new StringBuilder();
        var end = _position;
        while (letters.Length < MostInitials && end + 1 < _text.Length && char.IsAsciiLetter(_text[end]) && _text[end + 1] == '.')
        {
            letters.Append(_text[end]);
            end += 2;
        }

        var goesOn = end < _text.Length && char.IsAsciiLetterOrDigit(_text[end]);
        var isInitial = letters.Length == 1 && char.IsAsciiLetterUpper(letters[0]) && letters[0] != 'I' && end < _text.Length && _text[end] == ' ';
        if (goesOn || (letters.Length < 2 && !isInitial))
        {
            return false;
        }

        switch (letters.ToString().ToLowerInvariant())
        {
            case "eg":
                _spoken.AddWords("for example");
                break;
            case "ie":
                _spoken.AddWords("that is");
                break;
            case var initials:
                _spoken.AddLetters(initials);
                break;
        }

        _position = end;
        return true;
    }

    /// <summary>http:// and https:// are not said.</summary>
    private bool TryReadScheme()
    {
        foreach (var scheme in (ReadOnlySpan<string>)["http://", "https://"])
        {
            if (string.Compare(_text, _position, scheme, 0, scheme.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                _position += scheme.Length;
                return true;
            }
        }

        return false;
    }

    /// <summary>A known abbreviation and its dot, at the end of which a sentence may end.</summary>
    private bool TryReadAbbreviation(string word, string lower)
    {
        if (char.IsAsciiLetterOrDigit(At(1)))
        {
            return false;
        }

        var isCapital = char.IsAsciiLetterUpper(word[0]);
        var nextIsCapital = _text.AsSpan(_position + 1).TrimStart(' ') is [>= 'A' and <= 'Z', ..];
        if (lower == "st" && isCapital)
        {
            // "St. James" against "on Main St. The next": a street's name stands before it, with a capital.
            var nameStart = Math.Max(0, _position - LongestStreetName);
            var previous = _text.AsSpan(nameStart, Math.Max(0, _position - word.Length - nameStart)).TrimEnd(' ');
            var followsName = previous[(previous.LastIndexOfAny(' ', '\n') + 1)..] is [>= 'A' and <= 'Z', .., >= 'a' and <= 'z'];
            _spoken.AddWord(nextIsCapital && !followsName ? "saint" : "street");
        }
        else if (Abbreviations.TryGetValue(lower, out var expansion) && (isCapital || !NeedsCapital.Contains(lower)))
        {
            _spoken.AddWords(expansion);
        }
        else
        {
            return false;
        }

        _position++;
        return true;
    }

    private void AddPlainWord(int start, string word, string lower)
    {
        var isUpper = word.Length > 1 && !word.AsSpan().ContainsAnyInRange('a', 'z');
        if (isUpper && !_isShouted && TryAddRomanNumeral(word))
        {
            return;
        }

        if (lower is "www" || (isUpper && !_isShouted && IsInitialism(word, lower)))
        {
            _spoken.AddLetters(word);
        }
        else if (!_isShouted && IsPluralInitialism(word) && !EnglishPronunciation.IsKnown(lower))
        {
            _spoken.AddLetters(word.AsSpan(0, word.Length - 2));
            _spoken.AddWord($"{char.ToLowerInvariant(word[^2])}'s");
        }
        else if (!isUpper && !EnglishPronunciation.IsKnown(lower))
        {
            AddCamelCase(word);
        }
        else
        {
            var elided = start > 0 && _text[start - 1] == '\'' && EnglishPronunciation.IsKnown("'" + lower) && !EnglishPronunciation.IsKnown(lower);
            _spoken.AddWord(elided ? "'" + lower : lower);
        }
    }

    /// <summary>Capitals that no dictionary knows as a word, when they are few or cannot be said.</summary>
    private static bool IsInitialism(string word, string lower) =>
        word is "US"
        || (!EnglishPronunciation.IsKnown(lower) && !word.Contains('\'', StringComparison.Ordinal)
            && (word.Length <= 4 || !EnglishPronunciation.HasVowelLetter(lower)));

    private static bool IsPluralInitialism(string word) =>
        word.Length > 2 && word[^1] == 's' && !word.AsSpan(0, word.Length - 1).ContainsAnyExceptInRange('A', 'Z');

    /// <summary>Roman numerals of I, V and X: after a ruler's name an ordinal, otherwise a cardinal.</summary>
    private bool TryAddRomanNumeral(string word)
    {
        var isRuler = NamesOfRulers.Contains(_spoken.LastWord);
        var isAmbiguous = word is "XX" or "XXX" or "VI" && !isRuler && !BeforeNumeral.Contains(_spoken.LastWord);
        if (word.Length > 5 || isAmbiguous || !word.All(letter => letter is 'I' or 'V' or 'X'))
        {
            return false;
        }

        var value = 0;
        for (var i = 0; i < word.Length; i++)
        {
            var next = i + 1 < word.Length ? Roman(word[i + 1]) : 0;
            value += Roman(word[i]) < next ? -Roman(word[i]) : Roman(word[i]);
        }

        var cardinal = NumberWords.Cardinal(value);
        _spoken.AddWords(isRuler ? "the " + NumberWords.Ordinal(cardinal) : cardinal);
        return true;
    }

    private static int Roman(char letter) => letter switch { 'I' => 1, 'V' => 5, _ => 10 };

    /// <summary>An unknown word is split where a small letter meets a capital: YouTube, JavaScript.</summary>
    private void AddCamelCase(string word)
    {
        var start = 0;
        for (var i = 1; i <= word.Length; i++)
        {
            if (i < word.Length && !(char.IsAsciiLetterLower(word[i - 1]) && char.IsAsciiLetterUpper(word[i])))
            {
                continue;
            }

            var part = word[start..i];
            if (part.Length > 1 && part.Length <= 4 && !part.AsSpan().ContainsAnyInRange('a', 'z'))
            {
                _spoken.AddLetters(part);
            }
            else
            {
                _spoken.AddWord(part.ToLowerInvariant());
            }

            start = i;
        }
    }
}
