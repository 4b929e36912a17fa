using CudaTts.Compute;

namespace CudaTts.Tests.Pipeline;

/// <summary>What becomes of sentences that cannot be said.</summary>
[TestFixture]
internal sealed class SentenceReaderTests
{
    private TemporaryFolder _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _folder = new TemporaryFolder();
        _synthesizer = SpeechSynthesizer.Load(
            TinyVoice.Create(_folder.Path("voice"), frontEnd: "none"), new DeviceOptions { Name = "cpu", Threads = 1 });
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _synthesizer.Dispose();
        _folder.Dispose();
    }

    [TestCase("Fine. W\u00f6rld. Yes.")]
    [TestCase("W\u00f6rld. Yes.")]
    [TestCase("Yes. W\u00f6rld.")]
    public void A_sentence_that_cannot_be_read_is_an_error_and_not_left_out(string text) =>
        Assert.That(() => _synthesizer.Speak(text), Throws.TypeOf<TextException>().With.Message.Contains("U+00F6"));

    [Test]
    public void A_sentence_without_a_letter_is_left_out() =>
        Assert.That(_synthesizer.Speak("Yes.\n\n!?\n\nNo.").Sentences.Select(sentence => sentence.Tokens.Text), Is.EqualTo(new[] { "Yes.", "No." }));

    [TestCase("...")]
    [TestCase("- ! -")]
    public void A_text_without_a_letter_is_refused(string text) =>
        Assert.That(() => _synthesizer.Speak(text), Throws.TypeOf<TextException>().With.Message.Contains("nothing to say"));
}
