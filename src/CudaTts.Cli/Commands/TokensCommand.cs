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
        var json = SharedOptions.Json();
        var command = new Command("tokens", "Shows what the acoustic model would read.") { text, cleaner, json };
        command.SetAction(parsed =>
        {
            var tokens = TextFrontEnd.Create(parsed.GetValue(cleaner)!, SymbolTable.Nvidia).Read(parsed.GetValue(text)!);
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
        });
        return command;
    }
}
