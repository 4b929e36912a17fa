using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CudaTts.Cli.Listening;
using CudaTts.Files;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts listening-test analyse</c>: what listeners' answers show.</summary>
internal static class ListeningTestAnalyseCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("results")
        {
            Description = "The files that listeners have sent back (JSON).",
            HelpName = SharedOptions.FileName,
            Arity = ArgumentArity.OneOrMore,
        };
        var key = new Option<string>("--key")
        {
            Description = $"The {ListeningTest.KeyName} that was made with the page.",
            HelpName = SharedOptions.FileName,
            Required = true,
        };
        var html = new Option<string?>("--html") { Description = "Also write a report as one page.", HelpName = SharedOptions.FileName };
        var json = SharedOptions.Json();
        var seed = NumberOption.Of<uint>(
            "--seed", new NumberRange(0, uint.MaxValue), "N", "Key of the intervals' random draws; 1 when not given.");
        var rules = new ScreeningArguments();
        var command = new Command("analyse", "Screens listeners, and prints means, intervals and differences.") { files, key, html, json, seed };
        command.Aliases.Add("analyze");
        rules.AddTo(command);
        command.SetAction(parsed =>
        {
            var page = parsed.GetValue(html);
            OutputFile.RequireFolder(page ?? OutputFile.StandardOutput);
            OutputFile.RequireDistinct(
                [("--html", page)], [("--key", parsed.GetValue(key)), .. parsed.GetValue(files)!.Select(path => ("a result", (string?)path))]);
            var report = Analyse(parsed.GetValue(files)!, parsed.GetValue(key)!, rules.Of(parsed), parsed.GetValue(seed) ?? 1) with
            {
                Created = terminal.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            };
            Write(report, terminal, parsed.GetValue(json), page);
        });
        return command;
    }

    private static ListeningReport Analyse(string[] files, string keyPath, ScreeningRules rules, uint seed)
    {
        var key = KeyFile.Read(keyPath);
        var results = new ResultReader(key);
        foreach (var path in files)
        {
            if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            {
                throw new FileException(
                    $"{path}: expected the JSON file that the page saves; its CSV is for spreadsheets and lacks the answers to the checks.");
            }

            results.Add(path);
        }

        return ListeningAnalysis.Report(results, files.Length, key, rules, seed);
    }

    private static void Write(ListeningReport report, Terminal terminal, bool asJson, string? page)
    {
        if (asJson)
        {
            terminal.Text.WriteLine(JsonSerializer.Serialize(report, ListeningJson.Instance.ListeningReport));
        }
        else
        {
            ListeningTable.Write(terminal.Text, report);
        }

        if (page is not null)
        {
            AtomicFiles.Write((page, stream => ListeningReportPage.Write(stream, report)));
        }
    }
}
