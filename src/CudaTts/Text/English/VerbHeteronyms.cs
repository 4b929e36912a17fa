namespace CudaTts.Text.English;

/// <summary>Heteronyms that are forms of verbs against each other, or against nouns and adjectives, where the place alone does not decide.</summary>
internal static class VerbHeteronyms
{
    private static readonly HashSet<string> Habits = ["every", "always", "usually", "often", "sometimes", "daily", "never", "rarely", "seldom"];
    private static readonly HashSet<string> PastTimes = ["yesterday", "ago", "last", "once", "earlier", "previously"];
    private static readonly HashSet<string> Eyes = ["eyes", "eye", "cry", "cried", "sad", "emotional", "sob", "weep"];
    private static readonly HashSet<string> Torn = ["fabric", "sail", "sails", "jacket", "shirt", "jeans", "cloth", "paper", "muscle", "ligament",
        "tissue", "net", "lining", "seam", "canvas", "retina", "sleeve", "skirt", "dress", "curtain", "coat", "pants"];
    private static readonly HashSet<string> Shown = ["concert", "concerts", "music", "show", "shows", "broadcast", "audience", "performance",
        "performances", "wire", "wires", "stream", "streams", "recording", "recordings", "band", "animals", "television", "tv", "coverage", "updates",
        "chat", "event", "events", "video", "album", "ammunition", "bait", "from", "feed", "data", "demo", "ammo", "rounds", "coals", "embers",
        "oak", "oaks", "birth", "births", "on"];

    /// <summary>The phones of a word among others; null when it has no rule here.</summary>
    public static string? Read(string word, WordContext context) => word switch
    {
        "read" => IsPastOfRead(context) ? "R EH1 D" : "R IY1 D",
        "misread" => IsPastOfRead(context) ? "M IH0 S R EH1 D" : "M IH0 S R IY1 D",
        "reread" => IsPastOfRead(context) ? "R IY0 R EH1 D" : "R IY0 R IY1 D",
        "proofread" => IsPastOfRead(context) ? "P R UW1 F R EH2 D" : "P R UW1 F R IY2 D",
        "live" => IsAlive(context) ? "L AY1 V" : "L IH1 V",
        "lives" => context.IsVerb ? "L IH1 V Z" : "L AY1 V Z",
        "wind" => context.IsVerb ? "W AY1 N D" : "W IH1 N D",
        "winds" => context.IsVerb ? "W AY1 N D Z" : "W IH1 N D Z",
        "wound" => IsTurned(context) ? "W AW1 N D" : "W UW1 N D",
        "tear" => IsRip(context) ? "T EH1 R" : "T IH1 R",
        "tears" => IsRip(context) ? "T EH1 R Z" : "T IH1 R Z",
        "dove" => context.Role.PastOverOther > 0 && !context.FollowsDeterminer ? "D OW1 V" : "D AH1 V",
        "close" => IsNear(context) ? "K L OW1 S" : "K L OW1 Z",
        "use" => IsNounUse(context) ? "Y UW1 S" : "Y UW1 Z",
        "used" => IsHabit(context) ? "Y UW1 S T" : "Y UW1 Z D",
        "upset" => IsUpsetNoun(context) ? "AH1 P S EH2 T" : "AH0 P S EH1 T",
        "moped" => context.Role.PastOverOther > 0 && !context.FollowsDeterminer ? "M OW1 P T" : "M OW1 P EH2 D",
        "learned" => IsLearnedAdjective(context) ? "L ER1 N AH0 D" : "L ER1 N D",
        "blessed" => IsBlessedAdjective(context) ? "B L EH1 S AH0 D" : "B L EH1 S T",
        "aged" => IsAgedAdjective(context) ? "EY1 JH AH0 D" : "EY1 JH D",
        "dogged" => IsDoggedAdjective(context) ? "D AO1 G AH0 D" : "D AO1 G D",
        "wicked" => context.Next is "away" or "up" or "off" or "moisture" or "sweat" ? "W IH1 K T" : "W IH1 K AH0 D",
        "slough" => SloughOf(context),
        _ => null,
    };

