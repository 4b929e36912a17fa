using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using CudaTts.Tensors;

namespace CudaTts.Weights.Safetensors;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then JSON. The rules are those of the format's own reader
/// (safetensors/src/tensor.rs): no duplicate names, and tensors that cover the rest of the file without gap or overlap.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Largest header that the format allows, bytes.</summary>
    public const long LengthLimit = 100_000_000;

    /// <summary>The key of the string-to-string map that is not a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    // PyTorch's own names have some dozens of characters, and its tensors at most 64 dimensions.
    private const int NameLimit = 1024;
    private const int RankLimit = 64;
    private const int NamePart = 32;
    private const int LengthBytes = 8;

    private readonly string _source;
    private readonly Dictionary<string, string> _metadata = [];
    private readonly List<TensorRange> _tensors = [];

    private SafetensorsHeader(string source, long dataStart)
    {
        _source = source;
        DataStart = dataStart;
    }

    /// <summary>Offset of the first tensor's bytes in the file.</summary>
    public long DataStart { get; }

    /// <summary>The strings of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the header's order; offsets count from <see cref="DataStart"/>.</summary>
    public IReadOnlyList<TensorRange> Tensors => _tensors;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="WeightsException">A rule is broken.</exception>
    public static SafetensorsHeader Read(FileBytes file)
    {
        if (file.Length < LengthBytes)
        {
            throw new WeightsException($"{file.Source}: {file.Length} bytes are too few for a safetensors file; it is truncated or something else.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes).Span);
        if (length > LengthLimit)
        {
            throw new WeightsException($"{file.Source}: a header of {length} bytes exceeds the limit of {LengthLimit}; is this a safetensors file?");
        }

        if ((long)length > file.Length - LengthBytes)
        {
            throw new WeightsException(
                $"{file.Source}: the header should have {length} bytes, but the file ends after {file.Length - LengthBytes}; it is truncated.");
        }

        var header = new SafetensorsHeader(file.Source, LengthBytes + (long)length);
        var json = file.Slice(LengthBytes, (long)length);
        header.ReadJson(json.Span);
        GC.KeepAlive(json);
        header.CheckCoverage(file.Length - header.DataStart);
        return header;
    }

    private void ReadJson(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != '{')
        {
            throw Broken("does not begin with '{'");
        }

        if (!Utf8.IsValid(json))
        {
            throw Broken("is not valid UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            ReadRoot(ref reader);
            if (reader.Read())
            {
                throw Broken("goes on after its JSON object");
            }
        }
        catch (JsonException error)
        {
            throw new WeightsException(
                $"{_source}: the safetensors header is not valid JSON (byte {LengthBytes + error.BytePositionInLine}); the file is damaged.", error);
        }
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        var seen = new HashSet<string>();
        while (NextName(ref reader) is { } name)
        {
            if (name.Length > NameLimit)
            {
                throw Broken($"holds a name of {name.Length} characters, more than {NameLimit}, '{name[..NamePart]}...'");
            }

            if (!seen.Add(name))
            {
                throw Broken($"holds the name '{name}' twice");
            }

            if (name == MetadataKey)
            {
                ReadMetadata(ref reader);
            }
            else
            {
                _tensors.Add(ReadTensor(ref reader, name));
            }
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (NextName(ref reader) is { } name)
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{name}'");
            if (!_metadata.TryAdd(name, Text(ref reader)))
            {
                throw Broken($"holds the metadata '{name}' twice");
            }
        }
    }

    private TensorRange ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        DataType? type = null;
        List<long>? shape = null, offsets = null;
        while (NextName(ref reader) is { } field)
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, name);
                    type = TypeOf(Text(ref reader), name);
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, name);
                    break;
                default:
                    throw Broken($"gives tensor '{name}' an unknown or repeated field '{field}'");
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
        {
            throw Broken($"lacks dtype, shape or two data_offsets of tensor '{name}'");
        }

        return CheckedRange(name, type.Value, shape, begin, end);
    }

    private TensorRange CheckedRange(string name, DataType type, List<long> shape, long begin, long end)
    {
        if (end < begin)
        {
            throw Broken($"ends tensor '{name}' ({end}) before its begin ({begin})");
        }

        if (shape.Exists(size => size > int.MaxValue))
        {
            throw Broken($"gives tensor '{name}' a dimension above {int.MaxValue}");
        }

        var dimensions = shape.Select(size => (int)size).ToArray();
        long bytes;
        try
        {
            bytes = type.ByteSize(dimensions);
        }
        catch (OverflowException)
        {
            throw Broken($"gives tensor '{name}' a shape whose size overflows");
        }

        return bytes == end - begin
            ? new TensorRange(name, type, dimensions, begin, end)
            : throw Broken($"gives tensor '{name}' {end - begin} bytes, but {type} {Tensor.Describe(dimensions)} needs {bytes}");
    }

    // Contiguity rules out overlap (one small file that expands to many tensors) and bytes that belong to nothing.
    private void CheckCoverage(long dataLength)
    {
        var position = 0L;
        foreach (var tensor in _tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.Begin != position)
            {
                throw Broken($"starts tensor '{tensor.Name}' at {tensor.Begin}, but the tensors before it end at {position}");
            }

            position = tensor.End;
        }

        if (position != dataLength)
        {
            throw new WeightsException(
                $"{_source}: the tensors need {position} bytes, but {dataLength} follow the header; the file is truncated or has something "
                + "appended.");
        }
    }

    private DataType TypeOf(string name, string tensor)
    {
        // Enum.TryParse would also take numbers and lists.
        foreach (var type in Enum.GetValues<DataType>())
        {
            if (type.ToString() == name)
            {
                return type;
            }
        }

        throw Broken($"gives tensor '{tensor}' the type '{name}', which is not supported");
    }

    private List<long> Numbers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            {
                throw Broken($"gives tensor '{name}' a shape or offset that is not a whole number");
            }

            numbers.Add(number);
            if (numbers.Count > RankLimit)
            {
                throw Broken($"gives tensor '{name}' more than {RankLimit} dimensions");
            }
        }

        return numbers;
    }

    private string? NextName(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? null : Text(ref reader);
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where)
    {
        reader.Read();
        if (reader.TokenType != type)
        {
            throw Broken($"has {NameOf(reader.TokenType)} where '{where}' needs {NameOf(type)}");
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Broken("has a string with half a surrogate pair");
        }
    }

    private static string NameOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "something else",
    };

    private WeightsException Broken(string how) => new($"{_source}: the safetensors header {how}; the file is damaged or hostile.");
}

/// <summary>Where a tensor's bytes lie, counted from the end of the header.</summary>
internal readonly record struct TensorRange(string Name, DataType Type, int[] Shape, long Begin, long End);
