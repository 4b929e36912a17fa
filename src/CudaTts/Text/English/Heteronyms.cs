using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>
/// Words of one spelling and two sounds: record, read, live. Most are a noun or adjective against a verb, which <see cref="WordContext"/> tells
/// apart; the others have a rule of their own.
/// </summary>
internal static class Heteronyms
{
    // word, as a noun or adjective, as a verb.
    private const string NounsAndVerbs = """

        absent|AE1 B S AH0 N T|AE0 B S EH1 N T
        abstract|AE1 B S T R AE2 K T|AE0 B S T R AE1 K T
        abuse|AH0 B Y UW1 S|AH0 B Y UW1 Z
        address|AE1 D R EH2 S|AH0 D R EH1 S
        advocate|AE1 D V AH0 K AH0 T|AE1 D V AH0 K EY2 T
        alternate|AO1 L T ER0 N AH0 T|AO1 L T ER0 N EY2 T
        animate|AE1 N AH0 M AH0 T|AE1 N AH0 M EY2 T
        appropriate|AH0 P R OW1 P R IY0 AH0 T|AH0 P R OW1 P R IY0 EY2 T
        approximate|AH0 P R AA1 K S AH0 M AH0 T|AH0 P R AA1 K S AH0 M EY2 T
        articulate|AA0 R T IH1 K Y AH0 L AH0 T|AA0 R T IH1 K Y AH0 L EY2 T
        associate|AH0 S OW1 S IY0 AH0 T|AH0 S OW1 S IY0 EY2 T
        attribute|AE1 T R AH0 B Y UW2 T|AH0 T R IH1 B Y UW2 T
        combat|K AA1 M B AE2 T|K AH0 M B AE1 T
        combine|K AA1 M B AY2 N|K AH0 M B AY1 N
        compound|K AA1 M P AW2 N D|K AH0 M P AW1 N D
        compress|K AA1 M P R EH2 S|K AH0 M P R EH1 S
        conduct|K AA1 N D AH0 K T|K AH0 N D AH1 K T
        conflict|K AA1 N F L IH0 K T|K AH0 N F L IH1 K T
        console|K AA1 N S OW2 L|K AH0 N S OW1 L
        construct|K AA1 N S T R AH0 K T|K AH0 N S T R AH1 K T
        contest|K AA1 N T EH0 S T|K AH0 N T EH1 S T
        contract|K AA1 N T R AE2 K T|K AH0 N T R AE1 K T
        contrast|K AA1 N T R AE0 S T|K AH0 N T R AE1 S T
        converse|K AA1 N V ER0 S|K AH0 N V ER1 S
        convert|K AA1 N V ER0 T|K AH0 N V ER1 T
        convict|K AA1 N V IH0 K T|K AH0 N V IH1 K T
        coordinate|K OW0 AO1 R D AH0 N AH0 T|K OW0 AO1 R D AH0 N EY2 T
        decrease|D IY1 K R IY2 S|D IH0 K R IY1 S
        defect|D IY1 F EH0 K T|D IH0 F EH1 K T
        delegate|D EH1 L AH0 G AH0 T|D EH1 L AH0 G EY2 T
        deliberate|D IH0 L IH1 B ER0 AH0 T|D IH0 L IH1 B ER0 EY2 T
        desert|D EH1 Z ER0 T|D IH0 Z ER1 T
        digest|D AY1 JH EH0 S T|D AY0 JH EH1 S T
        discharge|D IH1 S CH AA2 R JH|D IH0 S CH AA1 R JH
        discount|D IH1 S K AW0 N T|D IH0 S K AW1 N T
        duplicate|D UW1 P L AH0 K AH0 T|D UW1 P L AH0 K EY2 T
        elaborate|IH0 L AE1 B R AH0 T|IH0 L AE1 B ER0 EY2 T
        entrance|EH1 N T R AH0 N S|EH0 N T R AE1 N S
        escort|EH1 S K AO0 R T|EH0 S K AO1 R T
        estimate|EH1 S T AH0 M AH0 T|EH1 S T AH0 M EY2 T
        excuse|IH0 K S K Y UW1 S|IH0 K S K Y UW1 Z
        exploit|EH1 K S P L OY2 T|EH0 K S P L OY1 T
        export|EH1 K S P AO0 R T|IH0 K S P AO1 R T
        extract|EH1 K S T R AE2 K T|IH0 K S T R AE1 K T
        graduate|G R AE1 JH AH0 W AH0 T|G R AE1 JH AH0 W EY2 T
        house|HH AW1 S|HH AW1 Z
        impact|IH1 M P AE0 K T|IH0 M P AE1 K T
        import|IH1 M P AO2 R T|IH0 M P AO1 R T
        incense|IH1 N S EH2 N S|IH0 N S EH1 N S
        incline|IH1 N K L AY0 N|IH0 N K L AY1 N
        increase|IH1 N K R IY2 S|IH0 N K R IY1 S
        initiate|IH0 N IH1 SH IY0 AH0 T|IH0 N IH1 SH IY0 EY2 T
        insert|IH1 N S ER0 T|IH0 N S ER1 T
        insult|IH1 N S AH2 L T|IH0 N S AH1 L T
        intimate|IH1 N T AH0 M AH0 T|IH1 N T AH0 M EY2 T
        misuse|M IH0 S Y UW1 S|M IH0 S Y UW1 Z
        moderate|M AA1 D ER0 AH0 T|M AA1 D ER0 EY2 T
        mouth|M AW1 TH|M AW1 DH
        object|AA1 B JH EH0 K T|AH0 B JH EH1 K T
        overlap|OW1 V ER0 L AE2 P|OW2 V ER0 L AE1 P
        perfect|P ER1 F IH2 K T|P ER0 F EH1 K T
        permit|P ER1 M IH2 T|P ER0 M IH1 T
        present|P R EH1 Z AH0 N T|P R IY0 Z EH1 N T
        produce|P R OW1 D UW0 S|P R AH0 D UW1 S
        progress|P R AA1 G R EH2 S|P R AH0 G R EH1 S
        project|P R AA1 JH EH0 K T|P R AH0 JH EH1 K T
        protest|P R OW1 T EH2 S T|P R AH0 T EH1 S T
        rebel|R EH1 B AH0 L|R IH0 B EH1 L
        recall|R IY1 K AO2 L|R IH0 K AO1 L
        record|R EH1 K ER0 D|R IH0 K AO1 R D
        refund|R IY1 F AH2 N D|R IH0 F AH1 N D
        refuse|R EH1 F Y UW2 Z|R AH0 F Y UW1 Z
        reject|R IY1 JH EH0 K T|R IH0 JH EH1 K T
        resume|R EH1 Z AH0 M EY2|R IH0 Z UW1 M
        rewrite|R IY1 R AY2 T|R IY0 R AY1 T
        segment|S EH1 G M AH0 N T|S EH0 G M EH1 N T
        separate|S EH1 P ER0 AH0 T|S EH1 P ER0 EY2 T
        subject|S AH1 B JH IH0 K T|S AH0 B JH EH1 K T
        survey|S ER1 V EY2|S ER0 V EY1
        suspect|S AH1 S P EH2 K T|S AH0 S P EH1 K T
        syndicate|S IH1 N D AH0 K AH0 T|S IH1 N D AH0 K EY2 T
        torment|T AO1 R M EH2 N T|T AO0 R M EH1 N T
        transfer|T R AE1 N S F ER0|T R AE0 N S F ER1
        transplant|T R AE1 N S P L AE2 N T|T R AE0 N S P L AE1 N T
        transport|T R AE1 N S P AO0 R T|T R AE0 N S P AO1 R T
        update|AH1 P D EY2 T|AH0 P D EY1 T
        upgrade|AH1 P G R EY2 D|AH0 P G R EY1 D
        upset|AH1 P S EH2 T|AH0 P S EH1 T
        use|Y UW1 S|Y UW1 Z
        """;

