using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English.Tagging;

/// <summary>
/// The features of a place in a sentence: the words and classes next to it, singly and together; the auxiliary verb that governs it; the verbs
/// of its clause; the tense of its sentence.
/// </summary>
internal static class RoleFeatures
{
    // Words farther off say little, and a bound keeps the time linear in the text.
    private const int Reach = 10;
    private const int Sides = 3;

    /// <summary>The hash of a word (FNV-1a, 32 bits).</summary>
    public static uint Hash(string word)
    {
        var hash = 2166136261u;
        foreach (var letter in word)
        {
            hash = unchecked((hash ^ letter) * 16777619u);
        }

        return hash;
    }

    /// <summary>The hashes of all features of a place.</summary>
    public static List<uint> Of(RoleModel model, IReadOnlyList<SpokenItem> items, int index)
    {
        var clause = new Surroundings(model, items, index);
        var features = new List<uint>(40);

        // Two models in one: of words in -s, and of the others.
        var form = items[index].Text.EndsWith('s') && !items[index].Text.EndsWith("ss", StringComparison.Ordinal) ? 2u : 1u;
        var isCapital = items[index].IsCapitalised && clause.Class(-1) != Surroundings.SentenceEdge ? 1u : 0u;
        uint W(int distance) => clause.Word(distance);
        uint C(int distance) => clause.Class(distance);
        void Add(uint kind, uint a = 0, uint b = 0, uint c = 0) => features.Add(Mix(Mix(Mix(Mix(form, kind), a), b), c));

        Add(1);
        Add(2, W(-1));
        Add(3, W(1));
        Add(4, W(-2));
        Add(5, W(2));
        Add(6, C(-1));
        Add(7, C(1));
        Add(8, W(-1), W(1));
        Add(9, W(-2), W(-1));
        Add(10, W(1), W(2));
        Add(11, C(-2), C(-1));
        Add(12, C(1), C(2));
        Add(13, C(-1), C(1));
        Add(14, C(-2), C(-1), C(1));
        Add(15, C(-1), C(1), C(2));
        Add(16, C(-3), C(-2), C(-1));
        Add(17, C(1), C(2), C(3));
        Add(18, W(-1), C(1));
        Add(19, C(-1), W(1));
        Add(20, isCapital, C(-1));
        Add(21, clause.Auxiliary);
        Add(22, clause.Auxiliary, C(-1));
        Add(23, clause.VerbBefore, clause.VerbAfter);
        Add(24, clause.VerbBefore, clause.VerbAfter, C(-1));
        Add(25, clause.VerbAfter, C(1));
        Add(26, clause.VerbBefore, C(-1), C(1));
        Add(27, clause.Tense, C(-1));
        Add(28, clause.Tense, clause.VerbBefore);
        Add(29, clause.Auxiliary, clause.Tense);
        Add(30, clause.Mark, clause.Auxiliary);
        Add(31, C(-2), W(-1));
        return features;
    }

    private static uint Mix(uint hash, uint value)
    {
        var mixed = unchecked((hash ^ value) * 0x9E3779B1u);
        return mixed ^ (mixed >> 15);
    }

