using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CudaTts.Weights.Hdf5;

/// <summary>
/// The little of HDF5 (its file format specification, version 3) that statistics files use: superblock 0, a root group as a symbol table, and
/// datasets of little-endian floats stored whole. PureHDF reads all of HDF5, but makes its readers at run time: compiled ahead of time, it opens a
/// file and fails at the first dataset (benchmarks/results/libraries.md).
/// </summary>
internal sealed class Hdf5File
{
    private const int NodeLimit = 256;
    private const int MemberLimit = 1 << 10;
    private const int LongestName = 64;
    private const int NamesInMessage = 8;
    private const int MessageLimit = 256;
    private const int NumberLimit = 1 << 16;
    private const int Dataspace = 0x01;
    private const int Datatype = 0x03;
    private const int DataLayout = 0x08;
    private const int Continuation = 0x10;
    private const int SymbolTable = 0x11;
    private readonly byte[] _bytes;
    private readonly string _source;
    private readonly Dictionary<string, long> _headers = [];
    private int _members;

    /// <summary>Finds the root group's members.</summary>
    /// <exception cref="WeightsException">Not HDF5, damaged, or of a form that is not read.</exception>
    public Hdf5File(byte[] bytes, string source)
    {
        (_bytes, _source) = (bytes, source);
        if (!At(0, 8).SequenceEqual(Signature) || At(8, 1)[0] != 0 || At(13, 2) is not [8, 8])
        {
            throw new WeightsException($"{source}: expected HDF5 of the oldest file version, as h5py writes it by default; {Advice}");
        }

        // The superblock ends with the root group's symbol table entry: name, object header, ...
        var (tree, heap) = (-1L, -1L);
        foreach (var (type, data) in Messages(Offset(64)))
        {
            if (type == SymbolTable)
            {
                (tree, heap) = (Offset(data), Offset(data + 8));
            }
        }

        Require(tree >= 0, "a root group of the old form");
        Require(At(heap, 4).SequenceEqual("HEAP"u8), "a local heap");
        Collect(tree, Offset(heap + 24));
    }

    /// <summary>The first bytes of every HDF5 file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    private static string Advice =>
        "in Python, np.save('stats.npy', np.stack([f['mean'], f['scale']])) of the open file f writes what is read as well.";

    /// <summary>The numbers of a dataset of the root group, in row-major order.</summary>
    /// <exception cref="WeightsException">There is no such dataset, or it is of a form that is not read.</exception>
    public float[] Numbers(string name)
    {
        if (!_headers.TryGetValue(name, out var header))
        {
            throw new WeightsException($"{_source}: expected a dataset '{name}', found {string.Join(", ", _headers.Keys.Take(NamesInMessage))}.");
        }

        var (count, size, address) = (-1L, 0, -1L);
        foreach (var (type, data) in Messages(header))
        {
            switch (type)
            {
                case Dataspace:
                    count = Count(data);
                    break;
                case Datatype:
                    // Class 1 is floating point; bit 0 of its flags would mean big-endian.
                    Require((At(data, 1)[0] & 15) == 1 && (At(data + 1, 1)[0] & 1) == 0, $"little-endian floats in '{name}'");
                    size = (int)BinaryPrimitives.ReadUInt32LittleEndian(At(data + 4, 4));
                    break;
                case DataLayout:
                    Require(At(data, 2) is [3, 1], $"'{name}' to be stored whole, not in chunks");
                    address = Offset(data + 2);
                    break;
            }
        }

        Require(count is > 0 and <= NumberLimit && size is 4 or 8 && address >= 0, $"up to {NumberLimit} floats in '{name}'");
        var numbers = At(address, count * size);
        return size == 4
            ? MemoryMarshal.Cast<byte, float>(numbers).ToArray()
            : Array.ConvertAll(MemoryMarshal.Cast<byte, double>(numbers).ToArray(), number => (float)number);
    }

