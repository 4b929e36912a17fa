using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>The postal codes of the states of the union behind a town and a comma: Austin, TX 78701.</summary>
internal sealed partial class States : SemioticClass
{
    private static readonly Dictionary<string, string> Names = (
        "AL alabama;AK alaska;AZ arizona;AR arkansas;CA california;CO colorado;CT connecticut;DE delaware;FL florida;"
        + "GA georgia;HI hawaii;ID idaho;IL illinois;IN indiana;IA iowa;KS kansas;KY kentucky;LA louisiana;ME maine;MD maryland;MA massachusetts;"
        + "MI michigan;MN minnesota;"
        + "MS mississippi;MO missouri;MT montana;NE nebraska;NV nevada;NH new hampshire;NJ new jersey;NM new mexico;NY new york;NC north carolina;"
        + "ND north dakota;OH ohio;"
        + "OK oklahoma;OR oregon;PA pennsylvania;RI rhode island;SC south carolina;SD south dakota;TN tennessee;TX texas;UT utah;VT vermont;"
        + "VA virginia;WA washington;"
        + "WV west virginia;WI wisconsin;WY wyoming;DC D C").Split(';').ToDictionary(entry => entry[..2], entry => entry[3..]);

    // Where lines end and numbers and marks follow, it is an address; within a sentence, "in, OR out", it is a word.
    [GeneratedRegex(@"\G[A-Z]{2}(?= \d{5}(?!\d)|\s*$|[.,;)?!\n]| [a-z])(?<=[A-Z][a-z]{1,20}, [A-Z]{2})")]
    private static partial Regex StatePattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiLetterUpper(first);

    public override int Read(Passage passage, int at)
    {
        if (passage[at - 2] != ',' || passage[at - 1] != ' ' || passage.IsShouted || at + 2 > passage.Text.Length
            || !Names.TryGetValue(passage.Text[at..(at + 2)], out var name) || !StatePattern.IsMatch(passage.Text, at))
        {
            return at;
        }

        if (name == "D C")
        {
            passage.Spoken.AddLetters("dc");
        }
        else
        {
            passage.Spoken.AddState(name);
        }

        return at + 2;
    }
}
