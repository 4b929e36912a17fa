using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CudaTts.Load;

/// <summary>Everything that a run has found.</summary>
/// <param name="Settings">How it was run: what is needed to do it again.</param>
/// <param name="Unloaded">One request at a time.</param>
/// <param name="Saturated">Many requests at once, in a closed loop.</param>
/// <param name="Levels">Open loops at multiples of the capacity.</param>
/// <param name="Targets">What was promised of them.</param>
internal sealed record LoadReport(
    LoadSettings Settings, LevelSummary Unloaded, LevelSummary Saturated, IReadOnlyList<LevelSummary> Levels, IReadOnlyList<LoadTarget> Targets)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The report for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json) + "\n";

    /// <summary>The report for people: tables in Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Texts: {Settings.Mix}. {Settings.Clients} clients, PCM, read as it comes. ");
        text.Append(CultureInfo.InvariantCulture, $"Seed {Settings.Seed}; {Settings.LevelSeconds:0} s of arrivals a level. ");
        text.AppendLine("Times are seconds from when a request was due.").AppendLine();
        text.AppendLine("| load | requests/s due | due | spoken | refused | broken | first audio p50 / p95 / p99 | complete p50 / p95 / p99 "
            + "| refusal p50 / p99 | speech s/s | generator late p99 |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        Row(text, "one at a time", Unloaded);
        Row(text, $"{Settings.AtOnce} at once", Saturated);
        foreach (var level in Levels)
        {
            Row(text, $"{level.Level.ToString("0.##", CultureInfo.InvariantCulture)} x capacity", level);
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"Many at once give {Ratio(Saturated.AudioPerSecond, Unloaded.AudioPerSecond)} times the speech of one at a time.").AppendLine();
        foreach (var target in Targets)
        {
            text.Append("- ").AppendLine(target.ToString());
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, LevelSummary level)
    {
        var refused = level.Refused.Count == 0 ? "0"
            : string.Join(", ", level.Refused.Select(pair => $"{pair.Value} x {(pair.Key == 0 ? "none" : pair.Key)}"));
        text.Append(CultureInfo.InvariantCulture, $"| {name} | {level.Rate:0.##} | {level.Offered} | {level.Spoken} | {refused} | {level.Broken} ");
        text.Append(CultureInfo.InvariantCulture, $"| {Three(level.FirstAudio)} | {Three(level.Complete)} ");
        text.Append(level.Rejection is { } rejection ? $"| {Number(rejection.P50)} / {Number(rejection.P99)} " : "| ");
        text.AppendLine(CultureInfo.InvariantCulture, $"| {level.AudioPerSecond:0.##} | {(level.Lag is { } lag ? Number(lag.P99) : "")} |");
    }

    private static string Three(Percentiles? found) => found is null ? "" : $"{Number(found.P50)} / {Number(found.P95)} / {Number(found.P99)}";

    private static string Number(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Ratio(double a, double b) => b > 0 ? (a / b).ToString("0.00", CultureInfo.InvariantCulture) : "?";
}

/// <summary>How a run is made.</summary>
internal sealed record LoadSettings
{
    /// <summary>The server's address.</summary>
    public required Uri Server { get; init; }

    /// <summary>Clients, each with connections of its own.</summary>
    public required int Clients { get; init; }

    /// <summary>Share of each class of text, for people.</summary>
    public required string Mix { get; init; }

    /// <summary>Multiples of the capacity.</summary>
    public required double[] Levels { get; init; }

    /// <summary>How long requests come at each level.</summary>
    public required double LevelSeconds { get; init; }

    /// <summary>How long answers are waited for after that.</summary>
    public required double PatienceSeconds { get; init; }

    /// <summary>Requests at once that find the capacity.</summary>
    public required int AtOnce { get; init; }

    /// <summary>The random numbers' seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Speech a second that <c>cudatts bench</c> gives; null where nobody said.</summary>
    public double? Bench { get; init; }
}
