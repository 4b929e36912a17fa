using CudaTts.Text;

namespace CudaTts.Tests.Text;

/// <summary>Which tokens say which written word.</summary>
[TestFixture]
internal sealed class WrittenWordTests
{
    private static readonly TextFrontEnd[] s_frontEnds =
    [
        TextFrontEnd.Create("english", SymbolTable.Nvidia),
        TextFrontEnd.Create("english_cleaners", SymbolTable.Nvidia),
        TextFrontEnd.Create("english_cleaners", SymbolTable.TorchaudioCharacters),
        TextFrontEnd.Create("english_ipa", SymbolTable.Vits),
        TextFrontEnd.Create("english_ipa", SymbolTable.Piper),
    ];

    [TestCase("Hello, world!", "Hello,=HH AH0 L OW1", "world!=W ER1 L D")]
    [TestCase("\"Yes\" — no.", "\"Yes\" —=Y EH1 S", "no.=N OW1")]
    [TestCase("- A well-known 5 kg dog", "- A=AH0", "well-known=W EH1 L N OW1 N", "5 kg=F AY1 V K IH1 L AH0 G R AE2 M Z", "dog=D AO1 G")]
    [TestCase("say [[ həˈloʊ wɝːld ]]", "say=S EY1", "[[ həˈloʊ=HH AH0 L OW1", "wɝːld ]]=W ER1 L D")]
    [TestCase("Café {HH AH0 L OW1}", "Café=K AH0 F EY1", "{HH AH0 L OW1}=HH AH0 L OW1")]
    public void English_words_have_their_phones(string text, params string[] expected) =>
        Assert.That(Words(s_frontEnds[0].Read(text)), Is.EqualTo(expected));

    [TestCase("Mr. Smith, 21 - yes", "Mr.=m i s t e r", "Smith,=s m i t h", "21 -=t w e n t y - o n e", "yes=y e s")]
    [TestCase("A  B", "A=a", "B=b")]
    public void Cleaned_words_have_their_letters(string text, params string[] expected) =>
        Assert.That(Words(s_frontEnds[1].Read(text)), Is.EqualTo(expected));

    [Test]
    public void Nothing_that_is_written_or_said_is_left_out([Range(0, 4)] int frontEnd)
    {
        foreach (var text in RandomTexts.Mixed(seed: 11, count: 1500).Append("  a  ").Append("one two"))
        {
            TokenSequence tokens;
            try
            {
                tokens = s_frontEnds[frontEnd].Read(text);
            }
            catch (TextException)
            {
                continue;
            }

            var next = 0;
            foreach (var word in tokens.Written)
            {
                Assert.That(word.FirstToken, Is.GreaterThanOrEqualTo(next), text);
                Assert.That(word.EndToken, Is.GreaterThan(word.FirstToken), text);
                Assert.That(SoundsIn(tokens, next, word.FirstToken), Is.Empty, text);
                next = word.EndToken;
            }

            Assert.That(next, Is.LessThanOrEqualTo(tokens.Ids.Length), text);
            Assert.That(SoundsIn(tokens, next, tokens.Ids.Length), Is.Empty, text);
            if (frontEnd is 0 or 3 or 4)
            {
                Assert.That(WithoutSpace(string.Concat(tokens.Written.Select(word => word.Text))), Is.EqualTo(WithoutSpace(text)));
            }
        }
    }

    [Test]
    public void Parts_of_a_long_sentence_share_its_words_out()
    {
        var words = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"word {i}, and - then more"));
        var parts = s_frontEnds[0].ReadParts(words);
        Assert.That(parts, Has.Count.GreaterThan(3));
        Assert.That(string.Join(' ', parts.SelectMany(part => part.Written).Select(word => word.Text)), Is.EqualTo(words));
        foreach (var part in parts)
        {
            Assert.That(part.Written[0].FirstToken, Is.Zero);
            Assert.That(SoundsIn(part, part.Written[^1].EndToken, part.Ids.Length), Is.Empty);
        }
    }

    private static IEnumerable<SpokenSound> SoundsIn(TokenSequence tokens, int first, int end) =>
        tokens.Sounds.Where(sound => sound.FirstToken >= first && sound.FirstToken < end);

    private static string WithoutSpace(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));

    private static IEnumerable<string> Words(TokenSequence tokens) => tokens.Written.Select(word =>
    {
        var symbols = tokens.Symbols.Skip(word.FirstToken).Take(word.EndToken - word.FirstToken).Where(symbol => symbol != " ");
        return $"{word.Text}={string.Join(' ', symbols).Replace("@", "", StringComparison.Ordinal)}";
    });
}
