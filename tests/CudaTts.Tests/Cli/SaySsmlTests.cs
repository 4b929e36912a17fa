using CudaTts.Audio;
using CudaTts.Cli;

namespace CudaTts.Tests.Cli;

/// <summary>Documents on the command line: how they are known, what is told of them.</summary>
[TestFixture]
internal sealed class SaySsmlTests : CommandTestBase
{
    [TestCase("<speak><break time='1s'/></speak>")]
    [TestCase("\uFEFF<speak><break time='1s'/></speak>")]
    [TestCase("\n <ssml:speak xmlns:ssml='http://www.w3.org/2001/10/synthesis'><ssml:break time='1s'/></ssml:speak>")]
    public void A_document_on_standard_input_is_known_by_its_beginning(string document)
    {
        var result = RunWithInput(document, "say", "-o", At("out/a.wav"), "--voice", StoppingVoice, "--stats", "--plot", At("out/a.png"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(WavFile.Read(At("out/a.wav")).Samples, Is.EqualTo(new float[22050]));
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }), "there is nothing to draw");
    }

    [Test]
    public void A_text_that_only_looks_like_a_document_is_spoken() => Assert.That(
        Run("say", "<speaker> Hello.", "-o", At("out/a.wav"), "--voice", StoppingVoice).Error, Does.Not.Contain("SSML"));

    [Test]
    public void What_is_not_done_as_asked_is_told_in_a_line_each()
    {
        const string Document = "<speak>Eat <phoneme alphabet='sapi' ph='t'>tomato</phoneme> <prosody rate='10%'>slowly</prosody>.</speak>";
        var warnings = Run("say", Document, "-o", At("out/a.wav"), "--voice", StoppingVoice).Error.Split('\n')
            .Where(line => line.Contains("warning", StringComparison.Ordinal)).ToList();
        Assert.That(warnings, Has.Count.EqualTo(2));
        Assert.That(warnings[0], Does.StartWith("cudatts: warning: SSML, line 1, column 13: the alphabet 'sapi' is not known"));
        Assert.That(warnings[1], Does.StartWith("cudatts: warning: SSML, line 1, column 62: rate '10%' comes to 0.1"));
    }

    [TestCase("<!DOCTYPE speak SYSTEM 'a.dtd'><speak>x</speak>", "SSML, line 1, column 1: a document type is not read")]
    [TestCase("<speak>a & b</speak>", "SSML, line 1, column 10: the sign & stands alone")]
    [TestCase("<speak>a<phoneme alphabet='sapi' ph='t'/></speak>", "has no text to read instead")]
    public void An_error_is_told_in_the_words_of_a_user(string document, string message) =>
        AssertFails(Run("say", document, "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, message);
}
