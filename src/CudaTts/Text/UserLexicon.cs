namespace CudaTts.Text;

/// <summary>
/// Words as a user wants them said. A line is a word, white space, and its sound: ARPAbet as in CMUdict (<c>gif JH IH1 F</c>), or the
/// International Phonetic Alphabet between slashes (<c>gif /dʒɪf/</c>). Words are compared without regard to capitals and may hold any
/// characters but white space; the first line of a word counts. Lines that begin with <c>#</c> or <c>;;;</c> are comments.
/// </summary>
public sealed class UserLexicon
{
    private readonly Dictionary<string, string> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    private UserLexicon() => _bySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of words.</summary>
    public int Count => _words.Count;

    /// <summary>The length of the longest word.</summary>
    internal int LongestWord { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="TextException">A line has no sound, or one that is neither ARPAbet nor IPA.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static UserLexicon Load(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">Lines of words.</param>
    /// <param name="name">What messages call the text.</param>
    /// <exception cref="TextException">A line has no sound, or one that is neither ARPAbet nor IPA.</exception>
    public static UserLexicon Parse(string text, string name = "lexicon")
    {
        var lexicon = new UserLexicon();
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var entry = line.Trim();
            if (!entry.IsEmpty && entry[0] != '#' && !entry.StartsWith(";;;", StringComparison.Ordinal))
            {
                lexicon.Add(entry, $"{name}, line {number}");
            }
        }

        return lexicon;
    }

    /// <summary>The phones of a word, separated by spaces; null when it is not here.</summary>
    internal string? Find(ReadOnlySpan<char> word) => _bySpan.TryGetValue(word, out var phones) ? phones : null;

    private void Add(ReadOnlySpan<char> entry, string place)
    {
        var space = entry.IndexOfAny(' ', '\t');
        if (space < 0)
        {
            throw new TextException($"{place}: expected a word and its sound, found only '{entry}': write it as in 'gif JH IH1 F' or 'gif /dʒɪf/'");
        }

        var word = entry[..space];
        var sound = entry[space..].Trim();
        var phones = sound is ['/', .., '/'] ? Ipa.ToPhones(sound[1..^1]) : ArpabetOf(sound);
        if (phones is null)
        {
            throw new TextException($"{place}: '{sound}' is neither ARPAbet (JH IH1 F) nor IPA between slashes (/dʒɪf/)");
        }

        // CMUdict writes further pronunciations as word(2).
        if (word[^1] != ')' && _words.TryAdd(word.ToString(), string.Join(' ', phones)))
        {
            LongestWord = Math.Max(LongestWord, word.Length);
        }
    }

    private static string[]? ArpabetOf(ReadOnlySpan<char> sound)
    {
        var phones = sound.ToString().ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(phones, phone => Arpabet.IsPhone(phone)) ? phones : null;
    }
}
