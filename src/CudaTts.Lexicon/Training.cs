using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>Makes the letter-to-sound model from the dictionary's words that are not held out.</summary>
internal static class Training
{
    /// <summary>Graphones rarer than this are accidents of the dictionary; a word that needs one is not learned.</summary>
    private const int FewestUses = 4;

    /// <summary>The model file's bytes; the same bytes for the same words.</summary>
    /// <param name="words">What to learn.</param>
    /// <param name="order">The n of the n-grams.</param>
    /// <param name="ngrams">How many n-grams are kept; one takes about four bytes.</param>
    /// <param name="log">Receives what was done.</param>
    public static byte[] Run(IReadOnlyCollection<Pronunciation> words, int order, int ngrams, TextWriter log)
    {
        var aligner = GraphoneAligner.Train(words);
        var aligned = words.Select(aligner.Align).OfType<List<Graphone>>().ToList();
        var uses = aligned.SelectMany(word => word).CountBy(Key).ToDictionary();
        var kept = aligned.Where(word => word.TrueForAll(graphone => uses[Key(graphone)] >= FewestUses)).ToList();
        var graphones = kept.SelectMany(word => word).DistinctBy(Key).OrderBy(Key, StringComparer.Ordinal).ToList();
        log.WriteLine($"{words.Count} words to learn, {kept.Count} divided into {graphones.Count} graphones");

        var symbols = graphones.Select((graphone, index) => (Key(graphone), index + GraphoneModel.FirstGraphone)).ToDictionary();
        var sequences = kept.Select(
            word => (int[])[GraphoneModel.WordStart, .. word.Select(graphone => symbols[Key(graphone)]), GraphoneModel.WordEnd]);
        var trie = new NgramTrie(sequences, order);
        var model = KneserNeyModel.Estimate(trie, graphones.Count + 1);
        log.WriteLine($"{trie.Nodes.Count - 1} n-grams up to length {order}");
        model.PruneTo(ngrams);
        return GraphoneModelWriter.Write(model, graphones);
    }

    private static string Key(Graphone graphone) => $"{graphone.Letters}|{string.Join(' ', graphone.Phones)}";
}
