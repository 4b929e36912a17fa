using System.Diagnostics;
using CudaTts.Text;
using CudaTts.Text.English;
using CudaTts.Text.Ssml;

namespace CudaTts.Tests.Text;

/// <summary>Nothing that stands in a text or a document does harm: there are tokens, or a text error of one line.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class HostileTextTests
{
    private static readonly TextFrontEnd[] FrontEnds =
    [
        TextFrontEnd.Create("english", SymbolTable.Nvidia).With(UserLexicon.Parse("hello HH AH0 L OW1\n% P ER0 S EH1 N T\nU.S. Y UW1 EH1 S")),
        TextFrontEnd.Create("english_cleaners", SymbolTable.TorchaudioCharacters),
        TextFrontEnd.Create("none", SymbolTable.Nvidia),
        TextFrontEnd.Create("english_ipa", SymbolTable.Piper),
    ];

    [Test]
    public void Hostile_texts_give_tokens_or_a_text_error() =>
        Assert.That(HostileTexts.Texts(seed: 1, count: 100).Count(IsSpoken), Is.GreaterThan(72));

    [Test]
    public void Hostile_documents_give_a_plan_or_a_text_error() =>
        Assert.That(HostileTexts.Documents(seed: 2, count: 240).Count(IsRead), Is.GreaterThan(40));

    [TestCase(400)]
    [TestCase(10_000, Explicit = true, Category = "Long", Reason = "long: ten thousand texts; the same test has four hundred of them")]
    public void What_hostile_texts_say_is_its_own_normal_form(int count)
    {
        foreach (var text in HostileTexts.Texts(seed: 3, count))
        {
            var once = Transcriber.Normalize(text);
            Assert.That(Transcriber.Normalize(once), Is.EqualTo(once), text);
        }
    }

    [Test]
    [Explicit("long: a hundred thousand texts; Hostile_texts_give_tokens_or_a_text_error and its neighbours read some of the same kinds")]
    [Category("Long")]
    public void A_hundred_thousand_texts_and_as_many_documents_do_no_harm()
    {
        Report("texts", HostileTexts.Texts(seed: 77, count: 100_000), IsSpoken);
        Report("documents", HostileTexts.Documents(seed: 78, count: 100_000), IsRead);
    }

    private static void Report(string what, IEnumerable<string> texts, Func<string, bool> isGood)
    {
        var (start, slowest, count, good, characters) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, 0, 0, 0L);
        foreach (var text in texts)
        {
            var before = Stopwatch.GetTimestamp();
            good += isGood(text) ? 1 : 0;
            var taken = Stopwatch.GetElapsedTime(before);
            slowest = taken > slowest ? taken : slowest;
            (count, characters) = (count + 1, characters + text.Length);
        }

        using var process = Process.GetCurrentProcess();
        TestContext.Out.WriteLine(
            $"{count} {what} of {characters} characters in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, "
            + $"the slowest {slowest.TotalMilliseconds:F0} ms, {good} of them spoken; "
            + $"peak memory of the process {process.PeakWorkingSet64 / 1_000_000} MB");
        Assert.That(good, Is.GreaterThan(count / 6));
    }

    // Every front end reads all of a text, whatever the others made of it.
    private static bool IsSpoken(string text)
    {
        var isSpoken = false;
        foreach (var frontEnd in FrontEnds)
        {
            foreach (var sentence in frontEnd.Sentences(text))
            {
                isSpoken |= Reads(frontEnd, sentence);
            }
        }

        return isSpoken;
    }

    private static bool Reads(TextFrontEnd frontEnd, string sentence)
    {
        try
        {
            var parts = frontEnd.ReadParts(sentence);
            Assert.That(parts.All(part => part.Ids.Length > 0), Is.True, sentence);
            return true;
        }
        catch (TextException error)
        {
            Assert.That(error.Message, Has.Length.LessThan(1_000).And.Not.Contains("\n"));
            return false;
        }
    }

    private static bool IsRead(string document)
    {
        try
        {
            var steps = SsmlReader.Read(document).Steps;
            return steps.OfType<SsmlText>().Aggregate(false, (isSpoken, step) => isSpoken | IsSpoken(step.Text));
        }
        catch (TextException error)
        {
            Assert.That(error.Message, Does.StartWith("SSML").And.Not.Contains("\n"), document);
            return false;
        }
    }
}
