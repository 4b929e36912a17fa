using System.Buffers.Binary;

namespace CudaTts.Text.English.Lexicon;

/// <summary>Reads bits from the most significant down. Four bytes of padding after the stream keep the look-ahead inside the data.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>The next 16 bits, not consumed.</summary>
    public readonly int Peek16() =>
        (int)((BinaryPrimitives.ReadUInt32BigEndian(_data[(_position >> 3)..]) << (_position & 7)) >> 16);

    public void Skip(int bits) => _position += bits;
}

/// <summary>A canonical Huffman code of at most 15 bits, decoded by comparing with the largest code of every length.</summary>
internal sealed class HuffmanCode
{
    private const int MaxBits = 15;

    private readonly int[] _limit = new int[MaxBits + 1]; // first 16-bit value that is past the codes of this length
    private readonly int[] _offset = new int[MaxBits + 1]; // place in _symbols minus the code, for codes of this length
    private readonly byte[] _symbols;

    /// <summary>The code whose symbols have these code lengths.</summary>
    public HuffmanCode(ReadOnlySpan<byte> lengths)
    {
        var symbols = new List<byte>(lengths.Length);
        var code = 0;
        for (var bits = 1; bits <= MaxBits; bits++, code <<= 1)
        {
            _offset[bits] = symbols.Count - code;
            for (var symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] == bits)
                {
                    symbols.Add((byte)symbol);
                    code++;
                }
            }

            _limit[bits] = code << (16 - bits);
        }

        _symbols = [.. symbols];
    }

    /// <summary>Decodes one symbol.</summary>
    public int Read(ref BitReader reader)
    {
        var ahead = reader.Peek16();
        var bits = 1;
        while (ahead >= _limit[bits])
        {
            bits++;
        }

        reader.Skip(bits);
        return _symbols[_offset[bits] + (ahead >> (16 - bits))];
    }
}
