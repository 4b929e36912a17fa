using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>An example of WordNet, and the words whose part of speech it shows.</summary>
internal sealed record WordNetExample(string Text, string[] Words, WordClasses Part);

/// <summary>The files of WordNet's database: the parts of speech of words, how often each occurs, and examples.</summary>
internal sealed partial class WordNet(string folder)
{
    private static readonly (string File, WordClasses Part)[] Files =
        [("noun", WordClasses.Noun), ("verb", WordClasses.Verb), ("adj", WordClasses.Adjective), ("adv", WordClasses.Adverb)];

    /// <summary>Words in small letters, without spaces, and how often each part of speech of theirs occurs in WordNet's tagged texts.</summary>
    public Dictionary<string, Dictionary<WordClasses, double>> Counts()
    {
        var counts = new Dictionary<string, Dictionary<WordClasses, double>>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "index.sense")))
        {
            var fields = line.Split(' ');
            var key = fields[0].Split('%');
            if (!key[0].All(char.IsAsciiLetterLower))
            {
                continue;
            }

            var part = key[1][0] switch
            {
                '1' => WordClasses.Noun,
                '2' => WordClasses.Verb,
                '3' or '5' => WordClasses.Adjective,
                _ => WordClasses.Adverb,
            };
            var word = counts.TryGetValue(key[0], out var found) ? found : counts[key[0]] = [];
            word[part] = word.GetValueOrDefault(part) + SenseUses + int.Parse(fields[3], CultureInfo.InvariantCulture);
        }

        return counts;
    }

    // A sense that the tagged texts lack still occurs at times.
    private const double SenseUses = 0.3;

    /// <summary>All sentences that WordNet gives as examples.</summary>
    public IEnumerable<WordNetExample> Examples()
    {
        foreach (var (file, part) in Files)
        {
            foreach (var line in File.ReadLines(Path.Combine(folder, $"data.{file}"), Encoding.Latin1).Where(line => line[0] != ' '))
            {
                var gloss = line.IndexOf(" | ", StringComparison.Ordinal);
                var fields = line[..gloss].Split(' ');
                var words = new string[int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
                for (var i = 0; i < words.Length; i++)
                {
                    words[i] = fields[4 + (2 * i)].Split('(')[0].Split('_')[0].ToLowerInvariant();
                }

                foreach (Match example in Quoted().Matches(line[gloss..]))
                {
                    yield return new WordNetExample(example.Groups[1].Value, words, part);
                }
            }
        }
    }

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
