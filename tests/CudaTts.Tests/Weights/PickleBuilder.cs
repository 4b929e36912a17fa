using System.Buffers.Binary;
using System.Text;

namespace CudaTts.Tests;

/// <summary>Writes protocol 2 pickles opcode by opcode, the way torch.save does.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>The finished pickle.</summary>
    public byte[] Finish() => [.. _bytes, (byte)'.'];

    public PickleBuilder Op(char opcode, params byte[] operand)
    {
        _bytes.Add((byte)opcode);
        _bytes.AddRange(operand);
        return this;
    }

    public PickleBuilder Global(string module, string name) => Op('c', Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X', [.. Int32(utf8.Length), .. utf8]);
    }

    public PickleBuilder Integer(int value) => Op('J', Int32(value));

    public PickleBuilder Real(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        return Op('G', bytes);
    }

    public PickleBuilder True() => Op('\x88');

    public PickleBuilder None() => Op('N');

    /// <summary>A tuple of integers.</summary>
    public PickleBuilder Integers(params int[] values)
    {
        Op('(');
        foreach (var value in values)
        {
            Integer(value);
        }

        return Op('t');
    }

    /// <summary>A list of what <paramref name="items"/> writes.</summary>
    public PickleBuilder List(Action<PickleBuilder> items)
    {
        Op(']').Op('(');
        items(this);
        return Op('e');
    }

    /// <summary>A dict of the keys and values that <paramref name="pairs"/> writes.</summary>
    public PickleBuilder Dictionary(Action<PickleBuilder> pairs)
    {
        Op('}').Op('(');
        pairs(this);
        return Op('u');
    }

    /// <summary>An empty OrderedDict.</summary>
    public PickleBuilder Ordered() => Global("collections", "OrderedDict").Op(')').Op('R');

    /// <summary>A storage by its persistent id.</summary>
    public PickleBuilder Storage(string key, int count, string type = "FloatStorage", bool isLegacy = false)
    {
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count);
        return (isLegacy ? None() : this).Op('t').Op('Q');
    }

    /// <summary>A strided tensor.</summary>
    public PickleBuilder Tensor(
        string key, int count, int[] shape, int[]? strides = null, int offset = 0, string type = "FloatStorage", bool isLegacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, count, type, isLegacy).Integer(offset);
        return Integers(shape).Integers(strides ?? RowMajor(shape)).Op('\x89').Ordered().Op('t').Op('R');
    }

    public static int[] RowMajor(int[] shape)
    {
        var strides = new int[shape.Length];
        var stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    private static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
