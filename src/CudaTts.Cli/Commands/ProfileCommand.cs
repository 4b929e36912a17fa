using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts profile</c>: where the time of one text goes, by ourselves or under one of NVIDIA's profilers.</summary>
internal sealed class ProfileCommand
{
    // As few as show whether a run is like another: under Nsight Compute each takes minutes.
    private const int UsualRuns = 3;
    private const string ReportName = "cudatts";

    private readonly Argument<string> _text = new("text") { Description = "What to say.", DefaultValueFactory = _ => BenchCommand.DefaultText };
    private readonly BenchVoiceOptions _voice = new();
    private readonly DeviceArguments _device = new();
    private readonly Option<int?> _runs = BenchVoiceOptions.Runs($"Measured runs, after one to warm up; else {UsualRuns}.");

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "Also write every stage and launch to this file, for Perfetto or chrome://tracing.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _json = SharedOptions.Json();
    private readonly Option<bool> _systems = SharedOptions.Flag("--nsys", "Run under Nsight Systems: what ran when.");
    private readonly Option<string?> _compute = new("--ncu")
    {
        Description = "Run under Nsight Compute: what bounds the kernels, or those whose names match. Put the text before it.",
        HelpName = "KERNEL",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The profiler's report, without extension.",
        HelpName = "FILE",
        DefaultValueFactory = _ => ReportName,
    };

    private readonly Option<bool> _print = SharedOptions.Flag("--print", "Only print the profiler's command line.");
    private readonly Option<bool> _plain = SharedOptions.Flag("--plain", "Only speak, measuring nothing: for a profiler around it.");
    private readonly Terminal _terminal;

    private ProfileCommand(Terminal terminal)
    {
        _terminal = terminal;
    }

    public static Command Create(Terminal terminal)
    {
        var profile = new ProfileCommand(terminal);
        var command = new Command("profile", "Says what one text's time goes to: stages and kernels, by itself or under Nsight.")
        {
            profile._text, profile._runs, profile._trace, profile._json, profile._systems, profile._compute, profile._output, profile._print,
                profile._plain,
        };
        profile._voice.AddTo(command);
        profile._device.AddTo(command);
        command.SetAction(profile.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var runs = parsed.GetValue(_runs) ?? UsualRuns;
        if (ToolOf(parsed) is { } tool)
        {
            return await RunUnderAsync(tool, parsed, cancellation).ConfigureAwait(false);
        }

        OutputFile.RequireFolder(parsed.GetValue(_trace) ?? OutputFile.StandardOutput);
        using var chosen = _voice.Of(parsed);
        using var synthesizer = SpeechSynthesizer.Load(chosen.Folder, _device.Of(parsed), chosen.Options);
        var profile = new Profile(parsed.GetValue(_text)!, runs, cancellation);
        if (parsed.GetValue(_plain))
        {
            profile.Run(synthesizer);
            return ExitCode.Done;
        }

        var report = profile.Measure(synthesizer, parsed.GetValue(_trace));
        if (parsed.GetValue(_json))
        {
            _terminal.Text.WriteLine(JsonSerializer.Serialize(report, CliJson.Instance.ProfileReport));
        }
        else
        {
            ProfileTable.Write(_terminal.Text, report);
        }

        return ExitCode.Done;
    }

    private NsightTool? ToolOf(ParseResult parsed)
    {
        var (systems, compute, plain) = (parsed.GetValue(_systems), parsed.GetResult(_compute) is not null, parsed.GetValue(_plain));
        if ((systems ? 1 : 0) + (compute ? 1 : 0) + (plain ? 1 : 0) > 1)
        {
            throw new ArgumentsException("--nsys, --ncu and --plain: expected one of them.");
        }

        if ((systems || compute || plain) && (parsed.GetValue(_trace) is not null || parsed.GetValue(_json)))
        {
            throw new ArgumentsException("--trace and --json hold our own measurement, which --nsys, --ncu and --plain leave out.");
        }

        if (!systems && !compute && (parsed.GetValue(_print) || parsed.GetResult(_output) is { Implicit: false }))
        {
            throw new ArgumentsException("--print and --output belong to --nsys or --ncu.");
        }

        return systems ? NsightTool.Systems : compute ? NsightTool.Compute : null;
    }

    private async Task<int> RunUnderAsync(NsightTool tool, ParseResult parsed, CancellationToken cancellation)
    {
        OutputFile.RequireFolder(parsed.GetValue(_output)!);
        var print = parsed.GetValue(_print);
        var command = tool.CommandLine(parsed.GetValue(_output)!, parsed.GetValue(_compute), Plain(parsed), mustExist: !print);
        _terminal.Text.WriteLine(NsightTool.Quoted(command));
        if (print)
        {
            return ExitCode.Done;
        }

        var code = await NsightTool.RunAsync(command, cancellation).ConfigureAwait(false);
        return code == 0 ? ExitCode.Done : throw new CudaTtsException($"{tool.Name} ended with exit code {code}; what it says is above.");
    }

    /// <summary>This program again, with the same options but for those of the profiler.</summary>
    private List<string> Plain(ParseResult parsed)
    {
        List<string> command = [Environment.ProcessPath!];
        if (Path.GetFileNameWithoutExtension(command[0]) is "dotnet" or "testhost")
        {
            command = ["dotnet", Path.Combine(AppContext.BaseDirectory, $"{typeof(ProfileCommand).Assembly.GetName().Name}.dll")];
        }

        command.AddRange(["profile", "--plain", "--runs", $"{parsed.GetValue(_runs) ?? UsualRuns}"]);
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>().Where(option => !option.Implicit && !IsOwn(option.Option)))
        {
            command.AddRange([option.Option.Name, .. option.Tokens.Select(token => token.Value)]);
        }

        return [.. command, "--", parsed.GetValue(_text)!];
    }

    private bool IsOwn(Option option) => option == _systems || option == _compute || option == _output || option == _print || option == _runs;
}
