using System.Text.RegularExpressions;

namespace CudaTts.Tests.Architecture;

/// <summary>The style of the sources, as far as it can be checked without a reader.</summary>
[TestFixture]
internal sealed partial class SourceStyleTests
{
    private const int LongestLine = 150;

    // A formula or a shape is a sentence too: "y = W x + b for every row."
    private const int LeastWords = 3;

    private static readonly string[] s_folders = ["src", "tests", "benchmarks"];

    [Test]
    public void No_line_is_too_long() =>
        Assert.That(Files().SelectMany(LongLines).ToList(), Is.Empty, $"lines of more than {LongestLine} characters");

    [Test]
    public void A_summary_is_a_sentence() => Assert.That(
        Files().Where(InSources).SelectMany(Fragments).ToList(),
        Is.Empty, "summaries that are no sentence of three words or more, ended by a full stop");

    [TestCase("/// <summary>B.</summary>", 1)]
    [TestCase("/// <summary>In use.</summary>", 1)]
    [TestCase("/// <summary>Releases the device</summary>", 1)]
    [TestCase("/// <summary>Releases the device.</summary>", 0)]
    [TestCase("/// <summary>\n/// Releases the\n/// device (all of it).\n/// </summary>", 0)]
    [TestCase("/// <summary><c>hifigan</c> names the network.</summary>", 0)]
    public void Fragments_are_found(string source, int fragments) => Assert.That(Fragments(source).Count(), Is.EqualTo(fragments));

    [Test]
    public void A_long_line_is_found() => Assert.That(LongLines("a\n" + new string('b', LongestLine + 1) + "\n"), Is.EqualTo((string[])["2"]));

    private static IEnumerable<string> Files() => s_folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !OutputFolder().IsMatch(Path.GetRelativePath(Checkout.Root, file)));

    private static bool InSources(string file) => Path.GetRelativePath(Checkout.Root, file).StartsWith("src", StringComparison.Ordinal);

    private static IEnumerable<string> LongLines(string file) => File.Exists(file)
        ? LongLines(File.ReadAllText(file), Path.GetRelativePath(Checkout.Root, file) + ":")
        : LongLines(file, "");

    // Raw strings of several lines are text of other files, which have lines of their own length.
    private static IEnumerable<string> LongLines(string text, string prefix)
    {
        var isRaw = false;
        foreach (var (i, line) in text.Split('\n').Index())
        {
            if (line.Length > LongestLine && !isRaw)
            {
                yield return $"{prefix}{i + 1}";
            }

            isRaw ^= RawQuotes().Count(line) % 2 == 1;
        }
    }

    private static IEnumerable<string> Fragments(string file)
    {
        var isFile = File.Exists(file);
        var text = isFile ? File.ReadAllText(file) : file;
        foreach (Match summary in Summary().Matches(text))
        {
            var sentence = Blank().Replace(CommentMark().Replace(summary.Groups[1].Value, " "), " ").Trim();
            if (sentence.Split(' ').Length < LeastWords || sentence[^1] is not ('.' or ':' or ')' or '>'))
            {
                yield return isFile ? $"{Path.GetRelativePath(Checkout.Root, file)}: {sentence}" : sentence;
            }
        }
    }

    [GeneratedRegex(@"(^|[\\/])(bin|obj)[\\/]")]
    private static partial Regex OutputFolder();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex(@"\n\s*///")]
    private static partial Regex CommentMark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
