using System.Buffers;
using System.Text;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Text.English;

/// <summary>
/// Phones of an English word in small letters: from the dictionary; else from the dictionary's stem and an ending or a beginning; else from two
/// words of the dictionary; else from the letters, by the letter-to-sound model.
/// </summary>
internal static class EnglishPronunciation
{
    private const int ShortestStem = 3;
    private const int LongestDerivedWord = 40;

    // Longer runs of letters are no words; to name the letters takes a time linear in their number.
    private const int LongestReadWord = 64;

    private static readonly SearchValues<char> VowelLetters = SearchValues.Create("aeiou");

    // Letters the dictionary lacks as words, and sounds that a model of spelling would garble.
    private static readonly Dictionary<string, string> Own = new()
    {
        ["a"] = "AH0", ["hm"] = "HH AH1 M", ["hmm"] = "HH AH1 M", ["mm"] = "M AH1 M", ["shh"] = "SH", ["sh"] = "SH", ["psst"] = "P S T",
        ["pst"] = "P S T",
        ["brr"] = "B ER1", ["grr"] = "G ER1", ["zz"] = "Z", ["tsk"] = "T IH1 S K", ["pff"] = "P AH1 F", ["nth"] = "EH1 N TH",
        ["zeroth"] = "Z IY1 R OW0 TH",
        ["wifi"] = "W AY1 F AY2", ["covid"] = "K OW1 V IH0 D",
        ["kilohertz"] = "K IH1 L AH0 HH ER2 T S", ["decillion"] = "D IH0 S IH1 L Y AH0 N", ["nonillion"] = "N OW0 N IH1 L Y AH0 N",
        ["octillion"] = "AA0 K T IH1 L Y AH0 N", ["septillion"] = "S EH0 P T IH1 L Y AH0 N", ["sextillion"] = "S EH0 K S T IH1 L Y AH0 N",
        ["quintillion"] = "K W IH0 N T IH1 L Y AH0 N", ["quadrillion"] = "K W AA0 D R IH1 L Y AH0 N",
    };

    private static readonly (string Ending, string Phones)[] Endings =
    [
        ("ing", "IH0 NG"), ("ingly", "IH0 NG L IY0"), ("edly", "AH0 D L IY0"), ("ers", "ER0 Z"), ("er", "ER0"), ("est", "AH0 S T"), ("ly", "L IY0"),
        ("ness", "N AH0 S"), ("nesses", "N AH0 S AH0 Z"), ("ment", "M AH0 N T"), ("ments", "M AH0 N T S"), ("less", "L AH0 S"), ("ful", "F AH0 L"),
        ("able", "AH0 B AH0 L"), ("ism", "IH2 Z AH0 M"), ("ist", "IH0 S T"), ("ists", "IH0 S T S"), ("ish", "IH0 SH"), ("like", "L AY2 K"),
        ("ship", "SH IH2 P"), ("wise", "W AY2 Z"), ("y", "IY0"),
    ];

    private static readonly (string Beginning, string Phones)[] Beginnings =
    [
        ("anti", "AE2 N T IY0"), ("auto", "AO2 T OW0"), ("bio", "B AY2 OW0"), ("counter", "K AW2 N T ER0"), ("cyber", "S AY2 B ER0"), ("de", "D IY2"),
        ("dis", "D IH0 S"), ("hyper", "HH AY2 P ER0"), ("inter", "IH2 N T ER0"), ("mega", "M EH2 G AH0"), ("micro", "M AY2 K R OW0"),
        ("mid", "M IH2 D"),
        ("mis", "M IH0 S"), ("multi", "M AH2 L T IY0"), ("nano", "N AE2 N OW0"), ("neo", "N IY2 OW0"), ("non", "N AA2 N"), ("out", "AW2 T"),
        ("over", "OW2 V ER0"),
        ("post", "P OW2 S T"), ("pre", "P R IY2"), ("pro", "P R OW2"), ("pseudo", "S UW2 D OW0"), ("re", "R IY0"), ("semi", "S EH2 M IY0"),
        ("sub", "S AH2 B"),
        ("super", "S UW2 P ER0"), ("trans", "T R AE2 N Z"), ("ultra", "AH2 L T R AH0"), ("un", "AH0 N"), ("under", "AH2 N D ER0"),
    ];

    /// <summary>Phones of a word, and where they come from.</summary>
    public static List<string> Pronounce(string word, out PronunciationOrigin origin)
    {
        origin = PronunciationOrigin.Dictionary;
        if (Known(word) is { } known)
        {
            return known;
        }

        origin = PronunciationOrigin.Derived;
        if ((Derived(word, 2) ?? WithoutEmphasis(word) ?? Compound(word)) is { } derived)
        {
            return derived;
        }

        var letters = word.Replace("'", "", StringComparison.Ordinal);
        var read = HasVowelLetter(letters) && letters.Length <= LongestReadWord ? LetterToSound.Instance.Pronounce(Squeeze(letters, 2)) : [];
        origin = read.Length > 0 ? PronunciationOrigin.LetterToSound : PronunciationOrigin.Spelled;
        return read.Length > 0 ? [.. read] : [.. letters.SelectMany(letter => Letter(letter))];
    }

    /// <summary>The name of a letter.</summary>
    public static List<string> Letter(char letter) => PronunciationDictionary.Lookup([letter, '.']) ?? PronunciationDictionary.Lookup([letter]) ?? [];

