namespace CudaTts.Server.Encoding;

/// <summary>Writes numbers of any count of bits, the highest first.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private ulong _held;
    private int _count;

    /// <summary>The whole bytes so far.</summary>
    public ReadOnlySpan<byte> Written => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

    /// <summary>Writes the lowest bits of a number, at most 32.</summary>
    public void Write(uint value, int bits)
    {
        _held = (_held << bits) | (value & (uint)((1UL << bits) - 1));
        for (_count += bits; _count >= 8; _count -= 8)
        {
            _bytes.Add((byte)(_held >> (_count - 8)));
        }
    }

    /// <summary>Writes so many zeros, and a one.</summary>
    public void WriteUnary(uint zeros)
    {
        for (; zeros >= 32; zeros -= 32)
        {
            Write(0, 32);
        }

        Write(1, (int)zeros + 1);
    }

    /// <summary>Fills the last byte with zeros.</summary>
    public void Align() => Write(0, (8 - _count) % 8);

    /// <summary>Takes the bytes away.</summary>
    public byte[] Take()
    {
        byte[] taken = [.. _bytes];
        _bytes.Clear();
        return taken;
    }
}
