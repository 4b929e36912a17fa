using System.Diagnostics;
using System.Runtime.InteropServices;
using CudaTts.Cli;

namespace CudaTts.Tests.Cli;

/// <summary>What ends the command from outside: it ends soon, with the code that a shell gives, and leaves nothing.</summary>
[TestFixture]
[Platform("Linux", Reason = "env resets signals on Linux only")]
internal sealed partial class EndingTests : CommandTestBase
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // Longer than any of these takes, so that a command that does not end fails its test instead of stopping all of them.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static string LongText => string.Concat(Enumerable.Repeat("This is one sentence of a text that goes on. ", 2000));

    [TestCase(Hangup)]
    [TestCase(Interrupt)]
    [TestCase(Terminate)]
    public async Task A_signal_ends_a_job_and_leaves_what_is_finished(int signal)
    {
        using var command = Start("say", "--lines", At("out"), "--voice", EndlessVoice);
        await command.StandardInput.WriteLineAsync("One.");
        await command.StandardInput.WriteLineAsync(LongText);
        await command.StandardInput.FlushAsync();
        Assert.That(await command.StandardOutput.ReadLineAsync(), Does.EndWith("0001.wav"));
        Assert.That(await EndAsync(command, signal), Is.EqualTo(128 + signal));
        Assert.That(Directory.GetFiles(At("out")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "0001.wav", "manifest.jsonl" }));
    }

    [Test]
    public async Task A_signal_ends_the_wait_for_a_line()
    {
        using var command = Start("say", "--lines", At("out"), "--voice", StoppingVoice);
        await command.StandardInput.WriteLineAsync("One.");
        await command.StandardInput.FlushAsync();
        Assert.That(await command.StandardOutput.ReadLineAsync(), Does.EndWith("0001.wav"));
        Assert.That(await EndAsync(command, Interrupt), Is.EqualTo(ExitCode.Interrupted));
    }

    // A pipe that nobody writes to cannot be waited for in any other way.
    [TestCase("analyze PIPE -o OUT")]
    [TestCase("inspect PIPE")]
    [TestCase("say -f PIPE -o OUT")]
    public async Task A_signal_ends_what_takes_no_notice_of_it(string line)
    {
        Assert.That(MakePipe(At("pipe"), Convert.ToUInt32("600", 8)), Is.Zero);
        using var command = Start([.. line.Split(' ').Select(word => word switch { "PIPE" => At("pipe"), "OUT" => At("out/a"), _ => word })]);

        // The command has begun when it has caught the signal: .NET installs its handlers before it opens anything.
        Assert.That(SpinWait.SpinUntil(() => Catches(command.Id, Terminate), s_patience));
        Assert.That(await EndAsync(command, Terminate), Is.EqualTo(128 + Terminate));
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public async Task A_reader_that_leaves_ends_the_speech()
    {
        await File.WriteAllTextAsync(At("in.txt"), LongText);
        using var command = Start("say", "-f", At("in.txt"), "--output-raw", "--voice", EndlessVoice);
        var first = new byte[1000];
        await command.StandardOutput.BaseStream.ReadExactlyAsync(first);
        command.StandardOutput.Close();
        Assert.That(await ExitAsync(command), Is.EqualTo(ExitCode.ClosedPipe));
        Assert.That(await command.StandardError.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    public async Task An_encoder_that_never_reads_does_not_stop_a_signal()
    {
        await File.WriteAllTextAsync(At("in.txt"), LongText);
        Directory.CreateDirectory(At("bin"));
        await File.WriteAllTextAsync(At("bin/ffmpeg"), $"#!/bin/sh\necho > {At("started")}\nexec tail -f /dev/null\n");
        SetExecutable(At("bin/ffmpeg"));
        using var command = Start(["say", "-f", At("in.txt"), "-o", At("out/a.mp3"), "--voice", EndlessVoice], At("bin"));
        Assert.That(SpinWait.SpinUntil(() => File.Exists(At("started")), s_patience));
        Assert.That(await EndAsync(command, Interrupt), Is.EqualTo(ExitCode.Interrupted));
        Assert.That(Outputs(), Is.Empty);
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("bin")]
    public async Task A_program_of_the_current_folder_is_not_run(string searched)
    {
        Directory.CreateDirectory(At("bin"));
        foreach (var name in new[] { "ffmpeg", "bin/ffmpeg" })
        {
            await File.WriteAllTextAsync(At(name), $"#!/bin/sh\necho > {At("started")}\n");
            SetExecutable(At(name));
        }

        using var command = Start(["say", "Hi.", "-o", At("out/a.mp3"), "--voice", StoppingVoice], searched);
        await ExitAsync(command);
        Assert.That(File.Exists(At("started")), Is.False);
    }

    [TestCase("lots")]
    [TestCase("-1")]
    [TestCase("0")]
    [TestCase("8G")]
    [TestCase("99999999999999999999")]
    [TestCase("1e9")]
    public async Task Nonsense_for_the_emulated_memory_is_refused(string bytes)
    {
        using var command = Start(["say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice, "--device", "emulated"], "/usr/bin",
            ("CUDATTS_EMULATED_MEMORY_BYTES", bytes));
        Assert.That(await ExitAsync(command), Is.EqualTo(ExitCode.Failed));
        var error = await command.StandardError.ReadToEndAsync();
        Assert.That(error, Does.StartWith("cudatts: "));
        Assert.That(error, Does.Contain("CUDATTS_EMULATED_MEMORY_BYTES"));
    }

    private Process Start(params string[] arguments) => Start(arguments, "/usr/bin");

    private Process Start(string[] arguments, string searched, params (string Name, string Value)[] environment)
    {
        var program = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

        // What starts the tests may ignore signals (nohup, a shell's background job), and what it ignores its children do.
        string[] line = ["--default-signal=HUP,INT,TERM,PIPE", program, Path.Combine(AppContext.BaseDirectory, "CudaTts.Cli.dll"), .. arguments];
        var start = new ProcessStartInfo("/usr/bin/env", line)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = At(""),
        };
        start.Environment["PATH"] = searched;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static Task<int> EndAsync(Process command, int signal)
    {
        Assert.That(Send(command.Id, signal), Is.Zero);
        return ExitAsync(command);
    }

    private static async Task<int> ExitAsync(Process command)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await command.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            command.Kill();
            throw;
        }

        return command.ExitCode;
    }

    private static bool Catches(int process, int signal)
    {
        const string Name = "SigCgt:";
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(Name, StringComparison.Ordinal));
        return (Convert.ToUInt64(line[Name.Length..].Trim(), 16) >> (signal - 1) & 1) != 0;
    }

    private static void SetExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
