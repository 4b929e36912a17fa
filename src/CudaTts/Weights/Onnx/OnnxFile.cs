namespace CudaTts.Weights.Onnx;

/// <summary>
/// A memory-mapped ONNX model (github.com/onnx/onnx, onnx.proto), of which the constants and the outline of the graph are read. Nothing of it is run,
/// graphs within operations are left aside, and what is made of the file is counted and in proportion to its size.
/// </summary>
internal sealed class OnnxFile
{
    private const int ModelProducer = 2;
    private const int ModelGraph = 7;
    private const int ModelMetadata = 14;
    private const int GraphNode = 1;
    private const int GraphInitialiser = 5;
    private const int GraphInput = 11;
    private const int GraphOutput = 12;
    private const int GraphSparse = 15;
    private const int NodeInput = 1;
    private const int NodeOutput = 2;
    private const int NodeName = 3;
    private const int NodeOperator = 4;
    private const int NodeAttribute = 5;
    private const int AttributeName = 1;
    private const int AttributeInteger = 3;
    private const int AttributeTensor = 5;
    private const int AttributeIntegers = 8;
    private const int MostNodes = 1 << 17;
    private const int MostInitialisers = 1 << 16;
    private const int MostNumbers = 1 << 12;
    private const int MostMetadata = 1 << 10;
    private const int MetadataLimit = 1 << 16;
    private const string Constant = "Constant";
    private static readonly Dictionary<string, long[]> s_noNumbers = [];

    private readonly string _source;
    private readonly OnnxTensorReader _tensors;
    private readonly List<OnnxNode> _nodes = [];
    private readonly HashSet<string> _made = [];
    private readonly Dictionary<string, WeightEntry> _initialisers = [];
    private readonly List<string> _inputs = [];
    private readonly List<string> _outputs = [];
    private readonly Dictionary<string, string> _metadata = [];
    private string _producer = "";

    private OnnxFile(string source) => (_source, _tensors) = (source, new OnnxTensorReader(source));

    // ir_version, a number below 128, and then any other field of a ModelProto.
    private static ReadOnlySpan<byte> KeysAfterVersion => [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];

    /// <summary>Whether a file begins as ONNX models do.</summary>
    public static bool Looks(ReadOnlySpan<byte> start) => start is [0x08, > 0 and < 0x80, var key, ..] && KeysAfterVersion.Contains(key);

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="WeightsException">It is malformed, exceeds a limit, or keeps its weights elsewhere.</exception>
    public static OnnxGraph Parse(FileBytes bytes)
    {
        var file = new OnnxFile(bytes.Source);
        var memory = bytes.Slice(0, bytes.Length);
        file.ReadModel(memory);
        GC.KeepAlive(bytes);
        // Before its version 4 the format listed constants among the inputs.
        return new OnnxGraph(
            file._producer, file._nodes, file._initialisers, [.. file._inputs.Where(name => !file._initialisers.ContainsKey(name))],
            file._outputs, file._metadata);
    }

    private void ReadModel(ReadOnlyMemory<byte> model)
    {
        var reader = new ProtobufReader(_source, "model", model);
        var graphs = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case ModelProducer:
                    _producer = reader.Text();
                    break;
                case ModelGraph when ++graphs == 1:
                    ReadGraph(reader.Bytes());
                    break;
                case ModelGraph:
                    throw reader.Broken("holds two graphs");
                case ModelMetadata:
                    ReadMetadata(reader.Bytes());
                    break;
                default:
                    break;
            }
        }

        if (graphs == 0)
        {
            throw new WeightsException($"{_source}: the ONNX model holds no graph; it is truncated or something else.");
        }
    }

    private void ReadGraph(ReadOnlyMemory<byte> graph)
    {
        var reader = new ProtobufReader(_source, "graph", graph);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case GraphNode:
                    _nodes.Add(_nodes.Count < MostNodes ? ReadNode(reader.Bytes()) : throw reader.Broken($"has more than {MostNodes} operations"));
                    break;
                case GraphInitialiser:
                    ReadInitialiser(reader);
                    break;
                case GraphInput:
                    ReadValueName(reader.Bytes(), _inputs);
                    break;
                case GraphOutput:
                    ReadValueName(reader.Bytes(), _outputs);
                    break;
                case GraphSparse:
                    throw new WeightsException($"{_source}: the ONNX graph has sparse initialisers, which are not supported.");
                default:
                    break;
            }
        }

        if (_initialisers.Keys.FirstOrDefault(_made.Contains) is { } both)
        {
            throw reader.Broken($"has the value '{both}' as an initialiser and as the result of an operation");
        }
    }

    private void ReadInitialiser(ProtobufReader graph)
    {
        var (name, entry) = _tensors.Read(graph.Bytes());
        if (_initialisers.Count == MostInitialisers || !_initialisers.TryAdd(name, entry))
        {
            throw graph.Broken($"has two initialisers called '{name}', or more than {MostInitialisers} in all");
        }
    }

    private OnnxNode ReadNode(ReadOnlyMemory<byte> node)
    {
        var reader = new ProtobufReader(_source, "operation", node);
        var (name, kind) = ("", "");
        List<string>? inputs = null, outputs = null;
        Dictionary<string, long[]>? numbers = null;
        WeightEntry? value = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case NodeInput:
                    (inputs ??= []).Add(reader.Text());
                    break;
                case NodeOutput:
                    var made = reader.Text();
                    (outputs ??= []).Add(
                        made.Length == 0 || _made.Add(made) ? made : throw reader.Broken($"makes '{made}', which another one makes too"));
                    break;
                case NodeName:
                    name = reader.Text();
                    break;
                case NodeOperator:
                    kind = reader.Text();
                    break;
                case NodeAttribute:
                    ReadAttribute(reader.Bytes(), kind == Constant, ref numbers, ref value);
                    break;
                default:
                    break;
            }
        }

        return new OnnxNode(kind, name, inputs?.ToArray() ?? [], outputs?.ToArray() ?? [], numbers ?? s_noNumbers, value);
    }

    private void ReadAttribute(ReadOnlyMemory<byte> attribute, bool isConstant, ref Dictionary<string, long[]>? numbers, ref WeightEntry? value)
    {
        var reader = new ProtobufReader(_source, "attribute", attribute);
        var name = "";
        List<long>? integers = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case AttributeName:
                    name = reader.Text();
                    break;
                case AttributeInteger or AttributeIntegers:
                    reader.AppendIntegers(integers ??= [], MostNumbers);
                    break;
                case AttributeTensor when isConstant:
                    value = _tensors.Read(reader.Bytes()).Entry;
                    break;
                default:
                    break;
            }
        }

        if (integers is not null)
        {
            (numbers ??= [])[name] = [.. integers];
        }
    }

    private void ReadValueName(ReadOnlyMemory<byte> value, List<string> names)
    {
        var reader = new ProtobufReader(_source, "value", value);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                names.Add(reader.Text());
            }
        }
    }

    private void ReadMetadata(ReadOnlyMemory<byte> pair)
    {
        var reader = new ProtobufReader(_source, "metadata", pair);
        var (key, value) = ("", "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    key = reader.Text();
                    break;
                case 2:
                    value = reader.Text(MetadataLimit);
                    break;
                default:
                    break;
            }
        }

        if (_metadata.Count == MostMetadata || !_metadata.TryAdd(key, value))
        {
            throw reader.Broken($"has '{key}' twice, or is one of more than {MostMetadata}");
        }
    }
}
