using System.CommandLine;
using System.CommandLine.Parsing;
using CudaTts.Cli.Commands;

namespace CudaTts.Cli;

/// <summary>The <c>cudatts</c> command: verbs, exit codes, and errors as one line on standard error.</summary>
internal static class CommandLine
{
    private static readonly (string Name, Func<Terminal, Command> Create)[] s_verbs =
    [
        ("say", SayCommand.Create),
        ("mel", MelCommand.Create),
        ("vocode", VocodeCommand.Create),
        ("synthesize", SynthesizeCommand.Create),
        ("analyze", _ => AnalyzeCommand.Create()),
        ("evaluate", EvaluateCommand.Create),
        ("tokens", TokensCommand.Create),
        ("convert", ConvertCommand.Create),
        ("inspect", InspectCommand.Create),
        ("bench", BenchCommand.Create),
        ("profile", ProfileCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("listening-test", ListeningTestCommand.Create),
    ];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation)
    {
        // Without a replacer of response files, a text may begin with an at sign.
        var root = Root(terminal, arguments is [var first, ..] ? first : null);
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            return Fail(terminal, ExitCode.WrongArguments, $"{parsed.Errors[0].Message} See 'cudatts --help'.");
        }

        if (UnknownOption(parsed) is { } unknown)
        {
            return Fail(terminal, ExitCode.WrongArguments,
                $"unknown option '{unknown}'; put -- before a text that begins like one. See 'cudatts --help'.");
        }

        if (EmptyName(parsed) is { } nameless)
        {
            return Fail(terminal, ExitCode.WrongArguments, $"{nameless}: expected the name of a file or folder, found nothing.");
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = terminal.Text,
                Error = terminal.Error,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (ArgumentsException error)
        {
            return Fail(terminal, ExitCode.WrongArguments, error.Message);
        }
        catch (ClosedPipeException)
        {
            return ExitCode.ClosedPipe;
        }
        catch (OperationCanceledException) when (terminal.OutputClosed.IsCancellationRequested)
        {
            return ExitCode.ClosedPipe;
        }
        catch (OperationCanceledException)
        {
            return Fail(terminal, ExitCode.Interrupted, "interrupted.");
        }
        catch (Exception error) when (error is CudaTtsException or IOException or UnauthorizedAccessException)
        {
            return Fail(terminal, ExitCode.Failed, error.Message);
        }
        catch (OutOfMemoryException)
        {
            return Fail(terminal, ExitCode.Failed, "out of memory; try a shorter text.");
        }
        catch (Exception error)
        {
            return Fail(terminal, ExitCode.Failed, $"a fault of this program: {error.Message} Please report this, with the command line.");
        }
    }

    private static string? EmptyName(ParseResult parsed) => parsed.CommandResult.Children
        .Where(child => child.Tokens.Any(token => token.Value.Length == 0))
        .Select(child => child switch
        {
            OptionResult { Option: { HelpName: SharedOptions.FileName or "DIR" or "PNG" } option } => option.Name,
            ArgumentResult { Argument: { HelpName: SharedOptions.FileName or "REF" or "DEG" } argument } => argument.Name,
            _ => null,
        })
        .FirstOrDefault(name => name is not null);

    // The parser takes an option that it does not know for an argument: a typing error would be spoken.
    private static string? UnknownOption(ParseResult parsed) => parsed.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))?.Value;

    /// <summary>The command with its verbs.</summary>
    /// <param name="terminal">Where they read and write.</param>
    /// <param name="first">The first argument: where it is a verb, that alone is made, as nothing asks for the options of the others.</param>
    internal static RootCommand Root(Terminal terminal, string? first = null)
    {
        var root = new RootCommand(
            "Text to speech on this machine, on its GPU or its CPU: Tacotron 2 or FastPitch with HiFi-GAN, WaveGlow, Parallel WaveGAN, WaveNet or "
            + "Griffin-Lim, and VITS and Piper voices; no Python, no framework.");
        var asked = Array.FindAll(s_verbs, verb => verb.Name == first);
        foreach (var (_, create) in asked.Length > 0 ? asked : s_verbs)
        {
            root.Add(create(terminal));
        }

        return root;
    }

    private static int Fail(Terminal terminal, int code, string message)
    {
        terminal.Error.WriteLine($"cudatts: {Printable.Of(message.ReplaceLineEndings(" ").Trim())}");
        return code;
    }
}

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongArguments = 2;

    /// <summary>Written, but the speech probably lacks something: the frame limit was reached, or the attention did not read to the end.</summary>
    public const int Incomplete = 3;

    /// <summary>Ctrl-C, or a request to end from elsewhere in the program.</summary>
    public const int Interrupted = Signals + 2;

    /// <summary>Nobody reads standard output any more: the number of SIGPIPE, of which other programs die.</summary>
    public const int ClosedPipe = Signals + 13;

    // Shells count so.
    private const int Signals = 128;

    /// <summary>A signal, as shells count it.</summary>
    public static int OfSignal(int number) => Signals + number;
}

/// <summary>The arguments do not make sense together; exit code 2.</summary>
internal sealed class ArgumentsException(string message) : Exception(message);
