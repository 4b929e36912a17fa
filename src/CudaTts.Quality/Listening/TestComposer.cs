using CudaTts.Audio;
using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening;

/// <summary>
/// Decides which sounds a test has and what they are for: what is judged, what is shown beforehand, and what is strewn in to see whether a listener
/// listens. Sentences that make no whole Latin square are the training's.
/// </summary>
internal sealed class TestComposer
{
    private const int MostTraining = 4;
    private const int LeastSquares = 4;
    private const int MostGoldSentences = 2;
    private const int BrokenScore = 1;
    private const int CleanScore = 5;

    private readonly ListeningTestRecipe _recipe;
    private readonly SystemClips _source;
    private readonly BlindNames _names;
    private readonly Dictionary<string, TestClip> _clips = [];

    /// <param name="recipe">What was asked for.</param>
    /// <param name="source">The recordings.</param>
    /// <param name="names">What the sounds are to be called.</param>
    public TestComposer(ListeningTestRecipe recipe, SystemClips source, BlindNames names)
    {
        _recipe = recipe;
        _source = source;
        _names = names;
        Conditions = ConditionsOf(recipe);
        var training = TrainingCount(source.Sentences.Count, recipe.Full || IsMushra ? 1 : Conditions.Count);
        TrainingSentences = [.. source.Sentences.Skip(source.Sentences.Count - training)];
        RatingSentences = [.. source.Sentences.SkipLast(training)];
    }

    /// <summary>What is judged at one trial: names of systems, of a comparison two.</summary>
    public IReadOnlyList<string[]> Conditions { get; }

    /// <summary>Sentences that count.</summary>
    public IReadOnlyList<string> RatingSentences { get; }

    /// <summary>Sentences for the training and for gold clips; none where every one is needed for a square.</summary>
    public IReadOnlyList<string> TrainingSentences { get; }

    /// <summary>Sentences for what is not judged: those of the training, or else any.</summary>
    private IReadOnlyList<string> SpareSentences => TrainingSentences.Count > 0 ? TrainingSentences : RatingSentences;

    private bool IsMushra => _recipe.Method == ListeningMethod.Mushra;

    /// <summary>Composes the page and the sounds that it plays.</summary>
    public (PageTest Page, IReadOnlyList<TestClip> Clips) Compose()
    {
        int[] columns = [.. Shuffled(Conditions.Count)];
        string[][][] grid = [.. RatingSentences.Select(sentence => columns.Select(column => Trial(Conditions[column], sentence)).ToArray())];
        var page = new PageTest
        {
            TestId = _names.TestId,
            Method = _recipe.Method,
            Title = _recipe.Title,
            SendTo = _recipe.SendTo,
            Question = RatingScale.Ask(_recipe.Method, _recipe.Question),
            Seed = _recipe.Seed,
            Full = _recipe.Full,
            HasTraps = _recipe.Traps.Count > 0,
            Scale = RatingScale.Of(_recipe.Method).Labels,
            Grid = grid,
            Training = [.. Training(columns)],
            Extras = [.. ((string[][][])[[.. Gold()], [.. Traps()]]).Where(pool => pool.Length > 0)],
            Volume = Add(VolumeKind(SpareSentences[0]), _recipe.Reference ?? _source.Systems[0], SpareSentences[0]),
        };
        return (page, [.. _clips.Values]);
    }

    /// <summary>
    /// How many of the sentences are left for the training: those that make no whole square; where all do, as many as a square has, unless that were
    /// more than a quarter.
    /// </summary>
    internal static int TrainingCount(int sentences, int perSquare) => (sentences % perSquare) switch
    {
        0 => sentences >= LeastSquares * perSquare ? perSquare : 0,
        var left => left < sentences ? left : 0,
    };

    private static IReadOnlyList<string[]> ConditionsOf(ListeningTestRecipe recipe)
    {
        string[] systems = [.. recipe.Systems.Select(system => system.Name)];
        var others = systems.Where(system => system != recipe.Reference);
        return recipe.Method switch
        {
            ListeningMethod.Acr => [.. systems.Select(system => new[] { system })],
            ListeningMethod.Dcr => [.. others.Select(system => new[] { system })],
            ListeningMethod.Ccr when recipe.Reference is { } reference => [.. others.Select(system => new[] { reference, system })],
            ListeningMethod.Ccr => [.. systems.SelectMany((first, i) => systems.Skip(i + 1).Select(second => new[] { first, second }))],
            _ => [[.. others]],
        };
    }

    /// <summary>An order that does not give away how the systems were named.</summary>
    private IEnumerable<int> Shuffled(int count)
    {
        var uniform = new UniformSequence(_names.Sequence);
        return Enumerable.Range(0, count).OrderBy(i => uniform[i]);
    }

