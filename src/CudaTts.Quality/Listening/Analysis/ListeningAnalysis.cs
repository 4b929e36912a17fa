using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening.Analysis;

/// <summary>From listeners' answers to what they show: screening, means with intervals, differences.</summary>
internal sealed class ListeningAnalysis
{
    private const int ReplicatesPerComparison = 100;

    private readonly KeyFile _key;
    private readonly string _sequence;
    private readonly IReadOnlyList<string> _conditions;

    private ListeningAnalysis(KeyFile key, uint seed, IReadOnlyList<ListenerSession> sessions)
    {
        _key = key;
        _sequence = $"mos.{seed}";
        var heard = sessions.SelectMany(session => session.Votes).Select(vote => vote.Condition).Distinct().ToList();
        _conditions = key.Method == ListeningMethod.Ccr ? [.. heard.Order(StringComparer.Ordinal)] : [.. key.Systems.Where(heard.Contains)];
    }

    /// <summary>Whether a score is a difference of two systems already.</summary>
    private bool IsDifference => _key.Method == ListeningMethod.Ccr;

    /// <summary>Analyses the answers.</summary>
    /// <param name="results">What was read.</param>
    /// <param name="files">How many files that was.</param>
    /// <param name="key">Whose each clip is.</param>
    /// <param name="rules">When answers are left out.</param>
    /// <param name="seed">The key of the intervals' random draws.</param>
    public static ListeningReport Report(ResultReader results, int files, KeyFile key, ScreeningRules rules, uint seed)
    {
        var sessions = results.Sessions();
        var screening = new Screening(sessions, key, rules);
        var analysis = new ListeningAnalysis(key, seed, sessions);
        return new ListeningReport
        {
            TestId = key.TestId,
            Method = key.Method,
            Seed = seed,
            Files = files,
            Duplicates = results.Duplicates,
            Rules = rules,
            Screening = screening.Steps,
            BeforeScreening = analysis.Summaries(sessions),
            AfterScreening = analysis.Summaries(screening.Kept),
            Comparisons = analysis.Comparisons(screening.Kept),
            AgreementBeforeScreening = Agreement.Mean(sessions),
            AgreementAfterScreening = Agreement.Mean(screening.Kept),
            Listeners = [.. sessions.Select(session => SummaryOf(session, sessions, screening))],
            Comments = [.. results.Comments.Select(comment => new ListenerComment(comment.Listener, comment.Text))],
        };
    }

    private IReadOnlyList<ConditionSummary> Summaries(IReadOnlyList<ListenerSession> sessions) =>
        [.. _conditions.Select(condition => SummaryOf(condition, sessions)).OfType<ConditionSummary>()];

    private ConditionSummary? SummaryOf(string condition, IReadOnlyList<ListenerSession> sessions)
    {
        double[][] blocks = [.. sessions.Select(session => session.Of(condition))];
        double[] votes = [.. blocks.SelectMany(block => block)];
        return votes.Length == 0 ? null : new ConditionSummary(
            condition, votes.Length, blocks.Count(block => block.Length > 0), SampleStatistics.Mean(votes), SampleStatistics.StandardDeviation(votes),
            StudentDistribution.IntervalOfMean(votes), Bootstrap.BlockMean(blocks, _sequence), SampleStatistics.Percentile(votes, 0.25),
            SampleStatistics.Percentile(votes, 0.5), SampleStatistics.Percentile(votes, 0.75));
    }

    private IReadOnlyList<SystemComparison> Comparisons(IReadOnlyList<ListenerSession> sessions)
    {
        var heard = _conditions.Where(condition => sessions.Any(session => session.Of(condition).Length > 0)).ToList();

        // The least probability that draws can show must stay small when it is multiplied by the number of comparisons.
        var replicates = Math.Max(Bootstrap.Replicates, ReplicatesPerComparison * heard.Count * heard.Count / 2);
        List<SystemComparison> comparisons = IsDifference
            ? heard.ConvertAll(condition => AgainstZero(condition, sessions, replicates))
            : [.. heard.SelectMany((first, i) => heard.Skip(i + 1).Select(second => Compare(first, second, sessions, replicates)))];
        var adjusted = HolmCorrection.Adjust([.. comparisons.Select(comparison => comparison.PValue)]);
        return [.. comparisons.Zip(adjusted, (comparison, probability) => comparison with { AdjustedPValue = probability })];
    }

    private SystemComparison Compare(string first, string second, IReadOnlyList<ListenerSession> sessions, int replicates)
    {
        var difference = Bootstrap.BlockDifference(
            [.. sessions.Select(session => session.Of(first))], [.. sessions.Select(session => session.Of(second))], _sequence, replicates);
        var (test, probability) = _key.Method == ListeningMethod.Mushra
            ? ("wilcoxon", WilcoxonSignedRank.Of(PairedDifferences(first, second, sessions)).PValue)
            : ("bootstrap", difference.PValue);
        return new SystemComparison(first, second, difference.Interval, test, probability, AdjustedPValue: 1);
    }

    // Of a score that is a difference already, the other side is a system of zeros.
    private SystemComparison AgainstZero(string condition, IReadOnlyList<ListenerSession> sessions, int replicates)
    {
        double[][] votes = [.. sessions.Select(session => session.Of(condition))];
        var difference = Bootstrap.BlockDifference(votes, [.. votes.Select(block => new double[block.Length])], _sequence, replicates);
        return new SystemComparison(condition, null, difference.Interval, "bootstrap", difference.PValue, AdjustedPValue: 1);
    }

    /// <summary>
    /// The mean difference of two systems on the pages of each listener: one number a person, since the answers of one are not independent.
    /// </summary>
    private static double[] PairedDifferences(string first, string second, IReadOnlyList<ListenerSession> sessions) =>
    [
        .. sessions.Select(session => session.Votes.Where(vote => vote.Condition == first).Join(
                session.Votes.Where(vote => vote.Condition == second), vote => vote.Sentence, vote => vote.Sentence, (a, b) => a.Score - b.Score))
            .Where(differences => differences.Any())
            .Select(differences => differences.Average()),
    ];

    private static ListenerSummary SummaryOf(ListenerSession session, IReadOnlyList<ListenerSession> all, Screening screening)
    {
        double[] votes = [.. session.Votes.Select(vote => vote.Score)];
        var dropped = screening.Steps.SelectMany(step => step.Dropped.Select(listener => (step.Name, listener.Listener, listener.Reason)))
            .Where(entry => entry.Listener == session.Listener).Select(entry => $"{entry.Name}: {entry.Reason}").FirstOrDefault();
        return new ListenerSummary(
            session.Listener, votes.Length, votes.Length == 0 ? null : SampleStatistics.Mean(votes),
            votes.Length == 0 ? null : SampleStatistics.StandardDeviation(votes), Agreement.Of(session, all), dropped);
    }
}