    // More often verbs than not: only an article or the like in front makes them nouns.
    private static readonly HashSet<string> MostlyVerbs = ["refuse", "convert", "extract", "resume", "entrance", "elaborate"];

    private static readonly HashSet<string> PastTimes = ["yesterday", "last", "ago", "once", "had", "was", "were", "did", "when", "earlier",
        "previously", "before"];
    private static readonly HashSet<string> LeadThings = ["pipe", "pipes", "paint", "poisoning", "acid", "bullet", "bullets", "pencil", "pencils",
        "free", "mine", "mines", "content", "levels", "shot", "weight", "weights", "glass"];
    private static readonly HashSet<string> Shown = ["concert", "music", "show", "shows", "broadcast", "audience", "performance", "wire", "stream",
        "recording", "band", "animals", "television", "tv", "coverage", "updates", "chat", "event", "video", "album", "ammunition", "bait"];
    private static readonly HashSet<string> Ways = ["up", "down", "around", "through", "its", "the", "itself", "round", "along", "back"];
    private static readonly HashSet<string> Bows = ["tie", "string", "hunting", "ties", "hunter"];
    private static readonly HashSet<string> BowsBefore = ["violin", "cello", "red", "pink", "hair", "silk", "long", "wooden", "blue", "with"];
    private static readonly HashSet<string> Fishing = ["caught", "catch", "largemouth", "sea", "striped", "fish", "fishing", "fisherman", "lake",
        "grilled", "river"];
    private static readonly HashSet<string> Depths = ["into", "in", "for", "under", "down", "off", "deep", "headfirst", "right", "straight"];
    private static readonly HashSet<string> Tiny = ["detail", "details", "amount", "amounts", "particle", "particles", "difference", "differences",
        "quantity", "quantities", "traces", "changes", "fraction"];
    private static readonly HashSet<string> Feeling = ["feel", "feels", "felt", "seem", "seems", "seemed", "is", "are", "was", "were", "be", "am",
        "very", "quite", "perfectly", "not", "i'm", "he's", "she's", "we're", "they're"];

