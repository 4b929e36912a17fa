using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening.Analysis;

/// <summary>Leaves out listeners who did not listen, or could not, step by step; who falls in one step is not looked at in the next.</summary>
internal sealed class Screening
{
    private readonly ScreeningRules _rules;
    private readonly KeyFile _key;
    private readonly List<ScreeningStep> _steps = [];

    /// <param name="sessions">What all listeners said.</param>
    /// <param name="key">Whose each clip is.</param>
    /// <param name="rules">When answers are left out.</param>
    public Screening(IReadOnlyList<ListenerSession> sessions, KeyFile key, ScreeningRules rules)
    {
        _rules = rules;
        _key = key;
        Kept = sessions;
        Apply("invalid session", InvalidityOf);
        Apply("always the same score", StraightnessOf);
        if (key.Method == ListeningMethod.Mushra)
        {
            Apply("hidden reference not heard", session => MisjudgedOf(session, ClipKind.HiddenReference, score => score < rules.LeastForReference));
            Apply("anchor not heard", session => MisjudgedOf(session, ClipKind.Anchor, score => score > rules.MostForAnchor));
        }
        else
        {
            Apply("answers too fast", HasteOf);
            Apply("disagreement with the others", DisagreementOf);
        }
    }

    /// <summary>Listeners whose answers count.</summary>
    public IReadOnlyList<ListenerSession> Kept { get; private set; }

    /// <summary>The steps in order, and whom each left out.</summary>
    public IReadOnlyList<ScreeningStep> Steps => _steps;

    private bool IsMushra => _key.Method == ListeningMethod.Mushra;

    // All of a step are judged by the same listeners, those who were left before it.
    private void Apply(string name, Func<ListenerSession, string?> faultOf)
    {
        var faults = Kept.Select(session => (Session: session, Fault: faultOf(session))).ToList();
        _steps.Add(new ScreeningStep(name, [.. faults.Where(entry => entry.Fault is not null)
            .Select(entry => new DroppedListener(entry.Session.Listener, entry.Fault!))]));
        Kept = [.. faults.Where(entry => entry.Fault is null).Select(entry => entry.Session)];
    }

    private string? InvalidityOf(ListenerSession session)
    {
        var unheard = session.Votes.Count(vote => IsMushra ? vote.Rating.Plays == 0 : !vote.Rating.PlayedToEnd);
        return !session.PassedEars ? "the check of both ears was not passed"
            : unheard > 0 ? $"{unheard} clips were not heard to their end"
            : FaultOf(session, ClipKind.Trap, tolerance: 0) ?? FaultOf(session, ClipKind.Gold, _rules.GoldTolerance);
    }

    private static string? FaultOf(ListenerSession session, ClipKind kind, int tolerance) => session.Checks
        .Where(check => check.Kind == kind && Math.Abs(check.Rating.Score - check.Expected) > tolerance)
        .Select(check => FormattableString.Invariant(
            $"trial {check.Rating.Trial}: the {KeyFile.WordOf(kind)} clip got {check.Rating.Score}, not {check.Expected}"))
        .FirstOrDefault();

    private string? StraightnessOf(ListenerSession session)
    {
        double[] scores = [.. session.Votes.Select(vote => (double)vote.Rating.Score)];
        return scores.Length >= _rules.LeastScores && SampleStatistics.StandardDeviation(scores) is var deviation && deviation < _rules.LeastDeviation
            ? FormattableString.Invariant($"the scores have a standard deviation of {deviation:F2}")
            : null;
    }

    private string? HasteOf(ListenerSession session)
    {
        var fast = session.Votes.Count(vote => vote.Rating.SecondsToRate < vote.Seconds);
        return fast > _rules.MostFast * session.Votes.Count ? $"{fast} of {session.Votes.Count} scores came before the clip could have ended" : null;
    }

    private string? DisagreementOf(ListenerSession session) =>
        _rules.LeastAgreement > 0 && Agreement.Of(session, Kept, _rules.LeastScores) is { } agreement && agreement < _rules.LeastAgreement
            ? FormattableString.Invariant($"the correlation with the others is {agreement:F2}")
            : null;

    private string? MisjudgedOf(ListenerSession session, ClipKind kind, Func<double, bool> isWrong)
    {
        double[] scores = [.. session.Votes.Where(vote => _key.Find(vote.Rating.Stimulus)!.Kind == kind).Select(vote => vote.Score)];
        var wrong = scores.Count(isWrong);
        return wrong > _rules.MostMisjudged * scores.Length ? $"misjudged on {wrong} of {scores.Length} pages" : null;
    }
}

/// <summary>One rule, and whom it left out.</summary>
/// <param name="Name">What the rule looks for.</param>
/// <param name="Dropped">The listeners, with what was found.</param>
internal sealed record ScreeningStep(string Name, IReadOnlyList<DroppedListener> Dropped);

/// <summary>A listener whose answers do not count, and why.</summary>
internal sealed record DroppedListener(long Listener, string Reason);
