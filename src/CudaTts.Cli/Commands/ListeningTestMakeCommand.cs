using System.CommandLine;
using CudaTts.Cli.Listening;
using CudaTts.Quality.Listening;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts listening-test make</c>: a folder with a page and blind clips, and the key beside it.</summary>
internal static class ListeningTestMakeCommand
{
    public static Command Create(Terminal terminal)
    {
        var arguments = new ListeningTestArguments();
        var output = new Option<string>("--output", "-o")
        {
            Description = $"The folder that gets {ListeningTest.PageFolder}/, for listeners, and {ListeningTest.KeyName}, which is not for them.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command("make", "Makes the page of a listening test: a folder that works from a disk and from any web server.") { output };
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            var recipe = arguments.Of(parsed);
            var test = ListeningTest.Compose(recipe, new BlindNames());
            test.Write(parsed.GetValue(output)!);
            Print(terminal.Text, test, parsed.GetValue(output)!, recipe.Loudness);
        });
        return command;
    }

    private static void Print(TextWriter output, ListeningTest test, string folder, double wanted)
    {
        var square = test.Page is { Full: false, Method: not ListeningMethod.Mushra };
        output.WriteLine($"test {test.Page.TestId}: {KeyFile.WordOf(test.Page.Method).ToUpperInvariant()}, \"{test.Page.Question}\"");
        output.WriteLine(
            $"{test.ClipCount} clips at {test.SampleRate} Hz, {FormattableString.Invariant($"{test.Loudness:F1}")} LUFS; "
            + $"{test.RatingSentences} sentences to rate, "
            + (test.TrainingSentences > 0 ? $"{test.TrainingSentences} more for practice" : "of which the practice repeats some"));
        output.WriteLine(
            $"a listener rates {test.RatedTrials} {(test.Page.Method == ListeningMethod.Mushra ? "pages" : "clips")} in about {test.Minutes} minutes"
            + (square && test.Conditions.Count > 1 ? $"; {test.Conditions.Count} listeners, or a multiple of them, balance the design" : ""));
        if (test.Loudness < wanted)
        {
            output.WriteLine("the clips are quieter than asked for: louder, the highest peak would be clipped");
        }

        output.WriteLine($"give listeners {Path.Combine(folder, ListeningTest.PageFolder)}, with index.html?listener=0, 1, 2 ...");
        output.WriteLine($"keep {Path.Combine(folder, ListeningTest.KeyName)} to yourself: it says whose each clip is");
    }
}
