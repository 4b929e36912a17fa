using System.Buffers.Binary;
using System.Text;

namespace CudaTts.Text.English.Lexicon;

/// <summary>
/// A pair of what is written and what is said: one or two letters with no phone, one or two. <c>ph</c> with <c>F</c>, <c>x</c> with <c>K S</c>.
/// </summary>
internal sealed record Graphone(string Letters, string[] Phones);

/// <summary>
/// An n-gram model over graphones: the joint probability of a word's spelling and sound (Bisani and Ney, "Joint-sequence models for
/// grapheme-to-phoneme conversion", 2008). A trie, one level an order, in the format of weights/lexicon/README.md. Logarithms are natural.
/// </summary>
internal sealed class GraphoneModel
{
    /// <summary>The symbol in front of a word, and the one behind it; graphones follow.</summary>
    public const int WordStart = 0;
    public const int WordEnd = 1;
    public const int FirstGraphone = 2;

    /// <summary>An entry is a symbol above so many bits of a probability's place in its level's code book.</summary>
    public const int CodeBits = 6;
    public const int CodeBookSize = 1 << CodeBits;

    private readonly Level[] _levels;
    private readonly Dictionary<string, int[]> _byLetters;

    /// <summary>Reads a model as the training program wrote it.</summary>
    public GraphoneModel(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith("CTG1"u8))
        {
            throw new InvalidOperationException("the embedded letter-to-sound model is not in the format this reader knows: train it again");
        }

        var reader = new Reader(data[4..]);
        _levels = new Level[reader.Byte()];
        Graphones = ReadGraphones(ref reader);
        _byLetters = Graphones.Select((graphone, index) => (graphone.Letters, Symbol: index + FirstGraphone))
            .GroupBy(pair => pair.Letters)
            .ToDictionary(group => group.Key, group => group.Select(pair => pair.Symbol).ToArray());
        LettersWithGraphones = _byLetters.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < _levels.Length; i++)
        {
            _levels[i] = Level.Read(ref reader, hasChildren: i < _levels.Length - 1);
        }
    }

    /// <summary>The n of the n-grams.</summary>
    public int Order => _levels.Length;

    /// <summary>The graphones; a symbol is its place here plus <see cref="FirstGraphone"/>.</summary>
    public Graphone[] Graphones { get; }

    /// <summary>The symbols of the graphones that are written with some letters.</summary>
    public Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> LettersWithGraphones { get; }

    /// <summary>Number of n-grams of one length.</summary>
    public int Count(int length) => _levels[length - 1].Entries.Length;

    /// <summary>
    /// The node of the n-gram that is one symbol longer than a context, or -1. Nodes are numbered within the level of their length; the
    /// only context of length 0 is node 0.
    /// </summary>
    public int Extend(int contextLength, int context, int symbol)
    {
        var entries = _levels[contextLength].Entries;
        var (low, high) = contextLength == 0 ? (0, entries.Length) : _levels[contextLength - 1].Children(context);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            var found = entries[middle] >> CodeBits;
            if (found == symbol)
            {
                return middle;
            }

            (low, high) = found < symbol ? (middle + 1, high) : (low, middle);
        }

        return -1;
    }

    /// <summary>Logarithm of the probability of an n-gram's last symbol after the others.</summary>
    public float LogProbability(int length, int node) => _levels[length - 1].Probabilities[_levels[length - 1].Entries[node] & (CodeBookSize - 1)];

    /// <summary>What a context adds to the logarithm of a shorter context's probability when it does not know the symbol itself.</summary>
    public float LogBackoff(int length, int node) => _levels[length - 1].Backoff(node);

    private static Graphone[] ReadGraphones(ref Reader reader)
    {
        var graphones = new Graphone[reader.UInt16()];
        for (var i = 0; i < graphones.Length; i++)
        {
            var letters = reader.Text();
            graphones[i] = new Graphone(letters, reader.Text().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return graphones;
    }

    /// <summary>The n-grams of one length, the children of a node side by side in the order of their symbols.</summary>
    private sealed class Level
    {
        private readonly int[] _firstChild;
        private readonly byte[] _backoffCodes;
        private readonly float[] _backoffs;

        private Level(ushort[] entries, float[] probabilities, int[] firstChild, byte[] backoffCodes, float[] backoffs)
        {
            (Entries, Probabilities, _firstChild, _backoffCodes, _backoffs) = (entries, probabilities, firstChild, backoffCodes, backoffs);
        }

        public ushort[] Entries { get; }

        public float[] Probabilities { get; }

        public static Level Read(ref Reader reader, bool hasChildren)
        {
            var entries = new ushort[reader.Int32()];
            var probabilities = reader.Floats(CodeBookSize);
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = reader.UInt16();
            }

            if (!hasChildren)
            {
                return new Level(entries, probabilities, [], [], []);
            }

            var backoffs = reader.Floats(CodeBookSize);
            var firstChild = new int[entries.Length + 1];
            var codes = new byte[entries.Length];
            for (var i = 0; i < entries.Length; i++)
            {
                firstChild[i + 1] = firstChild[i] + reader.VariableLength();
                codes[i] = firstChild[i + 1] > firstChild[i] ? reader.Byte() : (byte)0;
            }

            return new Level(entries, probabilities, firstChild, codes, backoffs);
        }

        public (int First, int End) Children(int node) => _firstChild.Length == 0 ? (0, 0) : (_firstChild[node], _firstChild[node + 1]);

        // A node without children is no context: its backoff is log 1.
        public float Backoff(int node) =>
            _firstChild.Length == 0 || _firstChild[node] == _firstChild[node + 1] ? 0 : _backoffs[_backoffCodes[node]];
    }

    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private ReadOnlySpan<byte> _data = data;

        public byte Byte() => Take(1)[0];

        public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        public string Text() => Encoding.Latin1.GetString(Take(Byte()));

        public float[] Floats(int count)
        {
            var values = new float[count];
            for (var i = 0; i < count; i++)
            {
                values[i] = BinaryPrimitives.ReadSingleLittleEndian(Take(4));
            }

            return values;
        }

        /// <summary>Seven bits a byte, the lowest first; the high bit tells that more follow.</summary>
        public int VariableLength()
        {
            var value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var part = Byte();
                value |= (part & 0x7F) << shift;
                if (part < 0x80)
                {
                    return value;
                }
            }
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            var taken = _data[..count];
            _data = _data[count..];
            return taken;
        }
    }
}