    /// <summary>The phones of a word among others; null when it is no heteronym.</summary>
    public static string? Read(IReadOnlyList<SpokenItem> items, int index)
    {
        // The table is searched as it stands and nothing else is touched for other words: most texts have no heteronym, and tables take time to make.
        var word = items[index].Text;
        var context = new WordContext(items, index);
        if (ByRule(word, context) is { } phones)
        {
            return phones;
        }

        if (PairOf(word) is { } pair)
        {
            return IsVerb(context, word) ? pair.Verb : pair.Other;
        }

        return word.EndsWith('s') && PairOf(word[..^1]) is { } one
            ? EnglishPronunciation.WithPlural(IsVerb(context, word[..^1]) ? one.Verb : one.Other) : null;
    }

    private static string? ByRule(string word, WordContext context) => word switch
    {
        "read" => ReadOf(context),
        "lead" => LeadOf(context),
        "leads" => "L IY1 D Z",
        "live" => LiveOf(context),
        "lives" => LivesOf(context),
        "wind" => WindOf(context),
        "wound" => WoundOf(context),
        "tear" => TearOf(context),
        "tears" => TearsOf(context),
        "bow" => BowOf(context),
        "bass" => BassOf(context),
        "dove" => DoveOf(context),
        "close" => CloseOf(context),
        "used" => UsedOf(context),
        "minute" => MinuteOf(context),
        "content" => ContentOf(context),
        "invalid" => InvalidOf(context),
        "learned" => LearnedOf(context),
        "aged" => AgedOf(context),
        "sow" => SowOf(context),
        "does" => DoesOf(context),
        _ => null,
    };

