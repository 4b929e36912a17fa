namespace CudaTts.Weights.Onnx;

/// <summary>One operation of a graph.</summary>
/// <param name="Operator">Its type, such as <c>Conv</c>.</param>
/// <param name="Name">Its name; recent exporters of PyTorch write the module's path, <c>/dec/ups.0/ConvTranspose</c>.</param>
/// <param name="Inputs">Names of the values it reads; empty where an optional one is left out.</param>
/// <param name="Outputs">Names of the values it makes.</param>
/// <param name="Numbers">Attributes that are whole numbers or lists of them.</param>
/// <param name="Value">The value of a Constant.</param>
internal sealed record OnnxNode(
    string Operator, string Name, string[] Inputs, string[] Outputs, IReadOnlyDictionary<string, long[]> Numbers, WeightEntry? Value)
{
    /// <summary>The name of an input, or null where there is none.</summary>
    public string? Input(int index) => index < Inputs.Length && Inputs[index].Length > 0 ? Inputs[index] : null;

    /// <summary>One number of an attribute, or what stands for it where it is absent.</summary>
    public int Number(string attribute, int fallback, int index = 0) =>
        Numbers.TryGetValue(attribute, out var numbers) && index < numbers.Length && numbers[index] is >= 0 and <= int.MaxValue
            ? (int)numbers[index] : fallback;
}

/// <summary>What an ONNX file holds: operations in an order in which they can run, and the constants that they read.</summary>
/// <param name="Producer">The program that wrote it.</param>
/// <param name="Nodes">The operations.</param>
/// <param name="Initialisers">The constants by name, in the file's order.</param>
/// <param name="Inputs">Names of what is put in.</param>
/// <param name="Outputs">Names of what comes out.</param>
/// <param name="Metadata">Strings that came with it.</param>
internal sealed record OnnxGraph(
    string Producer,
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyDictionary<string, WeightEntry> Initialisers,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, string> Metadata)
{
    private const int NamesShown = 4;
    private static readonly string[] s_quantized =
        ["ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul", "DynamicQuantizeLinear", "DequantizeLinear"];

    // Exporters and converters to half precision put one or two behind a constant.
    private const int MostHandedOn = 8;

    /// <summary>How many bytes all constants have.</summary>
    public long StoredBytes { get; } =
        Initialisers.Values.Sum(entry => (long)entry.Bytes.Length) + Nodes.Sum(node => (long)(node.Value?.Bytes.Length ?? 0));

    private readonly Dictionary<string, OnnxNode> _producers = Nodes.SelectMany(node => node.Outputs.Where(name => name.Length > 0)
        .Select(name => (name, node))).ToDictionary(pair => pair.name, pair => pair.node);

    private readonly ILookup<string, OnnxNode> _readers = Nodes.SelectMany(node => node.Inputs.Distinct().Select(name => (name, node)))
        .ToLookup(pair => pair.name, pair => pair.node);

    /// <summary>An operation on whole numbers that stand for weights; null where there is none.</summary>
    public string? QuantizedOperator => Nodes.Select(node => node.Operator).FirstOrDefault(s_quantized.Contains);

    /// <summary>The operation that makes a value, or null where it is an input or a constant.</summary>
    public OnnxNode? ProducerOf(string? value) => value is not null && _producers.TryGetValue(value, out var node) ? node : null;

    /// <summary>The operations that read a value.</summary>
    public IEnumerable<OnnxNode> ReadersOf(string value) => _readers[value];

    /// <summary>The names of a value: its own, then those of the values that Identity and Cast handed on to it.</summary>
    public IEnumerable<string> WaysBack(string? value)
    {
        var at = value;
        for (var steps = 0; at is not null && steps < MostHandedOn; steps++)
        {
            yield return at;
            at = ProducerOf(at) is { Operator: "Identity" or "Cast" } node ? node.Input(0) : null;
        }
    }

    /// <summary>The constant that a value is, or null where it is computed.</summary>
    public WeightEntry? Constant(string? value) => WaysBack(value).LastOrDefault() is not { } origin
        ? null
        : Initialisers.TryGetValue(origin, out var entry) ? entry : ProducerOf(origin) is { Operator: "Constant" } node ? node.Value : null;

    /// <summary>The graph in a few words: who wrote it, from what to what.</summary>
    public string Describe() =>
        $"an ONNX graph of {Nodes.Count} operations{(Producer.Length == 0 ? "" : $" by {Producer}")} from {Shown(Inputs)} to {Shown(Outputs)}";

    private static string Shown(IReadOnlyList<string> names) => names.Count == 0
        ? "nothing"
        : string.Join(", ", names.Take(NamesShown).Select(name => $"'{name}'")) + (names.Count > NamesShown ? " and others" : "");
}
