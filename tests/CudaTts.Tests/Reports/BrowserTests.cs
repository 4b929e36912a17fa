using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace CudaTts.Tests.Reports;

/// <summary>The report in a browser: its script runs, its policy lets nothing else run, and nothing is said on the console.</summary>
[TestFixture]
internal sealed partial class BrowserTests
{
    private const int MillisecondsForAPage = 60_000;
    private static readonly string[] s_browsers = ["chromium", "chromium-browser", "google-chrome"];

    [TestCase("recordings")]
    [TestCase("voice")]
    public void A_page_opens_without_a_word_on_the_console(string example) =>
        Assert.That(Open(ReportExample.Named(example).Page(), example).Console, Is.Empty);

    [Test]
    public void A_script_in_a_page_that_is_not_its_own_does_not_run()
    {
        var page = ReportExample.Named("voice").Page()
            .Replace("</body>", "<script>document.title = 'ran'</script></body>", StringComparison.Ordinal);
        var (document, console) = Open(page, "injected");
        Assert.That(document, Does.Not.Contain("<title>ran</title>"));
        Assert.That(console, Has.Some.Contain("Content Security Policy"));
    }

    [Test]
    public void A_click_on_a_heading_sorts_the_clips_the_worst_first_and_the_missing_last()
    {
        var values = ((string Name, double? Value)[])[("b", 9), ("missing", null), ("a", 10), ("c", -1)];
        var clips = values.Select(clip => ReportExample.Clip(clip.Name, ("mcd_db", clip.Value)));
        var page = new ReportExample(ReportExample.Of("pairs", [.. clips]), []).Page();

        // Where there is no browser the test is ignored, which may not happen within Assert.Multiple.
        string[] orders = [OrderAfter(page, clicks: 0), OrderAfter(page, clicks: 1), OrderAfter(page, clicks: 2)];
        Assert.That(orders, Is.EqualTo(new[] { "b missing a c", "a b c missing", "c b a missing" }));
    }

    /// <summary>
    /// Names of the clips after clicks on the heading of the first measure; the page's policy is taken away, so that a test may click.
    /// </summary>
    private static string OrderAfter(string page, int clicks)
    {
        var script = string.Concat(Enumerable.Repeat("document.querySelectorAll('.clips thead button')[1].click();", clicks));
        var clicked = Policy().Replace(page, "").Replace("</body>", $"<script>{script}</script></body>", StringComparison.Ordinal);
        var (document, console) = Open(clicked, $"clicked-{clicks}");
        Assert.That(console, Is.Empty);
        var table = document[document.IndexOf("id=\"all\"", StringComparison.Ordinal)..];
        return string.Join(' ', ClipName().Matches(table).Select(cell => cell.Groups[1].Value));
    }

    private static (string Document, List<string> Console) Open(string page, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "reports")).FullName;
        var file = Path.Combine(folder, name + ".html");
        File.WriteAllText(file, page);
        using var profile = new TemporaryFolder();
        var start = new ProcessStartInfo(Browser())
        {
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", $"--user-data-dir={profile.Path("profile")}",
                "--virtual-time-budget=2000", "--dump-dom", new Uri(file).AbsoluteUri,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var document = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(MillisecondsForAPage))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} did not show {file} within a minute");
        }

        return (document.Result, [.. errors.Result.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal))]);
    }

    private static string Browser()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var path = s_browsers.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Ignore($"no {string.Join(" or ", s_browsers)} is on the search path to open the report in");
        }

        return path!;
    }

    [GeneratedRegex("<meta http-equiv=\"Content-Security-Policy\"[^>]*>")]
    private static partial Regex Policy();

    [GeneratedRegex("<span class=\"name\">([a-z]+)</span>")]
    private static partial Regex ClipName();
}
