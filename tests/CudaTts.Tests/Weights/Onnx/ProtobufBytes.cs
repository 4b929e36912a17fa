using System.Text;

namespace CudaTts.Tests;

/// <summary>Writes protobuf fields one behind another, whatever they stand for; and takes a message apart again.</summary>
internal sealed class ProtobufBytes
{
    private readonly List<byte> _bytes = [];

    /// <summary>A whole number as protobuf writes it.</summary>
    public static byte[] Varint(ulong number)
    {
        var bytes = new List<byte>();
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        return [.. bytes, (byte)number];
    }

    /// <summary>The fields of a message: number, value without key and length, and all bytes.</summary>
    public static List<(int Number, byte[] Value, byte[] Whole)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[], byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var start = at;
            var key = Number(message, ref at);
            var valueAt = at;
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 2:
                    var length = (int)Number(message, ref at);
                    valueAt = at;
                    at += length;
                    break;
                default:
                    at += (key & 7) == 1 ? 8 : 4;
                    break;
            }

            fields.Add(((int)(key >> 3), message[valueAt..at], message[start..at]));
        }

        return fields;
    }

    /// <summary>Appends a whole number.</summary>
    public ProtobufBytes Integer(int field, long number) => Raw([.. Varint((ulong)field << 3), .. Varint((ulong)number)]);

    /// <summary>Appends bytes with their length.</summary>
    public ProtobufBytes Bytes(int field, params byte[] value) => Raw([.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)value.Length), .. value]);

    /// <summary>Appends text.</summary>
    public ProtobufBytes Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Appends four bytes.</summary>
    public ProtobufBytes Float(int field, float value) => Raw([.. Varint(((ulong)field << 3) | 5), .. BitConverter.GetBytes(value)]);

    /// <summary>Appends eight bytes.</summary>
    public ProtobufBytes Double(int field, double value) => Raw([.. Varint(((ulong)field << 3) | 1), .. BitConverter.GetBytes(value)]);

    /// <summary>Appends a message.</summary>
    public ProtobufBytes Message(int field, Action<ProtobufBytes> write)
    {
        var message = new ProtobufBytes();
        write(message);
        return Bytes(field, message.ToArray());
    }

    /// <summary>Appends bytes as they are.</summary>
    public ProtobufBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>All that was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    private static ulong Number(byte[] message, ref int at)
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            number |= (ulong)(message[at] & 0x7f) << shift;
            if (message[at++] < 0x80)
            {
                return number;
            }
        }
    }
}
