using System.Buffers.Binary;
using System.Text;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// The functions and classes that a pickle of any protocol names, found without interpreting it: by the lengths of its opcodes (Python's
/// pickletools.py) alone. <see cref="PickleReader"/> runs nothing whatever they are; this tells people what a file would do to them in Python.
/// </summary>
internal static class PickleGlobals
{
    private const int NameLimit = 256;
    private const int MemoLimit = 1 << 12;

    private enum Operand
    {
        Unknown,
        None,
        Line,
        TwoLines,
        Bytes1,
        Bytes2,
        Bytes4,
        Bytes8,
        Counted1,
        Counted4,
        Counted8,
    }

    private static Operand[] Operands { get; } = ListOperands();

    /// <summary>Refuses a pickle that names what only an attack calls.</summary>
    /// <exception cref="WeightsException">Says what it would call.</exception>
    public static void RequireHarmless(string source, ReadOnlySpan<byte> pickle)
    {
        if (FindHostile(pickle) is { } name)
        {
            throw Hostile(source, name);
        }
    }

    /// <summary>The exception of a pickle that names what only an attack calls.</summary>
    public static WeightsException Hostile(string source, string name) => new(
        $"{source}: hostile: Python would call {name} when it loads this file; nothing of it was run here: do not load it in PyTorch, delete it.");

    /// <summary>The first name that only an attack calls, or null where the pickle has none up to its end or to what is no opcode.</summary>
    public static string? FindHostile(ReadOnlySpan<byte> pickle)
    {
        var strings = new RecentStrings();
        for (var at = 0; at < pickle.Length;)
        {
            var opcode = pickle[at++];
            var rest = pickle[at..];
            if (Length(opcode, rest) is not { } length || length > rest.Length || opcode == (byte)'.')
            {
                return null;
            }

            var operand = rest[..(int)length];
            var name = opcode switch
            {
                (byte)'c' or (byte)'i' when operand.Length <= 2 * NameLimit => Encoding.Latin1.GetString(operand[..^1]).Replace('\n', '.'),
                0x93 => strings.Global(),
                _ => null,
            };
            if (name is not null && HostileCallables.Contains(name))
            {
                return name;
            }

            strings.Step(opcode, operand);
            at += (int)length;
        }

        return null;
    }

    private static long? Length(byte opcode, ReadOnlySpan<byte> rest) => Operands[opcode] switch
    {
        Operand.None => 0,
        Operand.Line => Line(rest),
        Operand.TwoLines when Line(rest) is { } first && Line(rest[(int)first..]) is { } second => first + second,
        Operand.Bytes1 => 1,
        Operand.Bytes2 => 2,
        Operand.Bytes4 => 4,
        Operand.Bytes8 => 8,
        Operand.Counted1 when rest.Length >= 1 => 1 + rest[0],
        Operand.Counted4 when rest.Length >= 4 => 4L + BinaryPrimitives.ReadUInt32LittleEndian(rest),
        Operand.Counted8 when rest.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(rest) is <= int.MaxValue and var count => 8 + (long)count,
        _ => null,
    };

    private static long? Line(ReadOnlySpan<byte> rest) => rest.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : null;

    private static Operand[] ListOperands()
    {
        var operands = new Operand[byte.MaxValue + 1];
        foreach (var (operand, opcodes) in (ReadOnlySpan<(Operand, string)>)
            [
                (Operand.None, "().012NRQabd}el]ostu\u0081\u0085\u0086\u0087\u0088\u0089\u008f\u0090\u0091\u0092\u0093\u0094\u0097\u0098"),
                (Operand.Line, "FILPSVgp"),
                (Operand.TwoLines, "ci"),
                (Operand.Bytes1, "Khq\u0080\u0082"),
                (Operand.Bytes2, "M\u0083"),
                (Operand.Bytes4, "Jjr\u0084"),
                (Operand.Bytes8, "G\u0095"),
                (Operand.Counted1, "UC\u008a\u008c"),
                (Operand.Counted4, "TXB\u008b"),
                (Operand.Counted8, "\u008d\u008e\u0096"),
            ])
        {
            foreach (var opcode in opcodes)
            {
                operands[opcode] = operand;
            }
        }

        return operands;
    }

    /// <summary>The last two strings on the stack and those in the memo, of which STACK_GLOBAL of the newer protocols makes a name.</summary>
    private sealed class RecentStrings
    {
        private readonly Dictionary<uint, string> _memo = [];
        private string _before = "";
        private string _last = "";
        private uint _remembered;

        public string Global() => $"{_before}.{_last}";

        public void Step(byte opcode, ReadOnlySpan<byte> operand)
        {
            switch (opcode)
            {
                case (byte)'U' or 0x8c:
                    Push(operand[1..]);
                    break;
                case (byte)'X' or (byte)'T':
                    Push(operand[4..]);
                    break;
                case 0x8d:
                    Push(operand[8..]);
                    break;
                case (byte)'S' or (byte)'V':
                    Push(operand.Trim("\n'\""u8));
                    break;
                case (byte)'q':
                    Remember(operand[0]);
                    break;
                case (byte)'r':
                    Remember(BinaryPrimitives.ReadUInt32LittleEndian(operand));
                    break;
                case 0x94:
                    Remember(_remembered++);
                    break;
                case (byte)'h' when _memo.TryGetValue(operand[0], out var near):
                    (_before, _last) = (_last, near);
                    break;
                case (byte)'j' when _memo.TryGetValue(BinaryPrimitives.ReadUInt32LittleEndian(operand), out var far):
                    (_before, _last) = (_last, far);
                    break;
            }
        }

        private void Push(ReadOnlySpan<byte> text)
        {
            if (text.Length <= NameLimit)
            {
                (_before, _last) = (_last, Encoding.Latin1.GetString(text));
            }
        }

        private void Remember(uint place)
        {
            if (_memo.Count < MemoLimit)
            {
                _memo[place] = _last;
            }
        }
    }
}
