using System.Diagnostics;
using System.Globalization;

namespace CudaTts.Load;

/// <summary>A run from the unloaded server to ten times what it can do.</summary>
internal sealed class LoadRun(LoadSettings settings, IReadOnlyList<SpeechClient> clients, TextMix mix, TextWriter progress)
{
    private const int WarmUps = 5;

    private TimeSpan LevelTime => TimeSpan.FromSeconds(settings.LevelSeconds);

    /// <summary>Runs everything.</summary>
    public async Task<LoadReport> RunAsync()
    {
        await WarmUpAsync();
        var unloaded = await ClosedAsync(1, "one at a time");
        var saturated = await ClosedAsync(settings.AtOnce, $"{settings.AtOnce} at once");
        var capacity = CapacityOf(saturated);
        var levels = new List<LevelSummary>();
        foreach (var level in settings.Levels)
        {
            levels.Add(await OpenAsync(level, capacity));
        }

        return new LoadReport(settings, unloaded, saturated, levels, LoadTargets.Of(unloaded, levels, saturated.AudioPerSecond, settings.Bench));
    }

    /// <summary>Some requests that are not counted: the first ones find a server that has compiled and cached nothing.</summary>
    public async Task WarmUpAsync()
    {
        progress.WriteLine($"{settings.Server}: warming up");
        var random = new Random(settings.Seed);
        for (var i = 0; i < WarmUps; i++)
        {
            var result = await clients[i % clients.Count].CallAsync(mix.Draw(random), Stopwatch.GetTimestamp(), CancellationToken.None);
            if (!result.IsSpoken)
            {
                throw new InvalidOperationException(
                    $"{settings.Server}: expected speech, found status {result.Status} {result.Error}: is it a CudaTts server?");
            }
        }
    }

    /// <summary>A closed loop, summed up.</summary>
    public async Task<LevelSummary> ClosedAsync(int atOnce, string name)
    {
        var closed = await ClosedLoop.RunAsync(clients, atOnce, LevelTime, mix, settings.Seed);
        var summary = LevelSummary.Of(0, closed.RequestsPerSecond, closed.Within, closed.Length);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {closed.RequestsPerSecond:0.00} requests/s, {summary.AudioPerSecond:0.00} s of speech a second"));
        return summary;
    }

    private static double CapacityOf(LevelSummary saturated) => saturated.Rate > 0
        ? saturated.Rate
        : throw new InvalidOperationException("no request was answered with speech: give --level-seconds more time, or --at-once fewer requests.");

    private async Task<LevelSummary> OpenAsync(double level, double capacity)
    {
        var rate = level * capacity;
        var arrivals = Arrivals.Poisson(rate, LevelTime, mix, clients.Count, Arrivals.SeedOf(settings.Seed, (int)Math.Round(1000 * level)));
        var (results, elapsed) = await OpenLoop.RunAsync(clients, arrivals, TimeSpan.FromSeconds(settings.PatienceSeconds));
        var summary = LevelSummary.Of(level, rate, results, elapsed);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{level:0.##} x capacity: {summary.Spoken} of {summary.Offered} spoken, p99 of the first audio {summary.FirstAudio?.P99:0.000} s"));
        return summary;
    }
}
