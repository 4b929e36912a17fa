using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace CudaTts.Tests.Scripts;

/// <summary>
/// The steps of a run on a rented GPU (tests/CudaTts.Gpu.Tests/steps.sh): one that
/// fails or hangs costs only itself, and what came before it is in the archive.
/// </summary>
[TestFixture]
internal sealed class GpuStepsTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Start()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the scripts for a GPU machine are for Linux");
        }

        _folder = new TemporaryFolder();
    }

    [TearDown]
    public void Forget() => _folder?.Dispose();

    [Test]
    public void A_failure_and_a_hang_cost_only_their_step()
    {
        var lines = Run(
            1000,
            """
            good='echo all is well; echo "3 passed | 0 failed" >"$STEP_SUMMARY"; echo "| a figure |" >"$STEP_REPORT"; echo kept >"$STEP_RESULTS/kept.txt"'
            step good 100 bash -c "$good"
            tar -tzf "$out/results.tar.gz" | sort >"$out/../after-good.txt"
            step bad 100 bash -c 'exit 3'; echo "status $?"
            step stuck 2 bash -c 'echo before; trap "" TERM; sleep 600 & while :; do sleep 600; done'; echo "status $?"
            step absent 100 bash -c 'echo "no such tool here" >"$STEP_SUMMARY"; exit 77'; echo "status $?"
            step last 100 true; echo "status $?"
            """);

        Assert.That(Words(lines, "good"), Is.EqualTo("good ok s of 100 3 passed / 0 failed"));
        Assert.That(Words(lines, "bad"), Is.EqualTo("bad FAILED (3) s of 100"));
        Assert.That(Words(lines, "stuck"), Is.EqualTo("stuck ENDED at its limit s of 2"));
        Assert.That(Words(lines, "absent"), Is.EqualTo("absent not here s of 100 no such tool here"));
        Assert.That(Words(lines, "last"), Is.EqualTo("last ok s of 100"));
        var statuses = lines.Where(line => line.StartsWith("status", StringComparison.Ordinal));
        Assert.That(statuses, Is.EqualTo(new[] { "status 3", "status 124", "status 77", "status 0" }));
        string[] afterGood = ["results/", "results/good.log", "results/kept.txt", "results/report.md"];
        Assert.That(File.ReadAllLines(_folder.Path("after-good.txt")), Is.EqualTo(afterGood));
        Assert.That(Archived("stuck.log"), Is.EqualTo("before\n"));
        Assert.That(Archived("report.md"), Is.EqualTo(File.ReadAllText(_folder.Path("out/report.md"))));
        Assert.That(lines[^1], Does.StartWith("| last | ok |"));
        Assert.That(lines, Does.Contain("| a figure |"));
        Assert.That(Directory.GetFiles(_folder.Path("out")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "report.md", "results.tar.gz" }));
    }

    [Test]
    public void What_a_step_left_running_is_ended()
    {
        Run(1000, """step leaves 100 bash -c 'sleep 600 & echo $! >"$STEP_RESULTS/pid.txt"'""");
        Assert.That(Directory.Exists($"/proc/{Archived("pid.txt").Trim()}") && !IsZombie(Archived("pid.txt").Trim()), Is.False);
    }

    [Test]
    public void What_no_longer_fits_is_skipped_and_said()
    {
        var lines = Run(
            500,
            """
            step long 501 touch "$out/began"; echo "status $?"
            step short 100 true
            """);

        Assert.That(Words(lines, "long"), Does.StartWith("long skipped s of 501 its 501 s no longer fit"));
        Assert.That(lines, Does.Contain("status 125"));
        Assert.That(Words(lines, "short"), Is.EqualTo("short ok s of 100"));
        Assert.That(File.Exists(_folder.Path("out/began")), Is.False);
    }

    [TestCase("fail", "FAILED (1)")]
    [TestCase("hang", "ENDED at its limit")]
    public void A_planted_fault_takes_the_place_of_one_step(string fault, string result)
    {
        var lines = Run(1000, "step first 1 true\nstep second 100 true", ("CUDATTS_PLANT", $"first:{fault}"));

        Assert.That(Words(lines, "first"), Is.EqualTo($"first {result} s of 1"));
        Assert.That(Words(lines, "second"), Is.EqualTo("second ok s of 100"));
    }

    [Test]
    public void An_archive_that_is_too_large_leaves_out_its_largest_file_and_says_so()
    {
        Run(1000, """step large 100 bash -c 'head -c 90000 /dev/urandom >"$STEP_RESULTS/large.bin"; echo small'""", ("most_bytes", "60000"));

        Assert.That(Archived("large.log"), Is.EqualTo("small\n"));
        Assert.That(Archived("left-out.txt"), Does.Contain("results/large.bin"));
        Assert.That(new FileInfo(_folder.Path("out/results.tar.gz")).Length, Is.LessThan(60000));
    }

    /// <summary>Lines that a script of steps has printed.</summary>
    private string[] Run(int seconds, string steps, params (string Name, string Value)[] variables)
    {
        var script = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../CudaTts.Gpu.Tests/steps.sh");
        File.WriteAllText(_folder.Path("steps.sh"),
            $"set -uo pipefail\n. '{script}'\nbegin title '{_folder.Path("out")}' {seconds}\n{steps}\nfinish\n");
        var start = new ProcessStartInfo("bash", [_folder.Path("steps.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.That(errors.Result, Is.Empty);
        return lines;
    }

    /// <summary>A step's line without its seconds, its words one blank apart.</summary>
    private static string Words(string[] lines, string step)
    {
        var words = lines.First(line => line.StartsWith($"{step} ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToList();
        words.RemoveAt(words.IndexOf("s") - 1);
        return string.Join(' ', words);
    }

    private string Archived(string name)
    {
        using var archive = new TarReader(new GZipStream(File.OpenRead(_folder.Path("out/results.tar.gz")), CompressionMode.Decompress));
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.Name == $"results/{name}" && entry.DataStream is { } content)
            {
                return new StreamReader(content).ReadToEnd();
            }
        }

        Assert.Fail($"the archive has no {name}");
        return "";
    }

    private static bool IsZombie(string process) => File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
