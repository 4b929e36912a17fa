using CudaTts.Tensors;

namespace CudaTts.Weights.Onnx;

/// <summary>Reads a TensorProto (github.com/onnx/onnx, onnx.proto): an initialiser, or the value of a Constant node.</summary>
/// <param name="source">What error messages call the file.</param>
internal sealed class OnnxTensorReader(string source)
{
    private const int RankLimit = 64;
    private const int FieldDims = 1;
    private const int FieldType = 2;
    private const int FieldFloats = 4;
    private const int FieldInt32 = 5;
    private const int FieldInt64 = 7;
    private const int FieldName = 8;
    private const int FieldRaw = 9;
    private const int FieldDoubles = 10;
    private const int FieldUInt64 = 11;
    private const int FieldExternal = 13;
    private const int FieldLocation = 14;

    /// <summary>Reads one tensor; its elements stay where they are if they lie there in a row.</summary>
    /// <returns>Its name, empty where it has none, and its elements.</returns>
    /// <exception cref="WeightsException">It is malformed, kept in another file, or of a type that is not read.</exception>
    public (string Name, WeightEntry Entry) Read(ReadOnlyMemory<byte> tensor)
    {
        var reader = new ProtobufReader(source, "tensor", tensor);
        var dims = new List<long>();
        var (name, type, dataField, isRaw) = ("", 0L, 0, false);
        var chunks = new List<ReadOnlyMemory<byte>>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case FieldDims:
                    reader.AppendIntegers(dims, RankLimit);
                    break;
                case FieldType:
                    type = reader.Integer();
                    break;
                case FieldName:
                    name = reader.Text();
                    break;
                case FieldExternal:
                case FieldLocation when reader.Integer() != 0:
                    throw new WeightsException(
                        $"{source}: tensor '{name}' is kept in another file (external data), which is not supported; save the model in one file.");
                case FieldFloats or FieldInt32 or FieldInt64 or FieldRaw or FieldDoubles or FieldUInt64:
                    if (dataField != 0 && (dataField != reader.Field || isRaw))
                    {
                        throw reader.Broken($"'{name}' has its elements twice");
                    }

                    (dataField, isRaw) = (reader.Field, reader.Field == FieldRaw);
                    chunks.Add(isRaw ? reader.Bytes() : reader.Written);
                    break;
                default:
                    break;
            }
        }

        return (name, Entry(reader, name, type, dims, dataField, chunks));
    }

    private WeightEntry Entry(
        ProtobufReader reader, string name, long code, List<long> dims, int dataField, List<ReadOnlyMemory<byte>> chunks)
    {
        var (type, field) = TypeOf(name, code);
        var shape = new int[dims.Count];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = dims[i] is >= 0 and <= int.MaxValue ? (int)dims[i] : throw reader.Broken($"'{name}' has a dimension of {dims[i]}");
        }

        if (dataField != 0 && dataField != FieldRaw && dataField != field)
        {
            throw reader.Broken($"'{name}' of type {type} has its elements in field {dataField}");
        }

        var joined = Joined(chunks);
        var elements = dataField is FieldRaw or FieldFloats or FieldDoubles
            ? joined : ProtobufReader.Unpacked(source, "tensor", joined, type.ByteSize());
        return elements.Length == BytesOf(reader, name, type, shape)
            ? new WeightEntry(type, shape, elements)
            : throw reader.Broken(
                $"'{name}' has {elements.Length} bytes, but {type} {Tensor.Describe(shape)} needs {BytesOf(reader, name, type, shape)}");
    }

    private static long BytesOf(ProtobufReader reader, string name, DataType type, int[] shape)
    {
        try
        {
            return type.ByteSize(shape);
        }
        catch (OverflowException)
        {
            throw reader.Broken($"'{name}' has a shape whose size overflows");
        }
    }

    // What is written in one piece is left where it is.
    private static ReadOnlyMemory<byte> Joined(List<ReadOnlyMemory<byte>> chunks)
    {
        if (chunks.Count <= 1)
        {
            return chunks.Count == 0 ? default : chunks[0];
        }

        var joined = new byte[chunks.Sum(chunk => chunk.Length)];
        var at = 0;
        foreach (var chunk in chunks)
        {
            chunk.CopyTo(joined.AsMemory(at));
            at += chunk.Length;
        }

        return joined;
    }

    private (DataType Type, int Field) TypeOf(string name, long code) => code switch
    {
        1 => (DataType.F32, FieldFloats),
        2 => (DataType.U8, FieldInt32),
        3 => (DataType.I8, FieldInt32),
        4 => (DataType.U16, FieldInt32),
        5 => (DataType.I16, FieldInt32),
        6 => (DataType.I32, FieldInt32),
        7 => (DataType.I64, FieldInt64),
        9 => (DataType.BOOL, FieldInt32),
        10 => (DataType.F16, FieldInt32),
        11 => (DataType.F64, FieldDoubles),
        12 => (DataType.U32, FieldUInt64),
        13 => (DataType.U64, FieldUInt64),
        16 => (DataType.BF16, FieldInt32),
        _ => throw new WeightsException($"{source}: tensor '{name}' is of ONNX's element type {code}, which is not supported."),
    };
}
