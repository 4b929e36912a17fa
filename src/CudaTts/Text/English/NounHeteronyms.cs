namespace CudaTts.Text.English;

/// <summary>Heteronyms of which both sounds, or the rare one, are of nouns or adjectives: what else the sentence speaks of decides.</summary>
internal static class NounHeteronyms
{
    private static readonly HashSet<string> LeadThings = ["pipe", "pipes", "paint", "paints", "poisoning", "acid", "bullet", "bullets", "pencil",
        "free", "mine", "mines", "content", "levels", "shot", "weight", "weights", "glass", "apron", "balloon", "crystal", "ore", "solder", "based",
        "battery", "batteries", "exposure", "contamination", "roof", "shielding", "toxicity", "foil", "sheet", "sheets", "type", "lined", "smelter"];
    private static readonly HashSet<string> Metals = ["zinc", "copper", "mercury", "tin", "arsenic", "cadmium", "radiation", "metal", "metals",
        "toxic",
        "poisoned", "paint", "pipes", "plumbing", "blood", "solder", "alchemists", "gold", "silver", "iron", "heavy", "molten", "melted", "water",
        "pencil", "ore", "mined", "poison", "gasoline", "unleaded", "petrol"];
    private static readonly HashSet<string> Bows = ["arrow", "arrows", "tie", "ties", "ribbon", "ribbons", "hair", "violin", "violinist", "cello",
        "cellist", "fiddle", "string", "strings", "archer", "archery", "hunter", "hunting", "hunts", "hunt", "deer", "quiver", "wrapped", "gift",
        "tied", "knot", "pink", "hat", "dress", "shoelaces", "laces", "drew", "target", "crossbow", "bowstring", "wooden", "silk", "satin", "wore",
        "wearing", "rosin"];
    private static readonly HashSet<string> Fishing = ["caught", "catch", "largemouth", "smallmouth", "sea", "striped", "fish", "fishing",
        "fisherman",
        "lake", "grilled", "river", "pond", "trout", "fillet", "fillets", "hook", "hooked", "bait", "lure", "perch", "salmon", "pike", "baked",
        "fried",
        "boat", "angler", "anglers", "freshwater", "rod", "chilean", "pound", "ate"];
    private static readonly HashSet<string> Quarrels = ["blazing", "terrible", "furious", "bitter", "heated", "almighty", "diplomatic", "flaming",
        "argument", "shouting", "quarrel", "argued", "neighbours", "violent", "angry", "public", "political", "stormed", "screaming"];
    private static readonly HashSet<string> Herds = ["deer", "buck", "bucks", "stag", "stags", "fawn", "fawns", "herd", "antlers", "rabbit",
        "rabbits",
        "hunter", "hunters", "hares", "grazed", "grazing"];
    private static readonly HashSet<string> Needles = ["needle", "needles", "dress", "dresses", "quilt", "quilts", "stitch", "stitches", "stitched",
        "fabric", "thread", "sewing", "seamstress", "garment", "garments", "cloth", "costumes", "sewn"];
    private static readonly HashSet<string> Greens = ["green", "greens", "golf", "golfer", "golfers", "hole", "holes", "tee", "putt", "putts",
        "putter",
        "birdie", "tournament", "fairway", "iron", "par"];
    private static readonly HashSet<string> Graphs = ["x", "y", "graph", "rotation", "coordinate", "horizontal", "vertical", "chart", "plot", "label",
        "labels", "symmetry", "perpendicular"];
    private static readonly HashSet<string> Drinks = ["drank", "drink", "drinking", "sushi", "japanese", "rice", "warm", "hot", "cup", "cups",
        "bottle", "bottles", "japan", "brewed", "sip", "sipped"];
    private static readonly HashSet<string> Kin = ["mother", "father", "wife", "husband", "son", "daughter", "brother", "sister", "aunt", "uncle",
        "soldier", "soldiers", "chair", "carriage", "king", "who", "was", "is", "for", "since", "in", "and", "lay", "needs", "needed", "sat", ""];

