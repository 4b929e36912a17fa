using CudaTts.Text;
using CudaTts.Text.English;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class UserLexiconTests
{
    private const string Lexicon = """
        ;;; CMU form, then IPA
        # and another comment
        NVIDIA  EH0 N V IH1 D IY0 AH0
        gif /dʒɪf/
        GPT-4   JH IY2 P IY2 T IY2 F AO1 R
        gif  G IH1 F
        read(2) R EH1 D
        Café kæˈfeɪ  # IPA needs no slashes where it is no ASCII
        New-York [nju]
        """;

    private static readonly TextFrontEnd English = TextFrontEnd.Create("english", SymbolTable.Nvidia).With(UserLexicon.Parse(Lexicon));

    [TestCase("nvidia", "{EH0 N V IH1 D IY0 AH0}.")]
    [TestCase("Nvidia's GIF!", "{EH0 N V IH1 D IY0 AH0 Z} {JH IH1 F}!")]
    [TestCase("gifs", "{G IH1 F S}.")]
    [TestCase("a GPT-4, yes", "{AH0} {JH IY2 P IY2 T IY2 F AO1 R}, {Y EH1 S}.")]
    [TestCase("[[həˈloʊ]] world", "{HH AH0 L OW1} {W ER1 L D}.")]
    [TestCase("[[həˈloʊ wɝːld]]!", "{HH AH0 L OW1} {W ER1 L D}!")]
    [TestCase("say [[ˈtʃɪp]], [[7]]", "{S EY1} {CH IH1 P}, {S EH1 V AH0 N}.")]
    [TestCase("[[a [[ˈtʃɪp]] ]]", "{AH0} {CH IH1 P}.")]
    [TestCase("a café", "{AH0} {K AE0 F EY1}.")]
    [TestCase("New-York, not New York", "{N Y UW1}, {N AA1 T} {N UW1} {Y AO1 R K}.")]
    public void Comes_before_every_rule(string text, string expected) => Assert.That(English.Read(text).Text, Is.EqualTo(expected));

    [Test]
    public void The_first_file_that_has_a_word_counts()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("one"), "gif JH IH1 F\n");
        File.WriteAllText(folder.Path("two"), "gif G IH1 F\nnew N Y UW1\n");
        var words = UserLexicon.Load(folder.Path("one"), folder.Path("two")).Words;
        Assert.That(words, Is.EquivalentTo(new Dictionary<string, string> { ["gif"] = "JH IH1 F", ["new"] = "N Y UW1" }));
        Assert.That(() => UserLexicon.Load(folder.Path("none")), Throws.TypeOf<TextException>().With.Message.Contains("cannot be read"));
    }

    [Test]
    public void A_front_end_that_looks_no_words_up_refuses_a_lexicon() => Assert.That(
        () => TextFrontEnd.Create("english_cleaners", SymbolTable.Nvidia)
        .With(UserLexicon.Parse(Lexicon)), Throws.TypeOf<TextException>().With.Message.Contains("english"));

    [Test]
    public void Origins_are_told()
    {
        var origins = English.Read("The gif of retweeted, I read [[həˈloʊ]] fluffernutterish B.").Words.Select(word => word.Origin);
        Assert.That(origins, Is.EqualTo(new[]
        {
            PronunciationOrigin.Dictionary, PronunciationOrigin.UserLexicon, PronunciationOrigin.Dictionary, PronunciationOrigin.Derived,
                PronunciationOrigin.Dictionary,
            PronunciationOrigin.HeteronymRule, PronunciationOrigin.Inline, PronunciationOrigin.LetterToSound, PronunciationOrigin.Spelled,
        }));
    }

    [TestCase("word", "line 1: expected a word and its sound")]
    [TestCase("a B\nword XX YY", "line 2: 'XX YY' is neither ARPAbet")]
    [TestCase("word /7/", "'/7/' is neither")]
    [TestCase("word //", "'//' is neither")]
    [TestCase("word  # no sound", "'' is neither")]
    [TestCase("\u200B HH AA1", "expected a word of 1 to 100")]
    public void A_bad_line_is_an_error_with_its_place(string text, string message) =>
        Assert.That(() => UserLexicon.Parse(text, "my.txt"),
            Throws.TypeOf<TextException>().With.Message.Contains(message).And.Message.StartsWith("my.txt"));

    [TestCase("w {0}", "AH0 ", 100_000)]
    [TestCase("w {0}", "AH0 ", 201)]
    [TestCase("w /{0}/", "kæ", 50_000)]
    [TestCase("w /{0}/", "ə", 3000)]
    [TestCase("w [{0}]", "t͡ʃ", 1000)]
    [TestCase("{0} AH0", "w", 1_000_000)]
    [TestCase("{0}", "w", 1_000_000)]
    [TestCase("w {0}", "?", 3000)]
    public void A_word_has_so_many_sounds_and_no_more(string line, string part, int count) => Assert.That(
        () => UserLexicon.Parse(line.Replace("{0}", string.Concat(Enumerable.Repeat(part, count)), StringComparison.Ordinal), "my.txt"),
        Throws.TypeOf<TextException>().With.Message.StartsWith("my.txt, line 1: ").And.Message.Length.LessThan(300));

    [Test]
    public void A_word_of_two_hundred_sounds_is_read() =>
        Assert.That(UserLexicon.Parse("w " + string.Concat(Enumerable.Repeat("AH0 ", 200))).Words["w"].Split(' '), Has.Length.EqualTo(200));

    [Test]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void A_device_without_an_end_is_refused() =>
        Assert.That(
            () => UserLexicon.Load("/dev/zero"),
            Throws.TypeOf<TextException>().With.Message.Contains("expected a file, found a pipe or a device"));

    [TestCase("ˈkæt", "K AE1 T")]
    [TestCase("kæt", "K AE1 T")]
    [TestCase("ˈbʌtɚ", "B AH1 T ER0")]
    [TestCase("ˌæpəˈzɪʃən", "AE2 P AH0 Z IH1 SH AH0 N")]
    [TestCase("t͡ʃaɪld", "CH AY1 L D")]
    [TestCase("bɔɪ", "B OY1")]
    [TestCase("haʊs", "HH AW1 S")]
    [TestCase("ðə", "DH AH1")]
    public void Ipa_becomes_phones(string ipa, string phones) => Assert.That(string.Join(' ', Ipa.ToPhones(ipa)!), Is.EqualTo(phones));
}
