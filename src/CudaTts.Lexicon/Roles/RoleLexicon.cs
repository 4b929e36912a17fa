using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>What words can be: the closed classes as listed, the others by WordNet and the forms of its words.</summary>
internal sealed class RoleLexicon
{
    // A rarer part of speech of a word is passed over: "people" is a verb in theory.
    private const double SmallestShare = 0.08;

    // WordNet has these as nouns in the singular as well, but verbs with them are in the plural.
    private static readonly string[] Plurals = ["people", "police", "cattle", "men", "women", "children", "folks"];

    private readonly Dictionary<string, WordClasses> _classes = [];

    /// <summary>Collects the forms of all words.</summary>
    public RoleLexicon(Dictionary<string, Dictionary<WordClasses, double>> counts)
    {
        foreach (var (word, parts) in counts)
        {
            var all = parts.Values.Sum();
            foreach (var (part, count) in parts.Where(part => part.Value >= SmallestShare * all))
            {
                foreach (var (form, found) in Inflection.Forms(word, part))
                {
                    // An inflected form that is a word by itself is mostly that word, as "being" and "building" are.
                    _classes[form] = _classes.GetValueOrDefault(form) | found;
                    Uses[form] = Uses.GetValueOrDefault(form) + count;
                }
            }
        }

        foreach (var word in Plurals)
        {
            _classes[word] = WordClasses.Plural;
        }

        foreach (var (word, classes) in ClosedWords.All)
        {
            _classes[word] = classes;
        }
    }

    /// <summary>How often a form's words occur in WordNet's tagged texts.</summary>
    public Dictionary<string, double> Uses { get; } = [];

    /// <summary>All words with what they can be.</summary>
    public IReadOnlyDictionary<string, WordClasses> Classes => _classes;
}
