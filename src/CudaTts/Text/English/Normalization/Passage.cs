using System.Buffers;

namespace CudaTts.Text.English.Normalization;

/// <summary>A folded text that is being read, with what the classes ask about the surroundings of a place.</summary>
/// <param name="text">ASCII and the signs that have a reading of their own.</param>
/// <param name="lexicon">Words that the user wants said in a way of their own.</param>
internal sealed class Passage(string text, UserLexicon? lexicon)
{
    // A context is a word or two; longer ones are no words, and the limit keeps every look at them short.
    private const int LongestWord = 32;

    // Quotations are sentences at most; the limit keeps the look for their beginning short.
    private const int LongestQuotation = 200;

    private const int WordsOfContext = 8;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    // Every class asks for the word in front of the same place.
    private (int Place, string Word) _wordBefore = (-1, "");

    /// <summary>The whole text.</summary>
    public string Text { get; } = text;

    /// <summary>The user's words, if any.</summary>
    public UserLexicon? Lexicon { get; } = lexicon;

    /// <summary>Whether the text has no small letter, so that capitals tell nothing.</summary>
    public bool IsShouted { get; } = !text.AsSpan().ContainsAnyInRange('a', 'z');

    /// <summary>The character at a place, NUL outside of the text.</summary>
    public char this[int place] => (uint)place < (uint)Text.Length ? Text[place] : '\0';

    /// <summary>Whether a letter stands at a place.</summary>
    public bool IsLetter(int place) => char.IsAsciiLetter(this[place]);

    /// <summary>Whether a digit stands at a place.</summary>
    public bool IsDigit(int place) => char.IsAsciiDigit(this[place]);

    /// <summary>Whether a letter or a digit stands at a place.</summary>
    public bool IsLetterOrDigit(int place) => char.IsAsciiLetterOrDigit(this[place]);

    /// <summary>Whether the text, or a line of it, begins at a place or behind spaces in front of it.</summary>
    public bool IsLineStart(int place)
    {
        var before = SkipSpacesBack(place);
        return before == 0 || this[before - 1] == '\n';
    }

    /// <summary>Whether a word, a number or a mark begins at a place.</summary>
    public bool IsTokenStart(int place) =>
        place == 0 || !((IsLetter(place) && IsLetter(place - 1)) || (IsDigit(place) && IsDigit(place - 1)));

    /// <summary>The end of the run of letters at a place.</summary>
    public int LettersEnd(int start) => RunEnd(start, Letters);

    /// <summary>The end of the run of digits at a place.</summary>
    public int DigitsEnd(int start) => RunEnd(start, Digits);

    /// <summary>The end of the letters at a place, with apostrophes between letters.</summary>
    public int WordEnd(int start)
    {
        var end = LettersEnd(start);
        while (this[end] == '\'' && IsLetter(end + 1) && end - start < LongestWord)
        {
            end = LettersEnd(end + 1);
        }

        return end;
    }

    /// <summary>The place behind the spaces at a place.</summary>
    public int SkipSpaces(int place)
    {
        while (this[place] == ' ')
        {
            place++;
        }

        return place;
    }

    /// <summary>The run of letters behind the spaces at a place, as it is written; empty when there is none.</summary>
    public ReadOnlySpan<char> WordAfter(int place)
    {
        place = SkipSpaces(place);
        return place < Text.Length ? Text.AsSpan(place, LettersEnd(place) - place) : [];
    }

    /// <summary>The first character at a place that is no space; NUL when the text ends before.</summary>
    public char CharacterAfter(int place) => this[SkipSpaces(place)];

    /// <summary>The last character in front of a place that is no space; NUL when there is none.</summary>
    public char CharacterBefore(int place) => this[SkipSpacesBack(place) - 1];

    /// <summary>The word in front of a place and of the spaces there, in small letters and without its full stop; empty when there is none.</summary>
    public string WordBefore(int place)
    {
        if (_wordBefore.Place != place)
        {
            _wordBefore = (place, WrittenBefore(place).ToString().ToLowerInvariant());
        }

        return _wordBefore.Word;
    }

    /// <summary>The word in front of a place as it is written: letters and apostrophes.</summary>
    public ReadOnlySpan<char> WrittenBefore(int place)
    {
        var end = EndOfWordBefore(place);
        var start = StartOfWord(end);
        return start < end && end - start < LongestWord ? Text.AsSpan(start, end - start) : [];
    }

    /// <summary>Whether an article stands in front of a stretch and a word behind it, as around the attribute in: a 12" pizza.</summary>
    public bool IsAttribute(int start, int end) =>
        WordBefore(start) is "a" or "an" or "the" && this[end] == ' ' && IsLetter(end + 1);

    /// <summary>Whether a quotation that such a mark has opened is still open at a place.</summary>
    public bool IsQuotationOpen(int place, char mark)
    {
        var start = Math.Max(0, place - LongestQuotation);
        return Text.AsSpan(start, place - start).Count(mark) % 2 != 0;
    }

    /// <summary>Whether one of some words in small letters stands among the eight in front of a place.</summary>
    public bool HasBefore(int place, HashSet<string> words)
    {
        for (var looked = 0; looked < WordsOfContext; looked++)
        {
            var start = StartOfWordBefore(place);
            if (words.Contains(WordBefore(place)))
            {
                return true;
            }

            if (start >= place)
            {
                return false;
            }

            place = start;
        }

        return false;
    }

    /// <summary>Where the word in front of a place begins; the place itself when there is none.</summary>
    public int StartOfWordBefore(int place) => StartOfWord(EndOfWordBefore(place));

    /// <summary>The place behind the last character in front of a place that is no space.</summary>
    public int SkipSpacesBack(int place)
    {
        var limit = Math.Max(0, place - LongestWord);
        while (place > limit && this[place - 1] == ' ')
        {
            place--;
        }

        return place;
    }

    /// <summary>Whether the characters at a place are these.</summary>
    public bool Has(int place, ReadOnlySpan<char> characters) => place >= 0 && place <= Text.Length && Text.AsSpan(place).StartsWith(characters);

    /// <summary>The end of a word's possessive ending at a place: <c>'s</c>; the place itself when there is none.</summary>
    public int PossessiveEnd(int place)
    {
        var isPossessive = this[place] == '\'' && this[place + 1] is 's' or 'S' && !IsLetterOrDigit(place + 2);
        return isPossessive ? place + 2 : place;
    }

    /// <summary>Where the word in front of a place ends; the full stop of a word that spaces set apart is none of it.</summary>
    private int EndOfWordBefore(int place)
    {
        var end = SkipSpacesBack(place);
        return this[end - 1] == '.' && end < place ? end - 1 : end;
    }

    private int StartOfWord(int end)
    {
        var start = end;
        while (end - start < LongestWord && (IsLetter(start - 1) || (start < end && this[start - 1] == '\'' && IsLetter(start - 2))))
        {
            start--;
        }

        return start;
    }

    private int RunEnd(int start, SearchValues<char> of)
    {
        if (start >= Text.Length)
        {
            return start;
        }

        var length = Text.AsSpan(start).IndexOfAnyExcept(of);
        return length < 0 ? Text.Length : start + length;
    }
}

/// <summary>Questions about the capitals of a word.</summary>
internal static class Capitals
{
    /// <summary>Whether a word is of capitals only.</summary>
    public static bool Are(ReadOnlySpan<char> word) => !word.IsEmpty && !word.ContainsAnyExceptInRange('A', 'Z');

    /// <summary>Whether a word has a capital in front.</summary>
    public static bool Begin(ReadOnlySpan<char> word) => word is [>= 'A' and <= 'Z', ..];
}
