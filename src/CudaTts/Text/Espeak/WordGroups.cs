namespace CudaTts.Text.Espeak;

/// <summary>
/// Which words of phonemes say which written words. espeak-ng writes "in the" as one word and "1984" as several; where their numbers differ, the
/// lengths tell which.
/// </summary>
internal static class WordGroups
{
    private const int MostTogether = 12;

    // Longer clauses are no speech, and the search takes the product of both lengths.
    private const int MostWords = 400;

    // A digit is a word.
    private const int LettersOfDigit = 4;

    // A group that is not one to one needs a reason, and so does a word that begins with another sound than its letter.
    private const double OfGroup = 1.5;
    private const double OfOtherLetter = 1;

    // Sounds, and the letters that they mostly have where they are not written as themselves.
    private static readonly Dictionary<char, char> s_letters =
        "kc ɪi ðt θt ʃs ɹr ʁr ɡg əa ɐa æa ɑa ɔo ɒo ʌu ʊu ɛe ɜe ɲn ŋn ɾt çc ʒj ɥu øo œo ʋv βv χh ʎl"
        .Split(' ').ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>Groups in order: how many written words, and how many of phonemes. Both numbers must be above zero.</summary>
    public static List<(int Written, int Said)> Of(IReadOnlyList<string> written, IReadOnlyList<string> said)
    {
        if (written.Count == said.Count)
        {
            return [.. written.Select(_ => (1, 1))];
        }

        return written.Count > MostWords || said.Count > MostWords ? [(written.Count, said.Count)] : Cheapest(written, said);
    }

    private static List<(int Written, int Said)> Cheapest(IReadOnlyList<string> written, IReadOnlyList<string> said)
    {
        var (letters, phonemes) = (Sums(written, LettersIn), Sums(said, word => word.Length));
        var scale = letters[^1] / (double)phonemes[^1];
        var costs = new double[written.Count + 1, said.Count + 1];
        var steps = new (int Written, int Said)[written.Count + 1, said.Count + 1];
        for (var i = 0; i <= written.Count; i++)
        {
            for (var j = 0; j <= said.Count; j++)
            {
                (costs[i, j], steps[i, j]) = i == 0 && j == 0 ? (0, default) : Best(i, j);
            }
        }

        if (double.IsInfinity(costs[written.Count, said.Count]))
        {
            return [(written.Count, said.Count)];
        }

        var groups = new List<(int Written, int Said)>();
        for (var (i, j) = (written.Count, said.Count); i > 0 && j > 0;)
        {
            var step = steps[i, j];
            groups.Add(step);
            (i, j) = (i - step.Written, j - step.Said);
        }

        groups.Reverse();
        return groups;

        (double Cost, (int Written, int Said) Step) Best(int i, int j)
        {
            var best = (Cost: double.PositiveInfinity, Step: (Written: 0, Said: 0));
            for (var size = 1; size <= MostTogether; size++)
            {
                Try(size, 1);
                Try(1, size);
            }

            return best;

            void Try(int words, int sounds)
            {
                if (words <= i && sounds <= j)
                {
                    var difference = Math.Abs(letters[i] - letters[i - words] - (scale * (phonemes[j] - phonemes[j - sounds])));
                    var isOther = !BeginsAlike(written[i - words], said[j - sounds]);
                    var cost = costs[i - words, j - sounds] + difference + (words + sounds > 2 ? OfGroup : 0) + (isOther ? OfOtherLetter : 0);
                    best = cost < best.Cost ? (cost, (words, sounds)) : best;
                }
            }
        }
    }

    private static bool BeginsAlike(string word, string phonemes)
    {
        var (letter, sound) = (char.ToLowerInvariant(word[0]), phonemes.FirstOrDefault(character => character is not ('ˈ' or 'ˌ')));
        return letter == sound || s_letters.GetValueOrDefault(sound) == letter;
    }

    private static int LettersIn(string word) => word.Sum(character => char.IsDigit(character) ? LettersOfDigit : 1);

    private static int[] Sums(IReadOnlyList<string> words, Func<string, int> lengthOf)
    {
        var sums = new int[words.Count + 1];
        for (var i = 0; i < words.Count; i++)
        {
            sums[i + 1] = sums[i] + lengthOf(words[i]);
        }

        return sums;
    }
}
