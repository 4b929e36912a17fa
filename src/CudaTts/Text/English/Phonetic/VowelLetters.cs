namespace CudaTts.Text.English.Phonetic;

/// <summary>Which letters of a word spell which of its vowels: a vowel without stress sounds by its letter.</summary>
internal static class VowelLetters
{
    /// <summary>The letters of each vowel in order; none where their number is not that of the vowels.</summary>
    /// <param name="word">The word in small letters.</param>
    /// <param name="vowels">How many vowels it has.</param>
    public static IReadOnlyList<string> Of(string word, int vowels)
    {
        var groups = Groups(word);
        if (groups.Count == vowels + 1 && IsSilent(word, groups[^1]))
        {
            groups.RemoveAt(groups.Count - 1);
        }

        return groups.Count == vowels ? groups.ConvertAll(group => word[group.Start..group.End]) : [];
    }

    private static List<TextRange> Groups(string word)
    {
        var groups = new List<TextRange>();
        for (var at = 0; at < word.Length;)
        {
            var start = at;
            while (at < word.Length && word[at] is 'a' or 'e' or 'i' or 'o' or 'u' or 'y')
            {
                at++;
            }

            // The Y of "yes" and the U of "quick" are consonants.
            var isConsonant = at > start + 1 && ((start == 0 && word[start] == 'y') || (start > 0 && word[start - 1] == 'q' && word[start] == 'u'));
            if (at > start)
            {
                groups.Add(new TextRange(isConsonant ? start + 1 : start, at));
            }

            at++;
        }

        return groups;
    }

    /// <summary>Whether a word's last vowel letter is an E that makes no sound: make, makes, baked.</summary>
    private static bool IsSilent(string word, TextRange last) =>
        last.Length == 1 && word[last.Start] == 'e' && word[last.End..] is "" or "s" or "d";
}
