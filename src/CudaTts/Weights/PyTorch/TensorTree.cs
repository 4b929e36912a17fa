using System.Globalization;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Walks an object tree and names its tensors by their path, <c>generator.conv_pre.weight</c>. A pickled module (the whole network saved
/// instead of its state dict) is walked by its <c>_parameters</c>, <c>_buffers</c> and <c>_modules</c>, which gives the names of its state dict.
/// </summary>
/// <remarks>
/// A pickle's objects may be shared, and a few of them that hold each other have more paths than can be walked. So every object is looked at once, to
/// see whether it leads to a tensor; then only those are walked, whose work is their names', and the names are bounded by the pickle's length.
/// </remarks>
internal sealed class TensorTree
{
    /// <summary>The name of a tensor that is itself the whole checkpoint.</summary>
    public const string RootName = "tensor";

    private const int DepthLimit = 64;
    private const int NameLimit = 1024;

    // A tensor takes fifty bytes of a pickle besides its name; what it takes here is counted as so many characters.
    private const int CharactersOfTensor = 32;
    private const int CharactersPerByte = 16;
    private const int FewCharacters = 1 << 12;
    private static readonly string[] s_moduleParts = ["_parameters", "_buffers", "_modules"];

    private readonly string _source;
    private readonly long _characterLimit;
    private readonly Dictionary<string, TensorNode> _tensors = [];

    // For every container what in it leads to tensors; null while it is being looked at.
    private readonly Dictionary<object, List<Branch>?> _branches = new(ReferenceEqualityComparer.Instance);
    private long _characters;

    private TensorTree(string source, int pickleBytes)
    {
        _source = source;
        _characterLimit = FewCharacters + ((long)CharactersPerByte * pickleBytes);
    }

    /// <summary>The tensors by path, in the tree's order.</summary>
    /// <param name="source">What error messages call the file.</param>
    /// <param name="root">The object that was saved.</param>
    /// <param name="pickleBytes">Bytes that the object took in the file.</param>
    /// <exception cref="WeightsException">The tree is too deep, contains itself, has too many names, or two tensors have one path.</exception>
    public static IReadOnlyDictionary<string, TensorNode> Flatten(string source, object? root, int pickleBytes)
    {
        var tree = new TensorTree(source, pickleBytes);
        if (tree.LeadsToTensor(root, 0))
        {
            tree.Name("", root!, 0);
        }

        return tree._tensors;
    }

    private bool LeadsToTensor(object? node, int depth)
    {
        if (!HasChildren(node))
        {
            return node is TensorNode;
        }

        if (_branches.TryGetValue(node!, out var known))
        {
            return known is null ? throw TooDeep("") : known.Count > 0;
        }

        if (depth > DepthLimit)
        {
            throw TooDeep("");
        }

        _branches[node!] = null;
        var branches = new List<Branch>();
        foreach (var (key, value) in ChildrenOf(node!))
        {
            if (LeadsToTensor(value, depth + 1))
            {
                branches.Add(new Branch(key is long number ? number.ToString(CultureInfo.InvariantCulture) : (string?)key, value!));
            }
        }

        _branches[node!] = branches;
        return branches.Count > 0;
    }

    private void Name(string path, object node, int depth)
    {
        if (node is TensorNode tensor)
        {
            Add(path.Length == 0 ? RootName : path, tensor);
            return;
        }

        if (depth > DepthLimit)
        {
            throw TooDeep(path);
        }

        foreach (var (name, child) in _branches[node]!)
        {
            Name(name is null ? path : Join(path, name), child, depth + 1);
        }
    }

    private void Add(string path, TensorNode tensor)
    {
        if (!_tensors.TryAdd(path, tensor))
        {
            throw new WeightsException($"{_source}: two tensors of the checkpoint are called '{path}'.");
        }

        _characters += path.Length + CharactersOfTensor;
        if (_characters > _characterLimit)
        {
            throw new WeightsException(
                $"{_source}: the names of the checkpoint's first {_tensors.Count} tensors are longer than {CharactersPerByte} times the pickle "
                + "that lists them; the file is damaged or hostile.");
        }
    }

    /// <summary>What may lead to tensors, by key; a module's parts have none of their own.</summary>
    private static IEnumerable<(object? Key, object? Value)> ChildrenOf(object node) => node switch
    {
        DictionaryNode dictionary => Pairs(dictionary),
        ListNode list => Items(list.Items),
        TupleNode tuple => Items(tuple.Items),
        InertNode inert => Pairs(inert.Pairs).Concat(Parts(inert)),
        _ => [],
    };

    private static IEnumerable<(object? Key, object? Value)> Pairs(DictionaryNode dictionary)
    {
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is string or long)
            {
                yield return (key, value);
            }
        }
    }

    private static IEnumerable<(object? Key, object? Value)> Items(IReadOnlyList<object?> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            // Nothing is made of the many numbers that a list may hold.
            if (items[i] is TensorNode || HasChildren(items[i]))
            {
                yield return ((long)i, items[i]);
            }
        }
    }

    private static IEnumerable<(object? Key, object? Value)> Parts(InertNode inert)
    {
        foreach (var part in s_moduleParts)
        {
            // An unused bias is a parameter of value None.
            if (inert.State is DictionaryNode state && state.Get(part) is DictionaryNode parameters)
            {
                yield return (null, parameters);
            }
        }
    }

    private static bool HasChildren(object? value) => value is DictionaryNode or ListNode or TupleNode or InertNode;

    private string Join(string path, string name) => path.Length + name.Length >= NameLimit
        ? throw new WeightsException($"{_source}: a tensor's name exceeds {NameLimit} characters.")
        : path.Length == 0 ? name : $"{path}.{name}";

    private WeightsException TooDeep(string path) =>
        new($"{_source}: the checkpoint's objects are nested more than {DepthLimit} deep or hold themselves near '{path}'; the file is damaged or "
            + "hostile.");

    private readonly record struct Branch(string? Name, object Node);
}
