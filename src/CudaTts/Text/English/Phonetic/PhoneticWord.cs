using System.Text;

namespace CudaTts.Text.English.Phonetic;

/// <summary>Writes the phones of one word in IPA.</summary>
internal static class PhoneticWord
{
    /// <summary>The mark of the strongest syllable.</summary>
    public const string Primary = "ˈ";

    /// <summary>The mark of a syllable with less stress.</summary>
    public const string Secondary = "ˌ";

    private static readonly Dictionary<string, string> s_consonants = new()
    {
        ["B"] = "b", ["CH"] = "tʃ", ["D"] = "d", ["DH"] = "ð", ["F"] = "f", ["G"] = "ɡ", ["HH"] = "h", ["JH"] = "dʒ", ["K"] = "k", ["L"] = "l",
        ["M"] = "m", ["N"] = "n", ["NG"] = "ŋ", ["P"] = "p", ["R"] = "ɹ", ["S"] = "s", ["SH"] = "ʃ", ["T"] = "t", ["TH"] = "θ", ["V"] = "v",
        ["W"] = "w", ["Y"] = "j", ["Z"] = "z", ["ZH"] = "ʒ",
    };

    /// <summary>A word in IPA.</summary>
    /// <param name="word">The word in small letters; empty where nobody knows.</param>
    /// <param name="phones">Its phones with their stress.</param>
    /// <param name="stress">The mark of the strongest syllable; none in a weak word.</param>
    public static string Write(string word, string[] phones, string stress)
    {
        var (context, ipa) = (new PhoneContext(word, phones), new StringBuilder());
        for (var at = 0; at < context.Count;)
        {
            var isVowel = context.IsVowel(at);
            ipa.Append(!isVowel ? "" : IsPrimary(context, at) ? stress : IsSecondary(context, at) ? Secondary : "");
            var (sound, length) = isVowel ? VowelSounds.Of(context, at) : Consonant(context, at);
            ipa.Append(sound);
            at += length;
        }

        return ipa.ToString();
    }

    // Of two strong syllables beside each other the second is weak, but in "outside" and the like.
    private static bool IsPrimary(PhoneContext word, int at) =>
        word.Stress(at) == '1' && (word.StressBeside(at, -1) != '1' || word[0] == "AW");

    private static bool IsSecondary(PhoneContext word, int at)
    {
        // Beside the strong syllable a mark makes no difference.
        var isBesidePrimary = word.StressBeside(at, -1) == '1' || word.StressBeside(at, 1) == '1';
        var isFinalHappy = word[at] == "IY" && at == word.Count - 1;
        var isPrefix = (at == 0 && word.Begins("un")) || (at == 1 && word.Begins("con"));
        return word.Stress(at) == '2' && !isBesidePrimary && !isFinalHappy && !isPrefix;
    }

    /// <summary>A consonant, or a consonant and a weak vowel that are one sound; and how many phones that takes.</summary>
    private static (string Sound, int Length) Consonant(PhoneContext word, int at)
    {
        var next = word[at + 1];
        return word[at] switch
        {
            "T" when (word.IsVowel(at - 1) || word[at - 1] == "R") && word.IsWeakVowel(at + 1) => WeakT(word, at),
            "N" when next is "K" or "G" => ("ŋ", 1),
            "Y" when word[at - 1] is "N" or "L" && next == "AH" && word.Stress(at + 1) == '0' =>
                (word[at + 2] == "N" && word[at + 3] is "S" or "T" ? "ɪ" : "i", 1),
            var name => (s_consonants[name], 1),
        };
    }

    /// <summary>The T of "water", "certain", "important" and "relative".</summary>
    private static (string Sound, int Length) WeakT(PhoneContext word, int at)
    {
        if (word[at + 1] == "AH" && word[at + 2] == "N")
        {
            return at + 3 == word.Count || word[at + 3] is "L" or "Z" or "IH" ? ("ʔn̩", 3) : ("t", 1);
        }

        var isRelative = word[at + 1] == "IH" && word[at + 2] == "V" && word.IsWeakVowel(at - 1);
        return isRelative ? ("tˌɪv", 3) : ("ɾ", 1);
    }
}
