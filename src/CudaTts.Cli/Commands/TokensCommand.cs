using System.CommandLine;
using System.Text.Json;
using CudaTts.Text;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts tokens</c>: what the acoustic model would read.</summary>
internal static class TokensCommand
{
    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string>("text") { Description = "The text." };
        var cleaner = new Option<string>("--cleaner") { Description = "The text front end: english (the default voice's), english_cleaners (the public models'), or none.", DefaultValueFactory = _ => "english" };
        cleaner.AcceptOnlyFromAmong("english", "english_cleaners", "none");
        var lexicon = new Option<string?>("--lexicon") { Description = "A file of words and their sounds, ARPAbet or /IPA/, one a line." };
        var explain = new Option<bool>("--explain") { Description = "Also shows where every word's phones come from." };
        var json = SharedOptions.Json();
        var command = new Command("tokens", "Shows what the acoustic model would read.") { text, cleaner, lexicon, explain, json };
        command.SetAction(parsed =>
        {
            var frontEnd = TextFrontEnd.Create(parsed.GetValue(cleaner)!, SymbolTable.Nvidia);
            frontEnd = parsed.GetValue(lexicon) is { } path ? frontEnd.With(UserLexicon.Load(path)) : frontEnd;
            var tokens = frontEnd.Read(parsed.GetValue(text)!);
            if (parsed.GetValue(json))
            {
                terminal.Text.WriteLine(JsonSerializer.Serialize(new TokensReport(tokens.Text, tokens.Symbols, tokens.Ids), CliJson.Instance.TokensReport));
            }
            else
            {
                terminal.Text.WriteLine(tokens.Text);
                terminal.Text.WriteLine(string.Join(' ', tokens.Symbols.Select(symbol => symbol == " " ? "_" : symbol)));
                terminal.Text.WriteLine(string.Join(' ', tokens.Ids));
            }

            if (parsed.GetValue(explain))
            {
                Explain(terminal, tokens.Words);
            }
        });
        return command;
    }

    private static void Explain(Terminal terminal, IReadOnlyList<PronouncedWord> words)
    {
        var width = words.Select(word => word.Word.Length).DefaultIfEmpty().Max();
        foreach (var (word, phones, origin) in words)
        {
            terminal.Text.WriteLine($"{word.PadRight(width)}  {NameOf(origin),-15}  {phones}");
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