    /// <summary>The words of the table of nouns and verbs.</summary>
    public static IEnumerable<string> NounsThatAreVerbs => NounsAndVerbs.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line[..line.IndexOf('|', StringComparison.Ordinal)]);

    /// <summary>The line of a word in the table.</summary>
    private static (string Other, string Verb)? PairOf(string word)
    {
        var line = NounsAndVerbs.IndexOf($"\n{word}|", StringComparison.Ordinal);
        if (line < 0)
        {
            return null;
        }

        var end = NounsAndVerbs.IndexOf('\n', line + 1);
        var parts = NounsAndVerbs[(line + 1)..(end < 0 ? NounsAndVerbs.Length : end)].Split('|');
        return (parts[1], parts[2]);
    }

    private static bool IsVerb(WordContext context, string word) =>
        context.Role() == WordRole.Verb || (MostlyVerbs.Contains(word) && !context.FollowsDeterminer);

    /// <summary>Past behind "have" and "be", behind he, she and it, and where a word of the past stands in the sentence.</summary>
    private static string ReadOf(WordContext context)
    {
        var before = context.PreviousButAdverbs();
        var isPast = context.FollowsPerfect || before is "he" or "she" or "it"
            || (context.FollowsSubject && context.SentenceHas(PastTimes)) || before is "and" && context.SentenceHas(PastTimes)
            || before is "well" or "widely";
        return isPast ? "R EH1 D" : "R IY1 D";
    }

    private static string LeadOf(WordContext context) =>
        LeadThings.Contains(context.Next) || (context.Previous is "of" or "contains" or "like" && context.Next is not ("singer" or "role" or "actor"))
            ? "L EH1 D" : "L IY1 D";

    private static string LiveOf(WordContext context)
    {
        var isAdjective = Shown.Contains(context.Next)
            || context.Previous is "a" or "the" or "went" or "go" or "goes" or "going" or "broadcast" or "streamed" or "performed" or "performing"
            or "recorded" or "is" or "are" or "was";
        return isAdjective ? "L AY1 V" : "L IH1 V";
    }

    private static string LivesOf(WordContext context) =>
        context.FollowsDeterminer || context.Previous is "save" or "saves" or "saved" or "human" or "nine" or "change" or "changed" or "lost"
            ? "L AY1 V Z" : "L IH1 V Z";

    private static string WindOf(WordContext context) =>
        !context.FollowsDeterminer && (context.Role() == WordRole.Verb || context.Next is "up" or "down" or "around") ? "W AY1 N D" : "W IH1 N D";

    private static string WoundOf(WordContext context) =>
        !(context.FollowsDeterminer && !context.FollowsPerfect) && Ways.Contains(context.Next) ? "W AW1 N D" : "W UW1 N D";

    private static string TearOf(WordContext context) =>
        context.Next == "gas" || (context.Role() != WordRole.Verb && context.Next is not ("in" or "up" or "down" or "apart" or "off" or "out"))
            ? "T IH1 R" : "T EH1 R";

    private static string TearsOf(WordContext context) =>
        context.Role() == WordRole.Verb || context.Next is "up" or "apart" or "off" or "down" ? "T EH1 R Z" : "T IH1 R Z";

    private static string BowOf(WordContext context) =>
        Bows.Contains(context.Next) || BowsBefore.Contains(context.Previous) || (context.Next == "and" && context.At(2) is "arrow" or "arrows")
            || (context.Previous == "a" && context.At(-2) is "tied" or "with" or "wore") ? "B OW1" : "B AW1";

    private static string BassOf(WordContext context) => context.SentenceHas(Fishing) ? "B AE1 S" : "B EY1 S";

    private static string DoveOf(WordContext context) => Depths.Contains(context.Next) && context.Previous.Length > 0 && !context.FollowsDeterminer
        ? "D OW1 V" : "D AH1 V";

    private static string CloseOf(WordContext context) =>
        context.Role() == WordRole.Verb && context.Next is not ("to" or "friends" or "friend" or "by") ? "K L OW1 Z" : "K L OW1 S";

    private static string UsedOf(WordContext context) =>
        context.Next == "to" && !(context.FollowsPerfect && context.Previous is "is" or "are" or "was" or "were" or "be"
            && context.At(2) is not ("" or "it" or "the" or "this")) ? "Y UW1 S T" : "Y UW1 Z D";

    private static string MinuteOf(WordContext context) => Tiny.Contains(context.Next) ? "M AY0 N UW1 T" : "M IH1 N AH0 T";

    private static string ContentOf(WordContext context) =>
        Feeling.Contains(context.Previous) || context.Next is "with" && !context.FollowsDeterminer ? "K AH0 N T EH1 N T" : "K AA1 N T EH0 N T";

    private static string InvalidOf(WordContext context) =>
        context.Previous is "an" or "the" && context.Next is "" or "who" or "was" or "is" or "in" or "for" or "and" ? "IH1 N V AH0 L AH0 D"
            : "IH0 N V AE1 L AH0 D";

    private static string LearnedOf(WordContext context) =>
        context.Previous is "a" or "the" or "most" or "very" && context.Next is not ("that" or "to" or "of" or "") ? "L ER1 N AH0 D" : "L ER1 N D";

    private static string AgedOf(WordContext context) => context.Previous == "the" && context.Next is "" or "and" or "are" ? "EY1 JH AH0 D"
        : "EY1 JH D";

    private static string SowOf(WordContext context) => context.FollowsDeterminer ? "S AW1" : "S OW1";

    private static string DoesOf(WordContext context) => context.Previous is "two" or "three" or "and" && context.Next is "and" or ""
        && context.At(-2) is "bucks" ? "D OW1 Z" : "D AH1 Z";
}
