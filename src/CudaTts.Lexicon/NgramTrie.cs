namespace CudaTts.Lexicon;

/// <summary>All n-grams of the training words up to an order, with how often each occurs.</summary>
internal sealed class NgramTrie
{
    /// <summary>The empty n-gram, from which all others grow.</summary>
    public const int Root = 0;

    private readonly Dictionary<long, int> _children = [];
    private readonly List<Node> _nodes = [new Node(-1, -1, 0, -1)];

    /// <summary>Counts the n-grams of sequences that begin with the start symbol, which is never itself predicted.</summary>
    public NgramTrie(IEnumerable<int[]> sequences, int order)
    {
        Order = order;
        Counts = [0];
        foreach (var sequence in sequences)
        {
            for (var start = 0; start < sequence.Length; start++)
            {
                var node = Root;
                for (var end = start; end < Math.Min(sequence.Length, start + order); end++)
                {
                    node = GetOrAdd(node, sequence[end]);
                    Counts[node]++;
                }
            }
        }
    }

    public int Order { get; }

    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>Occurrences of every node's n-gram.</summary>
    public List<int> Counts { get; }

    /// <summary>The node one symbol longer, or -1.</summary>
    public int Child(int node, int symbol) => _children.GetValueOrDefault(Key(node, symbol), -1);

    private int GetOrAdd(int parent, int symbol)
    {
        var key = Key(parent, symbol);
        if (!_children.TryGetValue(key, out var node))
        {
            // The suffix of a first symbol is the empty n-gram; the others' were added with an earlier start or follow within this call.
            node = _nodes.Count;
            _children.Add(key, node);
            _nodes.Add(new Node(parent, symbol, _nodes[parent].Length + 1, -1));
            Counts.Add(0);
            var suffix = parent == Root ? Root : GetOrAdd(_nodes[parent].Suffix, symbol);
            _nodes[node] = _nodes[node] with { Suffix = suffix };
        }

        return node;
    }

    private static long Key(int node, int symbol) => ((long)node << 16) | (uint)symbol;

    /// <summary>An n-gram: what it extends, its last symbol, its length, and the n-gram without its first symbol.</summary>
    internal readonly record struct Node(int Parent, int Symbol, int Length, int Suffix);
}
