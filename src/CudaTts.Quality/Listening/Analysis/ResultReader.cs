using CudaTts.Files;

namespace CudaTts.Quality.Listening.Analysis;

/// <summary>
/// Reads what listeners send back, which anybody may have written: of another test, damaged or made up it is refused with its name, and what is there
/// twice is counted once.
/// </summary>
internal sealed class ResultReader(KeyFile key)
{
    private const string Training = "training";
    private const string Rating = "rating";
    private const double MostSeconds = 1e6;

    private readonly RatingScale _scale = RatingScale.Of(key.Method);
    private readonly SortedDictionary<long, Answers> _listeners = [];

    /// <summary>Scores that were there twice, and count once.</summary>
    public int Duplicates { get; private set; }

    /// <summary>What listeners wrote, with their numbers.</summary>
    public List<(long Listener, string Text)> Comments { get; } = [];

    /// <summary>Reads one more file.</summary>
    /// <exception cref="FileException">It is no result of this test.</exception>
    public void Add(string path) => Add(InputFile.ReadBytes(path, InputFile.MostConfigBytes), path);

    /// <summary>Reads the bytes of one more file.</summary>
    /// <param name="bytes">The JSON.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="FileException">It is no result of this test.</exception>
    public void Add(ReadOnlyMemory<byte> bytes, string source)
    {
        var result = JsonInput.Parse(bytes, ListeningJson.Instance.ListenerResult, source);
        if (result.TestId != key.TestId)
        {
            throw new FileException($"{source}: is of another test: expected the test_id {key.TestId}, found '{result.TestId}'.");
        }

        if (result.Listener is < 0 or > uint.MaxValue)
        {
            throw new FileException($"{source}: listener: expected a number of 32 bits, found {result.Listener}.");
        }

        // Of a file that is refused nothing counts.
        var known = _listeners.GetValueOrDefault(result.Listener) ?? new Answers(result.Answers.BothEars, [], source);
        var ratings = new Dictionary<(int Trial, string Stimulus), ResultRating>(known.Ratings);
        var duplicates = 0;
        foreach (var (i, rating) in result.Ratings.Index())
        {
            Require(rating, $"{source}: ratings[{i}]");
            if (!ratings.TryAdd((rating.Trial, rating.Stimulus), rating))
            {
                duplicates += ratings[(rating.Trial, rating.Stimulus)] == rating ? 1 : throw new FileException(
                    $"{source}: listener {result.Listener}, trial {rating.Trial}: other answers than in {known.Source}: two people had one number; "
                    + "leave one of the files out.");
            }
        }

        Duplicates += duplicates;
        _listeners[result.Listener] = known with { Ratings = ratings, PassedEars = known.PassedEars && result.Answers.BothEars };
        if (result.Comment.Length > 0 && !Comments.Contains((result.Listener, result.Comment)))
        {
            Comments.Add((result.Listener, result.Comment));
        }
    }

    /// <summary>What all files together say, listener by listener.</summary>
    public IReadOnlyList<ListenerSession> Sessions() =>
    [
        .. _listeners.Select(listener =>
        {
            ResultRating[] counted = [.. listener.Value.Ratings.Values.Where(rating => rating.Block == Rating).OrderBy(rating => rating.Trial)];
            return new ListenerSession(
                listener.Key, listener.Value.PassedEars, [.. counted.Select(VoteOf).OfType<Vote>()],
                [.. counted.Select(CheckOf).OfType<CheckedScore>()]);
        }),
    ];

    private void Require(ResultRating rating, string place)
    {
        var fault = !IsTrial(RowsOf(rating)) ? $"the key does not know the stimulus '{rating.Stimulus}'"
            : rating.Score < _scale.Least || rating.Score > _scale.Most
                ? FormattableString.Invariant($"expected a score from {_scale.Least} to {_scale.Most}, found {rating.Score}")
            : rating.Block is not (Training or Rating) ? $"expected the block {Training} or {Rating}, found '{rating.Block}'"
            : rating.Trial < 1 || rating.Plays < 0 ? "a count is negative"
            : rating.SecondsToRate is < 0 or > MostSeconds ? "seconds_to_rate is no time that a trial takes"
            : null;
        if (fault is not null)
        {
            throw new FileException($"{place}: {fault}.");
        }
    }

    /// <summary>Whether a page can have played these together: two of a trial say one sentence, unless the second is a trap.</summary>
    private bool IsTrial(KeyRow?[] rows) => rows.Length == _scale.SoundsPerTrial && rows switch
    {
        [{ }] => true,
        [{ }, { Kind: ClipKind.Trap }] => true,
        [{ } first, { } second] => first.Sentence == second.Sentence && first.Stimulus != second.Stimulus,
        _ => false,
    };

    private KeyRow?[] RowsOf(ResultRating rating) => [.. rating.Stimulus.Split('/').Select(key.Find)];

    private Vote? VoteOf(ResultRating rating)
    {
        KeyRow[] rows = [.. RowsOf(rating).OfType<KeyRow>()];
        var seconds = rows.Sum(row => row.Seconds);
        if (!rows[^1].IsJudged || (key.Method == ListeningMethod.Ccr && !rows[0].IsJudged))
        {
            return null;
        }

        if (key.Method != ListeningMethod.Ccr)
        {
            return new Vote(rows[^1].System, rows[^1].Sentence, rating.Score, seconds, rating);
        }

        // The system that comes first in the key is what the other is compared with, in whichever order they were played.
        var isReversed = PlaceOf(rows[0]) > PlaceOf(rows[1]);
        var (baseline, other) = isReversed ? (rows[1], rows[0]) : (rows[0], rows[1]);
        return new Vote($"{other.System} against {baseline.System}", other.Sentence, isReversed ? -rating.Score : rating.Score, seconds, rating);
    }

    private int PlaceOf(KeyRow row) => key.Systems.Index().First(system => system.Item == row.System).Index;

    private CheckedScore? CheckOf(ResultRating rating)
    {
        KeyRow[] rows = [.. RowsOf(rating).OfType<KeyRow>()];
        if (rows[^1] is { Kind: ClipKind.Trap, Expected: { } asked })
        {
            return new CheckedScore(ClipKind.Trap, asked, rating);
        }

        if (rows[^1] is not { Kind: ClipKind.Gold, Expected: { } score })
        {
            return null;
        }

        // Of two that are compared, one is as good as can be and the other as bad.
        var expected = key.Method == ListeningMethod.Ccr ? Math.Sign(score - (rows[0].Expected ?? score)) * _scale.Most : score;
        return new CheckedScore(ClipKind.Gold, expected, rating);
    }

    private sealed record Answers(bool PassedEars, Dictionary<(int Trial, string Stimulus), ResultRating> Ratings, string Source);
}
