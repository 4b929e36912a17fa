namespace CudaTts.Load;

/// <summary>What one level of load gave. Times are seconds from when a request was due.</summary>
/// <param name="Level">Load as a multiple of the capacity; 0 for the unloaded server.</param>
/// <param name="Rate">Requests a second that were due.</param>
internal sealed record LevelSummary(double Level, double Rate)
{
    /// <summary>Requests that were due.</summary>
    public required int Offered { get; init; }

    /// <summary>Requests whose speech came whole.</summary>
    public required int Spoken { get; init; }

    /// <summary>Requests without speech, by status; 0 for no answer.</summary>
    public required IReadOnlyDictionary<int, int> Refused { get; init; }

    /// <summary>Speech that began and did not come whole.</summary>
    public required int Broken { get; init; }

    /// <summary>Time to the first byte of sound, of those that were spoken.</summary>
    public required Percentiles? FirstAudio { get; init; }

    /// <summary>Time to the last byte, of those that were spoken.</summary>
    public required Percentiles? Complete { get; init; }

    /// <summary>Time to the refusal, of those that were turned away (429 and 503).</summary>
    public required Percentiles? Rejection { get; init; }

    /// <summary>How late the generator itself was.</summary>
    public required Percentiles? Lag { get; init; }

    /// <summary>Seconds of speech a second, from the first arrival to the last answer.</summary>
    public required double AudioPerSecond { get; init; }

    /// <summary>Sums a level up.</summary>
    public static LevelSummary Of(double level, double rate, IReadOnlyList<CallResult> results, TimeSpan elapsed)
    {
        var spoken = results.Where(result => result.IsSpoken).ToList();
        return new LevelSummary(level, rate)
        {
            Offered = results.Count,
            Spoken = spoken.Count,
            Refused = results.Where(result => result.Status != 200).CountBy(result => result.Status).OrderBy(pair => pair.Key).ToDictionary(),
            Broken = results.Count(result => result.Status == 200 && !result.IsSpoken),
            FirstAudio = Percentiles.Of(spoken.Select(result => result.FirstAudio)),
            Complete = Percentiles.Of(spoken.Select(result => result.Complete)),
            Rejection = Percentiles.Of(results.Where(result => result.IsRejected).Select(result => result.Answered)),
            Lag = Percentiles.Of(results.Select(result => (TimeSpan?)result.Lag)),
            AudioPerSecond = elapsed > TimeSpan.Zero ? spoken.Sum(result => result.AudioSeconds) / elapsed.TotalSeconds : 0,
        };
    }
}
