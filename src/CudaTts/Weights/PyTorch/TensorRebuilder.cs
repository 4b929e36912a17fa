namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Understands the few functions with which a checkpoint rebuilds tensors and containers; every other call stays an <see cref="InertNode"/>.
/// </summary>
/// <param name="source">What error messages call the file.</param>
/// <param name="count">Is told how many values a call copies.</param>
internal sealed class TensorRebuilder(string source, Action<int> count)
{
    private const int RankLimit = 64;
    private const int NotCalledLimit = 64;
    private const int NameLimit = 256;
    private readonly HashSet<string> _notCalled = [];

    /// <summary>Names of what the pickle would have called besides, each once and no more than a person reads.</summary>
    public IReadOnlyCollection<string> NotCalled => _notCalled;

    /// <summary>What calling <paramref name="function"/> would give.</summary>
    /// <exception cref="WeightsException">A tensor's arguments have another form than PyTorch writes.</exception>
    public object? Call(GlobalNode function, TupleNode arguments) => (function.Module, function.Name) switch
    {
        ("torch._utils", "_rebuild_tensor") => Tensor(arguments, function, 4),
        ("torch._utils", "_rebuild_tensor_v2") => Tensor(arguments, function, 6),
        ("torch._utils", "_rebuild_tensor_v3") => TypedTensor(arguments, function),
        ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state") =>
            arguments.Items is [TensorNode tensor, ..] ? tensor : throw Broken(function),
        ("collections", "OrderedDict") => Dictionary(arguments, function),
        ("torch", "Size") => arguments.Items is [TupleNode size] ? size : throw Broken(function),
        ("__builtin__" or "builtins", "set" or "frozenset") => Set(arguments, function),
        ("__builtin__" or "builtins", "getattr") when arguments.Items is [GlobalNode owner, string { Length: <= NameLimit } member]
            && owner.Name.Length <= NameLimit => Member(owner, member),
        _ => Inert(function, arguments),
    };

    // So Python 3 names a nested class in protocol 2, and an attack a function of a module that another one imports.
    private GlobalNode Member(GlobalNode owner, string member)
    {
        var named = new GlobalNode(owner.Module, $"{owner.Name}.{member}");
        return HostileCallables.Contains(named.FullName) ? throw PickleGlobals.Hostile(source, named.FullName) : named;
    }

    private InertNode Inert(GlobalNode function, TupleNode arguments)
    {
        if (_notCalled.Count < NotCalledLimit)
        {
            _notCalled.Add(function.FullName);
        }

        return new InertNode(function, arguments);
    }

    private TensorNode Tensor(TupleNode arguments, GlobalNode function, int least)
    {
        var items = arguments.Items;
        return items.Length >= least && items is [StorageNode storage, long offset, TupleNode shape, TupleNode strides, ..]
            ? Checked(storage, storage.Storage.Type, offset, shape, strides, function)
            : throw Broken(function);
    }

    private TensorNode TypedTensor(TupleNode arguments, GlobalNode function) =>
        arguments.Items is [StorageNode storage, long offset, TupleNode shape, TupleNode strides, _, _, GlobalNode { Module: "torch" } type, ..]
            ? Checked(storage, TypeOf(type), offset, shape, strides, function)
            : throw Broken(function);

    private TensorNode Checked(StorageNode storage, DataType type, long offset, TupleNode shape, TupleNode strides, GlobalNode function)
    {
        var rank = shape.Items.Length;
        if (offset < 0 || rank > RankLimit || strides.Items.Length != rank)
        {
            throw Broken(function);
        }

        var sizes = new int[rank];
        var steps = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            sizes[i] = shape.Items[i] is long size and >= 0 and <= int.MaxValue ? (int)size : throw Broken(function);
            steps[i] = strides.Items[i] is long step and >= 0 ? step : throw Broken(function);
        }

        return new TensorNode(storage, type, offset, sizes, steps);
    }

    // Python 2 pickled OrderedDict as a call with a list of [key, value] lists, Python 3 as an empty call followed by SETITEMS.
    private DictionaryNode Dictionary(TupleNode arguments, GlobalNode function)
    {
        var dictionary = new DictionaryNode();
        switch (arguments.Items)
        {
            case []:
                return dictionary;
            case [ListNode pairs]:
                // A list that is given to many such calls is copied by each.
                count(2 * pairs.Items.Count);
                foreach (var pair in pairs.Items)
                {
                    var (key, value) = pair switch
                    {
                        TupleNode { Items: [var first, var second] } => (first, second),
                        ListNode { Items: [var first, var second] } => (first, second),
                        _ => throw Broken(function),
                    };
                    dictionary.Set(key, value);
                }

                return dictionary;
            default:
                throw Broken(function);
        }
    }

    private ListNode Set(TupleNode arguments, GlobalNode function) => arguments.Items switch
    {
        [] => new ListNode(),
        [ListNode items] => items,
        _ => throw Broken(function),
    };

    private DataType TypeOf(GlobalNode type) => type.Name switch
    {
        "float32" => DataType.F32,
        "float16" => DataType.F16,
        "bfloat16" => DataType.BF16,
        "float64" => DataType.F64,
        "int64" => DataType.I64,
        "int32" => DataType.I32,
        "int16" => DataType.I16,
        "int8" => DataType.I8,
        "uint64" => DataType.U64,
        "uint32" => DataType.U32,
        "uint16" => DataType.U16,
        "uint8" => DataType.U8,
        "bool" => DataType.BOOL,
        "complex64" => DataType.C64,
        _ => throw new WeightsException($"{source}: the checkpoint has a tensor of type {type.FullName}, which is not supported."),
    };

    private WeightsException Broken(GlobalNode function) =>
        new($"{source}: the checkpoint calls {function.FullName} with arguments that PyTorch does not write; the file is damaged or hostile.");
}
