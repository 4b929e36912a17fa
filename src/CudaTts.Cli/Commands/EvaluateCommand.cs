using System.CommandLine;
using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli.Evaluation;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts evaluate</c>: measures of speech, of pairs of recordings, of a vocoder, of a voice.</summary>
internal static class EvaluateCommand
{
    private const int MostShown = 1000;

    public static Command Create(Terminal terminal)
    {
        var reference = Recording("reference", "REF", "What it should sound like: WAV, AIFF or MP3, at any rate.");
        var degraded = Recording("degraded", "DEG", "What it sounds like.");
        var pairs = new Option<string[]>("--pairs")
        {
            Description = "Two folders of recordings: what they should sound like, and what they do; files of the same name are a pair.",
            HelpName = "DIR DIR",
            Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true,
        };
        var list = new Option<string?>("--list")
        {
            Description = "Pairs of a table of comma-separated values with the columns reference, degraded and, if wanted, name.",
            HelpName = SharedOptions.FileName,
        };
        var recordings = new Option<string?>("--recordings")
        {
            Description = "Recordings to be copied through --vocoder; with --texts, recordings of these texts.",
            HelpName = "DIR",
        };
        var texts = new Option<string?>("--texts")
        {
            Description = "Texts that a voice says, one a line or ID|text.",
            HelpName = SharedOptions.FileName,
        };
        var recogniser = new Option<string?>("--recogniser")
        {
            Description = $"Any program that prints what it hears in a WAV file of 16 kHz; {Recogniser.FileMark} stands for the file.",
            HelpName = "COMMAND",
        };
        var framing = SharedOptions.Choice("--frontend", "Framing of the recordings' mels, as in analyze.", ["hifigan", "nvidia"]);
        var (voice, vocoder, seed, json) = (SharedOptions.Voice(), SharedOptions.Vocoder(), SharedOptions.Seed(), SharedOptions.Json());
        var baseline = new Option<string?>("--baseline")
        {
            Description = "A report that -o has written: is this one better?",
            HelpName = SharedOptions.FileName,
        };
        var page = new Option<string?>("--report")
        {
            Description = "Write a page with pictures and players (HTML).",
            HelpName = SharedOptions.FileName,
        };
        var output = new Option<string?>("--output", "-o") { Description = "Write the report as JSON.", HelpName = SharedOptions.FileName };
        var shown = NumberOption.Of<int>(
            "--shown", new NumberRange(0, MostShown), "N", $"Clips that the page shows and plays, the worst first ({EvaluateArguments.UsualShown}).");
        var device = new DeviceArguments();
        var command = new Command("evaluate", "Measures how good speech is: PESQ, STOI, cepstra, pitch, levels, words.")
        {
            reference, degraded, pairs, list, recordings, vocoder, framing, voice, texts, recogniser, seed, baseline, page, output, json, shown,
        };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(terminal, parsed.GetValue(json), new EvaluateArguments
        {
            Reference = parsed.GetValue(reference),
            Degraded = parsed.GetValue(degraded),
            Pairs = parsed.GetValue(pairs) ?? [],
            List = parsed.GetValue(list),
            Recordings = parsed.GetValue(recordings),
            Vocoder = parsed.GetValue(vocoder),
            Framing = parsed.GetValue(framing) == "nvidia" ? MelFraming.Nvidia : MelFraming.HifiGan,
            Voice = parsed.GetValue(voice),
            Texts = parsed.GetValue(texts),
            Recogniser = parsed.GetValue(recogniser),
            Device = device.Of(parsed),
            Seed = parsed.GetValue(seed),
            Baseline = parsed.GetValue(baseline),
            Page = parsed.GetValue(page),
            Output = parsed.GetValue(output),
            Json = parsed.GetValue(json),
            Shown = parsed.GetValue(shown),
        }, cancellation)));
        return command;
    }

    private static Argument<string?> Recording(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.ZeroOrOne,
    };

    // Programs that read the JSON find there why there is none, and always the one exit code.
    private static int Run(Terminal terminal, bool json, EvaluateArguments arguments, CancellationToken cancellation)
    {
        try
        {
            return new EvaluateJob(terminal, arguments).Run(cancellation);
        }
        catch (Exception error) when (json && error is CudaTtsException or ArgumentsException)
        {
            var failure = new EvaluationFailure(new FailureReport(error is ArgumentsException ? "arguments" : "file", error.Message));
            terminal.Text.WriteLine(JsonSerializer.Serialize(failure, CliJson.Instance.EvaluationFailure));
            terminal.Error.WriteLine($"cudatts: {Printable.Of(error.Message)}");
            return ExitCode.Failed;
        }
    }
}
