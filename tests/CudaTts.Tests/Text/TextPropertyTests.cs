using CudaTts.Text;
using CudaTts.Text.English;

namespace CudaTts.Tests.Text;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TextPropertyTests
{
    private static readonly TextFrontEnd[] FrontEnds = [.. TextFrontEnd.Names.Where(name => name != "espeak").Select(TextFrontEnd.Create)];

    [TestCase(1_500)]
    [TestCase(20_000, Explicit = true, Category = "Long", Reason = "long: twenty thousand texts; the same test has fifteen hundred of them")]
    public void Any_text_gives_tokens_or_a_text_error(int count)
    {
        var spoken = 0;
        foreach (var text in RandomTexts.Mixed(seed: 1, count))
        {
            spoken += FrontEnds.Count(frontEnd => ReadsOrRefuses(frontEnd, text));
        }

        Assert.That(spoken, Is.GreaterThan(3 * count / 2), "texts that two of the front ends could say");
    }

    // Quadratic work on 100,000 characters takes minutes: the run's own time limit is what fails here.
    [Test]
    public void Long_texts_of_one_pattern_are_read()
    {
        foreach (var text in RandomTexts.Long(100_000))
        {
            foreach (var frontEnd in FrontEnds)
            {
                ReadsOrRefuses(frontEnd, text);
            }

            Assert.That(SentenceSplitter.Split(text), Has.All.Length.LessThanOrEqualTo(SentenceSplitter.LongestSegment));
        }
    }

    [TestCase(800)]
    [TestCase(20_000, Explicit = true, Category = "Long", Reason = "long: twenty thousand texts; the same test has eight hundred of them")]
    public void English_is_written_in_the_notation_of_the_voice(int count)
    {
        foreach (var text in RandomTexts.Mixed(seed: 2, count))
        {
            if (TryRead(FrontEnds[0], text) is { } tokens)
            {
                Assert.That(tokens.Text, Does.Match(@"^\{[A-Z0-2 ]+\}[,.!?]?( \{[A-Z0-2 ]+\}[,.!?]?)*$").And.Match("[.!?]$"), text);
                Assert.That(tokens.Ids, Is.EqualTo(SymbolTable.Nvidia.EncodeExactly(tokens.Text)), text);
            }
        }
    }

    [Test]
    public void Splitting_keeps_every_character_but_white_space()
    {
        foreach (var text in RandomTexts.Mixed(seed: 3, count: 5_000).Concat(RandomTexts.Long(5_000)))
        {
            var segments = SentenceSplitter.Split(text);
            Assert.That(WithoutSpace(string.Concat(segments)), Is.EqualTo(WithoutSpace(text)));
            Assert.That(segments,
                Has.All.Length.InRange(1, SentenceSplitter.LongestSegment).And.All.Matches<string>(segment => segment == segment?.Trim()));
        }
    }

    [TestCase("One. Two! Three?", "One.|Two!|Three?")]
    [TestCase("Mr. Smith met Dr. A. Jones. They left.", "Mr. Smith met Dr. A. Jones.|They left.")]
    [TestCase("It cost 3.50 at 9 a.m. sharp. \"Really?\" Yes...", "It cost 3.50 at 9 a.m. sharp.|\"Really?\"|Yes...")]
    [TestCase("No. 5 is alive. I say no. Fine.", "No. 5 is alive.|I say no.|Fine.")]
    [TestCase("“Are you mad?” she said. He was.", "“Are you mad?” she said.|He was.")]
    [TestCase("Wait... what? Now.", "Wait... what?|Now.")]
    [TestCase("The U.S. Army won. In the U.S. The law is old.", "The U.S. Army won.|In the U.S.|The law is old.")]
    [TestCase("At 9 a.m. The bus left.", "At 9 a.m.|The bus left.")]
    [TestCase("1. First, 2. Second. Done.", "1. First, 2.|Second.|Done.")]
    [TestCase("Acme Inc. of Ohio. Acme Inc. Then it failed.", "Acme Inc. of Ohio.|Acme Inc.|Then it failed.")]
    [TestCase("Plan B. Then what?", "Plan B.|Then what?")]
    [TestCase("Pi is 3.14. Yes.", "Pi is 3.14.|Yes.")]
    [TestCase("It is (almost!) done. Go.", "It is (almost!) done.|Go.")]
    [TestCase("line one\nline two", "line one|line two")]
    [TestCase("Nan lived on 1428 Elm St. It was strange.", "Nan lived on 1428 Elm St.|It was strange.")]
    [TestCase("He is Sam Lee Jr. She is not. It is 5 ft. It is tall.", "He is Sam Lee Jr.|She is not.|It is 5 ft.|It is tall.")]
    [TestCase("Turn into Oak Dr. Then stop. Ask Dr. Will Jones or Dr. No.", "Turn into Oak Dr.|Then stop.|Ask Dr. Will Jones or Dr. No.")]
    [TestCase("It is on Main St. The old St. John's is not.", "It is on Main St.|The old St. John's is not.")]
    [TestCase("We met at 9 a.m. Bob left at 5 p.m. Monday.", "We met at 9 a.m.|Bob left at 5 p.m. Monday.")]
    [TestCase("Call at 8 p.m. EST. We wait.", "Call at 8 p.m. EST.|We wait.")]
    [TestCase("Smith et al. They differ. See fig. A for it.", "Smith et al.|They differ.|See fig. A for it.")]
    [TestCase("It was in Jan. We came in Feb. Then it snowed.", "It was in Jan.|We came in Feb.|Then it snowed.")]
    [TestCase("He wrote as J. A. Smith. I read it.", "He wrote as J. A. Smith.|I read it.")]
    [TestCase("Use, e.g. The Times, i.e. A paper.", "Use, e.g. The Times, i.e. A paper.")]
    [TestCase("She lives in the U.K. Her son does not.", "She lives in the U.K.|Her son does not.")]
    [TestCase("Batman vs. The Joker. It is 6 ft. high.", "Batman vs. The Joker.|It is 6 ft. high.")]
    [TestCase(" \n ", "")]
    public void A_text_is_split_into_sentences(string text, string expected) =>
        Assert.That(string.Join('|', SentenceSplitter.Split(text)), Is.EqualTo(expected));