    /// <summary>The phones of a word among others; null when it has no rule here.</summary>
    public static string? Read(string word, WordContext context) => word switch
    {
        "lead" => IsMetal(context) ? "L EH1 D" : "L IY1 D",
        "leads" => "L IY1 D Z",
        "bow" => IsTiedOrStrung(context) ? "B OW1" : "B AW1",
        "bows" => IsTiedOrStrung(context) ? "B OW1 Z" : "B AW1 Z",
        "bass" => context.SentenceHas(Fishing) ? "B AE1 S" : "B EY1 S",
        "row" => IsQuarrel(context) ? "R AW1" : "R OW1",
        "rows" => IsQuarrel(context) ? "R AW1 Z" : "R OW1 Z",
        "sow" => context.IsVerb ? "S OW1" : "S AW1",
        "sows" => context.IsVerb ? "S OW1 Z" : "S AW1 Z",
        "houses" => "HH AW1 Z AH0 Z",
        "mouths" => "M AW1 DH Z",
        "minute" => IsTiny(context) ? "M AY0 N UW1 T" : "M IH1 N AH0 T",
        "content" => IsPleased(context) ? "K AH0 N T EH1 N T" : "K AA1 N T EH0 N T",
        "invalid" => context.FollowsDeterminer && Kin.Contains(context.Next) ? "IH1 N V AH0 L AH0 D" : "IH0 N V AE1 L AH0 D",
        "number" => context.Previous is "grew" or "grow" or "feel" or "feels" or "felt" or "get" or "getting" or "became" or "become" or "went"
        or "even"
            ? "N AH1 M ER0" : "N AH1 M B ER0",
        "does" => IsDeer(context) ? "D OW1 Z" : "D AH1 Z",
        "drawer" => context is { Next: "of", Previous: not ("top" or "bottom" or "back") } ? "D R AO1 ER0" : "D R AO1 R",
        "sewer" => context.SentenceHas(Needles) ? "S OW1 ER0" : "S UW1 ER0",
        "putting" => context.SentenceHas(Greens) && context.Next is not ("the" or "a" or "on" or "his" or "her" or "it" or "my")
            ? "P AH1 T IH0 NG" : "P UH1 T IH0 NG",
        "axes" => context.SentenceHas(Graphs) ? "AE1 K S IY2 Z" : "AE1 K S IH2 Z",
        "sake" => context.Previous != "the" && context.SentenceHas(Drinks) ? "S AA1 K IY0" : "S EY1 K",
        "multiply" => context.RoleAt(1).Participle > context.Role.Verb && context.Previous is "is" or "are" or "was" or "were" or "a" or "the"
            ? "M AH1 L T AH0 P L IY0" : "M AH1 L T AH0 P L AY2",
        _ => null,
    };

    private static bool IsMetal(WordContext context)
    {
        if (context.Next is "singer" or "role" or "actor" or "guitar" or "actress" or "story" or "to" or "time" or "over" or "character" or "author")
        {
            return false;
        }

        return LeadThings.Contains(context.Next) || (context.Previous is "of" or "contains" or "contain" && !context.IsVerb)
            || (!context.IsVerb && context.Previous is not ("the" or "a" or "in" or "early" or "big" or "new") && context.SentenceHas(Metals));
    }

    private static bool IsTiedOrStrung(WordContext context)
    {
        if (context.Previous is "the" or "and" && context.Next is "of" or "" && context.At(-2) is "at" or "on" or "over" or "from" or "to" or "stern")
        {
            return false;
        }

        return !context.IsVerb && context.SentenceHas(Bows);
    }

    private static bool IsQuarrel(WordContext context) =>
        !context.IsVerb && context.Previous is not ("front" or "back" or "top" or "last" or "second" or "first")
            && (context.Next is "about" or "over" or "broke" or "erupted" or "between" || context.SentenceHas(Quarrels))
            && context.Next is not ("of" or "house");

    private static bool IsTiny(WordContext context)
    {
        if (context.Next is "detail" or "details" or "amount" or "amounts" or "particle" or "particles" or "difference" or "differences" or "quantity"
            or "quantities" or "trace" or "traces" or "changes" or "fraction" or "crack" or "cracks" or "creatures" or "pieces" or "grains")
        {
            return true;
        }

        return context.PreviousButAdverbs() is "is" or "are" or "was" or "were" or "seem" or "seems" && context.Previous is not ("every" or "per");
    }

    private static bool IsPleased(WordContext context)
    {
        if (context.FollowsDeterminer)
        {
            return false;
        }

        var role = context.Role;
        return context.Next is "with" or "to" || context.PreviousButAdverbs() is "feel" or "feels" or "felt" or "seem" or "seems" or "seemed" or "is"
            or "are" or "was" or "were" or "be" or "am" or "i'm" or "he's" or "she's" or "we're" or "they're" or "you" || role.VerbOverOther > 0;
    }

    private static bool IsDeer(WordContext context) =>
        context.SentenceHas(Herds) && !context.IsVerb && context.Next is not ("the" or "a" or "not" or "he" or "she" or "it");
}
