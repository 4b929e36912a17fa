using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>What a word does in its sentence, as far as its neighbours tell.</summary>
internal enum WordRole
{
    /// <summary>A noun or an adjective, or nothing says what.</summary>
    Other,

    /// <summary>A verb in its base form.</summary>
    Verb,

    /// <summary>A verb in the past, or a past participle.</summary>
    Past,
}

/// <summary>
/// The words around a word. The role is guessed from closed classes of words alone (articles, prepositions, pronouns, auxiliaries), which are
/// few, common and hardly ever wrong; no dictionary of parts of speech is needed.
/// </summary>
internal readonly struct WordContext(IReadOnlyList<SpokenItem> items, int index)
{
    // Behind these stands a noun or an adjective.
    private static readonly HashSet<string> BeforeNouns =
        ["the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their", "some", "any", "no", "every",
        "each", "another", "whose", "of",
        "in", "on", "for", "with", "from", "about", "under", "without", "at", "by", "into", "onto", "against", "between", "during", "such", "much",
        "more", "many", "few", "several",
        "one", "two", "three", "four", "five", "six", "ten", "first", "second", "last", "next", "other", "new", "old", "good", "bad", "great",
        "big", "small", "high", "low", "own",
        "same", "best", "full", "very", "so", "too", "quite", "is", "are", "was", "were", "be", "been", "am", "it's", "that's", "as", "per", "all",
        "what", "than", "both", "free", "public"];

    private static readonly HashSet<string> BeforeVerbs =
        ["to", "will", "would", "can", "could", "shall", "should", "may", "might", "must", "i'll", "you'll", "he'll", "she'll", "it'll", "we'll",
        "they'll", "i'd", "you'd", "he'd",
        "she'd", "we'd", "they'd", "don't", "doesn't", "didn't", "won't", "can't", "cannot", "couldn't", "wouldn't", "shouldn't", "let's", "i",
        "you", "we", "they", "do", "did", "does",
        "please", "who", "not", "and", "or", "help", "helps", "helped", "let", "us", "them", "mustn't", "needn't", "ought"];

    private static readonly HashSet<string> Subjects = ["i", "you", "we", "they", "he", "she", "it", "who"];

    private static readonly HashSet<string> Perfect =
        ["have", "has", "had", "having", "i've", "you've", "we've", "they've", "he's", "she's", "hasn't", "haven't", "hadn't", "was", "were",
        "been", "be", "being", "is", "are", "get", "got"];

    private static readonly HashSet<string> BetweenAuxiliaryAndVerb =
        ["always", "often", "never", "only", "also", "just", "usually", "sometimes", "already", "ever", "still", "even", "then", "not", "soon",
        "once", "all", "both", "now", "rarely"];

    // A noun in front of one of these would lack its verb: the word itself is the verb.
    private static readonly HashSet<string> Objects =
        ["the", "a", "an", "this", "these", "those", "my", "your", "his", "her", "its", "our", "their", "me", "him", "it", "them", "us", "every",
        "each", "any", "some", "all", "yourself",
        "themselves", "himself", "herself", "itself", "myself", "ourselves"];

    private static readonly HashSet<string> NoPlurals =
        ["sales", "sports", "news", "savings", "arms", "rights", "customs", "goods", "this", "is", "was", "has", "his", "its", "us", "as", "yes",
        "does", "always", "perhaps", "thus", "less", "unless", "plus", "minus", "times", "across", "its", "towards", "besides", "it's", "that's"];

    private static readonly HashSet<string> Articles = ["the", "these", "those", "my", "your", "his", "her", "our", "their", "some", "most", "all",
        "many"];

    // Verbs, and "of": what stands in front of one after a plural is the second part of a compound noun.
    private static readonly HashSet<string> AfterSubjects =
        ["is", "are", "was", "were", "has", "had", "have", "will", "would", "can", "could", "should", "may", "might", "must", "does", "did", "of"];

    // Words farther off say nothing about this one, and to look at all of a long text for each of its words takes quadratic time.
    private const int Reach = 40;

    // What lies beyond the text.
    private static readonly SpokenItem Edge = new(SpokenKind.Pause, ".");

    /// <summary>The word itself.</summary>
    public string Word => At(0);

    /// <summary>The word before, or nothing where the sentence or clause begins.</summary>
    public string Previous => At(-1);

    /// <summary>The word after, or nothing where the sentence or clause ends.</summary>
    public string Next => At(1);

    /// <summary>The word at a distance, when no pause lies between; otherwise nothing.</summary>
    public string At(int distance)
    {
        var step = Math.Sign(distance);
        for (var i = step; i != 0 && i != distance; i += step)
        {
            if (Item(i).Kind == SpokenKind.Pause)
            {
                return "";
            }
        }

        return Item(distance) is { Kind: SpokenKind.Word, Text: var text } ? text : "";
    }

    /// <summary>Whether one of some words stands in the sentence, within <see cref="Reach"/> words.</summary>
    public bool SentenceHas(HashSet<string> words) => Has(words, -1) || Has(words, 1);

    private bool Has(HashSet<string> words, int step)
    {
        for (var distance = step; Math.Abs(distance) <= Reach && !IsSentenceEnd(Item(distance)); distance += step)
        {
            if (words.Contains(Item(distance).Text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The word before, adverbs such as "never" passed over.</summary>
    public string PreviousButAdverbs()
    {
        for (var distance = -1; ; distance--)
        {
            var word = At(distance);
            var isAdverb = BetweenAuxiliaryAndVerb.Contains(word)
                || (word.Length > 4 && word.EndsWith("ly", StringComparison.Ordinal) && word is not ("family" or "only" or "early"));
            if (!isAdverb || distance < -3)
            {
                return word;
            }
        }
    }

    /// <summary>The guess for a word that can be a noun or adjective as well as a verb.</summary>
    public WordRole Role()
    {
        var before = PreviousButAdverbs();
        if (Perfect.Contains(before) && Previous != before)
        {
            return WordRole.Past;
        }

        if (BeforeNouns.Contains(before))
        {
            return WordRole.Other;
        }

        if (before is "and" or "or")
        {
            return Objects.Contains(Next) ? WordRole.Verb : WordRole.Other;
        }

        if (BeforeVerbs.Contains(before) || (before is "he" or "she" or "it" && Word.EndsWith('s')))
        {
            return WordRole.Verb;
        }

        return Objects.Contains(Next)
            || (IsPluralNoun(before) && (PluralOpensClause() ? !AfterSubjects.Contains(Next) : Next.Length > 0 && !BeforeNouns.Contains(Next)))
            ? WordRole.Verb
            : WordRole.Other;
    }

    private static bool IsPluralNoun(string word) =>
        word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && !NoPlurals.Contains(word)
            && !word.Contains('\'', StringComparison.Ordinal);

    /// <summary>
    /// Whether the clause is a plural noun, with an article at most, and then this word: "muscles contract". Further in, the same words may be an
    /// object and its adjective: "keep the rooms separate".
    /// </summary>
    private bool PluralOpensClause() => At(-2).Length == 0 || (Articles.Contains(At(-2)) && At(-3).Length == 0);

    /// <summary>Whether a subject stands directly before: "she read".</summary>
    public bool FollowsSubject => Subjects.Contains(PreviousButAdverbs());

    /// <summary>Whether a form of "have" or "be" stands before: "has read".</summary>
    public bool FollowsPerfect => Perfect.Contains(PreviousButAdverbs());

    /// <summary>Whether an article, a preposition or the like stands directly before.</summary>
    public bool FollowsDeterminer => BeforeNouns.Contains(Previous);

    private SpokenItem Item(int distance) => index + distance >= 0 && index + distance < items.Count ? items[index + distance] : Edge;

    private static bool IsSentenceEnd(SpokenItem item) => item is { Kind: SpokenKind.Pause, Text: "." or "!" or "?" };
}
