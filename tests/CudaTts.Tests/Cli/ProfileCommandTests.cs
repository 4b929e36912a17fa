using System.Text.Json;
using CudaTts.Cli;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Cli;

/// <summary>What <c>profile</c> says, and what it runs.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ProfileCommandTests : CommandTestBase
{
    [Test]
    public void On_the_CPU_there_are_stages()
    {
        var output = Run("profile", "Hi.", "--voice", StoppingVoice, "--device", "cpu", "--runs", "1").Output;
        Assert.That(output, Does.Contain("encoder").And.Contain("decoder").And.Contain("vocoder").And.Contain("total"));
        Assert.That(output, Does.Contain("the CPU has stages only").And.Not.Contain("launches  total ms"));
    }

    [Test]
    public void On_a_device_every_kernel_is_listed_with_its_launches()
    {
        TestDevice.SkipWithout();
        var result = Run("profile", "Hi.", "--voice", StoppingVoice, "--device", "emulated", "--precision", "float32", "--runs", "2", "--json");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var report = JsonSerializer.Deserialize(result.Output, CliJson.Instance.ProfileReport)!;

        // In float32 the decoder goes step by step, with two LSTMs a step.
        var kernels = report.Kernels.ToDictionary(kernel => kernel.Name);
        string[] some = ["embedding_f32", "lstm_sequence_f32", "prenet_f32", "lstm_cell_f32", "attention_energies_f32", "projection_f32"];
        Assert.That(kernels.Keys, Is.SupersetOf(some));
        Assert.That(kernels["lstm_cell_f32"].LaunchesPerRun, Is.EqualTo(2 * kernels["prenet_f32"].LaunchesPerRun));
        var embedding = kernels["embedding_f32"];
        Assert.That(embedding, Is.EqualTo(embedding with { LaunchesPerRun = 1, Grid = "3", Block = "128", Shapes = 1, Registers = null }));
        Assert.That(report.Kernels.Sum(kernel => kernel.Share), Is.EqualTo(1).Within(1e-6));
        Assert.That(report.Kernels.Select(kernel => kernel.SecondsPerRun), Is.Ordered.Descending);
        Assert.That(report.Note, Does.Contain("no GPU's"));
        var table = Run("profile", "Hi.", "--voice", StoppingVoice, "--device", "emulated", "--runs", "1").Output;
        Assert.That(table, Does.Contain("launches  total ms").And.Contain("occupancy").And.Contain("embedding_f16"));
    }

    [Test]
    public void The_trace_is_one_of_complete_events()
    {
        TestDevice.SkipWithout();
        Assert.That(Run("profile", "Hi.", "--voice", StoppingVoice, "--device", "emulated", "--runs", "1", "--trace", At("out/trace.json")).Code,
            Is.Zero);
        using var trace = JsonDocument.Parse(File.ReadAllBytes(At("out/trace.json")));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        var complete = events.Where(one => one.GetProperty("ph").GetString() == "X").ToList();
        Assert.That(events.Except(complete).Select(one => one.GetProperty("ph").GetString()), Is.All.EqualTo("M"));
        Assert.That(complete.Select(one => one.GetProperty("dur").GetDouble()), Is.All.GreaterThanOrEqualTo(0));
        Assert.That(complete.Select(one => one.GetProperty("ts").GetDouble()), Is.All.GreaterThanOrEqualTo(0));
        var names = complete.Select(one => (Text(one, "cat"), one.GetProperty("pid").GetInt32(), Text(one, "name"))).ToList();
        Assert.That(names, Is.SupersetOf(new[] { ("stage", 1, "decoder"), ("stage", 2, "decoder"), ("kernel", 2, "embedding_f16") }));
        AssertFails(Run("profile", "Hi.", "--voice", StoppingVoice, "--trace", At("none/trace.json")), ExitCode.Failed, "does not exist");
    }

    [TestCase("--nsys", null, "nsys profile --trace=cuda,nvtx,osrt ", " --cuda-graph-trace=node ", "--output=report")]
    [TestCase("--ncu", null, "ncu --nvtx --nvtx-include run/ ", " --section SpeedOfLight ", " --launch-count 200 ", "--export report")]
    [TestCase("--ncu", "lstm|conv", "ncu --nvtx --nvtx-include run/ ", " --kernel-name 'regex:lstm|conv' ", " --launch-count 20 ")]
    public void The_profilers_command_line_is_printed(string tool, string? kernel, params string[] parts)
    {
        string[] kernels = kernel is null ? [] : [kernel];
        var result = Run(["profile", "It's me.", "--device", "cuda:1", "--runs", "2", tool, .. kernels, "-o", "report", "--print"]);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        foreach (var part in parts)
        {
            Assert.That(result.Output, Does.Contain(part));
        }

        Assert.That(result.Output.TrimEnd(), Does.EndWith("""profile --plain --runs 2 --device cuda:1 -- 'It'\''s me.'"""));
    }

    [Test]
    public void The_profiler_is_run_with_this_command_and_its_failure_is_ours()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("the profiler of this test is a shell script");
            return;
        }

        // A profiler that writes down what it was asked, and fails when it is told to.
        File.WriteAllText(At("nsys"), "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"${0%/*}/asked\"\ncase \"$*\" in *fail*) exit 3 ;; esac\n");
        File.SetUnixFileMode(At("nsys"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var result = WithPath(() => Run("profile", "Hi.", "--voice", StoppingVoice, "--nsys", "-o", At("out/report")));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var asked = File.ReadAllLines(At("asked"));
        Assert.That(asked[0], Is.EqualTo("profile"));
        Assert.That(asked, Does.Contain($"--output={At("out/report")}"));
        Assert.That(asked[^2..], Is.EqualTo(new[] { "--", "Hi." }));
        Assert.That(asked, Does.Contain("--plain").And.Contain(StoppingVoice));
        AssertFails(WithPath(() => Run("profile", "fail", "--nsys", "-o", At("out/report"))), ExitCode.Failed, "nsys ended with exit code 3");
    }

    [Test]
    public void A_profiler_that_is_not_here_is_told_in_one_line()
    {
        if (NsightTool.Compute.Folders().Skip(SearchPath.Folders().Length).Any(folder => File.Exists(Path.Combine(folder, "ncu"))))
        {
            Assert.Ignore("this machine has ncu in one of its usual places");
        }

        AssertFails(WithPath(() => Run("profile", "Hi.", "--ncu")), ExitCode.Failed, "ncu is not on the PATH nor in its usual places");
    }

    [Test]
    public void Plain_runs_measure_and_print_nothing()
    {
        var result = Run("profile", "Hi.", "--plain", "--voice", StoppingVoice, "--device", "cpu", "--runs", "1");
        Assert.That((result.Code, result.Output), Is.EqualTo((ExitCode.Done, "")), result.Error);
    }

    [TestCase("--nsys and --plain", "--nsys", "--plain")]
    [TestCase("--trace and --json", "--nsys", "--json")]
    [TestCase("--print and --output", "--print")]
    [TestCase("--print and --output", "-o", "report")]
    [TestCase("--runs", "--runs", "0")]
    public void What_makes_no_sense_together_is_wrong(string message, params string[] options)
    {
        var expected = message == "--nsys and --plain" ? "expected one of them" : message;
        AssertFails(Run(["profile", "Hi.", .. options]), ExitCode.WrongArguments, expected);
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    /// <summary>With the test's folder as the PATH.</summary>
    private CommandResult WithPath(Func<CommandResult> run)
    {
        var before = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", At(""));
        try
        {
            return run();
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", before);
        }
    }
}
