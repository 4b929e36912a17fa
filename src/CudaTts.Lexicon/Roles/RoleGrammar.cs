using System.Text;
using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>
/// Sentences without sense but of sound grammar: the old texts hold few questions, requests, headlines and statements of what is always so.
/// </summary>
internal sealed class RoleGrammar
{
    // N noun, P plural, J adjective, V base or present, Z third person, D past tense, E participle, G -ing, R adverb; all else is said as it stands.
    private const string Patterns = """
        P V P.|P V N.|J P V N.|P V the N.|P V N in the N.|Many P V the J N.|The P V every N.|Most P V in N.|P V P and P.|N P V J P.|P often V N.
        Some P V with P.|The J P V with the N.|P and P V the N.|A N and a N V the N.|The P in this N V the N.|P from the N V P to the N.
        P like that V me.|All P V to the N.|P V that the N is J.|These P V too much N.|Few P V such a N.|P V from N to N.|Our P V well.
        P who V P are J.|People who V P D me.|Those who V it will V.|Police V N.|A N who Z P is J.|The N that D the N was J.
        Do you V the N?|Did the N V the N?|Did she V that the N was J?|Did you V it?|Why did they V the N?|When do the P V?|How do P V N?
        What did the N V?|Does the N V?|Does he V P?|Where do you V your N?|Who will V the N?|Can you V this N for me?|Could you V the N, please?
        Would you V us for a N?|Should I V it or V it?|Will the N V next N?|Have you E the N?|Has anyone E my N?|Were the P E?|Is the N J?
        Is the N of the N J?|Are these P J?|What's your N?|What is the N of N?|Which N Z the N?|Who Z in the J N?|How J is the N?
        Please V the N.|V the N before you V.|V a N to V.|V your N.|Don't V the N.|Do not V.|Let me V the N first.|Let's V.|Let them V it.
        V me if they V.|Never V a J N.|Go and V the N.|Come and V it.|Just V it and V.|If they V, V me.
        The N Z the N.|This N Z a J N.|N Z P.|The N always Z at N.|He Z when we V him.|The N that Z the N is J.|It Z the N of N.|N Z the N of P.
        The N N is J.|The J N of the N Z.|The N of the N was J.|A N of P D in the N.|His N to the N D.|There is a J N in the N.|A J N N.|It was a J N.
        N N P are up.|N and N are J.|Their N N is in N.|The J, J N D the N.|That N was J.|She has a N in her N.|It's a N of N.|It's no N.|No N is J.
        P help V N.|It helps V the N.|This will V the N.|They D the N to V.|She D to V the N.|I want to V the N.|They V to V.|It is J to V the N.
        Two P planned to V during the N.|He was E to V.|You can V a N.|We need to V this N now.|They might V.|I'll V you the N.|It must not V.
        I V that he is J.|We V every N.|You V the N and I V the N.|I V to V you.|They V J P.|We D and D the N.|She D the N and D the N twice.
        The N was E by the N.|The N has E the N.|I have never E such a N.|He had already E the N.|It was E last N.|The E N was J.
        They were E in the N.
        The N D.|The N D the N.|He D the N.|They D it up.|The P D through the N.|Last N she D two P.|I D a N yesterday.|We D until N.|It D in the N.
        N in the N.|P in N N.|P to V N.|N Z N.|N to V J P.|P E in N.|N E by N.|N on N.|With a N like that, he D.|At the N, P V.|In N, P V P.
        He is a N and a N.|He's J and J.|She was J with the N.|They are J P.|It D J.|The N seems J.|I'm J to V.|You're J.|Keep the N J.|How J of you.
        We sell J P.|He lives in a J N.|The J J N.|An R J N.|They R V the N.|She R D the N.|R V the N.|He V.
        """;

    private readonly Dictionary<char, (WordClasses Class, string[] Words)> _slots = [];
    private readonly Random _random = new(1);

    /// <summary>Chooses words of every class, those of WordNet that occur most.</summary>
    public RoleGrammar(RoleLexicon lexicon)
    {
        (char Slot, WordClasses Class)[] classes =
        [
            ('N', WordClasses.Noun), ('P', WordClasses.Plural), ('J', WordClasses.Adjective), ('V', WordClasses.Verb), ('Z', WordClasses.ThirdPerson),
            ('D', WordClasses.Past), ('E', WordClasses.Participle), ('R', WordClasses.Adverb),
        ];
        foreach (var (slot, one) in classes)
        {
            _slots[slot] = (one, [.. lexicon.Classes.Where(word => word.Value.HasFlag(one) && word.Value < WordClasses.IsCommon)
                .Select(word => word.Key).OrderByDescending(word => lexicon.Uses.GetValueOrDefault(word)).ThenBy(word => word, StringComparer.Ordinal)
                .Take(WordsPerSlot)]);
        }
    }

    private const int WordsPerSlot = 1200;

    /// <summary>A number of sentences of every pattern, with the class of each word that is not of the pattern itself.</summary>
    public IEnumerable<(string Text, List<(string Word, WordClasses Class)> Words)> Sentences(int ofEach)
    {
        var patterns = Patterns.Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return patterns.SelectMany(pattern => Enumerable.Range(0, ofEach).Select(_ => Fill(pattern)));
    }

    private (string Text, List<(string Word, WordClasses Class)> Words) Fill(string pattern)
    {
        var text = new StringBuilder();
        var words = new List<(string, WordClasses)>();
        for (var i = 0; i < pattern.Length; i++)
        {
            var isSlot = _slots.TryGetValue(pattern[i], out var slot) && (i + 1 == pattern.Length || !char.IsAsciiLetter(pattern[i + 1]));
            if (!isSlot)
            {
                text.Append(pattern[i]);
                continue;
            }

            var word = slot.Words[_random.Next(slot.Words.Length)];
            words.Add((word, slot.Class));
            text.Append(i == 0 ? char.ToUpperInvariant(word[0]) + word[1..] : word);
        }

        return (text.ToString(), words);
    }
}