    private string[] Trial(string[] systems, string sentence)
    {
        string[] judged = [.. systems.Select(system => Add(RatedKind(sentence), system, sentence))];
        return _recipe.Method switch
        {
            ListeningMethod.Dcr => [Add(ClipKind.OpenReference, _recipe.Reference!, sentence), .. judged],

            // Hashes have no order of their own, so sorted names say nothing.
            ListeningMethod.Mushra =>
            [
                Add(ClipKind.OpenReference, _recipe.Reference!, sentence),
                .. judged.Append(Add(ClipKind.HiddenReference, _recipe.Reference!, sentence))
                    .Append(Add(ClipKind.Anchor, ListeningTest.AnchorName, sentence))
                    .Order(),
            ],
            _ => judged,
        };
    }

    private ClipKind RatedKind(string sentence) => TrainingSentences.Contains(sentence) ? ClipKind.Training : ClipKind.Rating;

    // Where the reference is not judged, it is heard in the open.
    private ClipKind VolumeKind(string sentence) =>
        _recipe.Method is ListeningMethod.Dcr or ListeningMethod.Mushra ? ClipKind.OpenReference : RatedKind(sentence);

    private List<string[]> Training(int[] columns)
    {
        if (IsMushra)
        {
            return [Trial(Conditions[0], SpareSentences[0])];
        }

        var count = Math.Min(MostTraining, columns.Length * SpareSentences.Count);
        var trials = Enumerable.Range(0, count)
            .Select(i => Trial(Conditions[columns[i % columns.Length]], SpareSentences[(i + (i / columns.Length)) % SpareSentences.Count])).ToList();

        // The worst that is to be heard; the best is the reference, which is a system or a part of every trial.
        if (_recipe.Reference is not null)
        {
            trials.Insert(trials.Count / 2, GoldTrial(SpareSentences[0], isBroken: true));
        }

        return trials;
    }

    private IEnumerable<string[]> Gold() => _recipe.Reference is null || IsMushra ? [] : SpareSentences.Take(MostGoldSentences)
        .SelectMany(sentence => (string[][])[GoldTrial(sentence, isBroken: false), GoldTrial(sentence, isBroken: true)]);

    private string[] GoldTrial(string sentence, bool isBroken) => _recipe.Method switch
    {
        ListeningMethod.Acr => [AddGold(sentence, isBroken)],
        ListeningMethod.Dcr => [Add(ClipKind.OpenReference, _recipe.Reference!, sentence), AddGold(sentence, isBroken)],
        _ when isBroken => [AddGold(sentence, isBroken: false), AddGold(sentence, isBroken: true)],
        _ => [AddGold(sentence, isBroken: true), AddGold(sentence, isBroken: false)],
    };

    private IEnumerable<string[]> Traps()
    {
        foreach (var (i, (instruction, score)) in _recipe.Traps.Index())
        {
            var (system, sentence) = (_source.Systems[i % _source.Systems.Count], SpareSentences[i % SpareSentences.Count]);
            var id = new ClipId(ClipKind.Trap, $"score {score}", $"{sentence} {i + 1}");
            var name = Add(id, score, () => CheckSounds.Trap(_source[system, sentence], instruction));
            yield return _recipe.Method switch
            {
                ListeningMethod.Acr => [name],
                ListeningMethod.Dcr => [Add(ClipKind.OpenReference, _recipe.Reference!, sentence), name],
                _ => [Add(RatedKind(sentence), system, sentence), name],
            };
        }
    }

    private string AddGold(string sentence, bool isBroken) => Add(
        new(ClipKind.Gold, isBroken ? "broken" : "clean", sentence), isBroken ? BrokenScore : CleanScore,
        () => isBroken ? CheckSounds.Broken(_source[_recipe.Reference!, sentence]) : _source[_recipe.Reference!, sentence]);

    private string Add(ClipKind kind, string system, string sentence) => Add(
        new(kind, system, sentence), expected: null,
        () => kind == ClipKind.Anchor ? CheckSounds.Anchor(Aligned(_recipe.Reference!, sentence)) : Aligned(system, sentence));

    private string Add(ClipId id, int? expected, Func<Waveform> make)
    {
        var name = _names.Of(id.Kind, id.System, id.Sentence);
        if (!_clips.ContainsKey(name))
        {
            _clips.Add(name, new TestClip(name, id.Kind, id.System, id.Sentence, expected, make()));
        }

        return name;
    }

    /// <summary>A clip; of MUSHRA, where one switches between them at one place, as long as the longest of its sentence.</summary>
    private Waveform Aligned(string system, string sentence)
    {
        var clip = _source[system, sentence];
        var length = IsMushra ? _source.Systems.Max(other => _source[other, sentence].Samples.Length) : clip.Samples.Length;
        return new Waveform([.. clip.Samples, .. new float[length - clip.Samples.Length]], clip.SampleRate);
    }

    private readonly record struct ClipId(ClipKind Kind, string System, string Sentence);
}
