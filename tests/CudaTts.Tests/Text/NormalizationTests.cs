using CudaTts.Text.English;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class NormalizationTests
{
    private static IEnumerable<TestCaseData> HardInputs() => Inputs("hard-inputs.txt", "# ");

    private static IEnumerable<TestCaseData> WildInputs() => Inputs("wild-inputs.txt", ";; ");

    private static IEnumerable<TestCaseData> Inputs(string file, string comment)
    {
        using var stream = typeof(NormalizationTests).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        var line = 0;
        while (reader.ReadLine() is { } row)
        {
            line++;
            if (row.Length > 0 && !row.StartsWith(comment, StringComparison.Ordinal))
            {
                var bar = row.LastIndexOf(" | ", StringComparison.Ordinal);
                yield return new TestCaseData(row[..bar].Replace("\\n", "\n", StringComparison.Ordinal), row[(bar + 3)..])
                    .SetArgDisplayNames($"{file} {line}: {row[..bar]}");
            }
        }
    }

    [TestCaseSource(nameof(HardInputs))]
    [TestCaseSource(nameof(WildInputs))]
    public void Hard_inputs_are_said_as_the_table_has_it(string written, string expected)
    {
        // A question or an exclamation ends a text itself; the full stop is not in the table.
        var end = expected[^1] is '!' or '?' ? "" : " .";
        Assert.That(Transcriber.Normalize(written), Is.EqualTo(expected + end));
    }

    [Test]
    public void The_tables_are_long()
    {
        Assert.That(HardInputs().Count(), Is.GreaterThanOrEqualTo(400));
        Assert.That(WildInputs().Count(), Is.GreaterThanOrEqualTo(1050));
    }

    [Test]
    public void What_is_said_is_its_own_normal_form()
    {
        var inputs = HardInputs().Concat(WildInputs()).Select(row => (string)row.Arguments[0]!);
        foreach (var text in inputs.Concat(RandomTexts.Mixed(seed: 4, count: 5_000)))
        {
            var once = Transcriber.Normalize(text);
            Assert.That(Transcriber.Normalize(once), Is.EqualTo(once), text);
        }
    }

    [Test]
    public void A_text_with_a_letter_or_a_digit_is_never_silent()
    {
        foreach (var text in RandomTexts.Mixed(seed: 6, count: 5_000).Where(text => text.Any(char.IsAsciiLetterOrDigit)))
        {
            // Empty braces and phones are notation; a scheme alone says nothing.
            if (!text.Contains("://", StringComparison.Ordinal))
            {
                Assert.That(Transcriber.Normalize(text), Is.Not.Empty, text);
            }
        }
    }
}
