namespace CudaTts.Text.English;

/// <summary>The phones of CMUdict as the public Tacotron 2 front ends list them (github.com/NVIDIA/tacotron2, text/cmudict.py).</summary>
internal static class Arpabet
{
    /// <summary>24 consonants, 15 vowels bare and with stress 0, 1, 2: 84 names in the order that gives them their ids.</summary>
    public static IReadOnlyList<string> Phones { get; } = List();

    private static string[] List()
    {
        ReadOnlySpan<string> names =
        [
            "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K",
            "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
        ];
        var phones = new List<string>();
        foreach (var name in names)
        {
            phones.Add(name);
            if (IsVowel(name))
            {
                phones.AddRange([name + "0", name + "1", name + "2"]);
            }
        }

        return [.. phones];
    }

    private static readonly HashSet<string> Known = [.. Phones];

    /// <summary>Whether a name is a phone.</summary>
    public static bool IsPhone(string name) => Known.Contains(name);

    /// <summary>Whether a phone, with or without stress, is a vowel: the vowels are the names that begin with a vowel letter.</summary>
    public static bool IsVowel(ReadOnlySpan<char> phone) => phone[0] is 'A' or 'E' or 'I' or 'O' or 'U';

    /// <summary>Phones in one string, the stress of the vowels left out.</summary>
    public static string WithoutStress(IEnumerable<string> phones) => string.Join(' ', phones.Select(phone => phone.TrimEnd('0', '1', '2')));
}
