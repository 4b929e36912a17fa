using System.CommandLine;
using System.Text.Json;
using CudaTts.Compute;
using CudaTts.Text;
using CudaTts.Text.English;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts tokens</c>: what the acoustic model would read.</summary>
internal static class TokensCommand
{
    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string>("text") { Description = "The text." };
        var cleaner = SharedOptions.Choice(
            "--cleaner",
            "The text front end: english (the default voice's), english_ipa (English as IPA), english_cleaners (the public models'), espeak (IPA by "
            + "the program espeak-ng), characters (those that the voice knows), or none.",
            TextFrontEnd.Names);
        var voice = new Option<string?>("--voice")
        {
            Description = "Folder of a voice: its own front end and symbols instead of --cleaner and the public ones.",
            HelpName = "DIR",
        };
        var lexicon = SharedOptions.Lexicon();
        var explain = SharedOptions.Flag("--explain", "Also show where every word's phones come from.");
        var json = SharedOptions.Json();
        var command = new Command("tokens", "Shows what the acoustic model would read.") { text, voice, cleaner, lexicon, explain, json };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(voice);
            if (folder is not null && parsed.GetResult(cleaner) is { Implicit: false })
            {
                throw new ArgumentsException("--cleaner: the voice of --voice has a front end of its own; leave one of them out.");
            }

            var frontEnd = folder is null ? TextFrontEnd.Create(parsed.GetValue(cleaner)!) : FrontEndOf(folder);
            frontEnd = parsed.GetValue(lexicon) is { Length: > 0 } paths ? frontEnd.With(UserLexicon.Load(paths)) : frontEnd;
            var tokens = frontEnd.Read(parsed.GetValue(text)!);
            Action<Terminal, TokenSequence, bool> write = parsed.GetValue(json) ? WriteJson : Write;
            write(terminal, tokens, parsed.GetValue(explain));
        });
        return command;
    }

    private static TextFrontEnd FrontEndOf(string folder)
    {
        // Nothing is computed: a GPU would be taken for a table.
        using var synthesizer = SpeechSynthesizer.Load(folder, new DeviceOptions { Name = "cpu" });
        return synthesizer.Voice.FrontEnd;
    }

    private static void WriteJson(Terminal terminal, TokenSequence tokens, bool explain)
    {
        var words = explain ? tokens.Words.Select(word => new WordReport(word.Word, NameOf(word.Origin), word.PhoneNames)).ToArray() : null;
        var readings = tokens.Readings.Select(reading => new ReadingReport(reading.Written, reading.Class, reading.Rule, reading.Said));
        var report = new TokensReport(tokens.Text, tokens.Symbols, tokens.Ids, words)
        {
            Readings = explain ? [.. readings] : null,
            Unspoken = explain ? tokens.Unspoken : null,
        };
        terminal.Text.WriteLine(JsonSerializer.Serialize(report, CliJson.Instance.TokensReport));
    }

    private static void Write(Terminal terminal, TokenSequence tokens, bool explain)
    {
        terminal.Text.WriteLine(tokens.Text);
        terminal.Text.WriteLine(string.Join(' ', tokens.Symbols.Select(symbol => symbol == " " ? "_" : symbol)));
        terminal.Text.WriteLine(string.Join(' ', tokens.Ids));
        if (!explain)
        {
            return;
        }

        WriteReadings(terminal, tokens);
        if (tokens.Words.Count == 0)
        {
            terminal.Text.WriteLine("every symbol is a character of the text above, or a phone that it has in braces");
        }

        var width = tokens.Words.Select(word => word.Word.Length).DefaultIfEmpty().Max();
        foreach (var word in tokens.Words)
        {
            terminal.Text.WriteLine($"{word.Word.PadRight(width)}  {NameOf(word.Origin),-15}  {word.PhoneNames}");
        }
    }

    /// <summary>What was read by a rule, words that stand for themselves left out.</summary>
    private static void WriteReadings(Terminal terminal, TokenSequence tokens)
    {
        var readings = tokens.Readings.Where(reading => reading.Rule != "word" && !reading.IsUnspoken
            && !reading.Written.Equals(reading.Said, StringComparison.OrdinalIgnoreCase)).ToList();
        var width = readings.Select(reading => reading.Written.Length).DefaultIfEmpty().Max();
        foreach (var reading in readings)
        {
            var said = reading.Said.Length == 0 ? "(nothing)" : reading.Said;
            terminal.Text.WriteLine($"{reading.Written.PadRight(width)}  {reading.Class + ", " + reading.Rule,-34}  {said}");
        }

        foreach (var sign in tokens.Unspoken)
        {
            terminal.Text.WriteLine($"not spoken: {sign} (U+{(sign.Length > 1 ? char.ConvertToUtf32(sign, 0) : sign[0]):X4} has no reading)");
        }
    }

    private static string NameOf(PronunciationOrigin origin) => origin switch
    {
        PronunciationOrigin.Dictionary => "dictionary",
        PronunciationOrigin.Derived => "derived",
        PronunciationOrigin.HeteronymRule => "heteronym rule",
        PronunciationOrigin.LetterToSound => "letter to sound",
        PronunciationOrigin.Spelled => "spelled",
        PronunciationOrigin.UserLexicon => "user lexicon",
        _ => "inline",
    };
}
