namespace CudaTts.Text.English.Normalization;

/// <summary>Letters with a dot each: U.S., a.m., J. R. R. Tolkien, Ph.D.; and the Latin ones that are read as words, e.g. and i.e.</summary>
internal sealed class Initials : SemioticClass
{
    // Longer chains are no initials; the limit also keeps the pass linear.
    private const int Most = 8;

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override int Read(Passage passage, int at)
    {
        if (passage.IsLetter(at - 1) || passage[at - 1] == '\'')
        {
            return at;
        }

        if (passage.Text.AsSpan(at).StartsWith("Ph.D", StringComparison.Ordinal) && !passage.IsLetter(at + 4))
        {
            passage.Spoken.AddLetters("phd");
            return at + (passage[at + 4] == '.' ? 5 : 4);
        }

        var count = 0;
        var end = at;
        while (count < Most && passage.IsLetter(end) && passage[end + 1] == '.')
        {
            (count, end) = (count + 1, end + 2);
        }

        var goesOn = char.IsAsciiLetterOrDigit(passage[end]);
        var isInitial = count == 1 && char.IsAsciiLetterUpper(passage[at]) && passage[at] != 'I' && Letters.IsCapitalised(passage.WordAfter(end))
            && passage[end] == ' ';
        if (count == 0 || goesOn || (count == 1 && !isInitial))
        {
            return at;
        }

        Say(passage, at, end);
        return end;
    }

    private static void Say(Passage passage, int at, int end)
    {
        switch (passage.Text[at..end].ToLowerInvariant())
        {
            case "e.g.":
                passage.Spoken.AddWords("for example");
                return;
            case "i.e.":
                passage.Spoken.AddWords("that is");
                return;
            case var initials:
                passage.Spoken.AddLetters(initials.Replace(".", "", StringComparison.Ordinal));
                SentenceEnds.AfterAbbreviation(passage, end, hasDot: end - at > 2);
                return;
        }
    }
}
