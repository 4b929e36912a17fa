namespace CudaTts.Text.English.Phonetic;

/// <summary>Vowels in IPA, by their stress, their neighbours and their letters.</summary>
internal static class VowelSounds
{
    private const string Near = "ᵻ";

    private static readonly Dictionary<string, string> s_vowels = new()
    {
        ["AA"] = "ɑː", ["AE"] = "æ", ["AH"] = "ʌ", ["AO"] = "ɔː", ["AW"] = "aʊ", ["AY"] = "aɪ", ["EH"] = "ɛ", ["ER"] = "ɜː", ["EY"] = "eɪ",
        ["IH"] = "ɪ", ["IY"] = "iː", ["OW"] = "oʊ", ["OY"] = "ɔɪ", ["UH"] = "ʊ", ["UW"] = "uː",
    };

    /// <summary>The sound of a vowel, and how many phones it takes: some swallow the R or the W behind them.</summary>
    public static (string Sound, int Length) Of(PhoneContext word, int at)
    {
        var (isWeak, next) = (word.Stress(at) == '0', word[at + 1]);
        return word[at] switch
        {
            "AH" when isWeak && next == "W" && word[at + 2] == "AH" && word.Letters(at) is "u" or "ua" or "" => ("uː", 2),
            "AH" when isWeak => (Schwa(word, at), 1),
            "AE" when isWeak && at == 0 && next is "D" or "K" or "B" && !word.Begins("act") => ("ɐ", 1),
            "AY" when next == "R" && !word.IsVowel(at + 2) => ("aɪɚ", 2),
            "AY" when next == "R" && word.Has("iri") => ("aɪɚ", 1),
            "EH" when next == "R" && word.Stress(at) == '1' && word.Has("arr", "arac", "aris", "arol", "arit") => ("æ", 1),
            "UH" when next == "R" && word.IsVowel(at + 2) => ("ʊɹ", 1),
            "ER" => (Nurse(word, at), 1),
            "IH" => (Kit(word, at), 1),
            "IY" => (Fleece(word, at), 1),
            "AO" or "AA" => (next == "R" ? BeforeR(word, at) : Thought(word, at), 1),
            var name => (s_vowels[name], 1),
        };
    }

    /// <summary>The vowel of "about", "roses", "tickets", "possible".</summary>
    private static string Schwa(PhoneContext word, int at)
    {
        var (letters, next) = (word.Letters(at), word[at + 1]);
        if (next == "R")
        {
            return "ɚ";
        }

        if (at == 0)
        {
            return letters switch { "u" => "ʌ", "o" => "ə", _ => word.Word is "above" or "across" ? "ə" : "ɐ" };
        }

        if (word.IsEnding(at) || (word.IsPrefix(at) && !word.Begins("p")) || (next == "T" && word[at + 2] == "IY" && letters == "i"))
        {
            return Near;
        }

        return letters switch
        {
            "u" when word[at - 1] == "Y" => next is "M" or "N" ? "uː" : "ʊ",
            _ when next == "JH" => "ɪ",
            "i" => SpelledI(word, at),
            "e" => SpelledE(word, at),
            "u" when next is "L" or "K" or "N" && word[at + 2].Length > 0 && !word.IsVowel(at + 2) => "ʌ",
            _ => "ə",
        };
    }

    private static string SpelledI(PhoneContext word, int at) => word[at + 1] switch
    {
        "F" or "K" or "T" when word.StressBeside(at, 1) == '2' => Near,
        "L" when at >= word.Count - 3 => word.Ends("ily") ? "i" : "ə",
        _ => "ɪ",
    };

    private static string SpelledE(PhoneContext word, int at) => word[at + 1] switch
    {
        "N" or "L" or "M" => "ə",
        "S" => word[at + 2] == "T" ? "ɪ" : "ə",
        "T" or "K" => "ɪ",
        _ => Near,
    };

    /// <summary>The vowel of "nurse" and "letter".</summary>
    private static string Nurse(PhoneContext word, int at)
    {
        var isWeak = word.Stress(at) == '0';
        return isWeak && word[at - 1] == "F" && word[at + 1] == "AH" && word[at + 2] == "N" ? "ɹ"
            : (isWeak ? "ɚ" : s_vowels["ER"]) + (word.IsVowel(at + 1) ? "ɹ" : "");
    }

    /// <summary>The vowel of "kit", and of "explain", "before", "serious".</summary>
    private static string Kit(PhoneContext word, int at)
    {
        var next = word[at + 1];
        if (next == "R" && word[at + 2] == "IY" && word[at + 3] == "AH")
        {
            return "iə";
        }

        if (word.Stress(at) != '0')
        {
            return "ɪ";
        }

        var isFull = at == 0 && word.Word is ['e', 'x', ..] or ['e', 'm' or 'n', not ('a' or 'e' or 'i' or 'o' or 'u' or 'y'), ..];
        return word.IsEnding(at) || (word.IsPrefix(at) && !isFull) ? Near
            : isFull ? "ɛ"
            : next == "S" && word.Letters(at) == "e" && word[at + 2] != "T" ? "ə"
            : next == "T" && word[at + 2] == "IY" && word.Letters(at) == "i" ? Near
            : "ɪ";
    }

    /// <summary>The vowel of "fleece", "happy" and "near".</summary>
    private static string Fleece(PhoneContext word, int at)
    {
        var (stress, next) = (word.Stress(at), word[at + 1]);
        if (next == "R")
        {
            return "ɪ";
        }

        if (stress == '1')
        {
            return word.IsVowel(at + 1) && word.Letters(at) != "ee" && word.Stress(at + 1) == '0' && !word.Has("ea") ? "i" : "iː";
        }

        if (word.IsPrefix(at))
        {
            return word.Begins("p") ? "ɪ" : Near;
        }

        if (next.Length == 0)
        {
            return "i";
        }

        if (word.IsVowel(at + 1))
        {
            return next == "EY" || word.Stress(at + 1) == '2' || (next == "AH" && word[at - 1] == "R" && word[at - 2] == "IH") ? "ɪ" : "i";
        }

        var isInflected = at == word.Count - 2 && next is "Z" or "D";
        return isInflected || word.Has("iness") ? "i" : stress == '0' ? "ɪ" : "iː";
    }

    /// <summary>The vowel of "north" and "force", and of "start".</summary>
    private static string BeforeR(PhoneContext word, int at)
    {
        if (word[at] == "AA")
        {
            return s_vowels["AA"];
        }

        var isForce = word.Has("oar", "oor", "our", "ory", "storm", "port", "orce", "cord", "fford", "sorb", "ormal", "orman")
            || (word.Has("ore") && !word.Has("orei", "oreh", "orest", "oresa"));
        return isForce ? "oː" : word.IsVowel(at + 2) ? "ɔ" : "ɔː";
    }

    /// <summary>The vowel of "thought", "cloth", "want" and "lot".</summary>
    private static string Thought(PhoneContext word, int at)
    {
        var (next, isThought) = (word[at + 1], word[at] == "AO");
        var isAfterW = word[at - 1] == "W" && word.Letters(at) is "a" or "ua";
        var isCloth = isThought
            ? next is "F" or "S" or "TH" or "NG" || (next == "L" && word[at + 2] is "T" or "S") || word.Word == "on" || (isAfterW && next == "N")
            : (next is "S" or "F" or "TH" && word.Has("cost", "lost", "coff", "cough", "soft", "frost", "oft")) || (isAfterW && next is "N" or "L");
        return isCloth ? "ɔ" : isThought || word.Has("au", "aw") ? "ɔː" : "ɑː";
    }
}
