using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace CudaTts.Weights.Onnx;

/// <summary>
/// Reads the fields of one protobuf message, one after another. A message within it is a range of its bytes, so nothing is read twice and nothing
/// recurses; what the fields mean is the caller's.
/// </summary>
/// <param name="source">What error messages call the file.</param>
/// <param name="message">What they call the message, such as <c>graph</c>.</param>
/// <param name="bytes">The message.</param>
internal ref struct ProtobufReader(string source, string message, ReadOnlyMemory<byte> bytes)
{
    /// <summary>Longest name, bytes of UTF-8.</summary>
    public const int NameLimit = 1024;

    private const int MostVarintBytes = 10;
    private readonly ReadOnlySpan<byte> _bytes = bytes.Span;
    private int _position;
    private ProtobufWire _wire;
    private ulong _value;

    // Where the field's value lies, without the key and length before it.
    private int _start;
    private int _end;

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The field's value as it is written, without its key and length.</summary>
    public readonly ReadOnlyMemory<byte> Written => bytes[_start.._end];

    /// <summary>Reads the next field; false at the message's end.</summary>
    /// <exception cref="WeightsException">The field reaches beyond the message, or is of a form that no message has.</exception>
    public bool Next()
    {
        if (_position == _bytes.Length)
        {
            return false;
        }

        var key = Varint();
        _wire = (ProtobufWire)(key & 7);
        var number = key >> 3;
        Field = number is > 0 and < 1 << 29 ? (int)number : throw Broken($"has the field number {number}");
        _start = _position;
        switch (_wire)
        {
            case ProtobufWire.Varint:
                _value = Varint();
                break;
            case ProtobufWire.Fixed64:
                Skip(sizeof(ulong));
                break;
            case ProtobufWire.Fixed32:
                Skip(sizeof(uint));
                break;
            case ProtobufWire.Length:
                var length = Varint();
                _start = _position;
                Skip(length);
                break;
            default:
                throw Broken($"has field {Field} of wire type {(int)_wire}, which ONNX does not use");
        }

        _end = _position;
        return true;
    }

    /// <summary>The field as a whole number.</summary>
    /// <exception cref="WeightsException">It is of another form.</exception>
    public readonly long Integer() => _wire == ProtobufWire.Varint ? (long)_value : throw WrongWire("a whole number");

    /// <summary>The field as a message or as bytes.</summary>
    /// <exception cref="WeightsException">It is of another form.</exception>
    public readonly ReadOnlyMemory<byte> Bytes() => _wire == ProtobufWire.Length ? Written : throw WrongWire("a length and bytes");

    /// <summary>The field as text.</summary>
    /// <exception cref="WeightsException">It is of another form, too long, or not UTF-8.</exception>
    public readonly string Text(int limit = NameLimit)
    {
        var text = Bytes().Span;
        if (text.Length > limit)
        {
            throw Broken($"has a text of {text.Length} bytes in field {Field}, more than {limit}");
        }

        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Broken($"has a text in field {Field} that is not UTF-8");
    }

    /// <summary>Appends the field's whole numbers: one, or a packed list of them.</summary>
    /// <exception cref="WeightsException">It is of another form, or there are more than <paramref name="most"/>.</exception>
    public readonly void AppendIntegers(List<long> numbers, int most)
    {
        if (_wire is not (ProtobufWire.Varint or ProtobufWire.Length))
        {
            throw WrongWire("whole numbers");
        }

        var packed = new ProtobufReader(source, message, Written);
        while (packed._position < packed._bytes.Length)
        {
            numbers.Add((long)packed.Varint());
            if (numbers.Count > most)
            {
                throw Broken($"has more than {most} numbers in field {Field}");
            }
        }
    }

    /// <summary>The whole numbers that a packed field's bytes hold, each of so many bytes.</summary>
    /// <exception cref="WeightsException">The last one is incomplete.</exception>
    public static byte[] Unpacked(string source, string message, ReadOnlyMemory<byte> packed, int size)
    {
        var reader = new ProtobufReader(source, message, packed);
        var count = 0;
        foreach (var octet in reader._bytes)
        {
            count += octet < 0x80 ? 1 : 0;
        }

        if ((long)count * size > Array.MaxLength)
        {
            throw reader.Broken($"has {count} numbers in one field");
        }

        var values = new byte[count * size];
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        for (var at = 0; reader._position < reader._bytes.Length; at += size)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(wide, reader.Varint());
            wide[..size].CopyTo(values.AsSpan(at));
        }

        return values;
    }

    /// <summary>The error for a message that breaks a rule.</summary>
    public readonly WeightsException Broken(string how) => new($"{source}: the ONNX {message} {how}; the file is damaged or hostile.");

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MostVarintBytes; i++)
        {
            if (_position == _bytes.Length)
            {
                throw Broken("ends within a number");
            }

            var octet = _bytes[_position++];
            value |= (ulong)(octet & 0x7f) << (7 * i);
            if (octet < 0x80)
            {
                return value;
            }
        }

        throw Broken($"has a number of more than {MostVarintBytes} bytes");
    }

    private void Skip(ulong length)
    {
        var rest = _bytes.Length - _position;
        if (length > (ulong)rest)
        {
            throw Broken($"gives field {Field} {length} bytes, but {rest} follow");
        }

        _position += (int)length;
    }

    private readonly WeightsException WrongWire(string expected) => Broken($"has field {Field} of wire type {(int)_wire}, where {expected} is due");
}

/// <summary>How a protobuf field is written.</summary>
internal enum ProtobufWire
{
    /// <summary>A whole number of seven bits a byte.</summary>
    Varint = 0,

    /// <summary>A number of eight bytes.</summary>
    Fixed64 = 1,

    /// <summary>A length and so many bytes.</summary>
    Length = 2,

    /// <summary>A number of four bytes.</summary>
    Fixed32 = 5,
}
