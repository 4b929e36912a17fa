namespace CudaTts.Text.English.Normalization;

/// <summary>Everything that is neither letter nor digit: pauses, signs with a name, and what is not said.</summary>
internal sealed class Marks : SemioticClass
{
    private static readonly Dictionary<char, string> Names = new()
    {
        ['&'] = "and", ['%'] = "percent", ['@'] = "at", ['='] = "equals", ['+'] = "plus", ['×'] = "times", ['÷'] = "divided by",
        ['±'] = "plus or minus",
        ['°'] = "degrees", ['§'] = "section", ['¶'] = "paragraph", ['√'] = "square root of", ['∞'] = "infinity", ['≈'] = "approximately equals",
        ['≠'] = "does not equal", ['≤'] = "less than or equal to", ['≥'] = "greater than or equal to", ['²'] = "squared", ['³'] = "cubed",
        ['♯'] = "sharp",
        ['♭'] = "flat", ['‰'] = "per mille", ['Ω'] = "omega",
        ['$'] = "dollars", ['£'] = "pounds", ['€'] = "euros", ['¥'] = "yen", ['₹'] = "rupees", ['₩'] = "won", ['₽'] = "rubles", ['₿'] = "bitcoin",
        ['¢'] = "cents",
    };

    public override bool MayBeginWith(char first) => !char.IsAsciiLetterOrDigit(first);

    public override int Read(Passage passage, int at)
    {
        var spoken = passage.Spoken;
        var mark = passage[at];
        switch (mark)
        {
            case '!' or '?':
                spoken.AddPause(mark);
                return at + 1;
            case '.':
                return ReadPoint(passage, at);
            case ',' or ';' or '(' or ')' or '[' or ']' or '{' or '}' or '•':
                spoken.AddPause(',');
                return at + 1;
            case ':' when !(char.IsAsciiLetterOrDigit(passage[at - 1]) && char.IsAsciiLetterOrDigit(passage[at + 1])):
                spoken.AddPause(',');
                return at + 1;
            case '-':
                return ReadHyphen(passage, at);
            case '#':
                spoken.AddWord(passage.IsDigit(at + 1) ? "number" : passage.IsLetter(at + 1) ? "hashtag" : "hash");
                return at + 1;
            case '\n':
                return ReadLineBreak(passage, at);
            case '~' when passage.IsDigit(at + 1):
                spoken.AddWord("about");
                return at + 1;
            case '<' or '>' or '*' or '/' or '^' when IsBetweenNumbers(passage, at):
                spoken.AddWords(mark switch
                {
                    '<' => "less than",
                    '>' => "greater than",
                    '*' => "times",
                    '/' => "divided by",
                    _ => "to the power of",
                });
                return at + 1;
            default:
                spoken.AddWords(Names.GetValueOrDefault(mark, ""));
                return at + 1;
        }
    }

    private static int ReadPoint(Passage passage, int at)
    {
        if (char.IsAsciiLetterOrDigit(passage[at - 1]) && char.IsAsciiLetterOrDigit(passage[at + 1]))
        {
            passage.Spoken.AddWord(passage.IsDigit(at + 1) ? "point" : "dot");
            return at + 1;
        }

        var dots = passage.Text.AsSpan(at).IndexOfAnyExcept('.');
        dots = dots < 0 ? passage.Text.Length - at : dots;
        passage.Spoken.AddPause(dots == 1 ? '.' : ',');
        return at + dots;
    }

    /// <summary>A minus in front of a number or between two numbers, a pause between words, nothing within a word.</summary>
    private static int ReadHyphen(Passage passage, int at)
    {
        var isSign = !char.IsAsciiLetterOrDigit(passage[at - 1]) && passage[at - 1] is not ('-' or ')' or '\'' or '.')
            && (passage.IsDigit(at + 1) || (passage[at + 1] == '.' && passage.IsDigit(at + 2)) || Currency.IsSign(passage[at + 1]));
        if (isSign || IsBetweenNumbers(passage, at))
        {
            passage.Spoken.AddWord("minus");
        }
        else if (passage[at + 1] == '-' || (char.IsWhiteSpace(passage[at - 1]) && char.IsWhiteSpace(passage[at + 1])))
        {
            passage.Spoken.AddPause(',');
        }

        return at + 1;
    }

    private static int ReadLineBreak(Passage passage, int at)
    {
        var next = at + 1;
        while (passage[next] is ' ' or '\t' or '\r')
        {
            next++;
        }

        if (passage[next] == '\n')
        {
            passage.Spoken.AddPause('.');
        }

        return next;
    }

    /// <summary>A sign with spaces on both sides and a digit beyond each, or for all but the hyphen with digits directly beside it.</summary>
    private static bool IsBetweenNumbers(Passage passage, int at)
    {
        var isApart = passage[at - 1] == ' ' && passage[at + 1] == ' ' && passage.IsDigit(at - 2) && passage.IsDigit(at + 2);
        return isApart || (passage[at] is not ('-' or '/') && passage.IsDigit(at - 1) && passage.IsDigit(at + 1));
    }
}
