namespace CudaTts.Text.English.Phonetic;

/// <summary>The phones of a word, with what is around each: sounds depend on their neighbours and on their letters.</summary>
internal sealed class PhoneContext
{
    private readonly string[] _names;
    private readonly char[] _stresses;
    private readonly string[] _letters;

    /// <summary>Looks at a word.</summary>
    /// <param name="word">The word in small letters; empty where nobody knows.</param>
    /// <param name="phones">Its phones with their stress.</param>
    public PhoneContext(string word, string[] phones)
    {
        Word = word;
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

    /// <summary>The word in small letters.</summary>
    public string Word { get; }

    /// <summary>How many phones it has.</summary>
    public int Count => _names.Length;

    /// <summary>A phone without its stress; nothing outside of the word.</summary>
    public string this[int at] => at >= 0 && at < Count ? _names[at] : "";

    /// <summary>The stress of a phone: 1, 2, or 0 for none.</summary>
    public char Stress(int at) => at >= 0 && at < Count ? _stresses[at] : '0';

    /// <summary>The letters that spell a vowel; nothing where they are not known.</summary>
    public string Letters(int at) => _letters[at];

    /// <summary>Whether a phone is a vowel.</summary>
    public bool IsVowel(int at) => this[at] is { Length: > 0 } name && Arpabet.IsVowel(name);

    /// <summary>Whether a phone is a vowel without stress.</summary>
    public bool IsWeakVowel(int at) => IsVowel(at) && _stresses[at] == '0';

    /// <summary>Whether the word has one of some letters in it.</summary>
    public bool Has(params ReadOnlySpan<string> letters)
    {
        foreach (var some in letters)
        {
            if (Word.Contains(some, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the word begins with some letters.</summary>
    public bool Begins(string letters) => Word.StartsWith(letters, StringComparison.Ordinal);

    /// <summary>Whether the word ends with some letters.</summary>
    public bool Ends(string letters) => Word.EndsWith(letters, StringComparison.Ordinal);

    /// <summary>The stress of the nearest vowel in a direction.</summary>
    public char StressBeside(int at, int step)
    {
        for (at += step; at >= 0 && at < Count; at += step)
        {
            if (IsVowel(at))
            {
                return _stresses[at];
            }
        }

        return '0';
    }

    /// <summary>Whether a vowel, without stress, is of an ending that is a syllable: roses, wanted.</summary>
    public bool IsEnding(int at) => at == Count - 2 && _stresses[at] == '0' && this[at + 1] is "D" or "Z"
        && (Ends("ed") || Ends("es") || Ends("'s")) && Word is not "hundred";

    /// <summary>Whether a vowel, without stress, is of a beginning with E: before, delay, remain, select.</summary>
    public bool IsPrefix(int at) => Stress(at) == '0' && Word.Length > 3 && (Begins("pre") ? at == 2
        : at == 1 && (Begins("de") || Begins("re") || Begins("se") || (Begins("be") && Word[2] != 'c')))
        && Word[at + 1] is not ('a' or 'e' or 'i' or 'o' or 'u');
}
