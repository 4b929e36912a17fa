using CudaTts.Text.English.Normalization;
using CudaTts.Text.English.Tagging;

namespace CudaTts.Text.English;

/// <summary>The words around a word, and what it does among them.</summary>
internal readonly struct WordContext(IReadOnlyList<SpokenItem> items, int index)
{
    private static readonly HashSet<string> Determiners =
    [
        "the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their", "some", "any", "no", "every", "each",
        "another", "whose", "such",
    ];

    // Words farther off say nothing about this one, and to look at all of a long text for each of its words takes quadratic time.
    private const int Reach = 40;

    // What lies beyond the text.
    private static readonly SpokenItem Edge = new(SpokenKind.Pause, ".");

    /// <summary>The word itself.</summary>
    public string Word => items[index].Text;

    /// <summary>The word before, or nothing where the sentence or clause begins.</summary>
    public string Previous => At(-1);

    /// <summary>The word after, or nothing where the sentence or clause ends.</summary>
    public string Next => At(1);

    /// <summary>Whether the word is the first of its sentence, where a capital means nothing.</summary>
    public bool OpensSentence => Item(-1) is { Kind: SpokenKind.Pause, Text: not "," };

    /// <summary>Whether the word was written with a capital of its own, as names are.</summary>
    public bool IsName => items[index].IsCapitalised && !OpensSentence;

    /// <summary>Whether the word was written with a capital.</summary>
    public bool IsCapitalised => items[index].IsCapitalised;

    /// <summary>
    /// Whether the word is a verb in the present or the base form, or else a noun or an adjective: beyond doubt behind an article, a pronoun or an
    /// auxiliary verb, elsewhere as the model thinks.
    /// </summary>
    public bool IsVerb => Previous switch
    {
        "the" or "a" or "an" or "my" or "your" or "its" or "our" or "their" or "every" or "each" or "another" or "no" => false,
        "sales" or "sports" or "news" or "savings" or "customs" or "arms" or "rights" or "goods" => false,
        "will" or "would" or "can" or "could" or "shall" or "should" or "must" or "might" or "cannot" or "don't" or "doesn't" or "didn't" or "won't"
            or "wouldn't" or "can't" or "couldn't" or "shouldn't" or "let's" or "please" => true,
        "i" or "we" or "they" or "he" or "she" when At(-2) is not ("am" or "is" or "are" or "was" or "were") => true,
        _ => Role.VerbOverOther > 0,
    };

    /// <summary>How well each part of speech fits the place of the word.</summary>
    public RoleScores Role => RoleModel.Instance.Score(items, index);

    /// <summary>Whether an article or the like stands directly before.</summary>
    public bool FollowsDeterminer => Determiners.Contains(Previous);

    /// <summary>Whether an article or the like stands directly after.</summary>
    public bool PrecedesDeterminer => Determiners.Contains(Next);

    /// <summary>How well each part of speech fits the place of a word at a distance.</summary>
    public RoleScores RoleAt(int distance) => RoleModel.Instance.Score(items, index + distance);

    /// <summary>Whether an article, or a word that stands for a noun, is the word at a distance.</summary>
    public bool IsObject(int distance) =>
        Determiners.Contains(At(distance)) || At(distance) is "me" or "him" or "it" or "them" or "us" or "you" or "myself" or "himself" or "herself";

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

    /// <summary>The word before, adverbs such as "never" passed over.</summary>
    public string PreviousButAdverbs()
    {
        for (var distance = -1; distance >= -3; distance--)
        {
            var word = At(distance);
            var isAdverb = word is "always" or "often" or "never" or "only" or "also" or "just" or "usually" or "sometimes" or "already" or "ever"
                or "still" or "even" or "then" or "not" or "soon" or "now" or "rarely" or "so" or "very" or "quite" or "more" or "most" or "being"
                || (word.Length > 4 && word.EndsWith("ly", StringComparison.Ordinal) && word is not "family");
            if (!isAdverb)
            {
                return word;
            }
        }

        return "";
    }

    private bool Has(HashSet<string> words, int step)
    {
        for (var distance = step; Math.Abs(distance) <= Reach && Item(distance) is not { Kind: SpokenKind.Pause, Text: not "," }; distance += step)
        {
            if (words.Contains(Item(distance).Text))
            {
                return true;
            }
        }

        return false;
    }

    private SpokenItem Item(int distance) => index + distance >= 0 && index + distance < items.Count ? items[index + distance] : Edge;
}
