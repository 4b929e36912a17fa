namespace CudaTts.Weights.PyTorch;

// What a pickle turns into. Nothing here has behaviour: a class or function named in a pickle is only ever a name.
// Plain values are null, bool, long, BigInteger, double and string.

/// <summary>A class or function by name.</summary>
internal sealed record GlobalNode(string Module, string Name)
{
    /// <summary>The dotted name.</summary>
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A tuple of items.</summary>
internal sealed class TupleNode(object?[] items)
{
    /// <summary>The items in order.</summary>
    public object?[] Items { get; } = items;
}

/// <summary>A list or a set.</summary>
internal sealed class ListNode
{
    /// <summary>The items in order.</summary>
    public List<object?> Items { get; } = [];
}

/// <summary>A dict or OrderedDict, in insertion order.</summary>
internal sealed class DictionaryNode
{
    private readonly Dictionary<string, int> _positions = [];

    /// <summary>The pairs of key and value.</summary>
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>Sets a pair; a string key replaces the pair of the same key, as in Python.</summary>
    public void Set(object? key, object? value)
    {
        var pair = KeyValuePair.Create(key, value);
        if (key is string text)
        {
            if (_positions.TryGetValue(text, out var position))
            {
                Items[position] = pair;
                return;
            }

            _positions.Add(text, Items.Count);
        }

        Items.Add(pair);
    }

    /// <summary>The value of a string key, or null.</summary>
    public object? Get(string key) => _positions.TryGetValue(key, out var position) ? Items[position].Value : null;
}

/// <summary>An instance of a class, or the result of a function, that is not interpreted: its parts are kept as data.</summary>
internal sealed class InertNode(GlobalNode type, object? arguments)
{
    /// <summary>What was called or instantiated.</summary>
    public GlobalNode Type { get; } = type;

    /// <summary>The arguments of the call.</summary>
    public object? Arguments { get; } = arguments;

    /// <summary>What BUILD gave it, for a module its <c>__dict__</c>.</summary>
    public object? State { get; set; }

    /// <summary>Pairs that were set on it, when it is a kind of dict.</summary>
    public DictionaryNode Pairs { get; } = new();

    /// <summary>Items that were appended to it, when it is a kind of list.</summary>
    public ListNode Appended { get; } = new();
}

/// <summary>A storage, or a part of one as legacy files have them; positions count elements of <see cref="Storage.Type"/>.</summary>
internal sealed record StorageNode(Storage Storage, long Offset, long Count);

/// <summary>A tensor as strides over a storage; offset and strides count elements of <paramref name="Type"/>.</summary>
internal sealed record TensorNode(StorageNode Storage, DataType Type, long Offset, int[] Shape, long[] Strides);