    /// <summary>What the sentence has around a place.</summary>
    private readonly struct Surroundings
    {
        public const uint SentenceEdge = 0x10001;
        private const uint ClauseEdge = 0x10002;

        private readonly uint[] _words = new uint[(2 * Sides) + 1];
        private readonly uint[] _classes = new uint[(2 * Sides) + 1];

        public Surroundings(RoleModel model, IReadOnlyList<SpokenItem> items, int index)
        {
            ReadSide(model, items, index, -1);
            ReadSide(model, items, index, 1);
            (Auxiliary, VerbBefore, var tenseBefore) = LookBack(model, items, index);
            (VerbAfter, Mark, var tenseAfter) = LookAhead(model, items, index);
            Tense = tenseBefore | tenseAfter;
        }

        /// <summary>The auxiliary verb before the place with no other verb between, and what stands between.</summary>
        public uint Auxiliary { get; }

        /// <summary>The kind of the last verb before the place within the clause.</summary>
        public uint VerbBefore { get; }

        /// <summary>The kind of the first verb behind the place within the clause.</summary>
        public uint VerbAfter { get; }

        /// <summary>Signs of the past, of the present and of habits in the sentence.</summary>
        public uint Tense { get; }

        /// <summary>The mark that ends the sentence.</summary>
        public uint Mark { get; }

        public uint Word(int distance) => _words[distance + Sides];

        public uint Class(int distance) => _classes[distance + Sides];

        private static bool IsSentenceEnd(in SpokenItem item) => item.Kind == SpokenKind.Pause && item.Text != ",";

        private static ClosedClass ClosedOf(WordClasses classes) => (ClosedClass)(((int)classes >> 8) & 63);

        private void ReadSide(RoleModel model, IReadOnlyList<SpokenItem> items, int index, int step)
        {
            var edge = 0u;
            for (var distance = step; Math.Abs(distance) <= Sides; distance += step)
            {
                var at = index + distance;
                var isOut = at < 0 || at >= items.Count || IsSentenceEnd(items[at]);
                edge = edge != 0 ? edge : isOut ? SentenceEdge : items[at].Kind == SpokenKind.Pause ? ClauseEdge : 0;
                var classes = edge != 0 ? WordClasses.None : model.ClassesOf(items[at]);
                _classes[distance + Sides] = edge != 0 ? edge : (uint)(classes & ~WordClasses.IsCommon);
                _words[distance + Sides] = classes.HasFlag(WordClasses.IsCommon) ? Hash(items[at].Text) : _classes[distance + Sides];
            }
        }

        private static (uint Auxiliary, uint Verb, uint Tense) LookBack(RoleModel model, IReadOnlyList<SpokenItem> items, int index)
        {
            var (auxiliary, verb, tense, between) = (0u, 0u, 0u, 0u);
            var isInClause = true;
            for (var at = index - 1; at >= Math.Max(0, index - Reach) && !IsSentenceEnd(items[at]); at--)
            {
                isInClause &= items[at].Kind != SpokenKind.Pause;
                var classes = model.ClassesOf(items[at]);
                tense |= TenseOf(items[at].Text, classes);
                var closed = ClosedOf(classes);
                if (!isInClause || verb != 0)
                {
                    continue;
                }

                verb = KindOfVerb(classes);
                if (closed is ClosedClass.Modal or ClosedClass.Do or ClosedClass.Have or ClosedClass.Be or ClosedClass.To or ClosedClass.Request)
                {
                    auxiliary = ((uint)closed * 8) + between;
                }

                between = Math.Max(between, Between(closed));
            }

            return (auxiliary, verb, tense);
        }

        private static (uint Verb, uint Mark, uint Tense) LookAhead(RoleModel model, IReadOnlyList<SpokenItem> items, int index)
        {
            var (verb, tense) = (0u, 0u);
            var isInClause = true;
            var at = index + 1;
            for (; at < Math.Min(items.Count, index + Reach) && !IsSentenceEnd(items[at]); at++)
            {
                var classes = model.ClassesOf(items[at]);
                isInClause &= items[at].Kind != SpokenKind.Pause && ClosedOf(classes) is not (ClosedClass.Subordinator or ClosedClass.Conjunction);
                tense |= TenseOf(items[at].Text, classes);
                verb = isInClause && verb == 0 ? KindOfVerb(classes) : verb;
            }

            return (verb, at < items.Count && IsSentenceEnd(items[at]) && items[at].Text == "?" ? 1u : 0u, tense);
        }

        /// <summary>What kind of word stands between an auxiliary verb and the place: nothing, an adverb, a subject, or other words.</summary>
        private static uint Between(ClosedClass closed) => closed switch
        {
            ClosedClass.Negation or ClosedClass.Habit or ClosedClass.Degree => 1,
            ClosedClass.Subject or ClosedClass.ThirdSubject => 2,
            ClosedClass.Determiner or ClosedClass.Possessive => 3,
            ClosedClass.Preposition => 5,
            ClosedClass.Conjunction or ClosedClass.Subordinator => 6,
            _ => 4,
        };

        private static uint KindOfVerb(WordClasses classes) => ClosedOf(classes) switch
        {
            ClosedClass.Modal => 1,
            ClosedClass.Do => 2,
            ClosedClass.Have => 3,
            ClosedClass.Be => 4,
            ClosedClass.None => (classes & WordClasses.Open) switch
            {
                WordClasses.Verb => 5,
                WordClasses.ThirdPerson => 6,
                WordClasses.Past => 7,
                WordClasses.Past | WordClasses.Participle => 8,
                WordClasses.Participle => 9,
                _ => 0,
            },
            _ => 0,
        };

        private static uint TenseOf(string word, WordClasses classes) => ClosedOf(classes) switch
        {
            ClosedClass.PastTime => 1,
            ClosedClass.Habit => 4,
            ClosedClass.Be => word is "was" or "were" or "wasn't" or "weren't" ? 1u : 2u,
            ClosedClass.Modal => 2,
            ClosedClass.Have => word.Contains("ad", StringComparison.Ordinal) ? 1u : 0u,
            ClosedClass.None => (classes & WordClasses.Open) switch
            {
                WordClasses.ThirdPerson => 2,
                WordClasses.Past => 1,
                WordClasses.Past | WordClasses.Participle => 8,
                _ => 0,
            },
            _ => 0,
        };
    }
}
