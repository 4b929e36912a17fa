using System.CommandLine;
using System.Globalization;

namespace CudaTts.Load;

/// <summary>The command line of the load generator.</summary>
internal static class LoadCommand
{
    private const double SoakLevel = 0.7;

    private static readonly TimeSpan s_sampleEvery = TimeSpan.FromSeconds(10);

    /// <summary>Makes the command.</summary>
    public static RootCommand Create()
    {
        var url = new Option<string>("--url") { DefaultValueFactory = _ => "http://127.0.0.1:8880", Description = "The server." };
        var keys = new Option<string[]>("--key")
        {
            Description = "API key of a client; several make several clients.",
            DefaultValueFactory = _ => [],
        };
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 4, Description = "Clients, where there are no keys." };
        var seconds = new Option<double>("--level-seconds") { DefaultValueFactory = _ => 60, Description = "How long requests come at each level." };
        var patience = new Option<double>("--patience")
        {
            DefaultValueFactory = _ => 120,
            Description = "Seconds that answers are waited for after that.",
        };
        var levels = new Option<string>("--levels") { DefaultValueFactory = _ => "0.5,0.8,1,2,10", Description = "Multiples of the capacity." };
        var atOnce = new Option<int>("--at-once") { DefaultValueFactory = _ => 32, Description = "Requests at once that find the capacity." };
        var mix = new Option<string>("--mix") { DefaultValueFactory = _ => "short=0.5,medium=0.35,long=0.15", Description = "Shares of the texts." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "The random numbers' seed." };
        var bench = new Option<double?>("--bench") { Description = "Speech a second that 'cudatts bench' gives on this machine, to compare with." };
        var soak = new Option<double?>("--soak")
        {
            Description = "Instead of levels: so many minutes of mixed load, and the server's memory meanwhile.",
        };
        var metrics = new Option<string?>("--metrics") { Description = "Where the metrics are; the server's /metrics when omitted." };
        var json = new Option<string?>("--json") { Description = "Also write the results to this file, as JSON.", HelpName = "FILE" };
        var command = new RootCommand("An open-loop load generator for the speech server. Exit code 3: a promise was not kept.")
        {
            url, keys, clients, seconds, patience, levels, atOnce, mix, seed, bench, soak, metrics, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            var settings = new LoadSettings
            {
                Server = new Uri(parsed.GetValue(url)!),
                Clients = parsed.GetValue(keys) is { Length: > 0 } given ? given.Length : parsed.GetValue(clients),
                Mix = parsed.GetValue(mix)!,
                Levels = [.. parsed.GetValue(levels)!.Split(',').Select(Number)],
                LevelSeconds = parsed.GetValue(seconds),
                PatienceSeconds = parsed.GetValue(patience),
                AtOnce = parsed.GetValue(atOnce),
                Seed = parsed.GetValue(seed),
                Bench = parsed.GetValue(bench),
            };
            var place = parsed.GetValue(metrics) is { } named ? new Uri(named) : new Uri(settings.Server, "/metrics");
            return parsed.GetValue(soak) is { } minutes
                ? await SoakAsync(settings, parsed.GetValue(keys)!, minutes, place, parsed.GetValue(json))
                : await LevelsAsync(settings, parsed.GetValue(keys)!, parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>Reads the shares of the texts: <c>short=0.5,long=0.5</c>.</summary>
    public static TextMix MixOf(string text) => new(text.Split(',').Select(part => part.Split('=')).ToDictionary(
        part => Enum.Parse<TextLength>(part[0], ignoreCase: true), part => Number(part[1])));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<int> LevelsAsync(LoadSettings settings, string[] keys, string? json)
    {
        var clients = ClientsOf(settings, keys);
        var report = await new LoadRun(settings, clients, MixOf(settings.Mix), Console.Error).RunAsync();
        Console.Write(report.ToMarkdown());
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, report.ToJson());
        }

        clients.ForEach(client => client.Dispose());
        return ExitCodeOf(report.Targets);
    }

    private static async Task<int> SoakAsync(LoadSettings settings, string[] keys, double minutes, Uri metrics, string? json)
    {
        var clients = ClientsOf(settings, keys);
        var mix = MixOf(settings.Mix);
        var run = new LoadRun(settings, clients, mix, Console.Error);
        await run.WarmUpAsync();
        var rate = SoakLevel * (await run.ClosedAsync(settings.AtOnce, $"{settings.AtOnce} at once")).Rate;
        using var ending = new CancellationTokenSource();
        using var http = new HttpClient();
        var sampling = Soak.SampleAsync(http, metrics, s_sampleEvery, ending.Token);
        var arrivals = Arrivals.Poisson(rate, TimeSpan.FromMinutes(minutes), mix, clients.Count, settings.Seed);
        var (results, elapsed) = await OpenLoop.RunAsync(clients, arrivals, TimeSpan.FromSeconds(settings.PatienceSeconds));
        await ending.CancelAsync();
        var samples = await sampling;
        Console.Write(Soak.ToMarkdown(samples, LevelSummary.Of(SoakLevel, rate, results, elapsed)));
        if (json is not null)
        {
            await File.WriteAllLinesAsync(json, samples.Select(sample => string.Create(CultureInfo.InvariantCulture,
                $"{{\"at\":{sample.At:0.0},\"working_set\":{sample.WorkingSet:0},\"managed\":{sample.Managed:0}}}")));
        }

        clients.ForEach(client => client.Dispose());
        return ExitCodeOf([Soak.TargetOf(samples)]);
    }

    private static List<SpeechClient> ClientsOf(LoadSettings settings, string[] keys) =>
        [.. Enumerable.Range(0, settings.Clients).Select(i => new SpeechClient(settings.Server, keys.ElementAtOrDefault(i)))];

    private static int ExitCodeOf(IReadOnlyList<LoadTarget> targets) => targets.All(target => target.IsMet) ? 0 : 3;
}
