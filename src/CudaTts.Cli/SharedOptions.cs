using System.CommandLine;
using System.Globalization;

namespace CudaTts.Cli;

/// <summary>Options that several verbs have.</summary>
internal static class SharedOptions
{
    public static Option<string?> Voice() => new("--voice") { Description = "Folder of the voice; without it CUDATTS_VOICE, then the default voice.", HelpName = "DIR" };

    public static Option<string> Model(string description) => new("--model", "-m") { Description = description, HelpName = "DIR", Required = true };

    public static Option<string> Output(string description) => new("--output", "-o") { Description = description, HelpName = "FILE", Required = true };

    public static Option<ulong?> Seed() => new("--seed") { Description = "Key of the random numbers; the same seed gives the same result.", HelpName = "N" };

    public static Option<int> Threads() => new("--threads")
    {
        Description = "Threads to use; 0 is one a core.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        Validators = { result => RequireRange(result, 0, 256) },
    };

    public static Option<bool> Json() => new("--json") { Description = "Write JSON." };

    /// <summary>Devices that this build has: the CPU. The names of the others are known, so that the message can say what is the matter.</summary>
    public static Option<string> Device() => new("--device")
    {
        Description = "auto, cpu, cuda[:N] or emulated; this build has the CPU only.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "auto",
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !IsDevice(result.Tokens[0].Value))
                {
                    result.AddError($"--device: expected auto, cpu, cuda, cuda:N or emulated, found '{result.Tokens[0].Value}'.");
                }
            },
        },
    };

    /// <exception cref="CudaTtsException">The device is not in this build.</exception>
    public static void RequireCpu(string device)
    {
        if (device is not ("auto" or "cpu"))
        {
            throw new CudaTtsException($"--device {device}: this build has no {device.Split(':')[0]} device; use --device cpu.");
        }
    }

    private static bool IsDevice(string name) =>
        name is "auto" or "cpu" or "cuda" or "emulated"
        || (name.StartsWith("cuda:", StringComparison.Ordinal) && uint.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static void RequireRange(System.CommandLine.Parsing.OptionResult result, int least, int most)
    {
        if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most))
        {
            result.AddError($"{result.Option.Name}: expected a whole number from {least} to {most}, found '{result.Tokens[0].Value}'.");
        }
    }
}
