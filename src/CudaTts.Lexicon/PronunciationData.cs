using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>A word of the dictionary and its first pronunciation.</summary>
internal sealed record Pronunciation(string Word, string[] Phones);

/// <summary>
/// The dictionary, divided for good into what the model learns and what it is examined on. A word is held out when the FNV-1a hash of its
/// ASCII letters (32 bits, offset 2166136261, prime 16777619) is divisible by ten: this depends on nothing but the word, so that a word
/// held out once stays held out in every version.
/// </summary>
internal static class PronunciationData
{
    /// <summary>
    /// Words of two letters or more; the dictionary also has names of letters and words with dots and hyphens, which are read otherwise.
    /// </summary>
    public static IEnumerable<Pronunciation> Words() =>
        PronunciationDictionary.Entries()
            .Where(entry => entry.Word.Length > 1 && entry.Word.All(letter => char.IsAsciiLetterLower(letter) || letter == '\''))
            .Select(entry => new Pronunciation(entry.Word, entry.Phones));

    /// <summary>Whether a word is examined and never learned.</summary>
    public static bool IsHeldOut(string word)
    {
        var hash = 2166136261u;
        foreach (var letter in word)
        {
            hash = unchecked((hash ^ letter) * 16777619u);
        }

        return hash % 10 == 0;
    }
}
