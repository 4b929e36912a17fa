namespace CudaTts.Text.English.Phonetic;

/// <summary>Words that a sentence does not stress, or lightly: articles, pronouns, auxiliary verbs, prepositions.</summary>
internal static class WeakWords
{
    private static readonly HashSet<string> s_unstressed = Words("""
        a an and the of to in at for from with by through per is was are were be am has have had will would can could won't
        i you he she it we they her my your his its their this that these those there or if as than when what
        i'm you're he's she's it's we're they're i've you've we've they've i'll you'll he'll she'll we'll they'll i'd you'd he'd she'd we'd they'd
        that's there's what's get got went gone goes ours
        """);

    private static readonly HashSet<string> s_light = Words("""
        on into onto upon up down over under without about behind above across between near among within beside besides below beneath beyond before
        been being having doing should shall might isn't aren't weren't couldn't shouldn't it'll
        me him us them our who whose how where why which who's where's how's but so while though not some any already become becomes
        go going put puts make makes made
        """);

    // These stay weak where a clause ends; the others are stressed there.
    private static readonly HashSet<string> s_alwaysWeak = Words("""
        an and the of at for from with per is was are were been am had or if as than but whose though into upon
        you he she it we they me him her us them your its their our ours some any
        i'm you're he's she's it's we're they're i've you've we've they've
        i'll you'll he'll she'll we'll they'll it'll i'd you'd he'd she'd we'd they'd
        """);

    // What the weak word's own phones would not be written as.
    private static readonly Dictionary<string, string> s_forms = new()
    {
        ["a"] = "ɐ", ["an"] = "ɐn", ["and"] = "ænd", ["was"] = "wʌz", ["has"] = "hɐz", ["than"] = "ðɐn", ["your"] = "jʊɹ", ["for"] = "fɔːɹ",
        ["had"] = "hæd",
    };

    // Words in full whose usual sound is not the dictionary's.
    private static readonly Dictionary<string, string> s_full = new()
    {
        ["on"] = "AO1 N", ["into"] = "IH1 N T UH0", ["onto"] = "AA1 N T UH0", ["because"] = "B IH0 K AH1 Z", ["without"] = "W IH0 DH AW1 T",
        ["cannot"] = "K AE0 N AA1 T", ["dog"] = "D AA1 G", ["office"] = "AA1 F IH0 S", ["outside"] = "AW0 T S AY1 D", ["every"] = "EH1 V R IY0",
        ["friday"] = "F R AY1 D EY0", ["zero"] = "Z IH1 R OW0", ["nobody"] = "N OW1 B AA0 D IY0",
    };

    /// <summary>Whether a word may be weak: it is the dictionary's, and no letter or phones that the text gives.</summary>
    public static bool CanBeWeak(PronouncedWord word) => word.Origin is PronunciationOrigin.Dictionary or PronunciationOrigin.HeteronymRule;

    /// <summary>A word in its sentence.</summary>
    /// <param name="word">The word in small letters.</param>
    /// <param name="phones">Its phones.</param>
    /// <param name="endsClause">Whether a pause follows.</param>
    public static string Write(string word, string[] phones, bool endsClause)
    {
        var sound = s_full.TryGetValue(word, out var full) ? full.Split(' ') : phones;
        if (endsClause && !s_alwaysWeak.Contains(word))
        {
            return PhoneticWord.Write(word, sound, PhoneticWord.Primary);
        }

        return s_unstressed.Contains(word) ? s_forms.GetValueOrDefault(word) ?? PhoneticWord.Write(word, sound, stress: "")
            : PhoneticWord.Write(word, sound, s_light.Contains(word) ? PhoneticWord.Secondary : PhoneticWord.Primary);
    }

    private static HashSet<string> Words(string words) => [.. words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
}