    /// <summary>
    /// Past behind "have" and "be", present behind other auxiliary verbs, in questions too; past behind he, she and it; else as the sentence tells.
    /// </summary>
    private static bool IsPastOfRead(WordContext context)
    {
        var before = context.PreviousButAdverbs();
        var isSubject = before is "i" or "you" or "we" or "they" or "he" or "she" or "it";
        return (isSubject ? TenseAfter(context.At(-2)) : null) ?? TenseAfter(before) ?? TenseOf(context, before);
    }

    /// <summary>Whether "read" is past behind an auxiliary verb; null when the word is none.</summary>
    private static bool? TenseAfter(string auxiliary) => auxiliary switch
    {
        "do" or "does" or "did" or "don't" or "doesn't" or "didn't" or "to" or "will" or "would" or "can" or "could" or "shall" or "should" or "may"
            or "might" or "must" or "won't" or "wouldn't" or "can't" or "couldn't" or "shouldn't" or "cannot" or "let's" or "please" => false,
        "have" or "has" or "had" or "having" or "haven't" or "hasn't" or "hadn't" or "i've" or "you've" or "we've" or "they've" or "be" or "is"
        or "are"
            or "was" or "were" or "been" or "being" or "he's" or "she's" or "well" or "widely" => true,
        _ => null,
    };

    private static bool TenseOf(WordContext context, string before)
    {
        var past = context.Role.PastOverVerb;
        return before switch
        {
            "he" or "she" or "it" => past > -300,
            "who" when context.At(-2).Length == 0 => true,
            "i" or "you" or "we" or "they" when context.SentenceHas(PastTimes) => past > -300,
            "i" or "you" or "we" or "they" when context.SentenceHas(Habits) => past > 600,
            _ => past > 0,
        };
    }

    private static bool IsAlive(WordContext context)
    {
        if (context is { OpensSentence: true, Next: "and" })
        {
            return false;
        }

        if (Shown.Contains(context.Next) && context.Previous is not ("i" or "you" or "we" or "they" or "to" or "who" or "people"))
        {
            return true;
        }

        return context.FollowsDeterminer || context.Previous is "go" or "goes" or "going" or "went" or "gone" or "is" or "are" or "was"
            or "were" or "be"
            or "broadcast" or "streamed" or "streaming" or "performed" or "performing" or "recorded" or "it's" or "we're" or "air" or "aired"
            || (!context.IsVerb && (context.Next != "in" || context.At(2) is "concert" or "person" or "front"));
    }

    private static bool IsTurned(WordContext context) =>
        (context.Next is "up" && !context.FollowsDeterminer)
        || (context.Role is var role && role.PastOverOther > 0 && role.PastOverVerb > 0 && !context.FollowsDeterminer);

    private static bool IsRip(WordContext context)
    {
        var isVerb = context.IsVerb;
        return context.Next switch
        {
            "gas" or "duct" or "ducts" => false,
            "up" => !context.SentenceHas(Eyes) && context.At(3) != "time" && context.At(2) is not ("" or "at" or "when" or "whenever"
            or "watching" or "just" or "again"),
            "down" or "apart" or "off" or "out" => true,
            "in" when context.FollowsDeterminer || context.Word == "tears" =>
                context.SentenceHas(Torn) || (context.Word == "tear" && !context.SentenceHas(Eyes)),
            _ => isVerb || context is { Previous: "and", Word: "tear" } && context.At(-2) == "wear" || context.SentenceHas(Torn),
        };
    }

