using CudaTts.Text.English;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>
/// Divides words into graphones. Which letters go with which phones is not in the dictionary; it is learned by expectation maximisation over
/// all divisions (Bisani and Ney, 2008; Jiampojamarn, Kondrak and Sherif, 2007), on phones without stress, and then every word takes its most
/// probable division. One letter takes no phone, one or two; two letters take one.
/// </summary>
internal sealed class GraphoneAligner
{
    private const int Rounds = 12;
    private static readonly (int Letters, int Phones)[] Shapes = [(1, 0), (1, 1), (1, 2), (2, 1)];

    private readonly Dictionary<(string, string), double> _probabilities = [];

    private GraphoneAligner()
    {
    }

    /// <summary>Learns from words.</summary>
    public static GraphoneAligner Train(IReadOnlyCollection<Pronunciation> words)
    {
        var aligner = new GraphoneAligner();
        for (var round = 0; round < Rounds; round++)
        {
            var counts = new Dictionary<(string, string), double>();
            foreach (var word in words)
            {
                Count(new Lattice(word, aligner.Probability), counts);
            }

            var total = counts.Values.Sum();
            aligner._probabilities.Clear();
            foreach (var (pair, count) in counts)
            {
                aligner._probabilities[pair] = count / total;
            }
        }

        return aligner;
    }

    /// <summary>
    /// The most probable division of a word, its phones with their stress; null when the phones cannot be divided among the letters.
    /// </summary>
    public List<Graphone>? Align(Pronunciation word)
    {
        var lattice = new Lattice(word, Probability);
        var best = new double[lattice.Letters + 1, lattice.Phones + 1];
        var shapeTo = new int[lattice.Letters + 1, lattice.Phones + 1];
        best[0, 0] = 1;
        lattice.ForEachEdge((letter, phone, shape, probability) =>
        {
            var (i, j) = (letter + Shapes[shape].Letters, phone + Shapes[shape].Phones);
            if (best[letter, phone] * probability > best[i, j])
            {
                best[i, j] = best[letter, phone] * probability;
                shapeTo[i, j] = shape;
            }
        });
        if (best[lattice.Letters, lattice.Phones] == 0)
        {
            return null;
        }

        var graphones = new List<Graphone>();
        for (var (i, j) = (lattice.Letters, lattice.Phones); i > 0;)
        {
            var (letters, phones) = Shapes[shapeTo[i, j]];
            graphones.Add(new Graphone(word.Word[(i - letters)..i], word.Phones[(j - phones)..j]));
            (i, j) = (i - letters, j - phones);
        }

        graphones.Reverse();
        return graphones;
    }

    // In the first round every graphone is equally probable.
    private double Probability((string, string) pair) => _probabilities.Count == 0 ? 0.01 : _probabilities.GetValueOrDefault(pair);

    /// <summary>Adds every graphone's expected number in a word: forward times edge times backward over the whole.</summary>
    private static void Count(Lattice lattice, Dictionary<(string, string), double> counts)
    {
        var forward = new double[lattice.Letters + 1, lattice.Phones + 1];
        var backward = new double[lattice.Letters + 1, lattice.Phones + 1];
        forward[0, 0] = 1;
        backward[lattice.Letters, lattice.Phones] = 1;
        lattice.ForEachEdge(
            (i, j, shape, probability) => forward[i + Shapes[shape].Letters, j + Shapes[shape].Phones] += forward[i, j] * probability);
        lattice.ForEachEdgeBackwards(
            (i, j, shape, probability) => backward[i, j] += backward[i + Shapes[shape].Letters, j + Shapes[shape].Phones] * probability);
        var whole = forward[lattice.Letters, lattice.Phones];
        if (whole == 0)
        {
            return;
        }

        lattice.ForEachEdge((i, j, shape, probability) =>
        {
            var expected = forward[i, j] * probability * backward[i + Shapes[shape].Letters, j + Shapes[shape].Phones] / whole;
            if (expected > 0)
            {
                var pair = lattice.Pair(i, j, shape);
                counts[pair] = counts.GetValueOrDefault(pair) + expected;
            }
        });
    }

    /// <summary>All divisions of a word: nodes are (letters read, phones read), edges graphones.</summary>
    private sealed class Lattice
    {
        private readonly string _word;
        private readonly string[] _phones;
        private readonly double[] _edges;

        public Lattice(Pronunciation word, Func<(string, string), double> probability)
        {
            _word = word.Word;
            _phones = [.. word.Phones.Select(phone => Arpabet.WithoutStress([phone]))];
            _edges = new double[Letters * (Phones + 1) * Shapes.Length];
            for (var i = 0; i < _edges.Length; i++)
            {
                var (letter, phone, shape) = Place(i);
                var fits = letter + Shapes[shape].Letters <= Letters && phone + Shapes[shape].Phones <= Phones;
                _edges[i] = fits ? probability(Pair(letter, phone, shape)) : 0;
            }
        }

        public int Letters => _word.Length;

        public int Phones => _phones.Length;

        public (string Letters, string Phones) Pair(int letter, int phone, int shape) =>
            (_word.Substring(letter, Shapes[shape].Letters), string.Join(' ', _phones, phone, Shapes[shape].Phones));

        /// <summary>Every possible edge after all edges into its start.</summary>
        public void ForEachEdge(Action<int, int, int, double> visit)
        {
            for (var i = 0; i < _edges.Length; i++)
            {
                Visit(i, visit);
            }
        }

        /// <summary>Every possible edge after all edges out of its end.</summary>
        public void ForEachEdgeBackwards(Action<int, int, int, double> visit)
        {
            for (var i = _edges.Length - 1; i >= 0; i--)
            {
                Visit(i, visit);
            }
        }

        private void Visit(int edge, Action<int, int, int, double> visit)
        {
            if (_edges[edge] > 0)
            {
                var (letter, phone, shape) = Place(edge);
                visit(letter, phone, shape, _edges[edge]);
            }
        }

        private (int Letter, int Phone, int Shape) Place(int edge) =>
            (edge / Shapes.Length / (Phones + 1), edge / Shapes.Length % (Phones + 1), edge % Shapes.Length);
    }
}
