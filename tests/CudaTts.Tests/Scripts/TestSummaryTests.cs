using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CudaTts.Tests.Scripts;

/// <summary>The closing lines of a test run (tests/summary.awk): what they count is what the result file has.</summary>
[TestFixture]
internal sealed class TestSummaryTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Every_comparison_is_counted_and_nothing_else()
    {
        var mark = Golden.Mark;
        var lines = Summary(Results(
            3, 3, 3,
            Passed(1, $"mel: NMSE 1e-12 {mark}\ngates: NMSE 1e-13 {mark}"),
            Passed(2, "no comparison"),
            Passed(3, $"audio {mark}")));

        Assert.That(lines, Is.EqualTo(new[] { "3 goldens compared", "3 passed, 0 failed, 0 skipped" }));
        Assert.That(Summary(Results(1, 1, 1, Passed(1, "nothing")))[0], Is.EqualTo("0 goldens compared"));
    }

    [Test]
    public void A_reason_is_said_once_and_long_tests_are_counted_apart()
    {
        string[] skipped =
        [
            Skipped(1, "golden file &apos;a&apos; &amp; &lt;b&gt; is not here"), Skipped(2, "no nvcc"),
            Skipped(3, "golden file &apos;a&apos; &amp; &lt;b&gt; is not here"), Skipped(5, "OneTimeSetUp: long: takes minutes"),
            Skipped(6, "long: takes minutes"),
        ];
        string[] results = [Passed(4, ""), .. skipped];

        Assert.That(Summary(Results(8, 2, 3, results)), Is.EqualTo(new[]
        {
            "skipped, 2: golden file 'a' & <b> is not here", "skipped, 1: no nvcc", "left out, 2, long: takes minutes",
            "2 long tests left out; ./build.sh test-long runs them", "0 goldens compared", "2 passed, 1 failed, 3 skipped",
        }));
        Assert.That(Summary(Results(2, 1, 1, Passed(1, ""), Skipped(2, "takes long: minutes")))[^1], Is.EqualTo("1 passed, 0 failed, 1 skipped"));
    }

    [Test]
    public void Several_files_are_summed() => Assert.That(
        Summary(Results(2, 1, 2, Passed(1, Golden.Mark)), Results(1, 1, 1, Passed(1, Golden.Mark))),
        Is.EqualTo(new[] { "2 goldens compared", "2 passed, 1 failed, 0 skipped" }));

    private static string Passed(int id, string output) =>
        $"""<UnitTestResult testId="{id}" testName="name" outcome="Passed"><Output><StdOut>{output}</StdOut></Output></UnitTestResult>""";

    private static string Skipped(int id, string reason) => Split(
        $"""<UnitTestResult testId="{id}" outcome="NotExecuted"><Output><Message>{reason}</Message></Output></UnitTestResult>""");

    // As the logger writes them, an element begins a line.
    private static string Split(string elements) => elements.Replace("><", ">\n<", StringComparison.Ordinal);

    private static string Results(int total, int passed, int executed, params string[] elements) =>
        $"<TestRun>\n{string.Join('\n', elements)}\n<Counters total=\"{total}\" executed=\"{executed}\" passed=\"{passed}\" />\n</TestRun>\n";

    private string[] Summary(params string[] files)
    {
        var paths = files.Select((file, i) =>
        {
            File.WriteAllText(_folder.Path($"{i}.trx"), file);
            return _folder.Path($"{i}.trx");
        });
        try
        {
            var script = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../summary.awk");
            using var process = Process.Start(new ProcessStartInfo("awk", ["-f", script, .. paths]) { RedirectStandardOutput = true })!;
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            return lines;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("there is no awk here, with which build.sh counts");
            return [];
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
