namespace CudaTts.Server.Encoding;

/// <summary>
/// One frame of a FLAC stream (RFC 9639): 16-bit samples of one channel, each foretold from those before it by the polynomial that fits best; the
/// differences are written in as many bits as their size needs.
/// </summary>
internal static class FlacFrame
{
    /// <summary>Samples of every frame but the last.</summary>
    public const int BlockSamples = 4096;

    private const int MostOrder = 4;
    private const int MostParameter = 14;
    private const int PartitionBits = 4;
    private const int MostPartitionOrder = 6;

    private static readonly byte[] s_headerChecksums = Checksums<byte>(8, 0x07, sum => (byte)sum);
    private static readonly ushort[] s_frameChecksums = Checksums<ushort>(16, 0x8005, sum => (ushort)sum);

    /// <summary>Writes a frame.</summary>
    /// <param name="samples">The samples, 1 to <see cref="BlockSamples"/>.</param>
    /// <param name="number">Frames before it.</param>
    public static byte[] Write(ReadOnlySpan<short> samples, uint number)
    {
        var bits = new BitWriter();
        WriteHeader(bits, samples.Length, number);
        if (samples.IndexOfAnyExcept(samples[0]) < 0)
        {
            bits.Write(0, 8);
            bits.Write((ushort)samples[0], 16);
        }
        else
        {
            WritePredicted(bits, samples);
        }

        bits.Align();
        ushort sum = 0;
        foreach (var octet in bits.Written)
        {
            sum = (ushort)((sum << 8) ^ s_frameChecksums[(sum >> 8) ^ octet]);
        }

        bits.Write(sum, 16);
        return bits.Take();
    }

    private static void WriteHeader(BitWriter bits, int samples, uint number)
    {
        const uint SyncFixedSize = 0b1111_1111_1111_1000;
        const uint SizeFollows = 0b0111;
        const uint Usual = 0b1100;
        const uint OneChannelOf16Bits = 0b0000_1000;
        var isUsual = samples == BlockSamples;
        bits.Write(SyncFixedSize, 16);
        bits.Write(isUsual ? Usual : SizeFollows, 4);

        // The rate stands at the stream's beginning.
        bits.Write(0, 4);
        bits.Write(OneChannelOf16Bits, 8);
        WriteNumber(bits, number);
        if (!isUsual)
        {
            bits.Write((uint)samples - 1, 16);
        }

        byte sum = 0;
        foreach (var octet in bits.Written)
        {
            sum = s_headerChecksums[sum ^ octet];
        }

        bits.Write(sum, 8);
    }

    // As UTF-8 writes a character, with up to 31 bits.
    private static void WriteNumber(BitWriter bits, uint number)
    {
        if (number < 0x80)
        {
            bits.Write(number, 8);
            return;
        }

        var more = 1;
        while (number >> ((6 * more) + 6 - more) != 0)
        {
            more++;
        }

        bits.Write((0xFF00u >> (more + 1)) | (number >> (6 * more)), 8);
        while (more-- > 0)
        {
            bits.Write(0x80 | ((number >> (6 * more)) & 0x3F), 8);
        }
    }

    private static void WritePredicted(BitWriter bits, ReadOnlySpan<short> samples)
    {
        var residual = Residual(samples, out var order);
        var (partitionOrder, parameters, cost) = Partition(residual, order, samples.Length);
        if (cost >= 16L * samples.Length)
        {
            const uint Verbatim = 0b0000_0010;
            bits.Write(Verbatim, 8);
            foreach (var sample in samples)
            {
                bits.Write((ushort)sample, 16);
            }

            return;
        }

        bits.Write((uint)(0b0001_0000 | (order << 1)), 8);
        foreach (var sample in samples[..order])
        {
            bits.Write((ushort)sample, 16);
        }

        bits.Write((uint)partitionOrder, 6);
        var place = order;
        for (var partition = 0; partition < parameters.Length; partition++)
        {
            bits.Write((uint)parameters[partition], PartitionBits);
            for (var end = (partition + 1) * (samples.Length >> partitionOrder); place < end; place++)
            {
                var value = Folded(residual[place]);
                bits.WriteUnary(value >> parameters[partition]);
                bits.Write(value, parameters[partition]);
            }
        }
    }

    /// <summary>The differences from the polynomial of the order whose differences are smallest.</summary>
    private static int[] Residual(ReadOnlySpan<short> samples, out int order)
    {
        var current = new int[samples.Length];
        for (var i = 0; i < current.Length; i++)
        {
            current[i] = samples[i];
        }

        var best = (int[])current.Clone();
        (order, var least) = (0, SizeOf(current, MostOrder));
        for (var next = 1; next <= Math.Min(MostOrder, samples.Length - 1); next++)
        {
            for (var i = current.Length - 1; i >= next; i--)
            {
                current[i] -= current[i - 1];
            }

            if (SizeOf(current, MostOrder) is var size && size < least)
            {
                (order, least, best) = (next, size, (int[])current.Clone());
            }
        }

        return best;
    }

    private static long SizeOf(int[] values, int from)
    {
        long sum = 0;
        for (var i = from; i < values.Length; i++)
        {
            sum += Math.Abs(values[i]);
        }

        return sum;
    }

    /// <summary>The parts that the differences are best divided into, each with its own count of plain bits.</summary>
    private static (int Order, int[] Parameters, long Cost) Partition(int[] residual, int order, int length)
    {
        var best = (Order: 0, Parameters: Array.Empty<int>(), Cost: long.MaxValue);
        for (var candidate = 0; candidate <= MostPartitionOrder; candidate++)
        {
            var part = length >> candidate;
            if (part << candidate != length || part <= order)
            {
                break;
            }

            var parameters = new int[1 << candidate];
            long cost = 0;
            for (var i = 0; i < parameters.Length; i++)
            {
                cost += Parameter(residual.AsSpan((i * part)..((i + 1) * part))[(i == 0 ? order : 0)..], out parameters[i]);
            }

            if (cost < best.Cost)
            {
                best = (candidate, parameters, cost);
            }
        }

        return best;
    }

    private static long Parameter(ReadOnlySpan<int> values, out int parameter)
    {
        ulong sum = 0;
        foreach (var value in values)
        {
            sum += Folded(value);
        }

        // The mean's logarithm is the best count of plain bits, but for one to either side.
        var mean = values.Length == 0 ? 0 : sum / (ulong)values.Length;
        var guess = Math.Min(MostParameter, System.Numerics.BitOperations.Log2((uint)Math.Min(mean, uint.MaxValue) | 1));
        var (least, best) = (long.MaxValue, guess);
        for (var candidate = Math.Max(0, guess - 1); candidate <= Math.Min(MostParameter, guess + 1); candidate++)
        {
            long cost = PartitionBits;
            foreach (var value in values)
            {
                cost += (Folded(value) >> candidate) + 1 + candidate;
            }

            (least, best) = cost < least ? (cost, candidate) : (least, best);
        }

        parameter = best;
        return least;
    }

    // 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.
    private static uint Folded(int value) => (uint)((value << 1) ^ (value >> 31));

    private static T[] Checksums<T>(int bits, uint polynomial, Func<uint, T> trim)
    {
        var table = new T[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var sum = i << (bits - 8);
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum << 1) ^ (((sum >> (bits - 1)) & 1) * polynomial);
            }

            table[i] = trim(sum);
        }

        return table;
    }
}