    [Test]
    public void Long_sentences_are_cut_at_commas_then_spaces()
    {
        var clause = string.Concat(Enumerable.Repeat("word ", 30)).Trim();
        Assert.That(SentenceSplitter.Split($"{clause}, {clause}."), Is.EqualTo(new[] { clause + ",", clause + "." }));
        Assert.That(SentenceSplitter.Split($"{clause} {clause}.").Select(segment => segment.TrimEnd('.')), Has.All.EndWith("word"));
    }

    [Test]
    public void Long_sentences_without_commas_are_cut_at_clauses()
    {
        var clause = string.Concat(Enumerable.Repeat("word ", 30)).Trim();
        Assert.That(SentenceSplitter.Split($"{clause} because {clause}."), Is.EqualTo(new[] { clause, "because " + clause + "." }));
    }

    [TestCase(80, 500, 1_000)]
    [TestCase(300, 3_000, 4_000, Explicit = true, Category = "Long", Reason = "long: thousands of texts; the same test has hundreds of them")]
    public void Parts_of_a_sentence_have_the_tokens_of_the_whole(int sentences, int mixed, int length)
    {
        var (cut, english) = (0, FrontEnds[0]);
        var texts = RandomTexts.Sentences(seed: 8, sentences).Concat(RandomTexts.Mixed(seed: 9, mixed)).Concat(RandomTexts.Long(length));
        foreach (var text in texts)
        {
            if (TryRead(english, text) is { } whole)
            {
                var parts = english.ReadParts(text);
                Assert.That(parts.SelectMany(part => Phones(part)), Is.EqualTo(Phones(whole)), text);
                Assert.That(parts, Has.All.Matches<TokenSequence>(part => part!.Ids.Length <= 180 && part.Text[^1] is '.' or '!' or '?'), text);
                Assert.That(parts.Count == 1, Is.EqualTo(whole.Ids.Length <= 180), text);
                cut += parts.Count > 1 ? 1 : 0;
            }
        }

        Assert.That(cut, Is.GreaterThan(sentences / 2), "texts that were long enough to be cut");
    }

    [TestCase("; ")]
    [TestCase(", ")]
    [TestCase(" because ")]
    [TestCase(" ")]
    public void A_long_sentence_is_cut_in_the_middle_where_a_clause_ends(string joint)
    {
        var clause = string.Join(' ', Enumerable.Repeat("people", 22));
        var parts = FrontEnds[0].ReadParts($"{clause}{joint}{clause}.");
        Assert.That(parts, Has.Count.EqualTo(2));
        Assert.That(parts[0].Words, Has.Count.EqualTo(22));
        Assert.That(FrontEnds[0].ReadParts($"{clause}{joint}{clause}."), Is.EqualTo(parts).Using<TokenSequence>((a, b) => a.Text == b.Text));
    }

    [Test]
    public void A_word_is_read_in_its_sentence_though_that_is_cut()
    {
        var filler = string.Join(' ', Enumerable.Repeat("people", 40));
        var words = FrontEnds[0].ReadParts($"Yesterday I read it, {filler}.").SelectMany(part => part.Words);
        Assert.That(words.Single(word => word.Word == "read").PhoneNames, Is.EqualTo("R EH1 D"));
    }

    private static IEnumerable<string> Phones(TokenSequence tokens) => tokens.Symbols.Where(symbol => symbol[0] == '@');

    private static string WithoutSpace(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));

    private static TokenSequence? TryRead(TextFrontEnd frontEnd, string text)
    {
        try
        {
            return frontEnd.Read(text);
        }
        catch (TextException)
        {
            return null;
        }
    }

    private static bool ReadsOrRefuses(TextFrontEnd frontEnd, string text)
    {
        var tokens = TryRead(frontEnd, text);
        Assert.That(tokens is null || (tokens.Ids.Length > 0 && tokens.Ids.Length == tokens.Symbols.Count), Is.True);
        return tokens is not null;
    }
}
