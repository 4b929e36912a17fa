using System.Text;

namespace CudaTts.Text.English.Phonetic;

/// <summary>The phones of one word in IPA: vowels sound by their stress, their neighbours and their letters.</summary>
internal sealed class PhoneticWord
{
    /// <summary>The mark of the strongest syllable.</summary>
    public const string Primary = "ˈ";

    /// <summary>The mark of a syllable with less stress.</summary>
    public const string Secondary = "ˌ";

    private static readonly Dictionary<string, string> s_sounds = new()
    {
        ["AA"] = "ɑː", ["AE"] = "æ", ["AH"] = "ʌ", ["AO"] = "ɔː", ["AW"] = "aʊ", ["AY"] = "aɪ", ["EH"] = "ɛ", ["ER"] = "ɜː", ["EY"] = "eɪ",
        ["IH"] = "ɪ", ["IY"] = "iː", ["OW"] = "oʊ", ["OY"] = "ɔɪ", ["UH"] = "ʊ", ["UW"] = "uː",
        ["B"] = "b", ["CH"] = "tʃ", ["D"] = "d", ["DH"] = "ð", ["F"] = "f", ["G"] = "ɡ", ["HH"] = "h", ["JH"] = "dʒ", ["K"] = "k", ["L"] = "l",
        ["M"] = "m", ["N"] = "n", ["NG"] = "ŋ", ["P"] = "p", ["R"] = "ɹ", ["S"] = "s", ["SH"] = "ʃ", ["T"] = "t", ["TH"] = "θ", ["V"] = "v",
        ["W"] = "w", ["Y"] = "j", ["Z"] = "z", ["ZH"] = "ʒ",
    };

    private readonly string _word;
    private readonly string[] _names;
    private readonly char[] _stresses;
    private readonly string[] _letters;

    private PhoneticWord(string word, string[] phones)
    {
        _word = word;
        _names = Array.ConvertAll(phones, phone => phone.TrimEnd('0', '1', '2'));
        _stresses = Array.ConvertAll(phones, phone => phone[^1] is '1' or '2' ? phone[^1] : '0');
        _letters = new string[phones.Length];
        Array.Fill(_letters, "");
        var vowels = Enumerable.Range(0, phones.Length).Where(IsVowel).ToArray();
        foreach (var (at, letters) in vowels.Zip(VowelLetters.Of(word, vowels.Length)))
        {
            _letters[at] = letters;
        }
    }

    /// <summary>A word in IPA.</summary>
    /// <param name="word">The word in small letters; empty where nobody knows.</param>
    /// <param name="phones">Its phones with their stress.</param>
    /// <param name="stress">The mark of the strongest syllable; none in a weak word.</param>
    public static string Write(string word, string[] phones, string stress) => new PhoneticWord(word, phones).Write(stress);

    private string Write(string stress)
    {
        var ipa = new StringBuilder();
        for (var i = 0; i < _names.Length; i++)
        {
            if (IsVowel(i))
            {
                ipa.Append(_stresses[i] == '1' ? stress : _stresses[i] == '2' && !IsBesidePrimary(i) ? Secondary : "").Append(Vowel(i));
            }
            else
            {
                ipa.Append(IsFlapped(i) ? "ɾ" : s_sounds[_names[i]]);
            }
        }

        return ipa.ToString();
    }

    private string Vowel(int at) => _names[at] switch
    {
        "AH" when _stresses[at] == '0' => Schwa(at),
        "AO" => Thought(at),
        "ER" => (_stresses[at] == '0' ? "ɚ" : "ɜː") + (IsVowel(at + 1) ? "ɹ" : ""),
        "IH" when IsPrefix(at, "be", "re", "pre") || IsEnding(at) => "ᵻ",
        "IY" => Fleece(at),
        var name => s_sounds[name],
    };

