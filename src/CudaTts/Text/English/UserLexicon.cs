using System.Text;
using CudaTts.Files;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>
/// Words as a user wants them said. A line is a word, white space, and its sound: ARPAbet as in CMUdict (<c>gif JH IH1 F</c>), or the
/// International Phonetic Alphabet between slashes (<c>gif /dʒɪf/</c>). Words are compared without regard to capitals and may hold any
/// characters but white space; the first line of a word counts. Lines that begin with <c>#</c> or <c>;;;</c> are comments, and so is what
/// follows <c> #</c> in a line.
/// </summary>
public sealed class UserLexicon
{
    private const int LongestEntry = 100;

    // Every word of CMUdict takes an eighth of it.
    private const int MostBytes = 32 << 20;

    // The longest word of English's dictionaries has some forty sounds; what follows them in a line is a comment.
    private const int MostPhones = 200;
    private const int LongestSound = 16 * MostPhones;

    private readonly Dictionary<string, string> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    private UserLexicon() => _bySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of words.</summary>
    public int Count => _words.Count;

    /// <summary>The length of the longest word.</summary>
    internal int LongestWord { get; private set; }

    /// <summary>The words, as they are compared with a text, and the phones of each, separated by spaces.</summary>
    public IReadOnlyDictionary<string, string> Words => _words;

    /// <summary>Reads one file or several; of a word that stands in two of them the first counts.</summary>
    /// <exception cref="TextException">A file cannot be read, or a line has no sound, or one that is neither ARPAbet nor IPA.</exception>
    public static UserLexicon Load(params IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var lexicon = new UserLexicon();
        foreach (var path in paths)
        {
            try
            {
                lexicon.AddLines(EncodedText.Decode(InputFile.ReadBytes(path, MostBytes), path), path);
            }
            catch (FileException error)
            {
                throw new TextException($"the lexicon {error.Message}");
            }
        }

        return lexicon;
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">Lines of a word and its sound.</param>
    /// <param name="name">What messages call the text.</param>
    /// <exception cref="TextException">A line has no sound, or one that is neither ARPAbet nor IPA.</exception>
    public static UserLexicon Parse(ReadOnlySpan<char> text, string name = "lexicon")
    {
        var lexicon = new UserLexicon();
        lexicon.AddLines(text, name);
        return lexicon;
    }

    /// <summary>The phones of a word, separated by spaces; null when it is not here.</summary>
    internal string? Find(ReadOnlySpan<char> word) => _bySpan.TryGetValue(word, out var phones) ? phones : null;

    private void AddLines(ReadOnlySpan<char> text, string name)
    {
        var number = 0;
        foreach (var line in text.EnumerateLines())
        {
            number++;
            var entry = line.Trim();
            if (!entry.IsEmpty && entry[0] != '#' && !entry.StartsWith(";;;", StringComparison.Ordinal))
            {
                Add(entry, $"{name}, line {number}");
            }
        }
    }

    private void Add(ReadOnlySpan<char> entry, string place)
    {
        var space = entry.IndexOfAny(' ', '\t');
        if (space < 0)
        {
            throw new TextException(
                $"{place}: expected a word and its sound, found only '{Start(entry)}': write it as in 'gif JH IH1 F' or 'gif /dʒɪf/'");
        }

        // The text is in ASCII where its words are looked up.
        var word = space <= LongestSound ? SpeechFolding.Fold(entry[..space].ToString()).Trim() : "";
        if (word.Length is 0 or > LongestEntry)
        {
            throw new TextException(
                $"{place}: expected a word of 1 to {LongestEntry} characters that have a reading, found '{Start(entry[..space])}'");
        }

        var sound = entry[space..];
        var comment = sound.IndexOf(" #", StringComparison.Ordinal);
        sound = (comment < 0 ? sound : sound[..comment]).Trim();
        if (sound.Length > LongestSound)
        {
            throw new TextException($"{place}: expected a sound of at most {MostPhones} phones, found {sound.Length} characters");
        }

        var phones = PhonesOf(sound)
            ?? throw new TextException($"{place}: '{Start(sound)}' is neither ARPAbet (JH IH1 F) nor IPA between slashes (/dʒɪf/)");
        if (phones.Length > MostPhones)
        {
            throw new TextException($"{place}: expected a sound of at most {MostPhones} phones, found {phones.Length}");
        }

        // CMUdict writes further pronunciations as word(2).
        if (word[^1] != ')' && _words.TryAdd(word, string.Join(' ', phones)))
        {
            LongestWord = Math.Max(LongestWord, word.Length);
        }
    }

    /// <summary>As much of a line as a message can hold.</summary>
    private static string Start(ReadOnlySpan<char> text) => text.Length <= LongestEntry ? text.ToString() : $"{text[..LongestEntry]}...";

    private static string[]? PhonesOf(ReadOnlySpan<char> sound)
    {
        if (sound is ['/', .., '/'] or ['[', .., ']'])
        {
            return Ipa.ToPhones(sound[1..^1]);
        }

        var phones = sound.ToString().ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var isArpabet = phones.Length > 0 && Array.TrueForAll(phones, phone => Arpabet.IsPhone(phone));
        return isArpabet ? phones : Ascii.IsValid(sound) ? null : Ipa.ToPhones(sound);
    }
}
