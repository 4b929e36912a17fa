using System.Buffers.Binary;
using CudaTts.Text;
using CudaTts.Text.English.Normalization;
using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>
/// Learns roles without a tagged corpus. Words that can be one thing only (eat, destroy; table, idea) teach where verbs and nouns stand, in any
/// text; and WordNet's examples teach the same of words that can be both, because each belongs to a sense and with it to a part of speech.
/// </summary>
internal sealed class RoleTraining
{
    private const int Rounds = 8;
    private const int CommonWords = 1500;
    private const int ListedWords = 14000;
    private const int FewestUses = 3;
    private const int ExampleWeight = 3;
    private const int SentencesOfAPattern = 100;

    private readonly List<(uint[] Features, Role Role, int Weight)> _places = [];
    private readonly List<(uint[] Features, Role Role)> _heldOut = [];
    private readonly WordNet _wordNet;
    private readonly RoleLexicon _lexicon;
    private readonly List<IReadOnlyList<SpokenItem>> _texts = [];
    private readonly RoleModel _words;
    private readonly byte[] _wordTable;
    private readonly TextWriter _log;

    /// <summary>Reads WordNet and the texts, and chooses the words that the model knows.</summary>
    public RoleTraining(string wordNet, IEnumerable<string> texts, TextWriter log)
    {
        _log = log;
        _wordNet = new WordNet(wordNet);
        _lexicon = new RoleLexicon(_wordNet.Counts());
        _texts.AddRange(texts.SelectMany(File.ReadLines).Where(line => line.Length > 0).Select(Say));
        _wordTable = WordTable();
        _words = new RoleModel(_wordTable);
    }

    /// <summary>The model file's bytes.</summary>
    public byte[] Run(int buckets)
    {
        foreach (var text in _texts)
        {
            LearnFromPlainWords(text);
        }

        _log.WriteLine($"{_places.Count} places of words with one part of speech: {Counted()}");
        foreach (var example in _wordNet.Examples())
        {
            LearnFromExample(example);
        }

        foreach (var (text, words) in new RoleGrammar(_lexicon).Sentences(SentencesOfAPattern))
        {
            LearnFromGrammar(text, words);
        }

        _log.WriteLine($"{_places.Count} with WordNet's examples: {Counted()}; {_heldOut.Count} held out");
        return Write(Average(buckets), buckets);
    }

