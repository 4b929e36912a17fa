using CudaTts.Text;
using CudaTts.Text.Lexicon;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class EnglishFrontEndTests
{
    private static readonly TextFrontEnd English = TextFrontEnd.Create("english", SymbolTable.Nvidia);

    // Letters to be named are written in capitals.
    [TestCase("Dr. Smith paid $3.50 for 2 lbs. of apples.", "doctor smith paid three dollars and fifty cents for two pounds of apples .")]
    [TestCase("May 21, 1984", "may twenty first , nineteen eighty four .")]
    [TestCase("on 2024-05-17", "on may seventeenth twenty twenty four .")]
    [TestCase("10/12/2020", "ten twelve twenty twenty .")]
    [TestCase("12:40 p.m.", "twelve forty P M .")]
    [TestCase("7:05am", "seven oh five A M .")]
    [TestCase("9:00", "nine o'clock .")]
    [TestCase("9 a.m. sharp", "nine A M sharp .")]
    [TestCase("ratio 25:99", "ratio twenty five ninety nine .")]
    [TestCase("the 1960s and '60s", "the nineteen sixties and sixties .")]
    [TestCase("2000, 2005, 1900, 1999, 3010", "two thousand , two thousand five , nineteen hundred , nineteen ninety nine , three thousand ten .")]
    [TestCase("1914-1918", "nineteen fourteen to nineteen eighteen .")]
    [TestCase("1914–1918", "nineteen fourteen to nineteen eighteen .")]
    [TestCase("1-2-3-4", "one two three to four .")]
    [TestCase("1500 kg", "one thousand five hundred kilograms .")]
    [TestCase("the 1st, 22nd and 1,000th", "the first , twenty second and one thousandth .")]
    [TestCase("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven .")]
    [TestCase("1,23", "one , twenty three .")]
    [TestCase("007", "zero zero seven .")]
    [TestCase("1234567890123456", "one two three four five six seven eight nine zero one two three four five six .")]
    [TestCase("3.14159", "three point one four one five nine .")]
    [TestCase(".5", "point five .")]
    [TestCase("v1.2.3", "v one point two point three .")]
    [TestCase("-5°C", "minus five degrees celsius .")]
    [TestCase("72 °F", "seventy two degrees fahrenheit .")]
    [TestCase("99%", "ninety nine percent .")]
    [TestCase("100km/h", "one hundred kilometers per hour .")]
    [TestCase("1 km", "one kilometer .")]
    [TestCase("1/2 cup", "one half cup .")]
    [TestCase("3/4", "three quarters .")]
    [TestCase("2½ miles", "two and a half miles .")]
    [TestCase("5/16", "five over sixteen .")]
    [TestCase("$1", "one dollar .")]
    [TestCase("$0.01", "one cent .")]
    [TestCase("$1.01", "one dollar and one cent .")]
    [TestCase("$0", "zero dollars .")]
    [TestCase("£5 or €10.99", "five pounds or ten euros and ninety nine cents .")]
    [TestCase("$3.5 billion", "three point five billion dollars .")]
    [TestCase("$5k", "five thousand dollars .")]
    [TestCase("5€", "five euros .")]
    [TestCase("$ and £", "dollars and pounds .")]
    [TestCase("555-0123", "five five five , zero one two three .")]
    [TestCase("#1 & #tag", "number one and hash tag .")]
    [TestCase("No. 10. No. I say no.", "number ten . no . i say no .")]
    [TestCase("10 St. James St. in town", "ten saint james street in town .")]
    [TestCase("Mr. and Mrs. Jones vs. Acme Inc.", "mister and missus jones versus acme incorporated .")]
    [TestCase("e.g. this, i.e. that", "for example this , that is that .")]
    [TestCase("Jan. 3 was cold", "january third was cold .")]
    [TestCase("The U.S. FBI and HTML5", "the U S fbi and html five .")]
    [TestCase("US troops told us", "U S troops told us .")]
    [TestCase("CEOs", "C E o's .")]
    [TestCase("IT IS SHOUTED US", "it is shouted us .")]
    [TestCase("Louis XIV, World War II, Henry VIII", "louis the fourteenth , world war two , henry the eighth .")]
    [TestCase("A. J. Hidell", "A J hidell .")]
    [TestCase("MyQzBank", "my qz bank .")]
    [TestCase("B2B mp3 3D", "b two B mp three three D .")]
    [TestCase("https://www.example.com", "W W W dot example dot com .")]
    [TestCase("me@example.com", "me at example dot com .")]
    [TestCase("“quoted” text… and more", "quoted text , and more .")]
    [TestCase("He (quietly) left -- why?!", "he , quietly , left , why ?")]
    [TestCase("state-of-the-art", "state of the art .")]
    [TestCase("I'm sure y'all don't", "i'm sure y'all don't .")]
    [TestCase("Café naïve 😀 ©", "cafe naive .")]
    [TestCase("one\n\ntwo\nthree", "one . two three .")]
    [TestCase("HTTP://a", "a .")]
    public void Says(string text, string expected)
    {
        var spoken = new SpokenText();
        EnglishNormalizer.Normalize(text, spoken);
        spoken.Close();
        var words = spoken.Items.Select(item => item.Kind == SpokenKind.Letter ? item.Text.ToUpperInvariant() : item.Text);
        Assert.That(string.Join(' ', words), Is.EqualTo(expected));
    }

    [TestCase("Freedom to believe in god.", "{F R IY1 D AH0 M} {T UW1} {B IH0 L IY1 V} {IH0 N} {G AA1 D}.")]
    [TestCase("hello, world", "{HH AH0 L OW1}, {W ER1 L D}.")]
    [TestCase("Is it?", "{IH1 Z} {IH1 T}?")]
    [TestCase("say {HH AH0 L OW1} {W ER1 L D}!", "{S EY1} {HH AH0 L OW1} {W ER1 L D}!")]
    [TestCase("{not phones}", "{N AA1 T} {F OW1 N Z}.")]
    [TestCase("the a to and of", "{DH AH0} {AH0} {T UW1} {AH0 N D} {AH1 V}.")]
    [TestCase("A. Lee", "{EY1} {L IY1}.")]
    [TestCase("hmm", "{HH AH1 M}.")]
    [TestCase("brrrrr", "{B ER1}.")]
    [TestCase("goooood", "{G UH1 D}.")]
    [TestCase("xyz", "{EH1 K S W AY1 Z IY1}.")]
    public void Writes_the_notation_of_the_voice(string text, string expected) => Assert.That(English.Read(text).Text, Is.EqualTo(expected));

    [TestCase("googling", "G UW1 G L IH0 NG")]
    [TestCase("retweeted", "R IY0 T W IY1 T AH0 D")]
    [TestCase("moonbeans", "M UW1 N B IY2 N Z")]
    [TestCase("blogged", "B L AO1 G D")]
    [TestCase("dogs'", "D AO1 G Z")]
    [TestCase("box's", "B AA1 K S AH0 Z")]
    public void Derives_words_from_their_parts(string word, string phones)
    {
        Assert.That(string.Join(' ', EnglishPronunciation.Pronounce(word, out var guessed)), Is.EqualTo(phones));
        Assert.That(guessed, Is.False);
    }

    [Test]
    public void Reports_words_that_were_guessed()
    {
        Assert.That(English.Read("The fluffernutter, the fluffernutter and a house.").UnknownWords.Single(), Is.EqualTo("fluffernutter"));
    }

    [Test]
    public void Every_letter_has_a_name()
    {
        for (var letter = 'a'; letter <= 'z'; letter++)
        {
            Assert.That(EnglishPronunciation.Letter(letter), Is.Not.Empty, letter.ToString());
        }
    }

    [TestCase("hello", "HH AH0 L OW1")]
    [TestCase("'bout", "B AW1 T")]
    [TestCase("zywicki", "Z IH0 W IH1 K IY0")]
    [TestCase("a.m.", "EY2 EH1 M")]
    public void Dictionary_holds(string word, string phones) => Assert.That(PronunciationDictionary.Lookup(word), Is.EqualTo(phones.Split(' ')));

    [TestCase("")]
    [TestCase("!")]
    [TestCase("$")]
    [TestCase("zzzzzzzz")]
    [TestCase("hello(2)")]
    [TestCase("Hello")]
    [TestCase("helloo")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Dictionary_does_not_hold(string word) => Assert.That(PronunciationDictionary.Lookup(word), Is.Null);

    [Test]
    public void Dictionary_is_complete() => Assert.That(PronunciationDictionary.Count, Is.EqualTo(126_046));

    [TestCase("")]
    [TestCase(" \n")]
    [TestCase("...!?")]
    [TestCase("😀 👍🏽")]
    [TestCase("{}")]
    public void Nothing_to_say_is_an_error(string text)
    {
        foreach (var name in TextFrontEnd.Names.Take(2))
        {
            var frontEnd = TextFrontEnd.Create(name, SymbolTable.Nvidia);
            Assert.That(() => frontEnd.Read(text), Throws.TypeOf<TextException>().With.Message.StartsWith("The text has nothing to say"));
        }
    }

    [TestCase("german", 148)]
    [TestCase("english", 38)]
    public void Unknown_front_end_and_voice_without_phones_are_errors(string name, int symbols) =>
        Assert.That(
            () => TextFrontEnd.Create(name, SymbolTable.OfSize(symbols)),
            Throws.TypeOf<TextException>().With.Message.Contains("english_cleaners"));

    [Test]
    public void Raw_text_is_taken_as_it_is()
    {
        var tokens = TextFrontEnd.Create("none", SymbolTable.Nvidia).Read("Hi {HH AY1}?");
        Assert.Multiple(() =>
        {
            Assert.That(tokens.Text, Is.EqualTo("Hi {HH AY1}?"));
            Assert.That(string.Join('|', tokens.Symbols), Is.EqualTo("H|i| |@HH|@AY1|?"));
            Assert.That(tokens.Ids, Has.Length.EqualTo(6));
        });
    }
}
