using System.Buffers;
using System.Buffers.Binary;

namespace CudaTts.Server.Encoding;

/// <summary>Writes the packets of one stream into the pages of an Ogg file (RFC 3533).</summary>
internal sealed class OggPages(uint serial)
{
    private const byte FirstPage = 2;
    private const byte LastPage = 4;
    private const int HeaderBytes = 27;
    private const int ChecksumPlace = 22;
    private const int MostSegments = 255;
    private const int SegmentBytes = 255;

    // Of 20 ms each: a page holds at most a second, as RFC 7845 wants it.
    private const int MostPackets = 50;

    private static readonly uint[] s_checksums = MakeChecksums();

    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<byte> _segments = [];
    private uint _sequence;
    private int _packets;
    private long _granule;

    /// <summary>Whether packets wait for their page.</summary>
    public bool HasPackets => _segments.Count > 0;

    /// <summary>Whether a packet still fits the page.</summary>
    public bool Fits(int bytes) => _packets < MostPackets && _segments.Count + (bytes / SegmentBytes) + 1 <= MostSegments;

    /// <summary>Puts a packet into the page.</summary>
    /// <param name="packet">The packet, which must fit.</param>
    /// <param name="granule">The place in the sound that it ends at.</param>
    public void Add(ReadOnlySpan<byte> packet, long granule)
    {
        for (var rest = packet.Length; rest >= 0; rest -= SegmentBytes)
        {
            _segments.Add((byte)Math.Min(rest, SegmentBytes));
        }

        _body.Write(packet);
        (_granule, _packets) = (granule, _packets + 1);
    }

    /// <summary>The page of the packets so far.</summary>
    /// <param name="end">Where the sound ends, with the last page.</param>
    public byte[] Flush(long? end = null)
    {
        var page = new byte[HeaderBytes + _segments.Count + _body.WrittenCount];
        var span = page.AsSpan();
        "OggS"u8.CopyTo(span);
        page[5] = (byte)((_sequence == 0 ? FirstPage : 0) | (end is null ? 0 : LastPage));
        BinaryPrimitives.WriteInt64LittleEndian(span[6..], end ?? _granule);
        BinaryPrimitives.WriteUInt32LittleEndian(span[14..], serial);
        BinaryPrimitives.WriteUInt32LittleEndian(span[18..], _sequence++);
        page[26] = (byte)_segments.Count;
        _segments.CopyTo(page, HeaderBytes);
        _body.WrittenSpan.CopyTo(span[(HeaderBytes + _segments.Count)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[ChecksumPlace..], ChecksumOf(page));
        _segments.Clear();
        _body.Clear();
        _packets = 0;
        return page;
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> page)
    {
        uint sum = 0;
        foreach (var octet in page)
        {
            sum = (sum << 8) ^ s_checksums[(sum >> 24) ^ octet];
        }

        return sum;
    }

    private static uint[] MakeChecksums()
    {
        const uint Polynomial = 0x04C11DB7;
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var sum = i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum << 1) ^ ((sum >> 31) * Polynomial);
            }

            table[i] = sum;
        }

        return table;
    }
}
