using System.CommandLine;
using System.Globalization;

namespace CudaTts.Cli;

/// <summary>Options that several verbs have.</summary>
internal static class SharedOptions
{
    public static Option<string?> Voice() => new("--voice")
    {
        Description = "Folder of the voice; without it CUDATTS_VOICE, then the default voice.",
        HelpName = "DIR",
    };

    public static Option<string?> Vocoder() => new("--vocoder")
    {
        Description = $"Folder of another vocoder than the voice's, or {Models.Vocoder.GriffinLimName}.",
        HelpName = "DIR",
    };

    public static Option<string> Model(string description) => new("--model", "-m") { Description = description, HelpName = "DIR", Required = true };

    public static Option<string> Output(string description) => new("--output", "-o")
    {
        Description = description,
        HelpName = "FILE",
        Required = true,
    };

    public static Option<ulong?> Seed() => new("--seed")
    {
        Description = "Key of the random numbers; the same seed gives the same result.",
        HelpName = "N",
    };

    public static Option<float?> Denoise() => new("--denoise")
    {
        Description = "How much of the vocoder's own hum to take away; 0.01 to 0.1 is usual.",
        HelpName = "STRENGTH",
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1
                    && !(float.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 10))
                {
                    result.AddError($"--denoise: expected a strength from 0 to 10, found '{result.Tokens[0].Value}'.");
                }
            },
        },
    };

    public static Option<string[]> Lexicon() => new("--lexicon")
    {
        Description = "Words and their sounds, ARPAbet or /IPA/, one a line; may be given several times, the first to have a word counts.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<bool> Json() => new("--json") { Description = "Write JSON." };
}
