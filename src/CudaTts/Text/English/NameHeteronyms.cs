namespace CudaTts.Text.English;

/// <summary>Heteronyms of which one sound is of a name, which is written with a capital.</summary>
internal static class NameHeteronyms
{
    /// <summary>The phones of a word among others; null when it has no rule here.</summary>
    public static string? Read(string word, WordContext context) => word switch
    {
        "polish" => IsNation(context) ? "P OW1 L IH0 SH" : "P AA1 L IH0 SH",
        "job" or "job's" => (IsOfTheBible(context) ? "JH OW1 B" : "JH AA1 B") + (word.Length > 3 ? " Z" : ""),
        "nice" => context.IsName && (FollowsPlacePreposition(context) || context.Next is "france" or "airport") ? "N IY1 S" : "N AY1 S",
        "reading" => context.IsName && FollowsPlacePreposition(context) ? "R EH1 D IH0 NG" : "R IY1 D IH0 NG",
        "lima" => context.IsName && context.Next is not ("bean" or "beans") ? "L IY1 M AH0" : "L AY1 M AH0",
        "august" => IsGrand(context) ? "AA0 G AH1 S T" : "AA1 G AH0 S T",
        "mobile" => MobileOf(context),
        _ => null,
    };

    /// <summary>At the beginning of a sentence everything has a capital: there the place decides, as between a verb and an adjective.</summary>
    private static bool IsNation(WordContext context) =>
        context.IsName || (context.IsCapitalised && !context.PrecedesDeterminer && !context.IsVerb);

    private static bool IsOfTheBible(WordContext context) =>
        context.IsName && (context.Previous is "of" or "prophet" && context.At(-2) is "book" or "patience" or "trials" or "story" or "suffering"
            or "sufferings" or "faith" or "comforters" or "the" || context.Previous is "like" or "poor" or "with");

    private static bool FollowsPlacePreposition(WordContext context) => context.Previous is "in" or "to" or "from" or "near" or "at" or "of"
        or "visit" or "visited" or "around" or "via" or "leaving" or "reached" or "through" or "and" or "between";

    private static bool IsGrand(WordContext context) =>
        !context.IsCapitalised && (context.FollowsDeterminer || context.Previous is "most" or "more" or "very") && context.Next.Length > 0
            && context.RoleAt(1) is var next && next.Noun >= next.Verb;

    private static string MobileOf(WordContext context)
    {
        if (context.IsName && (context.Next is "alabama" or "bay" || context.Previous is "in" or "from"))
        {
            return "M OW0 B IY1 L";
        }

        return context.Next is "" or "of" or "hangs" or "hung" or "above" or "over" or "made" or "by" && context.SentenceHas(Hung) ? "M OW1 B IY2 L"
            : "M OW1 B AH0 L";
    }

    private static readonly HashSet<string> Hung = ["crib", "hung", "hangs", "hang", "hanging", "calder", "calder's", "sculpture", "sculptures",
        "ceiling", "nursery", "gallery", "museum"];
}
