using System.Globalization;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Walks an object tree and names its tensors by their path, <c>generator.conv_pre.weight</c>. A pickled module (the whole network saved
/// instead of its state dict) is walked by its <c>_parameters</c>, <c>_buffers</c> and <c>_modules</c>, which gives the names of its state dict.
/// </summary>
internal sealed class TensorTree
{
    /// <summary>The name of a tensor that is itself the whole checkpoint.</summary>
    public const string RootName = "tensor";

    private const int DepthLimit = 64;
    private const int VisitLimit = 1 << 20;
    private const int NameLimit = 1024;
    private static readonly string[] s_moduleParts = ["_parameters", "_buffers", "_modules"];

    private readonly string _source;
    private readonly Dictionary<string, TensorNode> _tensors = [];
    private int _visits;

    private TensorTree(string source) => _source = source;

    /// <summary>The tensors by path, in the tree's order.</summary>
    /// <exception cref="WeightsException">The tree is too deep or too large (it may contain itself), or two tensors have one path.</exception>
    public static IReadOnlyDictionary<string, TensorNode> Flatten(string source, object? root)
    {
        var tree = new TensorTree(source);
        tree.Visit("", root, 0);
        return tree._tensors;
    }

    private void Visit(string path, object? node, int depth)
    {
        if (depth > DepthLimit || ++_visits > VisitLimit)
        {
            throw new WeightsException(
                $"{_source}: the checkpoint's objects are nested too deeply or too often near '{path}'; the file is damaged or hostile.");
        }

        switch (node)
        {
            case TensorNode tensor:
                if (!_tensors.TryAdd(path.Length == 0 ? RootName : path, tensor))
                {
                    throw new WeightsException($"{_source}: two tensors of the checkpoint are called '{path}'.");
                }

                break;
            case DictionaryNode dictionary:
                VisitPairs(path, dictionary, depth);
                break;
            case ListNode list:
                VisitItems(path, list.Items, depth);
                break;
            case TupleNode tuple:
                VisitItems(path, tuple.Items, depth);
                break;
            case InertNode inert:
                VisitModule(path, inert, depth);
                break;
        }
    }

    private void VisitPairs(string path, DictionaryNode dictionary, int depth)
    {
        foreach (var (key, value) in dictionary.Items)
        {
            var name = key switch
            {
                string text => text,
                long number => number.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (name is not null && HasChildren(value))
            {
                Visit(Join(path, name), value, depth + 1);
            }
        }
    }

    private void VisitItems(string path, IReadOnlyList<object?> items, int depth)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (HasChildren(items[i]))
            {
                Visit(Join(path, i.ToString(CultureInfo.InvariantCulture)), items[i], depth + 1);
            }
        }
    }

    private void VisitModule(string path, InertNode inert, int depth)
    {
        VisitPairs(path, inert.Pairs, depth);
        if (inert.State is DictionaryNode state)
        {
            foreach (var part in s_moduleParts)
            {
                // An unused bias is a parameter of value None.
                Visit(path, state.Get(part) as DictionaryNode, depth + 1);
            }
        }
    }

    private static bool HasChildren(object? value) => value is TensorNode or DictionaryNode or ListNode or TupleNode or InertNode;

    private string Join(string path, string name) => path.Length + name.Length < NameLimit
        ? path.Length == 0 ? name : $"{path}.{name}"
        : throw new WeightsException($"{_source}: a tensor's name exceeds {NameLimit} characters.");
}
