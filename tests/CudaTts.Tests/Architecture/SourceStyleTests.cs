using System.Text.RegularExpressions;

namespace CudaTts.Tests.Architecture;

/// <summary>The style of the sources, as far as it can be checked without a reader.</summary>
[TestFixture]
internal sealed partial class SourceStyleTests
{
    private const int LongestLine = 150;

    // A formula or a shape is a sentence too: "y = W x + b for every row."
    private const int LeastWords = 3;

    // With fewer words, "In every attempt." or "One or both." is an answer to a question that the reader has not asked.
    private const int LeastWordsOfPhrase = 5;

    private static readonly string[] s_folders = ["src", "tests", "benchmarks"];

    [Test]
    public void No_line_is_too_long() =>
        Assert.That(Files().SelectMany(LongLines).ToList(), Is.Empty, $"lines of more than {LongestLine} characters");

    [Test]
    public void A_summary_is_a_sentence() => Assert.That(
        Files().Where(InSources).SelectMany(Fragments).ToList(),
        Is.Empty, "summaries that are no sentence of three words or more, ended by a full stop, or are the rest of one (Of the chunk.)");

    [Test]
    public void A_tests_name_is_a_sentence_with_underscores() =>
        Assert.That(Files().SelectMany(NamesWithoutUnderscore).ToList(), Is.Empty, "tests whose names have no underscore");

    [Test]
    public void Every_file_that_a_comment_names_is_there()
    {
        var sources = Sources().Select(file => Path.GetRelativePath(Checkout.Root, file).Replace('\\', '/')).ToList();
        var missing = sources.SelectMany(file => NamedFiles(File.ReadAllText(Path.Combine(Checkout.Root, file)))
            .Where(named => !sources.Exists(source => $"/{source}".EndsWith($"/{named}", StringComparison.Ordinal)))
            .Select(named => $"{file}: {named}"));
        Assert.That(missing.ToList(), Is.Empty, "comments that name files which are not there");
    }

    [TestCase("// See kernels/conv1d.cu, conv1d.cuh and Conv1d.cs.", "kernels/conv1d.cu", "conv1d.cuh", "Conv1d.cs")]
    [TestCase("int a; // as SamplerPlan.cs has it", "SamplerPlan.cs")]
    [TestCase("/// <summary>Of models.py and NAME_sm90.cu, which are others' or an example.</summary>")]
    [TestCase("var name = \"Missing.cs\";")]
    public void Files_that_comments_name_are_found(string source, params string[] files) =>
        Assert.That(NamedFiles(source), Is.EqualTo(files));

    [TestCase("    [Test]\n    public void SaysWhatIsWritten()", "SaysWhatIsWritten")]
    [TestCase("    [Test, Explicit]\n    public async Task Says()", "Says")]
    [TestCase("    [TestCase(1)]\n    [TestCase(2)]\n    public void Says<T>(T value)", "Says")]
    [TestCase("    [TestCaseSource(nameof(Texts))]\n    [NonParallelizable]\n    public void SaysAll(string text)", "SaysAll")]
    [TestCase("    [Test]\n    public void Says_what_is_written() { }\n\n    public void Dispose() { }", null)]
    [TestCase("[TestFixture]\ninternal sealed class Says\n{\n    [SetUp]\n    public void Open() { }", null)]
    public void A_test_without_underscores_is_found(string source, string? name) =>
        Assert.That(NamesWithoutUnderscore(source), name is null ? Is.Empty : Is.EqualTo((string[])[name]));

    [TestCase("/// <summary>B.</summary>", 1)]
    [TestCase("/// <summary>In use.</summary>", 1)]
    [TestCase("/// <summary>Releases the device</summary>", 1)]
    [TestCase("/// <summary>Of the model, the memory and the plan.</summary>", 1)]
    [TestCase("/// <summary>Such as 9.0.</summary>", 1)]
    [TestCase("/// <summary>In every attempt.</summary>", 1)]
    [TestCase("/// <summary>One or both.</summary>", 1)]
    [TestCase("/// <summary>All of it.</summary>", 1)]
    [TestCase("/// <summary>One channel of sound.</summary>", 0)]
    [TestCase("/// <summary>All tiles there are.</summary>", 0)]
    [TestCase("/// <summary>For each module a list of addresses.</summary>", 0)]
    [TestCase("/// <summary>Releases the device.</summary>", 0)]
    [TestCase("/// <summary>\n/// Releases the\n/// device (all of it).\n/// </summary>", 0)]
    [TestCase("/// <summary><c>hifigan</c> names the network.</summary>", 0)]
    public void Fragments_are_found(string source, int fragments) => Assert.That(Fragments(source).Count(), Is.EqualTo(fragments));

    [Test]
    public void A_long_line_is_found() => Assert.That(LongLines("a\n" + new string('b', LongestLine + 1) + "\n"), Is.EqualTo((string[])["2"]));

    private static IEnumerable<string> Files() => s_folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !OutputFolder().IsMatch(Path.GetRelativePath(Checkout.Root, file)));

    private static IEnumerable<string> Sources() => Files().Concat(((string[])["*.cu", "*.cuh"]).SelectMany(kind =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "kernels"), kind, SearchOption.AllDirectories)));

    private static IEnumerable<string> NamedFiles(string text) =>
        Comment().Matches(text).SelectMany(comment => NamedFile().Matches(comment.Value).Select(named => named.Value));

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
            if (IsFragment(sentence.Split(' ')) || sentence[^1] is not ('.' or ':' or ')' or '>'))
            {
                yield return isFile ? $"{Path.GetRelativePath(Checkout.Root, file)}: {sentence}" : sentence;
            }
        }
    }

    private static bool IsFragment(string[] words) => words.Length < LeastWords
        || words[0] is "Of" or "Such"
        || (words.Length < LeastWordsOfPhrase && (words[0] is "In" or "On" or "For"
                || (words[0] is "One" or "All" && words[1] is "of" or "or" or "after")));

    private static IEnumerable<string> NamesWithoutUnderscore(string file)
    {
        var isFile = File.Exists(file);
        return TestMethod().Matches(isFile ? File.ReadAllText(file) : file)
            .Select(method => method.Groups["name"].Value)
            .Where(name => !name.Contains('_', StringComparison.Ordinal))
            .Select(name => isFile ? $"{Path.GetRelativePath(Checkout.Root, file)}: {name}" : name);
    }

    [GeneratedRegex(@"(^|[\\/])(bin|obj)[\\/]")]
    private static partial Regex OutputFolder();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex(@"(?<![:""\w])//.*")]
    private static partial Regex Comment();

    // A name in capitals stands for any.
    [GeneratedRegex(@"(?<![\w.<{*$-])(\w+/)*(?!NAME|_)\w+\.(cs|cu|cuh)\b")]
    private static partial Regex NamedFile();

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex(
        @"^ *\[Test(Case|CaseSource)?[\](,].*?^ *public [^\n(=]*?(?<name>\w+)(<\w+>)?\(",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"\n\s*///")]
    private static partial Regex CommentMark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
