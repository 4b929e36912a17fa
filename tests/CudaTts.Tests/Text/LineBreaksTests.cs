using CudaTts.Text.English;

namespace CudaTts.Tests.Text;

/// <summary>Which line breaks end something and which an editor put in, as a reader would say.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class LineBreaksTests
{
    [TestCase("A short line that was wrapped by an editor\nat a fixed width and goes on here\nand ends.")]
    [TestCase("The quick brown fox\njumps over the lazy\ndog.")]
    [TestCase("We had hoped that the train would leave at a time when the\nstation was empty.")]
    [TestCase("He read the Lord of the\nRings twice.")]
    [TestCase("The committee that had been appointed in the spring met\nSenator William Smith in the house, and told him\nthat it would not agree.")]
    [TestCase("When it rained so hard that nobody could see the road and\nI had lost my way, a light came on\nin the house.")]
    [TestCase("It was the year in which all of the papers wrote that\n2000 people had left the town, and none\ncame back.")]
    [TestCase("We were seen by Mr.\nSmith and his wife.")]
    [TestCase("They bought apples, pears and oranges,\nplums, and nothing else.")]
    [TestCase("- an item of a list that was too long for the line\n  and goes on below it")]
    [TestCase("She said that the garden (which had been left to itself\n(and to the birds) for years) was hers.")]
    [TestCase("Nobody knew what he meant by \u201Ca matter of the heart and\nof the head\u201D that day.")]
    public void A_full_line_goes_on(string text)
    {
        var whole = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (var lineBreak in new[] { "\n", "\r\n", "\r", "  \n", "\u2028" })
        {
            var sentences = SentenceSplitter.Split(text.Replace("\n", lineBreak, StringComparison.Ordinal));
            Assert.That(sentences.Select(OneSpace), Is.EqualTo(new[] { whole }));
        }
    }

    [TestCase("line one\nline two", 2)]
    [TestCase("milk\neggs\nbread", 3)]
    [TestCase("Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you", 4)]
    [TestCase("Two roads diverged in a yellow wood,\nAnd sorry I could not travel both\nAnd be one traveler, long I stood", 3)]
    [TestCase("Chapter One\nIt was a bright cold day and the clocks were striking.", 2)]
    [TestCase("A Title\n\nand a paragraph", 2)]
    [TestCase("- one thing\n- another thing\n- a third", 3)]
    [TestCase("1. First do this\n2. Then do that", 2)]
    [TestCase("a) the first of all the possible things to do\nb) the second of them", 2)]
    [TestCase("# Heading of a page that is as long as a line may be\nand some text", 2)]
    [TestCase("2024-01-01 12:00 INFO starting the service on port 8080\n2024-01-01 12:01 INFO done with the work", 2)]
    [TestCase("error: cannot open the file for reading and writing\nwarning: unused variable in the function", 2)]
    [TestCase("[INFO] the server has been started and is waiting\n[INFO] a client has connected to it", 2)]
    [TestCase("name\tage of the person\tplace of birth and more\nalice\t33\tsomewhere", 2)]
    [TestCase("Dear John,\nI am writing to you.", 2)]
    [TestCase("Yours sincerely,\nAnna Smith", 2)]
    [TestCase("That was all there was to say about it.\nthen she left", 2)]
    [TestCase("Is this the line that ends with a question mark?\nyes", 2)]
    [TestCase("These are the things that you need for this recipe:\nflour and butter", 2)]
    [TestCase("Good one.\n* * *\nGood two.", 3)]
    [TestCase("Title\n=====\ntext", 3)]
    [TestCase("> a line of a letter that was quoted in an answer\n> and another of them", 2)]
    [TestCase("someone@example.org is the address to write to now\nsomebody@example.org is another", 2)]
    public void What_a_reader_sees_as_lines_stays_lines(string text, int count)
    {
        Assert.That(SentenceSplitter.Split(text), Is.EqualTo(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).And.Count.EqualTo(count));
        Assert.That(SentenceSplitter.Split(text.Replace("\n", "\r\n", StringComparison.Ordinal)), Has.Count.EqualTo(count));
    }

    [TestCase("an up-to-\ndate place that everybody knows", "an up-to-date place that everybody knows")]
    [TestCase("the years 1914-\n1918 were the ones in which it was", "the years 1914-1918 were the ones in which it was")]
    [TestCase("it was a matter of taste -\nand of nothing else", "it was a matter of taste - and of nothing else")]
    public void A_hyphen_at_the_end_of_a_line_joins_what_it_divides(string text, string expected) =>
        Assert.That(LineBreaks.Join(text), Is.EqualTo(expected));

    [Test]
    public void A_wrapped_text_has_the_sentences_of_the_text()
    {
        const string Text = "The old ferry left the quay on a grey Monday in April, and the gulls behind it made more noise than its engine did. "
            + "Martha Green, her hat held down with one hand and her letter from Uncle Robert with the other, looked back at the roofs of "
            + "Castle Street until the rain took them away. Mr. Hale kept a shop near St. Mary's; he had been there for years.";
        var sentences = SentenceSplitter.Split(Text, 1000);
        Assert.That(sentences, Has.Count.EqualTo(3));
        for (var width = 30; width <= 100; width++)
        {
            Assert.That(SentenceSplitter.Split(Wrap(Text, width), 1000), Is.EqualTo(sentences), $"{width} columns");
        }
    }

    [Test]
    public void Nothing_but_white_space_changes()
    {
        foreach (var text in RandomTexts.Mixed(seed: 31, count: 3_000))
        {
            var lines = text.Replace(' ', '\n');
            Assert.That(WithoutSpace(LineBreaks.Join(lines)), Is.EqualTo(WithoutSpace(lines)));
        }
    }

    private static string Wrap(string text, int width)
    {
        var (lines, line) = (new List<string>(), "");
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        return string.Join('\n', [.. lines, line]);
    }

    private static string OneSpace(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string WithoutSpace(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
}
