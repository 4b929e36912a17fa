using CudaTts.Lexicon;
using CudaTts.Text;
using CudaTts.Text.Espeak;

namespace CudaTts.Tests.Text;

/// <summary>English as espeak-ng writes it, without espeak-ng.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class EnglishIpaTests
{
    private static readonly TextFrontEnd s_english = TextFrontEnd.Create("english_ipa");

    [TestCase("Hello, world!", "həlˈoʊ, wˈɜːld!")]
    [TestCase("The quick brown fox jumps over the lazy dog.", "ðə kwˈɪk bɹˈaʊn fˈɑːks dʒˈʌmps ˌoʊvɚ ðə lˈeɪzi dˈɑːɡ.")]
    [TestCase("The old clock in the hall runs slowly.", "ðɪ ˈoʊld klˈɑːk ɪnðə hˈɔːl ɹˈʌnz slˈoʊli.")]
    [TestCase("The water is too cold for swimming", "ðə wˈɔːɾɚɹ ɪz tˈuː kˈoʊld fɔːɹ swˈɪmɪŋ.")]
    [TestCase("We went out of the house for a walk to a park.", "wiː wɛnt ˌaʊɾəv ðə hˈaʊs fɚɹə wˈɔːk tʊ ɐ pˈɑːɹk.")]
    [TestCase("He was in the city; she has roses, I wanted tickets.", "hiː wʌz ɪnðə sˈɪɾi, ʃiː hɐz ɹˈoʊzᵻz, aɪ wˈɔntᵻd tˈɪkɪts.")]
    [TestCase("certain, important, relative, onion, increasing", "sˈɜːʔn̩, ɪmpˈoːɹtənt, ɹˈɛlətˌɪv, ˈʌniən, ɪŋkɹˈiːsɪŋ.")]
    [TestCase("actual, regulation, explain, before, capability", "ˈæktʃuːəl, ɹˌɛɡjʊlˈeɪʃən, ɛksplˈeɪn, bᵻfˈoːɹ, kˌeɪpəbˈɪlᵻɾi.")]
    [TestCase("Say B and {HH AH0 L OW1} [[wɝːld]].", "sˈeɪ bˈiː ænd həlˈoʊ wˈɜːld.")]
    [TestCase("That is what it is for.", "ðæt ɪz wʌt ɪɾ ɪz fɔːɹ.")]
    public void Is_written_as_espeak_writes_it(string text, string expected) => Assert.That(s_english.Read(text).Text, Is.EqualTo(expected));

    [Test]
    public void Every_word_has_its_tokens_though_two_are_written_as_one()
    {
        var tokens = s_english.Read("Out of the box, in the hall.");
        Assert.That(tokens.Written.Select(word => (word.Text, string.Concat(tokens.SoundsOf(word).Select(sound => sound.Name)))), Is.EqualTo(new[]
        {
            ("Out", "ˌaʊɾ"), ("of", "əv"), ("the", "ðə"), ("box,", "bˈɑːks"), ("in", "ɪn"), ("the", "ðə"), ("hall.", "hˈɔːl"),
        }));
    }

    // Of a letter's name the first sound, and how many sounds there are of a thousand letters.
    [TestCase("a", 1000)]
    [TestCase("x", 3000)]
    [TestCase("é", 1000)]
    [TestCase("xé", 2000)]
    [TestCase("zq", 2500)]
    public void A_word_of_a_thousand_letters_is_spelt_to_its_end(string letters, int sounds)
    {
        var word = string.Concat(Enumerable.Repeat(letters, 1000 / letters.Length));
        foreach (var frontEnd in (TextFrontEnd[])[s_english, TextFrontEnd.Create("english")])
        {
            var parts = frontEnd.ReadParts($"So {word} now.");
            var phones = parts.SelectMany(part => part.Words).SelectMany(said => said.Phones).Count();
            Assert.That(phones, Is.EqualTo(sounds + 2 + 2), $"{frontEnd.Name}: so, the letters, now");
            Assert.That(parts.Sum(part => part.Missing.Count), Is.Zero);
            Assert.That(parts.Select(part => part.Sounds.Count), Is.All.GreaterThan(0));
        }
    }

    [TestCase("nooo", "nˈoʊ.")]
    [TestCase("nooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo", "nˈoʊ.")]
    [TestCase("aaaa", "ɐ.")]
    public void Letters_repeated_for_emphasis_are_said_once(string word, string expected) =>
        Assert.That(s_english.Read(word).Text, Is.EqualTo(expected));

    [Test]
    public void A_users_lexicon_counts()
    {
        var lexicon = CudaTts.Text.English.UserLexicon.Parse("gif JH IH1 F\nthe Z IY1");
        Assert.That(s_english.With(lexicon).Read("the gif").Text, Is.EqualTo("zˈiː dʒˈɪf."));
    }

    [Test]
    public void Parts_are_no_longer_than_a_voice_has_learnt()
    {
        var text = string.Join(' ', Enumerable.Repeat("the people who were there remembered something important", 12)) + ".";
        var parts = s_english.ReadParts(text);
        Assert.That(parts, Has.Count.GreaterThan(2).And.All.Matches<TokenSequence>(part => part!.Text.Length <= 200));
        Assert.That(string.Join(' ', parts.SelectMany(part => part.Written).Select(word => word.Text)), Is.EqualTo(text));
    }

    [Test]
    public void Everything_that_is_written_is_a_symbol_of_the_voices([Values("vits-178", "piper-256")] string symbols)
    {
        var frontEnd = TextFrontEnd.Create("english_ipa", SymbolTable.Named(symbols));
        foreach (var text in RandomTexts.Sentences(seed: 41, count: 100).Concat(RandomTexts.Mixed(seed: 42, count: 200)))
        {
            Assert.That(frontEnd.Read("so " + text).Missing, Is.Empty, text);
        }
    }

    [TestCase("nvidia-148")]
    [TestCase("torchaudio characters-38")]
    public void Needs_symbols_of_the_phonetic_alphabet(string symbols) =>
        Assert.That(
            () => TextFrontEnd.Create("english_ipa", SymbolTable.Named(symbols)), Throws.TypeOf<TextException>().With.Message.Contains("lack it"));

    // Words of these sentences are written as espeak-ng writes them; page Phonetic/README.md has the figure.
    [Test]
    public void Most_words_are_those_of_espeak()
    {
        if (!new EspeakProgram().IsInstalled)
        {
            Assert.Ignore("espeak-ng is not on the PATH");
        }

        var lines = File.ReadLines(Path.Combine(Checkout.Root, "benchmarks", "speech", "sentences.txt"));
        var agreement = EspeakAgreement.Of(lines.Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]));
        TestContext.Out.WriteLine(agreement);
        Assert.That(agreement.Share, Is.GreaterThan(0.95).And.LessThanOrEqualTo(1));
    }
}
