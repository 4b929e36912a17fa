using System.CommandLine;

namespace CudaTts.Cli;

/// <summary>Options that several verbs have.</summary>
internal static class SharedOptions
{
    /// <summary>What help calls the value of an option or argument that names a file.</summary>
    public const string FileName = "FILE";

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

    public static Option<ulong?> Seed() => NumberOption.Of<ulong>(
        "--seed", new NumberRange(0, ulong.MaxValue), "N", "Key of the random numbers; the same seed gives the same result.",
        $"0 to {ulong.MaxValue}");

    public static Option<float?> Denoise() => NumberOption.Of<float>(
        "--denoise", SpeechLimits.Denoise, "STRENGTH", "How much of the vocoder's own hum to take away; 0.01 to 0.1 is usual.");

    public static Option<int?> Speaker() => NumberOption.Of<int>(
        "--speaker", SpeechLimits.Speaker, "K", "Which speaker of a network that has several, from 0.");

    public static Option<string?> SpeakerOrName() => new("--speaker")
    {
        Description = "Which speaker of a voice that has several, from 0, or by name where the voice has names.",
        HelpName = "K|NAME",
    };

    public static Option<float?> NoiseScale() => NumberOption.Of<float>(
        "--noise-scale", SpeechLimits.Sigma, "X", "How lively a VITS voice speaks: the factor on its noise; 0.667 is usual.");

    public static Option<float?> DurationNoiseScale() => NumberOption.Of<float>(
        "--noise-scale-w", SpeechLimits.Sigma, "X", "How freely a VITS voice chooses its rhythm: the factor on its durations' noise; 0.8 is usual.");

    public static Option<string[]> Lexicon() => new("--lexicon")
    {
        Description = "Words and their sounds, ARPAbet or /IPA/, one a line; may be given several times, the first to have a word counts.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<bool> Json() => Flag("--json", "Write JSON.");

    /// <summary>An option that is given or not; what follows it is never its value.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>An option that takes one of some names, the first when it is not given.</summary>
    public static Option<string> Choice(string name, string description, IReadOnlyList<string> names) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', names),
        DefaultValueFactory = _ => names[0],
        CustomParser = result =>
        {
            var given = result.Tokens[0].Value;
            var known = names.FirstOrDefault(candidate => candidate.Equals(given, StringComparison.OrdinalIgnoreCase));
            if (known is null)
            {
                result.AddError($"{name}: expected {string.Join(" or ", names)}, found '{given}'.");
            }

            return known;
        },
    };
}
