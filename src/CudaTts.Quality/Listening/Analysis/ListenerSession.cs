namespace CudaTts.Quality.Listening.Analysis;

/// <summary>All that one listener has said.</summary>
/// <param name="Listener">The listener's number.</param>
/// <param name="PassedEars">Whether the check of both ears was passed.</param>
/// <param name="Votes">The scores that are results.</param>
/// <param name="Checks">The scores whose right value is known.</param>
internal sealed record ListenerSession(long Listener, bool PassedEars, IReadOnlyList<Vote> Votes, IReadOnlyList<CheckedScore> Checks)
{
    /// <summary>The scores of a condition, as the listener's block of votes.</summary>
    public double[] Of(string condition) => [.. Votes.Where(vote => vote.Condition == condition).Select(vote => vote.Score)];
}

/// <summary>A score that is a result.</summary>
/// <param name="Condition">What it is of: a system, or two with what one is against the other.</param>
/// <param name="Sentence">What was said.</param>
/// <param name="Score">The score; of a comparison that was played in reverse with the other sign.</param>
/// <param name="Seconds">How long the clips last together.</param>
/// <param name="Rating">The answer as it was given.</param>
internal sealed record Vote(string Condition, string Sentence, double Score, double Seconds, ResultRating Rating)
{
    /// <summary>What other listeners heard too.</summary>
    public (string Condition, string Sentence) Clip => (Condition, Sentence);
}

/// <summary>A score whose right value is known.</summary>
/// <param name="Kind">Gold or trap.</param>
/// <param name="Expected">The right score.</param>
/// <param name="Rating">The answer as it was given.</param>
internal sealed record CheckedScore(ClipKind Kind, int Expected, ResultRating Rating);