    // A group's B-tree: inner nodes lead to inner nodes or, at level 0, to lists of members. No node is visited twice: in a file whose nodes all lead
    // to the same ones, the work would else grow with the power of the depth.
    private void Collect(long root, long names)
    {
        var nodes = new Queue<long>([root]);
        var seen = new HashSet<long>();
        while (nodes.TryDequeue(out var node))
        {
            Require(seen.Add(node) && seen.Count <= NodeLimit, $"a group's B-tree of at most {NodeLimit} nodes, each in one place");
            if (At(node, 4).SequenceEqual("SNOD"u8))
            {
                CollectMembers(node, names);
                continue;
            }

            Require(At(node, 4).SequenceEqual("TREE"u8), "a group's B-tree or a list of its members");
            var children = BinaryPrimitives.ReadUInt16LittleEndian(At(node + 6, 2));
            Require(children <= NodeLimit, $"at most {NodeLimit} children of a node");
            for (var i = 0; i < children; i++)
            {
                nodes.Enqueue(Offset(node + 24 + 8 + (16L * i)));
            }
        }
    }

    private void CollectMembers(long list, long names)
    {
        // Lists may overlap, so the limit is on all of them together.
        var members = BinaryPrimitives.ReadUInt16LittleEndian(At(list + 6, 2));
        _members += members;
        Require(_members <= MemberLimit, $"at most {MemberLimit} members of the root group");
        for (var member = 0; member < members; member++)
        {
            var entry = list + 8 + (40L * member);
            _headers[Text(names + Offset(entry))] = Offset(entry + 8);
        }
    }

    /// <summary>Types and places of the messages of an object header of version 1, its continuations included.</summary>
    private List<(int Type, long Data)> Messages(long header)
    {
        Require(At(header, 1)[0] == 1, "an object header of version 1");
        var messages = new List<(int, long)>();
        var blocks = new Queue<(long Start, long Length)>([(header + 16, BinaryPrimitives.ReadUInt32LittleEndian(At(header + 8, 4)))]);
        while (blocks.TryDequeue(out var block))
        {
            for (var at = block.Start; at + 8 <= block.Start + block.Length;)
            {
                var (type, length) = (BinaryPrimitives.ReadUInt16LittleEndian(At(at, 2)), BinaryPrimitives.ReadUInt16LittleEndian(At(at + 2, 2)));
                messages.Add((type, at + 8));
                Require(messages.Count <= MessageLimit, $"at most {MessageLimit} messages in an object header");
                if (type == Continuation)
                {
                    blocks.Enqueue((Offset(at + 8), Offset(at + 16)));
                }

                at += 8 + length;
            }
        }

        return messages;
    }

    private long Count(long dataspace)
    {
        var version = At(dataspace, 1)[0];
        Require(version is 1 or 2, "a dataspace of version 1 or 2");
        long count = 1;
        for (var dimension = 0; dimension < At(dataspace + 1, 1)[0]; dimension++)
        {
            count *= Math.Clamp(Offset(dataspace + (version == 1 ? 8 : 4) + (8L * dimension)), 0, NumberLimit + 1);
            Require(count <= NumberLimit, $"at most {NumberLimit} numbers");
        }

        return count;
    }

    private string Text(long at)
    {
        var rest = At(at, Math.Min(LongestName + 1, _bytes.Length - at));
        var end = rest.IndexOf((byte)0);
        Require(end >= 0, $"a name of at most {LongestName} bytes");
        return Encoding.UTF8.GetString(rest[..end]);
    }

    // Addresses and lengths are unsigned in the file; what does not fit into a long is beyond the file's end anyway.
    private long Offset(long at) => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(At(at, 8)), long.MaxValue / 4);

    private ReadOnlySpan<byte> At(long at, long length)
    {
        Require(at >= 0 && length >= 0 && at <= _bytes.Length - length, $"{length} bytes at {at}");
        return _bytes.AsSpan((int)at, (int)length);
    }

    private void Require(bool holds, string expected)
    {
        if (!holds)
        {
            throw new WeightsException($"{_source}: expected {expected}; the file is damaged, or an HDF5 of a form that is not read; {Advice}");
        }
    }
}