    /// <summary>The vowel of "about", "roses", "tickets".</summary>
    private string Schwa(int at)
    {
        var (letters, next) = (_letters[at], Name(at + 1));
        var isNearEnd = at >= _names.Length - 3;
        return next switch
        {
            "R" => "ɚ",
            _ when at == 0 => letters == "u" ? "ʌ" : "ɐ",
            _ when IsPrefix(at, "be", "de", "re", "pre") || IsEnding(at) => "ᵻ",
            "JH" => isNearEnd ? "ɪ" : "ᵻ",
            "T" or "K" or "S" when letters is "e" or "i" => isNearEnd ? "ɪ" : "ᵻ",
            "N" when letters is "i" && isNearEnd => "ɪ",
            "N" or "L" or "M" when letters is "e" => "ə",
            _ => letters is "e" or "i" ? "ᵻ" : "ə",
        };
    }

    /// <summary>The vowel of "thought", "cloth", "north" and "force".</summary>
    private string Thought(int at)
    {
        if (Name(at + 1) == "R")
        {
            string[] force = ["ore", "oar", "oor", "our", "ory", "orm", "port", "orce"];
            return Array.Exists(force, letters => _word.Contains(letters, StringComparison.Ordinal)) ? "oː" : IsVowel(at + 2) ? "ɔ" : "ɔː";
        }

        return Name(at + 1) is "F" or "S" or "TH" or "NG" || _word == "on" ? "ɔ" : "ɔː";
    }

    /// <summary>The vowel of "fleece", "happy" and "near".</summary>
    private string Fleece(int at)
    {
        if (Name(at + 1) == "R")
        {
            return "ɪ";
        }

        if (_stresses[at] == '1')
        {
            return IsVowel(at + 1) ? "i" : "iː";
        }

        return IsPrefix(at, "be", "de", "re", "pre") ? "ᵻ"
            : _letters[at] == "y" && at + 1 < _names.Length && !IsVowel(at + 1) ? "ɪ"
            : _letters[at] is "ea" or "ee" && at + 1 < _names.Length ? "iː"
            : "i";
    }

    /// <summary>Whether a T is one of "water" and "party": between vowels, the second without stress.</summary>
    private bool IsFlapped(int at) => _names[at] == "T" && at > 0 && (IsVowel(at - 1) || _names[at - 1] == "R") && IsVowel(at + 1)
        && _stresses[at + 1] == '0';

    /// <summary>Whether the vowel is of an ending that is a syllable: roses, wanted.</summary>
    private bool IsEnding(int at) => at == _names.Length - 2 && _stresses[at] == '0' && Name(at + 1) is "D" or "Z"
        && (_word.EndsWith("ed", StringComparison.Ordinal) || _word.EndsWith("es", StringComparison.Ordinal)
            || _word.EndsWith("'s", StringComparison.Ordinal));

    /// <summary>Whether the vowel, without stress, is of a beginning such as "be-".</summary>
    private bool IsPrefix(int at, params ReadOnlySpan<string> prefixes)
    {
        var isPrefix = false;
        foreach (var prefix in prefixes)
        {
            isPrefix |= _word.StartsWith(prefix, StringComparison.Ordinal);
        }

        return isPrefix && _stresses[at] == '0' && at == _word.IndexOf('e', StringComparison.Ordinal) && _names.Length > 3;
    }

    /// <summary>Whether the syllable before or after is the strongest: then a weaker stress is none.</summary>
    private bool IsBesidePrimary(int at)
    {
        var (before, after) = (at - 1, at + 1);
        while (before >= 0 && !IsVowel(before))
        {
            before--;
        }

        while (after < _names.Length && !IsVowel(after))
        {
            after++;
        }

        return (before >= 0 && _stresses[before] == '1') || (after < _names.Length && _stresses[after] == '1');
    }

    private bool IsVowel(int at) => at < _names.Length && Arpabet.IsVowel(_names[at]);

    private string Name(int at) => at < _names.Length ? _names[at] : "";
}
