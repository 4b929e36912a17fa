namespace CudaTts.Weights.Onnx;

/// <summary>
/// The constants of a graph that torch.onnx exported, under the names of the state dict. The exporter keeps a parameter's name, except where it
/// folded something into it: such a constant is called <c>onnx::Conv_1234</c> or by a number, and is named after the module that reads it, which the
/// module's bias tells, or the operation's own name. Parameters of equal values are stored once, and read through an Identity of the other's name.
/// </summary>
/// <param name="source">What error messages call the file.</param>
/// <param name="graph">The graph.</param>
internal sealed class PyTorchNames(string source, OnnxGraph graph)
{
    /// <summary>How often the stored bytes may be used, as by tied weights.</summary>
    public const int SharingLimit = 4;

    private const long FewBytes = 1 << 16;
    private const string Weight = ".weight";
    private const string Bias = ".bias";
    private readonly Dictionary<string, WeightEntry> _entries = [];
    private long _used;

    /// <summary>The constants by name; one that nothing names keeps the name that it has in the file.</summary>
    /// <exception cref="WeightsException">A few constants stand for many.</exception>
    public IReadOnlyDictionary<string, WeightEntry> Entries()
    {
        foreach (var (name, entry) in graph.Initialisers)
        {
            Add(name, entry, isTransposed: false);
        }

        foreach (var node in graph.Nodes)
        {
            if (node is { Operator: "Identity", Outputs: [var name] } && !IsMadeUp(name) && graph.Constant(name) is { } shared)
            {
                Add(name, shared, isTransposed: false);
            }
        }

        foreach (var node in graph.Nodes)
        {
            NameWeights(node);
        }

        return _entries;
    }

    /// <summary>The path of the module that an operation belongs to, as <c>dec.ups.0</c>; null where nothing tells it.</summary>
    public static string? ModuleOf(OnnxGraph graph, OnnxNode node) =>
        Before(graph, BiasOf(graph, node), Bias) ?? Before(graph, node.Input(WeightIndex(node)), Weight) ?? PathOf(node.Name);

    /// <summary>Whether an exporter made a name up: it is no path of a module.</summary>
    public static bool IsMadeUp(string name) => name.Contains("::", StringComparison.Ordinal) || name.StartsWith('/')
        || name.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private static int WeightIndex(OnnxNode node) => node.Operator == "Gather" ? 0 : 1;

    private void NameWeights(OnnxNode node)
    {
        if (node.Operator is not ("Conv" or "ConvTranspose" or "Gather" or "MatMul" or "Gemm") || ModuleOf(graph, node) is not { } module)
        {
            return;
        }

        // A linear layer's weight is [out, in] in PyTorch, and the right factor [in, out] here.
        var isTransposed = node.Operator == "MatMul" || (node.Operator == "Gemm" && node.Number("transB", 0) == 0);
        NameWeight(node.Input(WeightIndex(node)), module + Weight, isTransposed);
        if (node.Operator is "Conv" or "ConvTranspose" or "Gemm")
        {
            NameWeight(node.Input(2), module + Bias, isTransposed: false);
        }
    }

    private void NameWeight(string? value, string name, bool isTransposed)
    {
        if (graph.WaysBack(value).LastOrDefault() is { } origin && IsMadeUp(origin)
            && graph.Constant(origin) is { Type: var type, Shape.Length: > 0 } entry
            && type is DataType.F16 or DataType.BF16 or DataType.F32 or DataType.F64 && (!isTransposed || entry.Shape.Length == 2)
            && !_entries.ContainsKey(name))
        {
            Add(name, entry, isTransposed);
            _entries.Remove(origin);
        }
    }

    private void Add(string name, WeightEntry entry, bool isTransposed)
    {
        _used += entry.Bytes.Length;
        if (_used > FewBytes + (SharingLimit * graph.StoredBytes))
        {
            throw new WeightsException(
                $"{source}: its tensors stand for more than {SharingLimit} times the {graph.StoredBytes} bytes of its constants (at '{name}'); the "
                + "file is damaged or hostile.");
        }

        _entries.TryAdd(name, isTransposed ? Transposed(entry) : entry);
    }

    private static WeightEntry Transposed(WeightEntry entry)
    {
        // Nothing is nothing whichever way it lies, and may claim billions of rows.
        if (entry.Bytes.Length == 0)
        {
            return entry with { Shape = [entry.Shape[1], entry.Shape[0]] };
        }

        var (rows, columns, size) = (entry.Shape[0], entry.Shape[1], entry.Type.ByteSize());
        var from = entry.Bytes.Span;
        var to = new byte[entry.Bytes.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                from.Slice(((row * columns) + column) * size, size).CopyTo(to.AsSpan(((column * rows) + row) * size));
            }
        }

        GC.KeepAlive(entry);
        return new WeightEntry(entry.Type, [columns, rows], to);
    }

    // A linear layer over more than two dimensions is a product and a sum.
    private static string? BiasOf(OnnxGraph graph, OnnxNode node) => node is { Operator: "MatMul", Outputs: [var product] }
        ? graph.ReadersOf(product).FirstOrDefault(reader => reader.Operator == "Add")?.Inputs.FirstOrDefault(name => name != product)
        : node.Operator == "Gather" ? null : node.Input(2);

    // The first name on the way back that the exporter did not make up.
    private static string? Before(OnnxGraph graph, string? value, string ending)
    {
        var name = graph.WaysBack(value).FirstOrDefault(name => !IsMadeUp(name) && name.EndsWith(ending, StringComparison.Ordinal));
        return name?[..^ending.Length];
    }

    private static string? PathOf(string operation) =>
        operation.StartsWith('/') && operation.LastIndexOf('/') is > 0 and var last ? operation[1..last].Replace('/', '.') : null;
}
