using System.Buffers.Binary;
using System.Text;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>Writes a model in the format of weights/lexicon/README.md; probabilities and backoff weights take one of 64 values a level.</summary>
internal static class GraphoneModelWriter
{
    private const double Smallest = 1e-30;

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(KneserNeyModel model, IReadOnlyList<Graphone> graphones)
    {
        using var file = new MemoryStream();
        file.Write("CTG1"u8);
        file.WriteByte((byte)model.Trie.Order);
        WriteUInt16(file, graphones.Count);
        foreach (var graphone in graphones)
        {
            WriteText(file, graphone.Letters);
            WriteText(file, string.Join(' ', graphone.Phones));
        }

        var parents = new List<int> { NgramTrie.Root };
        var children = model.Ngrams().ToLookup(ngram => model.Trie.Nodes[ngram.Node].Parent);
        for (var length = 1; length <= model.Trie.Order; length++)
        {
            var level = parents.SelectMany(parent => children[parent].OrderBy(ngram => model.Trie.Nodes[ngram.Node].Symbol)).ToList();
            WriteLevel(file, model, level, length < model.Trie.Order ? children : null);
            parents = level.ConvertAll(ngram => ngram.Node);
        }

        return file.ToArray();
    }

    private static void WriteLevel(
        MemoryStream file,
        KneserNeyModel model,
        List<(int Node, double Probability, double Backoff)> level,
        ILookup<int, (int Node, double Probability, double Backoff)>? children)
    {
        WriteInt32(file, level.Count);
        var probabilities = CodeBook.Of(level.Select(ngram => Math.Log(Math.Max(ngram.Probability, Smallest))));
        probabilities.Write(file);
        foreach (var (node, probability, _) in level)
        {
            var symbol = model.Trie.Nodes[node].Symbol;
            WriteUInt16(file, (symbol << GraphoneModel.CodeBits) | probabilities.Nearest(Math.Log(Math.Max(probability, Smallest))));
        }

        if (children is null)
        {
            return;
        }

        var backoffs = CodeBook.Of(level.Where(ngram => children[ngram.Node].Any()).Select(ngram => Math.Log(ngram.Backoff)));
        backoffs.Write(file);
        foreach (var (node, _, backoff) in level)
        {
            var count = children[node].Count();
            WriteVariableLength(file, count);
            if (count > 0)
            {
                file.WriteByte((byte)backoffs.Nearest(Math.Log(backoff)));
            }
        }
    }

    private static void WriteUInt16(MemoryStream file, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        file.Write(bytes);
    }

    private static void WriteInt32(MemoryStream file, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        file.Write(bytes);
    }

    private static void WriteText(MemoryStream file, string text)
    {
        file.WriteByte(checked((byte)text.Length));
        file.Write(Encoding.Latin1.GetBytes(text));
    }

    private static void WriteVariableLength(MemoryStream file, int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            file.WriteByte((byte)((value & 0x7F) | 0x80));
        }

        file.WriteByte((byte)value);
    }

    /// <summary>The 64 values that stand for all of a level's: means of equally many neighbours, then a few rounds of k-means.</summary>
    private sealed class CodeBook
    {
        private const int Rounds = 20;
        private readonly double[] _values;

        private CodeBook(double[] values) => _values = values;

        public static CodeBook Of(IEnumerable<double> values)
        {
            var sorted = values.Order().ToArray();
            var centres = new double[GraphoneModel.CodeBookSize];
            for (var i = 0; i < centres.Length; i++)
            {
                var part = sorted[(int)((long)sorted.Length * i / centres.Length)..(int)((long)sorted.Length * (i + 1) / centres.Length)];
                centres[i] = part.Length > 0 ? part.Average() : i > 0 ? centres[i - 1] : sorted.FirstOrDefault();
            }

            var book = new CodeBook(centres);
            for (var round = 0; round < Rounds; round++)
            {
                book.MoveToMeans(sorted);
            }

            return book;
        }

        public int Nearest(double value)
        {
            var after = Array.BinarySearch(_values, value);
            after = after >= 0 ? after : ~after;
            return after == _values.Length || (after > 0 && value - _values[after - 1] < _values[after] - value) ? after - 1 : after;
        }

        public void Write(MemoryStream file)
        {
            foreach (var value in _values)
            {
                WriteInt32(file, BitConverter.SingleToInt32Bits((float)value));
            }
        }

        private void MoveToMeans(double[] sorted)
        {
            var (sums, counts) = (new double[_values.Length], new int[_values.Length]);
            foreach (var value in sorted)
            {
                var centre = Nearest(value);
                sums[centre] += value;
                counts[centre]++;
            }

            for (var i = 0; i < _values.Length; i++)
            {
                _values[i] = counts[i] == 0 ? _values[i] : sums[i] / counts[i];
            }

            Array.Sort(_values);
        }
    }
}