    private string Counted() => string.Join(
        ", ", _places.CountBy(place => place.Role).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));

    private static IReadOnlyList<SpokenItem> Say(string text)
    {
        var spoken = new SpokenText();
        EnglishNormalizer.Normalize(text, spoken, null, new TextRange(0, text.Length));
        spoken.Close();
        return spoken.Items;
    }

    private void LearnFromPlainWords(IReadOnlyList<SpokenItem> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Kind == SpokenKind.Word && RoleOf(_lexicon.Classes.GetValueOrDefault(items[i].Text), items, i) is { } role
                && !IsName(items, i)
                && !(role == Role.Noun && Stays(items, i, 3)))
            {
                _places.Add(([.. RoleFeatures.Of(_words, items, i)], role, 1));
            }
        }
    }

    // Nouns are so many that a third of them is enough.
    private static bool Stays(IReadOnlyList<SpokenItem> items, int i, uint every) =>
        (RoleFeatures.Hash(items[i].Text + items[Math.Max(0, i - 1)].Text + i) % every) != 0;

    private static bool IsName(IReadOnlyList<SpokenItem> items, int index) =>
        items[index].IsCapitalised && index > 0 && items[index - 1].Kind != SpokenKind.Pause;

    private void LearnFromGrammar(string text, List<(string Word, WordClasses Class)> words)
    {
        var items = Say(text);
        var from = 0;
        foreach (var (word, one) in words)
        {
            var at = Enumerable.Range(from, items.Count - from).FirstOrDefault(i => items[i].Text == word, -1);
            if (at >= 0 && RoleOf(one, items, at) is { } role)
            {
                _places.Add(([.. RoleFeatures.Of(_words, items, at)], role, 1));
                from = at + 1;
            }
        }
    }

    private Role? RoleOf(WordClasses classes, IReadOnlyList<SpokenItem> items, int index) => classes switch
    {
        WordClasses.Noun or WordClasses.Plural => Role.Noun,
        WordClasses.Verb or WordClasses.ThirdPerson => Role.Verb,
        WordClasses.Past => Role.Past,
        WordClasses.Participle => Role.Participle,
        WordClasses.Past | WordClasses.Participle => PastRole(items, index),
        WordClasses.Adjective => Role.Adjective,
        _ => null,
    };

    /// <summary>The tense or the participle, where the words before tell beyond doubt.</summary>
    private Role? PastRole(IReadOnlyList<SpokenItem> items, int index)
    {
        for (var at = index - 1; at >= Math.Max(0, index - 3) && items[at].Kind == SpokenKind.Word; at--)
        {
            var classes = _lexicon.Classes.GetValueOrDefault(items[at].Text);
            switch ((ClosedClass)(((int)classes >> 8) & 63))
            {
                case ClosedClass.Have or ClosedClass.Be:
                    return Role.Participle;
                case ClosedClass.Determiner or ClosedClass.Possessive or ClosedClass.Preposition when at == index - 1:
                    return Role.Participle;
                case ClosedClass.Subject or ClosedClass.ThirdSubject:
                    return at == index - 1 || items[at].Text is "he" or "she" or "they" or "we" ? Role.Past : null;
                case ClosedClass.None when classes is WordClasses.Noun or WordClasses.Plural:
                    return at == index - 1 && IsNounPhrase(items, at) ? Role.Past : null;
                case ClosedClass.Negation or ClosedClass.Habit or ClosedClass.Degree:
                case ClosedClass.None when classes is WordClasses.Adverb:
                    continue;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether a noun with its article opens a sentence, and so is the subject of what follows.</summary>
    private bool IsNounPhrase(IReadOnlyList<SpokenItem> items, int noun)
    {
        var start = noun;
        while (start > 0 && items[start - 1].Kind == SpokenKind.Word)
        {
            start--;
        }

        return noun - start <= 2 && (noun == start || _lexicon.Classes.GetValueOrDefault(items[start].Text) is var first
            && (ClosedClass)(((int)first >> 8) & 63) is ClosedClass.Determiner or ClosedClass.Possessive);
    }

    private void LearnFromExample(WordNetExample example)
    {
        var items = Say(example.Text);
        var forms = example.Words.SelectMany(word => Inflection.Forms(word, example.Part)).ToLookup(form => form.Form, form => form.Class);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Kind != SpokenKind.Word || !forms.Contains(items[i].Text))
            {
                continue;
            }

            var classes = forms[items[i].Text].Aggregate((a, b) => a | b);
            if (RoleOf(classes, items, i) is not { } role)
            {
                continue;
            }

            uint[] features = [.. RoleFeatures.Of(_words, items, i)];
            if (RoleFeatures.Hash(example.Words[0]) % 10 == 0)
            {
                _heldOut.Add((features, role));
            }
            else
            {
                _places.Add((features, role, ExampleWeight));
            }
        }
    }

    /// <summary>The header of a model and its words, the most common ones of the texts and of WordNet, those marked that are features.</summary>
    private byte[] WordTable()
    {
        var uses = new Dictionary<string, double>();
        foreach (var item in _texts.SelectMany(items => items).Concat(_wordNet.Examples().SelectMany(example => Say(example.Text))))
        {
            if (item.Kind == SpokenKind.Word)
            {
                uses[item.Text] = uses.GetValueOrDefault(item.Text) + 1;
            }
        }

        var ranked = _lexicon.Classes.Keys.OrderByDescending(word => (uses.GetValueOrDefault(word) * 0.2) + _lexicon.Uses.GetValueOrDefault(word))
            .ThenBy(word => word, StringComparer.Ordinal).ToList();
        var common = ranked.Take(CommonWords).Concat(ClosedWords.All.Select(word => word.Word)).ToHashSet();
        var listed = ranked.Where(word => common.Contains(word) || _lexicon.Classes[word] != RoleModel.Guess(word, false)).Take(ListedWords)
            .Concat(ClosedWords.All.Select(word => word.Word)).Distinct()
            .Select(word => (Hash: RoleFeatures.Hash(word), Classes: _lexicon.Classes[word] | (common.Contains(word) ? WordClasses.IsCommon : 0)))
            .DistinctBy(word => word.Hash).OrderBy(word => word.Hash).ToList();
        var table = new byte[12 + (6 * listed.Count)];
        RoleModel.Magic.CopyTo(table);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4), listed.Count);
        for (var i = 0; i < listed.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(12 + (6 * i)), listed[i].Hash);
            BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(16 + (6 * i)), (ushort)listed[i].Classes);
        }

        return table;
    }

    /// <summary>An averaged perceptron (Collins, "Discriminative training methods for hidden Markov models", 2002).</summary>
    private double[] Average(int buckets)
    {
        var counts = new Dictionary<uint, int>();
        foreach (var feature in _places.SelectMany(place => place.Features))
        {
            counts[feature] = counts.GetValueOrDefault(feature) + 1;
        }

        _log.WriteLine($"{counts.Count} features, {counts.Values.Count(count => count >= FewestUses)} often enough");
        var kept = _places.Select(place => (
            Buckets: place.Features.Where(feature => counts[feature] >= FewestUses).Select(feature => (int)(feature % (uint)buckets)).ToArray(),
            place.Role,
            place.Weight)).ToArray();
        var weights = new double[buckets * RoleScores.Count];
        var sums = new double[weights.Length];
        var order = new Random(1);
        var time = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            order.Shuffle(kept);
            var errors = 0;
            foreach (var (places, role, weight) in kept)
            {
                time++;
                var scores = ScoresOf(weights, places);
                var rival = Enumerable.Range(0, RoleScores.Count).Where(other => other != (int)role).MaxBy(other => scores[other]);
                if (scores[(int)role] - scores[rival] > Margin)
                {
                    continue;
                }

                errors += scores[(int)role] <= scores[rival] ? 1 : 0;
                foreach (var bucket in places)
                {
                    var at = bucket * RoleScores.Count;
                    weights[at + (int)role] += weight;
                    sums[at + (int)role] += weight * time;
                    weights[at + rival] -= weight;
                    sums[at + rival] -= weight * time;
                }
            }

            _log.WriteLine($"round {round + 1}: {100.0 * errors / kept.Length:F2} % errors while learning");
        }

        return [.. weights.Select((weight, index) => weight - (sums[index] / (time + 1)))];
    }

    private const double Margin = 20;

    private static double[] ScoresOf(double[] weights, int[] places)
    {
        var scores = new double[RoleScores.Count];
        foreach (var bucket in places)
        {
            for (var role = 0; role < RoleScores.Count; role++)
            {
                scores[role] += weights[(bucket * RoleScores.Count) + role];
            }
        }

        return scores;
    }

    private byte[] Write(double[] weights, int buckets)
    {
        var file = new byte[_wordTable.Length + weights.Length];
        _wordTable.CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), buckets);

        // The few weights beyond are cut.
        var largest = weights.Select(Math.Abs).Order().ElementAt((int)(weights.Length * 0.999));
        for (var i = 0; i < weights.Length; i++)
        {
            file[_wordTable.Length + i] = (byte)(sbyte)Math.Clamp(Math.Round(weights[i] * 127 / largest), -127, 127);
        }

        var right = _heldOut.Count(place => Best(file, place.Features, buckets) == place.Role);
        var nounOrVerb = _heldOut.Where(place => place.Role is Role.Noun or Role.Verb).ToList();
        var rightOfThese = nounOrVerb.Count(place => Best(file, place.Features, buckets) == place.Role);
        _log.WriteLine($"held-out examples: {100.0 * right / _heldOut.Count:F2} % right, "
            + $"nouns and verbs {100.0 * rightOfThese / nounOrVerb.Count:F2} %");
        return file;
    }

    private Role Best(byte[] file, uint[] features, int buckets)
    {
        var scores = new int[RoleScores.Count];
        foreach (var feature in features)
        {
            for (var role = 0; role < RoleScores.Count; role++)
            {
                scores[role] += (sbyte)file[_wordTable.Length + ((int)(feature % (uint)buckets) * RoleScores.Count) + role];
            }
        }

        return (Role)Array.IndexOf(scores, scores.Max());
    }
}