    /// <summary>Whether the word is known as it stands.</summary>
    public static bool IsKnown(string word) => Own.ContainsKey(word) || PronunciationDictionary.Contains(word);

    /// <summary>Whether a word can be said at all: one without a vowel letter is spelt.</summary>
    public static bool HasVowelLetter(string word) =>
        word.AsSpan().ContainsAny(VowelLetters) || (word.Length > 3 && word.Contains('y', StringComparison.Ordinal));

    private static List<string>? Known(string word) =>
        (Own.GetValueOrDefault(word) ?? Corrections.Find(word)) is { } phones ? [.. phones.Split(' ')] : PronunciationDictionary.Lookup(word);

    private static List<string>? Derived(string word, int depth)
    {
        if (word.Length > LongestDerivedWord || depth == 0)
        {
            return null;
        }

        return Inflected(word, depth) ?? Suffixed(word, depth) ?? Prefixed(word, depth);
    }

    /// <summary>Possessive, plural and past, whose sound depends on the last phone of the stem.</summary>
    private static List<string>? Inflected(string word, int depth)
    {
        if (word.EndsWith('\''))
        {
            return Stem(word[..^1], depth);
        }

        if (word.EndsWith("'s", StringComparison.Ordinal))
        {
            return Stem(word[..^2], depth) is { } owner ? [.. owner, .. PluralSound(owner[^1])] : null;
        }

        if (word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal))
        {
            var one = Stem(word[..^1], depth)
                ?? (word.EndsWith("es", StringComparison.Ordinal) ? Stem(word[..^2], depth) : null)
                ?? (word.EndsWith("ies", StringComparison.Ordinal) ? Stem(word[..^3] + "y", depth) : null);
            return one is null ? null : [.. one, .. PluralSound(one[^1])];
        }

        return word.EndsWith("ed", StringComparison.Ordinal) && StemBefore(word[..^2], depth) is { } verb ? [.. verb, .. PastSound(verb[^1])] : null;
    }

    private static List<string>? Suffixed(string word, int depth)
    {
        foreach (var (ending, phones) in Endings)
        {
            if (word.EndsWith(ending, StringComparison.Ordinal) && StemBefore(word[..^ending.Length], depth) is { } stem)
            {
                return [.. stem, .. phones.Split(' ')];
            }
        }

        return null;
    }

    private static List<string>? Prefixed(string word, int depth)
    {
        foreach (var (beginning, phones) in Beginnings)
        {
            var fits = word.StartsWith(beginning, StringComparison.Ordinal) && word.Length >= beginning.Length + 4;
            if (fits && Stem(word[beginning.Length..], depth) is { } stem)
            {
                return [.. phones.Split(' '), .. stem];
            }
        }

        return null;
    }

    /// <summary>A stem whose spelling an ending has changed: make(e)-ing, run(n)-ing, happ(y)i-ness.</summary>
    private static List<string>? StemBefore(string stem, int depth)
    {
        if (stem.Length < 2)
        {
            return null;
        }

        var undoubled = stem[^1] == stem[^2] ? Stem(stem[..^1], depth) : null;
        return Stem(stem, depth) ?? undoubled ?? Stem(stem + "e", depth) ?? (stem[^1] == 'i' ? Stem(stem[..^1] + "y", depth) : null);
    }

    private static List<string>? Stem(string stem, int depth) => stem.Length < ShortestStem ? null : Known(stem) ?? Derived(stem, depth - 1);

    /// <summary>Two words of the dictionary written as one; the longest first word wins. The second loses its primary stress.</summary>
    private static List<string>? Compound(string word)
    {
        if (word.Length > LongestDerivedWord)
        {
            return null;
        }

        for (var split = word.Length - ShortestStem; split >= ShortestStem; split--)
        {
            if (Known(word[..split]) is { } first && Known(word[split..]) is { } second)
            {
                return [.. first, .. second.Select(phone => phone.Replace('1', '2'))];
            }
        }

        return null;
    }

    /// <summary>The word that is meant by one whose letters are repeated for emphasis; a long run of one letter means none, and is spelt.</summary>
    private static List<string>? WithoutEmphasis(string word) =>
        word.Length > LongestReadWord && word.AsSpan().IndexOfAnyExcept(word[0]) < 0 ? null : Known(Squeeze(word, 2)) ?? Known(Squeeze(word, 1));

    /// <summary>Letters repeated for emphasis ("sooo") down to at most so many.</summary>
    private static string Squeeze(string word, int most)
    {
        var squeezed = new StringBuilder(word.Length);
        foreach (var letter in word)
        {
            var length = squeezed.Length;
            var isFull = length >= most && squeezed[length - 1] == letter && squeezed[length - most] == letter;
            squeezed.Append(isFull ? "" : letter);
        }

        return squeezed.ToString();
    }

    /// <summary>Phones with the sound of a plural or of a possessive behind them.</summary>
    public static string WithPlural(string phones) => $"{phones} {string.Join(' ', PluralSound(phones[(phones.LastIndexOf(' ') + 1)..]))}";

    private static string[] PluralSound(string last) => last switch
    {
        "S" or "Z" or "SH" or "ZH" or "CH" or "JH" => ["AH0", "Z"],
        "P" or "T" or "K" or "F" or "TH" => ["S"],
        _ => ["Z"],
    };

    private static string[] PastSound(string last) => last switch
    {
        "T" or "D" => ["AH0", "D"],
        "P" or "K" or "F" or "TH" or "S" or "SH" or "CH" => ["T"],
        _ => ["D"],
    };
}
