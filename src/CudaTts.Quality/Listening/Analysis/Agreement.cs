using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening.Analysis;

/// <summary>How far listeners agree: the correlation of one with the mean of the others, over the clips that both have heard.</summary>
internal static class Agreement
{
    // A correlation of two clips is always 1 or -1.
    private const int LeastClips = 3;

    /// <summary>The correlation of one listener with the others; null where they share too few clips, or always say the same.</summary>
    /// <param name="session">The listener.</param>
    /// <param name="all">All listeners, that one among them.</param>
    /// <param name="leastClips">How many clips they must share.</param>
    public static double? Of(ListenerSession session, IReadOnlyList<ListenerSession> all, int leastClips = LeastClips)
    {
        var others = all.Where(other => other.Listener != session.Listener).SelectMany(other => other.Votes)
            .ToLookup(vote => vote.Clip, vote => vote.Score);
        var shared = session.Votes.Where(vote => others.Contains(vote.Clip)).ToList();
        return shared.Count < leastClips ? null
            : SampleStatistics.Correlation([.. shared.Select(vote => vote.Score)], [.. shared.Select(vote => others[vote.Clip].Average())]);
    }

    /// <summary>The mean over listeners; null where it can be said of none.</summary>
    public static double? Mean(IReadOnlyList<ListenerSession> sessions)
    {
        double[] known = [.. sessions.Select(session => Of(session, sessions)).OfType<double>()];
        return known.Length > 0 ? known.Average() : null;
    }
}
