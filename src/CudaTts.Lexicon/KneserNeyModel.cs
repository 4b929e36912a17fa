using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>
/// An n-gram model with interpolated, modified Kneser-Ney smoothing (Chen and Goodman, "An empirical study of smoothing techniques for
/// language modeling", 1998), written as probabilities and backoff weights, and pruned to a size: n-grams whose loss changes little are left out
/// (Seymore and Rosenfeld, "Scalable backoff language models", 1996, weighted difference).
/// </summary>
internal sealed class KneserNeyModel
{
    private readonly NgramTrie _trie;
    private readonly double[] _probability;
    private readonly double[] _backoff;
    private readonly bool[] _isKept;

    private KneserNeyModel(NgramTrie trie)
    {
        _trie = trie;
        _probability = new double[trie.Nodes.Count];
        _backoff = new double[trie.Nodes.Count];
        _isKept = new bool[trie.Nodes.Count];
        Array.Fill(_isKept, true);
    }

    /// <summary>The n-grams with their counts.</summary>
    public NgramTrie Trie => _trie;

    /// <summary>Estimates the model.</summary>
    public static KneserNeyModel Estimate(NgramTrie trie, int symbols)
    {
        var model = new KneserNeyModel(trie);
        var counts = model.AdjustedCounts();
        var discounts = Enumerable.Range(1, trie.Order).Select(length => model.Discounts(counts, length)).ToArray();
        var total = new double[trie.Nodes.Count];
        var discounted = new double[trie.Nodes.Count];
        for (var node = 1; node < counts.Length; node++)
        {
            total[trie.Nodes[node].Parent] += counts[node];
            discounted[trie.Nodes[node].Parent] += model.Discount(discounts, counts, node);
        }

        // Lengths rise from shorter to longer, so that the suffix's probability is there when it is interpolated.
        foreach (var node in Enumerable.Range(1, counts.Length - 1).OrderBy(node => trie.Nodes[node].Length))
        {
            var (parent, _, length, suffix) = trie.Nodes[node];
            var lower = length == 1 ? 1.0 / symbols : model._probability[suffix];
            var share = total[parent] == 0 ? 0 : (counts[node] - model.Discount(discounts, counts, node)) / total[parent];
            model._probability[node] = share + (total[parent] == 0 ? 1 : discounted[parent] / total[parent] * lower);
        }

        for (var node = 0; node < counts.Length; node++)
        {
            model._backoff[node] = total[node] == 0 ? 1 : discounted[node] / total[node];
        }

        return model;
    }

    /// <summary>Drops the n-grams of two symbols and more that matter least until so many are left, then lets the rest sum to one again.</summary>
    public void PruneTo(int ngrams)
    {
        var losses = new double[_isKept.Length];
        var largest = new double[_isKept.Length];
        foreach (var node in LongestFirst())
        {
            var (parent, _, length, suffix) = _trie.Nodes[node];
            if (length > 1)
            {
                losses[node] = _trie.Counts[node] * (Math.Log(_probability[node]) - Math.Log(_backoff[parent] * _probability[suffix]));

                // A context must stay as long as one of the n-grams that begin with it.
                losses[node] = Math.Max(losses[node], largest[node]);
                largest[parent] = Math.Max(largest[parent], losses[node]);
            }
        }

        var candidates = LongestFirst().Where(node => _trie.Nodes[node].Length > 1).ToArray();
        var keys = Array.ConvertAll(candidates, node => losses[node]);
        Array.Sort(keys, candidates);
        foreach (var node in candidates.Take(_isKept.Length - ngrams))
        {
            _isKept[node] = false;
        }

        // A longest-first order is needed no more: ties may have separated a context from what begins with it.
        foreach (var node in LongestFirst())
        {
            _isKept[_trie.Nodes[node].Parent] |= _isKept[node];
        }

        Renormalise();
    }

    /// <summary>The n-grams that are left, by length and parent, each with its probability and backoff weight.</summary>
    public IEnumerable<(int Node, double Probability, double Backoff)> Ngrams() =>
        Enumerable.Range(1, _isKept.Length - 1).Where(node => _isKept[node]).Select(node => (node, _probability[node], _backoff[node]));

    /// <summary>
    /// The backoff weight of a context is the mass its n-grams leave over the mass that the shorter context gives to the others; shorter
    /// contexts come first, because longer ones need their weights.
    /// </summary>
    private void Renormalise()
    {
        var (mass, lowerMass) = (new double[_isKept.Length], new double[_isKept.Length]);
        var kept = LongestFirst().Reverse().Where(node => _isKept[node]).ToLookup(node => _trie.Nodes[node].Length);
        for (var length = 2; length <= _trie.Order; length++)
        {
            foreach (var node in kept[length])
            {
                var parent = _trie.Nodes[node].Parent;
                mass[parent] += _probability[node];
                lowerMass[parent] += LowerProbability(_trie.Nodes[parent].Suffix, _trie.Nodes[node].Symbol);
            }

            foreach (var context in kept[length - 1])
            {
                _backoff[context] = Math.Max(1e-6, 1 - mass[context]) / Math.Max(1e-6, 1 - lowerMass[context]);
            }
        }
    }

    // What runs in the engine: a context that was left out weighs nothing.
    private double LowerProbability(int context, int symbol)
    {
        for (var weight = 1.0; ; context = _trie.Nodes[context].Suffix)
        {
            var node = _trie.Child(context, symbol);
            if (node >= 0 && _isKept[node])
            {
                return weight * _probability[node];
            }

            weight *= _isKept[context] ? _backoff[context] : 1;
        }
    }

    private IEnumerable<int> LongestFirst() =>
        Enumerable.Range(1, _isKept.Length - 1).OrderByDescending(node => _trie.Nodes[node].Length);

    /// <summary>
    /// The longest n-grams, and those at the start of a word, count what was seen; the others count how many symbols come before them.
    /// </summary>
    private int[] AdjustedCounts()
    {
        var counts = new int[_trie.Nodes.Count];
        var startsWord = new bool[_trie.Nodes.Count];
        for (var node = 1; node < counts.Length; node++)
        {
            var (parent, symbol, length, suffix) = _trie.Nodes[node];
            startsWord[node] = length == 1 ? symbol == GraphoneModel.WordStart : startsWord[parent];
            if (length == _trie.Order || startsWord[node])
            {
                counts[node] = _trie.Counts[node];
            }

            if (length > 1)
            {
                counts[suffix]++;
            }
        }

        // The start symbol is given, not predicted.
        counts[_trie.Child(NgramTrie.Root, GraphoneModel.WordStart)] = 0;
        return counts;
    }

    /// <summary>What is taken from a count of one, of two, and of three or more.</summary>
    private double[] Discounts(int[] counts, int length)
    {
        var times = new double[5];
        for (var node = 1; node < counts.Length; node++)
        {
            if (_trie.Nodes[node].Length == length && counts[node] is >= 1 and <= 4)
            {
                times[counts[node]]++;
            }
        }

        var y = times[1] / Math.Max(1, times[1] + (2 * times[2]));
        return [.. Enumerable.Range(1, 3).Select(k => times[k] == 0 ? 0.5 * k : Math.Clamp(k - ((k + 1) * y * times[k + 1] / times[k]), 0.1, k))];
    }

    private double Discount(double[][] discounts, int[] counts, int node) =>
        counts[node] == 0 ? 0 : discounts[_trie.Nodes[node].Length - 1][Math.Min(counts[node], 3) - 1];
}
