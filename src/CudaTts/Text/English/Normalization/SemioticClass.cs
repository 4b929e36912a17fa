using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>A folded text that is being read, and where what it says goes.</summary>
/// <param name="Text">ASCII and the signs that have a spoken name.</param>
/// <param name="IsShouted">Whether the text has no small letter, so that capitals tell nothing.</param>
/// <param name="Spoken">What has been said so far.</param>
/// <param name="Lexicon">Words that the user wants said in a way of their own.</param>
internal sealed record Passage(string Text, bool IsShouted, SpokenText Spoken, UserLexicon? Lexicon)
{
    /// <summary>The character at a place, NUL outside of the text.</summary>
    public char this[int place] => place >= 0 && place < Text.Length ? Text[place] : '\0';

    /// <summary>Whether a letter stands at a place.</summary>
    public bool IsLetter(int place) => char.IsAsciiLetter(this[place]);

    /// <summary>Whether a digit stands at a place.</summary>
    public bool IsDigit(int place) => char.IsAsciiDigit(this[place]);

    /// <summary>The end of the run of letters at a place.</summary>
    public int LettersEnd(int start)
    {
        var length = Text.AsSpan(start).IndexOfAnyExcept(Letters.Ascii);
        return length < 0 ? Text.Length : start + length;
    }

    /// <summary>The run of letters behind the spaces at a place; empty when there is none.</summary>
    public ReadOnlySpan<char> WordAfter(int place)
    {
        while (this[place] == ' ')
        {
            place++;
        }

        return place < Text.Length ? Text.AsSpan(place, LettersEnd(place) - place) : [];
    }
}

/// <summary>
/// One kind of written form that is not said as it is written: dates, money, measures, ... Each knows how to recognise and how to say it.
/// </summary>
internal abstract class SemioticClass
{
    /// <summary>Whether a form of this kind may begin with a character: a cheap first sieve.</summary>
    public abstract bool MayBeginWith(char first);

    /// <summary>Says the form that begins at a place and returns its end; the place itself when none of this kind begins there.</summary>
    public abstract int Read(Passage passage, int at);
}

/// <summary>
/// A kind that a regular expression describes. Patterns begin with <c>\G</c> and bound every repetition that could be tried again, so that a
/// text takes linear time.
/// </summary>
internal abstract class PatternClass : SemioticClass
{
    /// <summary>Digits, or groups of three with commas.</summary>
    public const string Whole = @"(?>\d{1,3}(?:,\d{3})+(?!\d)|\d+)";

    /// <summary>A whole number or a decimal.</summary>
    public const string Number = @"(?>(?>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)";

    protected abstract Regex Pattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first);

    public sealed override int Read(Passage passage, int at)
    {
        var match = Pattern.Match(passage.Text, at);
        return match.Success && Say(match, passage) is > 0 and var length ? at + length : at;
    }

    /// <summary>Says a match and returns how many characters that takes; 0 when it is not of this kind after all.</summary>
    protected abstract int Say(Match match, Passage passage);
}
