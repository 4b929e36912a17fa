using CudaTts.Text;
using CudaTts.Text.English;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class HeteronymTests
{
    private static readonly TextFrontEnd English = TextFrontEnd.Create("english", SymbolTable.Nvidia);

    // The word in stars is the one that is asked for.
    [TestCase("They *record* a new song.", "R IH0 K AO1 R D")]
    [TestCase("She broke the *record*.", "R EH1 K ER0 D")]
    [TestCase("He set two world *records*.", "R EH1 K ER0 D Z")]
    [TestCase("I will *present* the award.", "P R IY0 Z EH1 N T")]
    [TestCase("Thanks for the *present*.", "P R EH1 Z AH0 N T")]
    [TestCase("I *object* to that.", "AH0 B JH EH1 K T")]
    [TestCase("A strange *object* fell.", "AA1 B JH EH0 K T")]
    [TestCase("Do not *subject* them to it.", "S AH0 B JH EH1 K T")]
    [TestCase("The *subject* is history.", "S AH1 B JH IH0 K T")]
    [TestCase("She will *conduct* the band.", "K AH0 N D AH1 K T")]
    [TestCase("His *conduct* was poor.", "K AA1 N D AH0 K T")]
    [TestCase("Muscles *contract* in the cold.", "K AH0 N T R AE1 K T")]
    [TestCase("The prices *increase*.", "IH0 N K R IY1 S")]
    [TestCase("Keep the rooms *separate* in summer.", "S EH1 P ER0 AH0 T")]
    [TestCase("The sales *contract* in my hand.", "K AA1 N T R AE2 K T")]
    [TestCase("Sign the *contract*.", "K AA1 N T R AE2 K T")]
    [TestCase("We must *convert* it.", "K AH0 N V ER1 T")]
    [TestCase("He is a *convert*.", "K AA1 N V ER0 T")]
    [TestCase("They could not *convict* him.", "K AH0 N V IH1 K T")]
    [TestCase("The *convict* escaped.", "K AA1 N V IH0 K T")]
    [TestCase("Do not *desert* me.", "D IH0 Z ER1 T")]
    [TestCase("Camels cross the *desert*.", "D EH1 Z ER0 T")]
    [TestCase("It is hard to *digest*.", "D AY0 JH EH1 S T")]
    [TestCase("May I *escort* you?", "EH0 S K AO1 R T")]
    [TestCase("We *export* the wine.", "IH0 K S P AO1 R T")]
    [TestCase("The *export* of wine grew.", "EH1 K S P AO0 R T")]
    [TestCase("Prices will *increase*.", "IH0 N K R IY1 S")]
    [TestCase("A sharp *increase* in prices.", "IH1 N K R IY2 S")]
    [TestCase("Do not *insult* her.", "IH0 N S AH1 L T")]
    [TestCase("That was an *insult*.", "IH1 N S AH2 L T")]
    [TestCase("They *permit* the dogs.", "P ER0 M IH1 T")]
    [TestCase("You need a *permit*.", "P ER1 M IH2 T")]
    [TestCase("Practice to *perfect* your art.", "P ER0 F EH1 K T")]
    [TestCase("A *perfect* day.", "P ER1 F IH2 K T")]
    [TestCase("Farmers *produce* the food.", "P R AH0 D UW1 S")]
    [TestCase("Fresh *produce* is cheap.", "P R OW1 D UW0 S")]
    [TestCase("We *project* a loss.", "P R AH0 JH EH1 K T")]
    [TestCase("The *project* is late.", "P R AA1 JH EH0 K T")]
    [TestCase("They *protest* the war.", "P R AH0 T EH1 S T")]
    [TestCase("A *rebel* song.", "R EH1 B AH0 L")]
    [TestCase("They will *rebel*.", "R IH0 B EH1 L")]
    [TestCase("I *refuse* to go.", "R AH0 F Y UW1 Z")]
    [TestCase("Take out the *refuse*.", "R EH1 F Y UW2 Z")]
    [TestCase("They *reject* the plan.", "R IH0 JH EH1 K T")]
    [TestCase("I *suspect* him.", "S AH0 S P EH1 K T")]
    [TestCase("The *suspect* fled.", "S AH1 S P EH2 K T")]
    [TestCase("Please *transfer* the money.", "T R AE0 N S F ER1")]
    [TestCase("The *transfer* failed.", "T R AE1 N S F ER0")]
    [TestCase("Do not *upset* him.", "AH0 P S EH1 T")]
    [TestCase("We *use* it daily.", "Y UW1 Z")]
    [TestCase("It is of no *use*.", "Y UW1 S")]
    [TestCase("Please *excuse* me.", "IH0 K S K Y UW1 Z")]
    [TestCase("That is no *excuse*.", "IH0 K S K Y UW1 S")]
    [TestCase("They *abuse* the rule.", "AH0 B Y UW1 Z")]
    [TestCase("We can *house* them.", "HH AW1 Z")]
    [TestCase("The *house* is old.", "HH AW1 S")]
    [TestCase("To *separate* the two.", "S EH1 P ER0 EY2 T")]
    [TestCase("Two *separate* rooms.", "S EH1 P ER0 AH0 T")]
    [TestCase("I *estimate* the cost.", "EH1 S T AH0 M EY2 T")]
    [TestCase("A rough *estimate*.", "EH1 S T AH0 M AH0 T")]
    [TestCase("They will *graduate* soon.", "G R AE1 JH AH0 W EY2 T")]
    [TestCase("A *graduate* student.", "G R AE1 JH AH0 W AH0 T")]
    [TestCase("They *advocate* reform.", "AE1 D V AH0 K EY2 T")]
    [TestCase("Do not *duplicate* it.", "D UW1 P L AH0 K EY2 T")]
    [TestCase("I *attribute* it to luck.", "AH0 T R IH1 B Y UW2 T")]
    [TestCase("We *contest* the claim.", "K AH0 N T EH1 S T")]
    [TestCase("I will *address* the crowd.", "AH0 D R EH1 S")]
    [TestCase("What is your *address*?", "AE1 D R EH2 S")]
    [TestCase("I *read* it every day.", "R IY1 D")]
    [TestCase("I *read* it yesterday.", "R EH1 D")]
    [TestCase("She has *read* the book.", "R EH1 D")]
    [TestCase("He *read* the letter.", "R EH1 D")]
    [TestCase("Please *read* it.", "R IY1 D")]
    [TestCase("They *lead* the race.", "L IY1 D")]
    [TestCase("The *lead* pipe broke.", "L EH1 D")]
    [TestCase("We *live* in Ohio.", "L IH1 V")]
    [TestCase("A *live* concert.", "L AY1 V")]
    [TestCase("He *lives* here.", "L IH1 V Z")]
    [TestCase("They saved our *lives*.", "L AY1 V Z")]
    [TestCase("The *wind* blew.", "W IH1 N D")]
    [TestCase("Please *wind* the clock.", "W AY1 N D")]
    [TestCase("He *wound* up the toy.", "W AW1 N D")]
    [TestCase("The *wound* healed.", "W UW1 N D")]
    [TestCase("A *tear* ran down her cheek.", "T IH1 R")]
    [TestCase("Do not *tear* the page.", "T EH1 R")]
    [TestCase("A *bow* and arrow.", "B OW1")]
    [TestCase("Take a *bow*.", "B AW1")]
    [TestCase("He plays *bass* guitar.", "B EY1 S")]
    [TestCase("He caught a *bass*.", "B AE1 S")]
    [TestCase("She *dove* into the lake.", "D OW1 V")]
    [TestCase("A white *dove*.", "D AH1 V")]
    [TestCase("Please *close* the door.", "K L OW1 Z")]
    [TestCase("They are *close* friends.", "K L OW1 S")]
    [TestCase("I *used* to smoke.", "Y UW1 S T")]
    [TestCase("I *used* a pen.", "Y UW1 Z D")]
    [TestCase("Wait a *minute*.", "M IH1 N AH0 T")]
    [TestCase("In *minute* detail.", "M AY0 N UW1 T")]
    [TestCase("I am *content*.", "K AH0 N T EH1 N T")]
    [TestCase("The *content* is good.", "K AA1 N T EH0 N T")]
    [TestCase("Send me your *resume*.", "R EH1 Z AH0 M EY2")]
    [TestCase("We *resume* at noon.", "R IH0 Z UW1 M")]
    [TestCase("The soldier decided to *desert* his post.", "D IH0 Z ER1 T")]
    [TestCase("I did not *read* that.", "R IY1 D")]
    [TestCase("He had *read* it before.", "R EH1 D")]
    [TestCase("The dump was full of *refuse*.", "R EH1 F Y UW2 Z")]
    [TestCase("I shed a *tear*.", "T IH1 R")]
    [TestCase("The dancer will *bow*.", "B AW1")]
    [TestCase("An *invalid* code.", "IH0 N V AE1 L AH0 D")]
    [TestCase("He *wound* the clock.", "W AW1 N D")]
    [TestCase("How *does* it work?", "D AH1 Z")]
    [TestCase("Farmers *sow* the corn.", "S OW1")]
    [TestCase("The *sow* had piglets.", "S AW1")]
    [TestCase("A *learned* man.", "L ER1 N AH0 D")]
    public void Is_said_in_a_sentence(string sentence, string phones)
    {
        var words = English.Read(sentence.Replace("*", "", StringComparison.Ordinal)).Words;
        var asked = sentence.Split('*')[1].ToLowerInvariant();
        var word = words.Single(word => word.Word == asked);
        Assert.That(word.PhoneNames, Is.EqualTo(phones));
        Assert.That(word.Origin, Is.EqualTo(PronunciationOrigin.HeteronymRule));
    }

    // Sentences of our own, a heteronym in stars and its readings in front. The held-out half was written first and nothing was tuned on it; before
    // there was a model, 82 % of it and 84 % of the tuning half were right. The commonest reading of every word alone makes 56 % and 55 %.
    [TestCase("held-out", 96.0)]
    [TestCase("tuning", 99.0)]
    [TestCase("further", 98.5)]
    public void Most_sentences_of_a_list_are_said_right(string list, double percent)
    {
        var sentences = Sentences(list).ToList();
        var wrong = sentences.Where(one => PhonesOf(one.Sentence) != one.Phones).Select(one => $"{one.Sentence} {PhonesOf(one.Sentence)}").ToList();
        TestContext.Out.WriteLine($"{sentences.Count - wrong.Count} of {sentences.Count}");
        Assert.That(sentences.DistinctBy(one => one.Word).Count(), Is.GreaterThan(list == "further" ? 50 : 60));
        Assert.That(100.0 * (sentences.Count - wrong.Count) / sentences.Count, Is.GreaterThanOrEqualTo(percent), string.Join('\n', wrong));
    }

    [TestCase("I saw a *Polish* film.", "P OW1 L IH0 SH")]
    [TestCase("They hired a *Polish* plumber.", "P OW1 L IH0 SH")]
    [TestCase("He spoke *Polish* to her.", "P OW1 L IH0 SH")]
    [TestCase("Use some shoe *polish*.", "P AA1 L IH0 SH")]
    [TestCase("*Polish* your shoes.", "P AA1 L IH0 SH")]
    [TestCase("*Polish* voters went to the polls.", "P OW1 L IH0 SH")]
    [TestCase("We flew to *Nice* in May.", "N IY1 S")]
    [TestCase("What a *nice* day.", "N AY1 S")]
    [TestCase("The Book of *Job* is long.", "JH OW1 B")]
    [TestCase("The train to *Reading* is late.", "R EH1 D IH0 NG")]
    [TestCase("She likes *reading*.", "R IY1 D IH0 NG")]
    public void A_capital_tells_names_from_words(string sentence, string phones) => Assert.That(PhonesOf(sentence), Is.EqualTo(phones));

    [TestCase("She *reread* the letter.", "R IY0 R EH1 D")]
    [TestCase("Did you *proofread* it?", "P R UW1 F R IY2 D")]
    [TestCase("The *subject's* name is secret.", "S AH1 B JH IH0 K T S")]
    [TestCase("Read the *contract's* second page.", "K AA1 N T R AE2 K T S")]
    [TestCase("The *wind's* direction changed.", "W IH1 N D Z")]
    [TestCase("It *progresses* slowly.", "P R AH0 G R EH1 S AH0 Z")]
    [TestCase("Our *allies* left.", "AE1 L AY0 Z")]
    [TestCase("He chose the *houses*.", "HH AW1 Z AH0 Z")]
    public void Forms_of_a_heteronym_follow_it(string sentence, string phones) => Assert.That(PhonesOf(sentence), Is.EqualTo(phones));

    [TestCase("buffet", "B AH0 F EY1")]
    [TestCase("accent", "AE1 K S EH2 N T")]
    [TestCase("illuminate", "IH2 L UW1 M AH0 N EY2 T")]
    [TestCase("nominate", "N AA1 M AH0 N EY2 T")]
    [TestCase("simulate", "S IH1 M Y AH0 L EY2 T")]
    [TestCase("unite", "Y UW0 N AY1 T")]
    [TestCase("steroids", "S T EH1 R OY2 D Z")]
    [TestCase("decades", "D EH1 K EY0 D Z")]
    [TestCase("memes", "M IY1 M Z")]
    [TestCase("jagged", "JH AE1 G AH0 D")]
    [TestCase("essay", "EH1 S EY2")]
    [TestCase("entrance", "EH1 N T R AH0 N S")]
    [TestCase("windproof", "W IH1 N D P R UW2 F")]
    public void Slips_of_the_dictionary_are_mended(string word, string phones) =>
        Assert.That(English.Read($"The {word} here.").Words[1].PhoneNames, Is.EqualTo(phones));

    private static string PhonesOf(string sentence)
    {
        var asked = sentence.Split('*')[1].ToLowerInvariant();
        return English.Read(sentence.Replace("*", "", StringComparison.Ordinal)).Words.First(word => word.Word == asked).PhoneNames;
    }

    private static IEnumerable<(string Word, string Phones, string Sentence)> Sentences(string list)
    {
        using var reader = new StreamReader(typeof(HeteronymTests).Assembly.GetManifestResourceStream($"heteronyms-{list}.txt")!);
        var (word, readings) = ("", new Dictionary<string, string>());
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(" | ");
            if (line[0] != '=')
            {
                yield return (word, readings[parts[0]], parts[1]);
                continue;
            }

            word = parts[0][2..];
            readings = parts[1..].ToDictionary(reading => reading.Split(' ')[0], reading =>
                reading[(reading.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        }
    }

    [Test]
    public void Every_rule_gives_phones_that_the_voice_has()
    {
        Assert.That(HeteronymPairs.Words, Has.Count.GreaterThan(150));
        string[] others = ["read", "lead", "live", "wind", "wound", "tear", "bow", "bass", "dove", "close", "used", "minute", "content", "invalid",
            "learned", "aged", "sow", "does", "row", "use", "upset", "moped", "blessed", "dogged", "wicked", "slough", "number", "drawer",
            "sewer", "putting",
            "axes", "sake", "multiply", "polish", "job", "nice", "reading", "lima", "august", "mobile", "misread"];
        foreach (var word in HeteronymPairs.Words.Concat(others))
        {
            foreach (var sentence in (string[])[$"The {word}.", $"They {word} it.", $"{word}", $"He {word} in"])
            {
                var said = English.Read(sentence).Words.Single(said => said.Word == word);
                Assert.That(said.Phones, Has.All.Matches<Phone>(phone => Arpabet.IsPhone(phone.Symbol)), sentence);
                Assert.That(said.Origin, Is.EqualTo(PronunciationOrigin.HeteronymRule), sentence);
            }
        }
    }
}
