using System.Text;

namespace CudaTts.Cli.Reports;

/// <summary>What became of a word between a text and what was heard of it.</summary>
internal enum WordFate
{
    /// <summary>It was heard.</summary>
    Same,

    /// <summary>Another word was heard.</summary>
    Replaced,

    /// <summary>It stands in one of them only: missing in what was heard, or added by it.</summary>
    Alone,
}

/// <summary>
/// The words of a text and of what was heard, matched with the fewest changes (Levenshtein, by word). Upper case and punctuation do not count.
/// </summary>
/// <param name="Text">The words that were to be said.</param>
/// <param name="Heard">The words that were heard.</param>
internal sealed record WordDifferences(IReadOnlyList<(string Word, WordFate Fate)> Text, IReadOnlyList<(string Word, WordFate Fate)> Heard)
{
    // The table of changes has a cell for each pair of words; no clip is nearly so long.
    private const int MostWords = 4000;

    /// <summary>Matches the words; null where there are too many to match.</summary>
    public static WordDifferences? Of(string text, string heard)
    {
        var (a, b) = (Words(text), Words(heard));
        return a.Length <= MostWords && b.Length <= MostWords ? Match(a, b) : null;
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // Punctuation that stands alone is no word and matches anything that is none either.
    private static string Sound(string word)
    {
        var letters = new StringBuilder(word.Length);
        foreach (var rune in word.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                letters.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return letters.ToString();
    }

    private static WordDifferences Match(string[] text, string[] heard)
    {
        var (a, b) = (Array.ConvertAll(text, Sound), Array.ConvertAll(heard, Sound));
        var changes = Changes(a, b);
        var (fatesOfText, fatesOfHeard) = (new WordFate[a.Length], new WordFate[b.Length]);
        for (var (i, j) = (0, 0); i < a.Length || j < b.Length;)
        {
            if (i < a.Length && j < b.Length && changes[i, j] == changes[i + 1, j + 1] + Cost(a[i], b[j]))
            {
                fatesOfText[i] = fatesOfHeard[j] = a[i] == b[j] ? WordFate.Same : WordFate.Replaced;
                (i, j) = (i + 1, j + 1);
            }
            else if (i < a.Length && changes[i, j] == changes[i + 1, j] + Cost(a[i], ""))
            {
                fatesOfText[i] = a[i].Length > 0 ? WordFate.Alone : WordFate.Same;
                i++;
            }
            else
            {
                fatesOfHeard[j] = b[j].Length > 0 ? WordFate.Alone : WordFate.Same;
                j++;
            }
        }

        return new WordDifferences([.. text.Zip(fatesOfText)], [.. heard.Zip(fatesOfHeard)]);
    }

    /// <summary>The fewest changes from the words of one from i on to those of the other from j on, [words + 1, words + 1].</summary>
    private static int[,] Changes(string[] a, string[] b)
    {
        var changes = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length; i >= 0; i--)
        {
            for (var j = b.Length; j >= 0; j--)
            {
                var together = i < a.Length && j < b.Length ? changes[i + 1, j + 1] + Cost(a[i], b[j]) : int.MaxValue;
                var missing = i < a.Length ? changes[i + 1, j] + Cost(a[i], "") : int.MaxValue;
                var added = j < b.Length ? changes[i, j + 1] + Cost(b[j], "") : int.MaxValue;
                changes[i, j] = i == a.Length && j == b.Length ? 0 : Math.Min(together, Math.Min(missing, added));
            }
        }

        return changes;
    }

    private static int Cost(string a, string b) => a == b ? 0 : 1;
}