    private static bool IsNear(WordContext context)
    {
        if (context.Next is "to" or "by" or "friend" or "friends" or "call" or "calls" or "look" or "enough" or "together" or "behind" or "attention"
            or "watch" or "range" or "ties" or "relationship" or "relatives" or "proximity" or "second" or "game" or "race" or "contact" or "quarters"
            && !(context.Role.VerbOverOther > 300 && context.Next == "by"))
        {
            return context.Next != "to" || context.Previous is not ("to" or "will" or "must" or "the");
        }

        if (context.Previous is "so" or "too" or "very" or "how" or "as" or "pretty" or "get" or "gets" or "getting" or "got" or "come" or "came"
            or "stay" or "stayed" or "keep" or "kept" or "stand" or "stood" or "is" or "are" or "was" or "were" or "you're" or "we're" or "it's"
            or "really")
        {
            return true;
        }

        var role = context.Role;
        return role.Adjective > role.Noun && role.Adjective > role.Verb && context.Next.Length > 0 && context.Next != "of";
    }

    /// <summary>"Did not use to" sounds like "used to"; otherwise the place decides.</summary>
    private static bool IsNounUse(WordContext context) =>
        !context.IsVerb || context is { Next: "only", Previous: "external" or "internal" or "personal" or "single" or "staff" or "official" }
            || (context.Next == "to" && context.At(2).Length > 0 && context.PreviousButAdverbs() is "didn't" or "did");

    private static bool IsHabit(WordContext context)
    {
        if (context.Next != "to")
        {
            return false;
        }

        var before = context.PreviousButAdverbs();
        var isState = before is "is" or "are" or "was" or "were" or "be" or "been" or "being" or "am" or "get" or "gets" or "getting" or "got"
            or "i'm"
            or "you're" or "he's" or "she's" or "it's" or "we're" or "they're" or "become" or "became" or "isn't" or "aren't" or "wasn't" or "weren't"
            or "grow" or "grew";
        var isPerson = before is "i'm" or "he's" or "she's" or "we're" or "they're" or "you're" or "get" or "gets" or "getting" or "got" or "am";
        return !isState || isPerson || context.IsObject(2) || context.At(2).EndsWith("ing", StringComparison.Ordinal)
            || context.RoleAt(2).VerbOverOther <= 0;
    }

    private static bool IsUpsetNoun(WordContext context)
    {
        var role = context.Role;
        return role.Noun > role.Adjective && role.Noun > role.Verb && role.Noun > role.Participle && context.PreviousButAdverbs() is not ("is"
            or "was");
    }

    private static bool IsLearnedAdjective(WordContext context) =>
        (context.FollowsDeterminer || context.Previous is "very" or "most" or "more" or "of" or "is" or "was")
            && context.Next is not ("that" or "to" or "of" or "" or "from" or "how" or "by" or "the" or "a");

    private static bool IsBlessedAdjective(WordContext context) =>
        context.Next is "are" or "is" or "be" or "virgin" or "mother" or "sacrament" or "trinity"
            || ((context.FollowsDeterminer || context.Previous is "of" or "whole") && context.Next is not ("" or "by" or "with" or "the" or "us"
            or "me"));

    private static bool IsAgedAdjective(WordContext context) =>
        context.Next is "parent" or "parents" or "mother" or "father" or "aunt" or "uncle" or "man" or "woman" or "couple" or "relatives"
            or "relative"
            or "grandmother" or "grandfather" or "people" or "person" or "lady" or "gentleman" or "servant" or "king" or "widow"
            || (context.Previous == "the" && context.Next is "" or "and" or "are" or "in" or "who" or "need" or "with");

    private static bool IsDoggedAdjective(WordContext context)
    {
        var role = context.Role;
        return context.Next is not ("" or "by" or "the" or "him" or "her" or "them" or "us" or "me" or "his")
            && context.PreviousButAdverbs() is not ("have" or "has" or "had" or "been" or "he" or "she" or "it" or "they")
            && role.Adjective > role.Past;
    }

    private static string SloughOf(WordContext context) =>
        context.IsName ? "S L AW1" : context.IsVerb ? "S L AH1 F" : "S L UW1";
}
