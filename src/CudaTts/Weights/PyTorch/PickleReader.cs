using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Interprets one protocol 2 pickle as data. Nothing is imported, instantiated or called: a global is a name, and a call becomes a node,
/// so a hostile pickle is inert by construction rather than by a list of bad names. What it makes is bounded by <see cref="ObjectLimit"/> and by its
/// own length.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>Largest pickle, bytes.</summary>
    public const int LengthLimit = 64 << 20;

    /// <summary>Most values a pickle may make, hold on its stack, or remember.</summary>
    public const int ObjectLimit = 1 << 20;

    /// <summary>Longest string, bytes of UTF-8.</summary>
    public const int StringLimit = 16 << 20;

    // An opcode of one byte makes a value, which another one may put into a container: what makes more values of a byte copies them.
    private const int ObjectsPerByte = 4;
    private const int FewObjects = 1 << 10;

    private const int NameLimit = 256;
    private static readonly object s_mark = new();

    private readonly string _source;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Func<object?, object?> _persistent;
    private readonly TensorRebuilder _rebuilder;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private readonly long _objectLimit;
    private long _objects;

    private PickleReader(string source, ReadOnlyMemory<byte> bytes, Func<object?, object?> persistent)
    {
        _source = source;
        _bytes = bytes;
        _persistent = persistent;
        _rebuilder = new TensorRebuilder(source, Count);
        _objectLimit = Math.Min(ObjectLimit, FewObjects + ((long)ObjectsPerByte * bytes.Length));
    }

    /// <summary>Reads the pickle at the start of <paramref name="bytes"/>.</summary>
    /// <param name="source">What error messages call the file.</param>
    /// <param name="bytes">The pickle, and what follows it.</param>
    /// <param name="persistent">Gives the object of a persistent id.</param>
    /// <exception cref="WeightsException">
    /// An opcode outside the allow-list, a malformed stream, a limit exceeded, or a name that only an attack calls.
    /// </exception>
    public static Pickle Read(string source, ReadOnlyMemory<byte> bytes, Func<object?, object?> persistent)
    {
        var window = bytes.Length > LengthLimit ? bytes[..LengthLimit] : bytes;
        PickleGlobals.RequireHarmless(source, window.Span);
        var reader = new PickleReader(source, window, persistent);
        var root = reader.Run();
        return new Pickle(root, reader._position, reader._rebuilder.NotCalled);
    }

    private object? Run()
    {
        if (_bytes.Length < 2 || _bytes.Span[0] != (byte)PickleOpcode.Proto || _bytes.Span[1] != 2)
        {
            throw Broken("is not of pickle protocol 2; save the checkpoint again with torch.save's defaults");
        }

        _position = 2;
        while (true)
        {
            var opcode = (PickleOpcode)Take(1)[0];
            if (opcode == PickleOpcode.Stop)
            {
                return _stack.Count == 1 && _stack[0] != s_mark ? _stack[0] : throw Broken($"stops with {_stack.Count} values on its stack");
            }

            Step(opcode);
        }
    }

    private void Step(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: Push(s_mark); break;
            case PickleOpcode.None: Push(null); break;
            case PickleOpcode.NewTrue: Push(true); break;
            case PickleOpcode.NewFalse: Push(false); break;
            case PickleOpcode.BinInt: Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case PickleOpcode.BinInt1: Push((long)Take(1)[0]); break;
            case PickleOpcode.BinInt2: Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case PickleOpcode.Long1: PushInteger(new BigInteger(Take(Take(1)[0]))); break;
            case PickleOpcode.BinFloat: Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case PickleOpcode.BinUnicode: Push(Unicode(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case PickleOpcode.ShortBinString: Push(Encoding.Latin1.GetString(Take(Take(1)[0]))); break;
            case PickleOpcode.Global: Push(new GlobalNode(Line(), Line())); break;
            case PickleOpcode.BinPersId: Push(_persistent(Pop())); break;
            case PickleOpcode.BinGet: Push(Recall(Take(1)[0])); break;
            case PickleOpcode.LongBinGet: Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case PickleOpcode.BinPut: Remember(Take(1)[0]); break;
            case PickleOpcode.LongBinPut: Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
            default: StepContainer(opcode); break;
        }
    }

    private void StepContainer(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyTuple: Push(new TupleNode([])); break;
            case PickleOpcode.EmptyList or PickleOpcode.EmptySet: Push(new ListNode()); break;
            case PickleOpcode.EmptyDict: Push(new DictionaryNode()); break;
            case PickleOpcode.Tuple: Push(new TupleNode(PopToMark())); break;
            case PickleOpcode.Tuple1: Push(new TupleNode(PopLast(1))); break;
            case PickleOpcode.Tuple2: Push(new TupleNode(PopLast(2))); break;
            case PickleOpcode.Tuple3: Push(new TupleNode(PopLast(3))); break;
            case PickleOpcode.Append: AppendAll([Pop()]); break;
            case PickleOpcode.Appends: AppendAll(PopToMark()); break;
            case PickleOpcode.SetItem: SetAll(PopLast(2)); break;
            case PickleOpcode.SetItems: SetAll(PopToMark()); break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj: Call(); break;
            case PickleOpcode.Build: Build(); break;
            default: throw Broken($"holds opcode 0x{(byte)opcode:x2}, which a checkpoint of tensors does not need");
        }
    }

    private void Call()
    {
        var arguments = Pop() as TupleNode ?? throw Broken("calls something without a tuple of arguments");
        var function = Pop() as GlobalNode ?? throw Broken("calls something that is not a name");
        Push(_rebuilder.Call(function, arguments));
    }

    // A state dict's BUILD carries only version numbers, a parameter's only Python attributes: neither is kept.
    private void Build()
    {
        var state = Pop();
        switch (Peek())
        {
            case InertNode node: node.State = state; break;
            case DictionaryNode or TensorNode: break;
            default: throw Broken("gives state to a value that cannot have any");
        }
    }

    private void AppendAll(ReadOnlySpan<object?> items)
    {
        var list = Peek() switch
        {
            ListNode node => node,
            InertNode node => node.Appended,
            _ => throw Broken("appends to something that is not a list"),
        };
        Count(items.Length);
        list.Items.AddRange(items);
    }

    private void SetAll(object?[] pairs)
    {
        var dictionary = Peek() switch
        {
            DictionaryNode node => node,
            InertNode node => node.Pairs,
            _ => throw Broken("sets an item of something that is not a dict"),
        };
        if (pairs.Length % 2 != 0)
        {
            throw Broken("sets a key without a value");
        }

        Count(pairs.Length);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            dictionary.Set(pairs[i], pairs[i + 1]);
        }
    }

    private void Push(object? value)
    {
        Count(1);
        _stack.Add(value);
    }

    private void PushInteger(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            Push((long)value);
        }
        else
        {
            Push(value);
        }
    }

    private void Count(int objects)
    {
        _objects += objects;
        if (_objects > _objectLimit)
        {
            throw Broken($"makes more than {_objectLimit} values, the most for its length; the file is damaged or hostile");
        }
    }

    private object? Peek() => _stack.Count > 0 && _stack[^1] != s_mark ? _stack[^1] : throw Broken("takes a value from an empty stack");

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopLast(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        return items;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(s_mark);
        if (mark < 0)
        {
            throw Broken("closes a list that it did not open");
        }

        var items = _stack.GetRange(mark + 1, _stack.Count - mark - 1).ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private object? Recall(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Broken($"recalls value {index}, which it did not store");

    private void Remember(uint index)
    {
        Count(1);
        _memo[index] = Peek();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _position)
        {
            throw Broken("ends before its STOP; the file is truncated");
        }

        var taken = _bytes.Span.Slice(_position, count);
        _position += count;
        return taken;
    }

    private string Unicode(uint length)
    {
        if (length > StringLimit)
        {
            throw Broken($"holds a string of {length} bytes");
        }

        var bytes = Take((int)length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Broken("holds a string that is not UTF-8");
    }

    private string Line()
    {
        var rest = _bytes.Span[_position..];
        var length = rest[..Math.Min(rest.Length, NameLimit + 1)].IndexOf((byte)'\n');
        if (length <= 0 || rest[..length].ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            throw Broken("names a class in a way that PyTorch does not");
        }

        _position += length + 1;
        return Encoding.ASCII.GetString(rest[..length]);
    }

    private WeightsException Broken(string how) => new($"{_source}: the pickle {how} (at byte {_position}).");
}

/// <summary>What a pickle holds.</summary>
/// <param name="Root">The object, as nodes.</param>
/// <param name="Length">Bytes that the pickle took.</param>
/// <param name="NotCalled">Functions and classes that it would call in Python, and that stayed names here.</param>
internal sealed record Pickle(object? Root, int Length, IReadOnlyCollection<string> NotCalled);
