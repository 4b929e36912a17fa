using CudaTts.Text;
using CudaTts.Text.English;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class EnglishFrontEndTests
{
    private static readonly TextFrontEnd English = TextFrontEnd.Create("english", SymbolTable.Nvidia);

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
    [TestCase("HTML, FBI", "{EY2 CH T IY2 EH2 M EH1 L}, {EH1 F B IY1 AY1}.")]
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
        Assert.That(string.Join(' ', EnglishPronunciation.Pronounce(word, out var origin)), Is.EqualTo(phones));
        Assert.That(origin, Is.EqualTo(PronunciationOrigin.Derived).Or.EqualTo(PronunciationOrigin.Dictionary));
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
            var frontEnd = TextFrontEnd.Create(name);
            Assert.That(() => frontEnd.Read(text), Throws.TypeOf<TextException>().With.Message.StartsWith("The text has nothing to say"));
        }
    }

    [TestCase("german", "nvidia-148")]
    [TestCase("english", "torchaudio characters-38")]
    public void Unknown_front_end_and_voice_without_phones_are_errors(string name, string symbols) =>
        Assert.That(
            () => TextFrontEnd.Create(name, SymbolTable.Named(symbols)),
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

    [Test]
    public void Every_phone_knows_the_characters_that_it_says()
    {
        const string Text = "On 5 May, [[həˈloʊ wɝːld]] {HH AY1} café!";
        var said = English.Read(Text).Words.SelectMany(word => word.Phones).Select(phone => Text[phone.Source.Start..phone.Source.End]).Distinct();
        Assert.That(said, Is.EqualTo(new[] { "On", "5 May", "[[həˈloʊ", "wɝːld]]", "{HH AY1}", "café" }));
    }

    [Test]
    public void The_printed_notation_has_the_ids_of_the_phones()
    {
        foreach (var text in RandomTexts.Sentences(seed: 21, count: 50).Concat(RandomTexts.Mixed(seed: 22, count: 1_000)).Where(text =>
            text.Any(char.IsAsciiLetter)))
        {
            foreach (var part in English.ReadParts("so " + text))
            {
                Assert.That(part.Ids, Is.EqualTo(SymbolTable.Nvidia.EncodeExactly(part.Text)), text);
                var phones = part.Words.SelectMany(word => word.Phones).Select(phone => SymbolTable.Nvidia.IdOf(phone));
                Assert.That(part.Sounds.Select(sound => part.Ids[sound.FirstToken]), Is.EqualTo(phones), text);
            }
        }
    }

    [Test]
    public void Every_name_makes_a_front_end_of_that_name() =>
        Assert.That(TextFrontEnd.Names.Select(name => TextFrontEnd.Create(name).Name), Is.EqualTo(TextFrontEnd.Names).And.Unique);

    [Test]
    public void Only_a_front_end_that_says_so_takes_a_lexicon()
    {
        var lexicon = UserLexicon.Parse("gif JH IH1 F");
        foreach (var frontEnd in TextFrontEnd.Names.Select(name => TextFrontEnd.Create(name)))
        {
            Assert.That(() => frontEnd.With(lexicon), frontEnd.TakesLexicon ? Throws.Nothing : Throws.TypeOf<TextException>(), frontEnd.Name);
        }
    }

    [Test]
    public void Sentences_are_no_longer_than_the_front_end_says()
    {
        var text = string.Concat(Enumerable.Repeat("word ", 3_000));
        foreach (var frontEnd in TextFrontEnd.Names.Select(name => TextFrontEnd.Create(name)))
        {
            var sentences = frontEnd.Sentences(text);
            Assert.That(sentences, Has.Count.GreaterThan(1).And.All.Length.InRange(1, frontEnd.LongestSentence), frontEnd.Name);
            Assert.That(string.Join(' ', sentences), Is.EqualTo(text.Trim()), frontEnd.Name);
        }
    }
}
