using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CudaTts.Compute;

namespace CudaTts.Cli;

/// <summary>The options of every verb that computes: where, and how.</summary>
internal sealed class DeviceArguments
{
    private readonly Option<string> _device = new("--device")
    {
        Description = "auto (a GPU if there is one), cpu, cuda[:N] or emulated (a GPU's kernels on the CPU: slow, for tests).",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "auto",
        Validators =
        {
            result => Require(result, IsDevice, "auto, cpu, cuda, cuda:N or emulated"),
        },
    };

    private readonly Option<string> _precision = SharedOptions.Choice(
        "--precision", "Arithmetic on a GPU: float16 (sums in float32) or float32.", ["float16", "float32"]);

    private readonly Option<int?> _threads = NumberOption.Of<int>(
        "--threads", SpeechLimits.Threads, "N", "CPU threads to use, as many as there are cores at most; 0 is one a core.");

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_precision);
        command.Add(_threads);
    }

    /// <summary>What the command line says.</summary>
    public DeviceOptions Of(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_device)!,
        Precision = parsed.GetValue(_precision) == "float32" ? Precision.Full : Precision.Half,

        // More threads than cores only wait for each other.
        Threads = Math.Min(parsed.GetValue(_threads) ?? 0, Environment.ProcessorCount),
    };

    private static bool IsDevice(string name) =>
        name is "auto" or "cpu" or "cuda" or "emulated"
        || (name.StartsWith("cuda:", StringComparison.Ordinal)
            && ushort.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static void Require(OptionResult result, Predicate<string> isValid, string expected)
    {
        if (result.Tokens.Count == 1 && !isValid(result.Tokens[0].Value))
        {
            result.AddError($"{result.Option.Name}: expected {expected}, found '{result.Tokens[0].Value}'.");
        }
    }
}
