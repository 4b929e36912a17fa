using CudaTts.Text;

namespace CudaTts.Tests.Text;

/// <summary>A front end that does not fit a voice's symbols names those that do.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class FrontEndAdviceTests
{
    [TestCase("english", "vits-178", "have none: use english_ipa or espeak")]
    [TestCase("english", "piper-256", "have none: use english_ipa or espeak")]
    [TestCase("english", "torchaudio characters-38", "have none: use english_cleaners")]
    [TestCase("english_ipa", "nvidia-148", "lack it: use english or english_cleaners")]
    [TestCase("english_ipa", "torchaudio characters-38", "lack it: use english_cleaners")]
    [TestCase("english_ipa", "torchaudio phones-96", "lack it: use english")]
    [TestCase("espeak", "nvidia-148", "are none: use english or english_cleaners")]
    [TestCase("espeak", "torchaudio phones-96", "are none: use english")]
    public void Tables_with_a_name(string frontEnd, string symbols, string advice) => Assert.That(
        () => TextFrontEnd.Create(frontEnd, SymbolTable.Named(symbols)), Throws.TypeOf<TextException>().With.Message.EndsWith(advice));

    [TestCase("english", "have none: use characters")]
    [TestCase("english_ipa", "lack it: use characters")]
    [TestCase("espeak", "are none: use characters")]
    public void The_letters_of_a_model(string frontEnd, string advice)
    {
        var letters = "_^$ abc".Select((letter, id) => KeyValuePair.Create($"{letter}", new[] { id })).ToDictionary();
        var symbols = SymbolTable.OfModel(new ModelText { PhonemeIds = letters, ReadsCharacters = true }, letters.Count);
        Assert.That(() => TextFrontEnd.Create(frontEnd, symbols), Throws.TypeOf<TextException>().With.Message.EndsWith(advice));
    }

    // Spanish, for one, has neither a schwa nor a near-close front vowel.
    [Test]
    public void The_phonemes_of_one_language_are_phonemes()
    {
        var phonemes = "_^$ aeioubdɡɾɲˈ".Select((phoneme, id) => KeyValuePair.Create($"{phoneme}", new[] { id })).ToDictionary();
        var symbols = SymbolTable.OfModel(new ModelText { PhonemeIds = phonemes }, phonemes.Count);
        Assert.That(TextFrontEnd.Create("espeak", symbols).Name, Is.EqualTo("espeak"));
    }

    [TestCase("english", "nvidia-148")]
    [TestCase("english", "torchaudio phones-96")]
    [TestCase("english_ipa", "vits-178")]
    [TestCase("espeak", "piper-256")]
    public void What_is_advised_fits(string frontEnd, string symbols) =>
        Assert.That(TextFrontEnd.Create(frontEnd, SymbolTable.Named(symbols)).Name, Is.EqualTo(frontEnd));
}
