using System.Globalization;

namespace CudaTts.Load;

/// <summary>A promise, and what was found.</summary>
/// <param name="Name">What is promised.</param>
/// <param name="Bound">The number that it is about.</param>
/// <param name="Found">What was measured; null where nothing was, which is a promise that was not kept.</param>
/// <param name="Unit">Unit of both.</param>
/// <param name="IsFloor">Whether the number must be reached instead of kept under.</param>
internal sealed record LoadTarget(string Name, double Bound, double? Found, string Unit, bool IsFloor = false)
{
    /// <summary>Whether the promise was kept.</summary>
    public bool IsMet => Found is { } found && (IsFloor ? found >= Bound : found <= Bound);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsMet ? "met" : "MISSED")}: {Name}: {(IsFloor ? "at least" : "at most")} {Bound:0.###} {Unit}, "
        + $"found {(Found is { } found ? found.ToString("0.###", CultureInfo.InvariantCulture) : "nothing")}");
}

/// <summary>What the server promises under load.</summary>
internal static class LoadTargets
{
    private const double Comfortable = 0.8;
    private const double Overload = 10;
    private const double FirstAudioFactor = 3;
    private const double RejectionSeconds = 0.05;
    private const double ShareOfBench = 0.9;

    /// <summary>The promises about the levels that were run.</summary>
    /// <param name="unloaded">The server with one request at a time.</param>
    /// <param name="levels">The levels.</param>
    /// <param name="capacity">Seconds of speech a second at saturation.</param>
    /// <param name="bench">What <c>cudatts bench</c> gives for the same batch on the same machine; null where nobody said.</param>
    public static IReadOnlyList<LoadTarget> Of(LevelSummary unloaded, IReadOnlyList<LevelSummary> levels, double capacity, double? bench)
    {
        var targets = new List<LoadTarget>();
        var bound = FirstAudioFactor * (unloaded.FirstAudio?.P99 ?? 0);
        if (levels.FirstOrDefault(level => level.Level == Comfortable) is { } comfortable)
        {
            targets.Add(new LoadTarget(
                "at 0.8 of capacity, p99 of the first audio against 3 times the unloaded p99", bound, comfortable.FirstAudio?.P99, "s"));
            targets.Add(new LoadTarget("at 0.8 of capacity, requests without whole speech", 0, comfortable.Offered - comfortable.Spoken, "requests"));
        }

        if (levels.FirstOrDefault(level => level.Level == Overload) is { } overload)
        {
            targets.Add(new LoadTarget(
                "at 10 times capacity, p99 of the first audio of the admitted, the same bound", bound, overload.FirstAudio?.P99, "s"));
            targets.Add(new LoadTarget("at 10 times capacity, p99 of the time to a rejection", RejectionSeconds, overload.Rejection?.P99, "s"));
            targets.Add(new LoadTarget("at 10 times capacity, answers that are neither speech nor 429 nor 503",
                0, overload.Broken + overload.Refused.Where(pair => pair.Key is not (429 or 503)).Sum(pair => pair.Value), "requests"));
        }

        if (bench is { } figure)
        {
            targets.Add(new LoadTarget(
                "speech a second at saturation, against 0.9 of bench's", ShareOfBench * figure, capacity, "s/s", IsFloor: true));
        }

        return targets;
    }
}
