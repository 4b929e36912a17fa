using System.Buffers.Binary;

namespace CudaTts.Text.English.Lexicon;

/// <summary>
/// CMUdict, first pronunciations, in the format of weights/lexicon/README.md. It is searched as it lies in the assembly: a lookup decodes
/// the first word of about a dozen blocks and at most one block; nothing is built beforehand but three small decoding tables.
/// </summary>
internal static class PronunciationDictionary
{
    private const string Letters = "$'-.abcdefghijklmnopqrstuvwxyz";
    private const int End = 0;
    private const int HeaderBytes = 16;
    private const int LongestWord = 64;
    private const int MostPhones = 64;

    private static readonly string[] Phones = ListPhones();
    private static readonly Layout Data = new(EmbeddedData.Open("cmudict.bin"));

    /// <summary>Number of words.</summary>
    public static int Count => Data.Words;

    /// <summary>Whether the dictionary holds a word, given in small letters.</summary>
    public static bool Contains(ReadOnlySpan<char> word) => Find(word, stackalloc byte[MostPhones]) > 0;

    /// <summary>The phones of a word given in small letters, <c>HH AH0 L OW1</c> one a string; null when it is not in the dictionary.</summary>
    public static List<string>? Lookup(ReadOnlySpan<char> word)
    {
        Span<byte> phones = stackalloc byte[MostPhones];
        var count = Find(word, phones);
        if (count == 0)
        {
            return null;
        }

        var names = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            names.Add(Phones[phones[i]]);
        }

        return names;
    }

    /// <summary>Every word with its phones, in the order of the words' bytes: what the letter-to-sound model is trained on.</summary>
    public static IEnumerable<(string Word, string[] Phones)> Entries()
    {
        for (var block = 0; block < Data.Blocks; block++)
        {
            foreach (var entry in EntriesOf(block))
            {
                yield return entry;
            }
        }
    }

    private static List<(string Word, string[] Phones)> EntriesOf(int block)
    {
        var resource = EmbeddedData.Open("cmudict.bin");
        var entries = new List<(string, string[])>(Data.WordsPerBlock);
        Span<byte> letters = stackalloc byte[LongestWord];
        Span<byte> phones = stackalloc byte[MostPhones];
        var bits = new BitReader(resource[Data.BlockOffset(resource, block)..]);
        for (var entry = block * Data.WordsPerBlock; entry < Math.Min(Data.Words, (block + 1) * Data.WordsPerBlock); entry++)
        {
            var shared = entries.Count == 0 ? 0 : Data.SharedCode.Read(ref bits);
            var length = shared + ReadUntilEnd(ref bits, Data.LetterCode, letters[shared..]);
            var count = ReadUntilEnd(ref bits, Data.PhoneCode, phones);
            var word = string.Concat(letters[..length].ToArray().Select(letter => Letters[letter]));
            entries.Add((word, [.. phones[..count].ToArray().Select(phone => Phones[phone])]));
        }

        return entries;
    }

    private static string[] ListPhones()
    {
        var consonants = Arpabet.Phones.Where(phone => !Arpabet.IsVowel(phone));
        var vowels = Arpabet.Phones.Where(phone => char.IsDigit(phone[^1]));
        return ["$", .. consonants, .. vowels];
    }

    /// <summary>Number of phones written to <paramref name="phones"/>; 0 when the word is not there.</summary>
    private static int Find(ReadOnlySpan<char> word, Span<byte> phones)
    {
        Span<byte> wanted = stackalloc byte[LongestWord];
        if (word.IsEmpty || word.Length >= LongestWord || !TryEncode(word, wanted))
        {
            return 0;
        }

        wanted = wanted[..word.Length];
        var resource = EmbeddedData.Open("cmudict.bin");
        var block = FindBlock(resource, wanted);
        if (block < 0)
        {
            return 0;
        }

        Span<byte> current = stackalloc byte[LongestWord];
        var bits = new BitReader(resource[Data.BlockOffset(resource, block)..]);
        var entries = Math.Min(Data.WordsPerBlock, Data.Words - (block * Data.WordsPerBlock));
        for (var entry = 0; entry < entries; entry++)
        {
            var shared = entry == 0 ? 0 : Data.SharedCode.Read(ref bits);
            var length = shared + ReadUntilEnd(ref bits, Data.LetterCode, current[shared..]);
            var order = current[..length].SequenceCompareTo(wanted);
            var count = ReadUntilEnd(ref bits, Data.PhoneCode, phones);
            if (order >= 0)
            {
                return order == 0 ? count : 0;
            }
        }

        return 0;
    }

    /// <summary>The last block whose first word is not after the wanted one; -1 when even the first is.</summary>
    private static int FindBlock(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> wanted)
    {
        Span<byte> head = stackalloc byte[LongestWord];
        int low = 0, high = Data.Blocks;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var bits = new BitReader(resource[Data.BlockOffset(resource, middle)..]);
            var length = ReadUntilEnd(ref bits, Data.LetterCode, head);
            if (head[..length].SequenceCompareTo(wanted) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private static int ReadUntilEnd(ref BitReader bits, HuffmanCode code, scoped Span<byte> symbols)
    {
        for (var count = 0; ; count++)
        {
            var symbol = code.Read(ref bits);
            if (symbol == End)
            {
                return count;
            }

            symbols[count] = (byte)symbol;
        }
    }

    private static bool TryEncode(ReadOnlySpan<char> word, Span<byte> letters)
    {
        for (var i = 0; i < word.Length; i++)
        {
            var letter = Letters.IndexOf(word[i], StringComparison.Ordinal);
            if (letter <= End)
            {
                return false;
            }

            letters[i] = (byte)letter;
        }

        return true;
    }

    /// <summary>Where the parts of the resource begin, and its three codes.</summary>
    private sealed class Layout
    {
        private readonly int _streamsStart;

        public Layout(ReadOnlySpan<byte> resource)
        {
            if (!resource.StartsWith("CTL1"u8))
            {
                throw new InvalidOperationException("the embedded dictionary is not in the format this reader knows: pack it again");
            }

            Words = BinaryPrimitives.ReadInt32LittleEndian(resource[4..]);
            Blocks = BinaryPrimitives.ReadInt32LittleEndian(resource[8..]);
            WordsPerBlock = resource[12];
            var lengths = resource[(HeaderBytes + (4 * Blocks))..];
            SharedCode = new HuffmanCode(lengths[..resource[13]]);
            LetterCode = new HuffmanCode(lengths.Slice(resource[13], resource[14]));
            PhoneCode = new HuffmanCode(lengths.Slice(resource[13] + resource[14], resource[15]));
            _streamsStart = HeaderBytes + (4 * Blocks) + resource[13] + resource[14] + resource[15];
        }

        public int Words { get; }

        public int Blocks { get; }

        public int WordsPerBlock { get; }

        public HuffmanCode SharedCode { get; }

        public HuffmanCode LetterCode { get; }

        public HuffmanCode PhoneCode { get; }

        public int BlockOffset(ReadOnlySpan<byte> resource, int block) =>
            _streamsStart + BinaryPrimitives.ReadInt32LittleEndian(resource[(HeaderBytes + (4 * block))..]);
    }
}
