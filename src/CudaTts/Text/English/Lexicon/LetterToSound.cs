namespace CudaTts.Text.English.Lexicon;

/// <summary>
/// Pronounces a word from its letters: the most probable sequence of graphones that spells it, found by a beam search from left to right.
/// The same word always gives the same phones. One instance may be used by many threads.
/// </summary>
internal sealed class LetterToSound(GraphoneModel model)
{
    /// <summary>Hypotheses kept at a place in the word.</summary>
    public const int Beam = 48;

    /// <summary>
    /// A hypothesis whose logarithm is so much below the best of its place is dropped: it would have to make up for a factor of 1,800.
    /// </summary>
    public const float Width = 7.5f;

    /// <summary>Longer words are read in parts of this length, so that time grows with the length and the memory is bounded.</summary>
    public const int LongestPart = 32;

    private static readonly Lazy<LetterToSound> Lazily = new(() => new LetterToSound(new GraphoneModel(EmbeddedData.Open("graphones.bin"))));

    /// <summary>The shipped model; it is read at the first use, which costs a few milliseconds.</summary>
    public static LetterToSound Instance => Lazily.Value;

    /// <summary>Phones, with one primary stress when there is a vowel; empty when the letters cannot be read.</summary>
    /// <param name="word">Small letters and apostrophes.</param>
    public string[] Pronounce(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestPart)
        {
            return [.. Pronounce(word[..LongestPart]), .. Pronounce(word[LongestPart..])];
        }

        var search = new Search(model, word.Length);
        for (var place = 0; place < word.Length; place++)
        {
            search.Advance(place, word);
        }

        return WithOneStress(Best(search.Finish()));
    }

    /// <summary>
    /// One sound may come of several sequences of graphones, and under several stresses: the sound of the largest sum wins, and of its
    /// stresses the most probable.
    /// </summary>
    private static string[] Best(List<(double LogProbability, string[] Phones)> readings)
    {
        var sums = new Dictionary<string, double>();
        foreach (var (log, phones) in readings)
        {
            var sound = Arpabet.WithoutStress(phones);
            sums[sound] = sums.GetValueOrDefault(sound) + Math.Exp(log - readings[0].LogProbability);
        }

        var best = sums.Count == 0 ? "" : sums.MaxBy(pair => pair.Value).Key;
        return readings.Find(reading => Arpabet.WithoutStress(reading.Phones) == best).Phones ?? [];
    }

    /// <summary>
    /// The first primary stress stays and later ones become secondary; without any, the first stressed vowel or else the first vowel takes it.
    /// </summary>
    private static string[] WithOneStress(string[] phones)
    {
        var primary = Array.FindIndex(phones, phone => phone.EndsWith('1'));
        primary = primary >= 0 ? primary : Array.FindIndex(phones, phone => phone.EndsWith('2'));
        primary = primary >= 0 ? primary : Array.FindIndex(phones, phone => phone.EndsWith('0'));
        for (var i = 0; i < phones.Length; i++)
        {
            phones[i] = i == primary ? phones[i][..^1] + "1" : phones[i].Replace('1', '2');
        }

        return phones;
    }

    /// <summary>The hypotheses at every place of a word that is being read.</summary>
    private sealed class Search
    {
        private readonly GraphoneModel _model;
        private readonly List<Hypothesis>[] _at;

        public Search(GraphoneModel model, int length)
        {
            _model = model;
            _at = new List<Hypothesis>[length + 1];
            for (var i = 0; i <= length; i++)
            {
                _at[i] = [];
            }

            var context = Unknown(model.Order);
            context[0] = 0;
            context[1] = model.Extend(0, 0, GraphoneModel.WordStart);
            _at[0].Add(new Hypothesis(0, context, null, -1));
        }

        /// <summary>Extends the hypotheses at a place by every graphone of the next one or two letters.</summary>
        public void Advance(int place, ReadOnlySpan<char> word)
        {
            Prune(_at[place]);
            for (var length = 1; length <= Math.Min(2, word.Length - place); length++)
            {
                if (!_model.LettersWithGraphones.TryGetValue(word.Slice(place, length), out var symbols))
                {
                    continue;
                }

                foreach (var hypothesis in _at[place])
                {
                    foreach (var symbol in symbols)
                    {
                        _at[place + length].Add(Extend(hypothesis, symbol));
                    }
                }
            }
        }

        /// <summary>The readings of the whole word, the most probable first.</summary>
        public List<(double LogProbability, string[] Phones)> Finish()
        {
            var last = _at[^1];
            Prune(last);
            var ends = last.ConvertAll(hypothesis => Extend(hypothesis, GraphoneModel.WordEnd));
            ends.Sort(Hypothesis.BetterFirst);
            return ends.ConvertAll(end => ((double)end.LogProbability, Phones(end.Previous!)));
        }

        /// <summary>The context of every length is followed on its own, because pruning has left gaps between the lengths.</summary>
        private Hypothesis Extend(Hypothesis hypothesis, int symbol)
        {
            var context = Unknown(_model.Order);
            context[0] = 0;
            var log = 0f;
            var isFound = false;
            for (var length = _model.Order - 1; length >= 0; length--)
            {
                var node = hypothesis.Context[length];
                if (node < 0)
                {
                    continue;
                }

                var longer = _model.Extend(length, node, symbol);
                if (length + 1 < context.Length)
                {
                    context[length + 1] = longer;
                }

                if (!isFound)
                {
                    isFound = longer >= 0;
                    log += isFound ? _model.LogProbability(length + 1, longer) : length > 0 ? _model.LogBackoff(length, node) : 0;
                }
            }

            return new Hypothesis(hypothesis.LogProbability + log, context, hypothesis, symbol);
        }

        private string[] Phones(Hypothesis hypothesis)
        {
            var symbols = new Stack<int>();
            for (var at = hypothesis; at.Previous is not null; at = at.Previous)
            {
                symbols.Push(at.Symbol);
            }

            return [.. symbols.SelectMany(symbol => _model.Graphones[symbol - GraphoneModel.FirstGraphone].Phones)];
        }

        private static void Prune(List<Hypothesis> hypotheses)
        {
            if (hypotheses.Count == 0)
            {
                return;
            }

            var best = hypotheses.Max(hypothesis => hypothesis.LogProbability);
            hypotheses.RemoveAll(hypothesis => hypothesis.LogProbability < best - Width);
            hypotheses.Sort(Hypothesis.BetterFirst);
            if (hypotheses.Count > Beam)
            {
                hypotheses.RemoveRange(Beam, hypotheses.Count - Beam);
            }
        }

        private static int[] Unknown(int count)
        {
            var nodes = new int[count];
            Array.Fill(nodes, -1);
            return nodes;
        }
    }

    /// <summary>
    /// A way to read the letters so far. <paramref name="Context"/> holds the node of the last n symbols for every n below the order.
    /// </summary>
    private sealed record Hypothesis(float LogProbability, int[] Context, Hypothesis? Previous, int Symbol)
    {
        /// <summary>Ties are broken by the symbols, so that the order does not depend on the sort.</summary>
        public static int BetterFirst(Hypothesis a, Hypothesis b)
        {
            var order = b.LogProbability.CompareTo(a.LogProbability);
            for (Hypothesis? x = a, y = b; order == 0 && x is not null && y is not null && !ReferenceEquals(x, y); x = x.Previous, y = y.Previous)
            {
                order = x.Symbol.CompareTo(y.Symbol);
            }

            return order;
        }
    }
}
