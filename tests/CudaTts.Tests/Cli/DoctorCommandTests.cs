using System.Diagnostics;
using CudaTts.Cli;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Cli;

/// <summary>What <c>doctor</c> says of this machine.</summary>
[NonParallelizable]
internal sealed class DoctorCommandTests : CommandTestBase
{
    [Test]
    public void Every_line_says_what_was_found_or_what_to_do()
    {
        var result = Run("doctor", "--voice", StoppingVoice);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var lines = Lines(result);
        Assert.That(lines.Select(line => line[..9]), Is.All.EqualTo("ok       ").Or.EqualTo("missing  "));
        Assert.That(
            lines.Select(line => line[9..].Split(' ')[0]),
            Is.SupersetOf(new[] { "GPU", "kernels", "emulated", "nvcc", "ffmpeg", "espeak-ng", "voice" }));
        Assert.That(lines.Select(line => line[21..]), Is.All.Length.GreaterThan(3));
    }

    [Test]
    public void The_kernels_of_the_build_are_counted()
    {
        var count = KernelLibrary.PtxResources().Count();
        var line = Line("kernels");

        Assert.That(line, count > 0 ? Does.StartWith("ok").And.Contain($"{count} PTX files")
            : Does.StartWith("missing").And.Contain("./build.sh toolchain"));
    }

    // A process chooses its driver once.
    [Test]
    public void An_emulated_device_that_does_not_start_says_why()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CudaTts.Cli.dll"), "doctor", "--voice", StoppingVoice])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["CUDATTS_EMULATED_CAPABILITY"] = "7.5";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        var line = output.Split('\n').Single(line => line.Length > 9 && line[9..].StartsWith("emulated", StringComparison.Ordinal));
        if (CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        Assert.That(line, Does.StartWith("missing").And.Contain("CUDATTS_EMULATED_CAPABILITY: expected 8.0 or 9.0, found '7.5'. It is for tests"));
    }

    [Test]
    public void Nvcc_is_found_where_the_toolchain_is_installed()
    {
        var installed = At("cache/cudatts/cuda/bin/nvcc");
        Directory.CreateDirectory(Path.GetDirectoryName(installed)!);
        File.WriteAllText(OperatingSystem.IsWindows() ? installed + ".exe" : installed, "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(installed, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        Assert.That(WithEnvironment(() => Line("nvcc")), Does.StartWith("ok").And.Contain(installed));
    }

    [Test]
    public void Without_nvcc_it_says_what_installs_it()
    {
        if (File.Exists("/usr/local/cuda/bin/nvcc"))
        {
            Assert.Ignore("this machine has nvcc in /usr/local/cuda");
        }

        Assert.That(WithEnvironment(() => Line("nvcc")), Does.StartWith("missing").And.Contain("./build.sh toolchain"));
    }

    [Test]
    public void Espeak_is_optional_and_says_what_it_is_for() => Assert.That(
        WithEnvironment(() => Line("espeak-ng")),
        Does.StartWith("missing").And.Contain("optional: it reads the text of voices").And.Contain("apt install"));

    [Test]
    public void A_missing_voice_is_a_failure()
    {
        var result = Run("doctor", "--voice", At("none"));

        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(Lines(result).Last(), Does.StartWith("missing  voice"));
    }

    private string Line(string what) =>
        Lines(Run("doctor", "--voice", StoppingVoice)).Single(line => line[9..].StartsWith(what + " ", StringComparison.Ordinal));

    private static string[] Lines(CommandResult result) => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // No toolkit but what is in this test's cache folder.
    private string WithEnvironment(Func<string> run)
    {
        (string Name, string Value)[] changed = [("CUDA_PATH", ""), ("PATH", At("out")), ("XDG_CACHE_HOME", At("cache"))];
        var before = changed.Select(variable => (variable.Name, Value: Environment.GetEnvironmentVariable(variable.Name))).ToList();
        try
        {
            foreach (var (name, value) in changed)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            return run();
        }
        finally
        {
            foreach (var (name, value) in before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }
}
