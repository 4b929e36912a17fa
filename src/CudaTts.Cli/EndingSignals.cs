using System.Globalization;
using System.Runtime.InteropServices;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// What ends the process from outside: Ctrl-C, Ctrl-\, SIGTERM, SIGHUP. The first one cancels the work, which cleans up; work that cannot notice that
/// in time, such as a wait for a file system, and a second signal, end the process at once. Temporary files are removed either way.
/// </summary>
internal sealed class EndingSignals : IDisposable
{
    // Longer than a decoder step or a vocoder's layer takes, shorter than a person waits.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // .NET's own numbers of signals are negative; a shell adds the system's to 128.
    private static readonly (PosixSignal Signal, int Number)[] s_signals =
        [(PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1), (PosixSignal.SIGQUIT, 3)];

    private readonly CancellationTokenSource _ending = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _number;

    public EndingSignals()
    {
        var ignored = Ignored();
        foreach (var (signal, number) in s_signals)
        {
            // What nohup has told this process to ignore stays ignored.
            if ((ignored >> (number - 1) & 1) == 0)
            {
                _registrations.Add(PosixSignalRegistration.Create(signal, context => End(context, number)));
            }
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _ending.Token;

    /// <summary>The exit code of a command; when a signal has ended it, the code that shells give to that.</summary>
    public async Task<int> ExitCodeOf(Task<int> command, TextWriter error)
    {
        var signalled = new TaskCompletionSource();
        using var registration = Token.Register(signalled.SetResult);
        if (await Task.WhenAny(command, signalled.Task).ConfigureAwait(false) != command
            && await Task.WhenAny(command, Task.Delay(s_patience)).ConfigureAwait(false) != command)
        {
            AtomicFiles.Abandon();
            await error.WriteLineAsync("cudatts: interrupted.").ConfigureAwait(false);
            Environment.Exit(ExitCode.OfSignal(_number));
        }

        var code = await command.ConfigureAwait(false);
        return code is ExitCode.Interrupted or ExitCode.ClosedPipe && _number > 0 ? ExitCode.OfSignal(_number) : code;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _ending.Dispose();
    }

    private void End(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _number, number, 0) == 0)
        {
            _ending.Cancel();
        }
        else
        {
            AtomicFiles.Abandon();
            Environment.Exit(ExitCode.OfSignal(number));
        }
    }

    // Bit n - 1 stands for signal n; nothing where the system does not say.
    private static ulong Ignored()
    {
        const string Name = "SigIgn:";
        var line = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is null ? 0 : ulong.Parse(line[Name.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
