using CudaTts.Cli;
using CudaTts.Tests.Models.FastPitch;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cli;

/// <summary>Options that a voice's networks have no use for are refused, and speakers have names.</summary>
[TestFixture]
internal sealed class VoiceOptionTests : CommandTestBase
{
    [TestCase("--attempts", "2", "has no attention")]
    [TestCase("--attention-window", "retry", "predicts how long each sound lasts")]
    [TestCase("--noise-scale", "0.5", "draws no frames with noise")]
    [TestCase("--noise-scale-w", "0.5", "draws no durations with noise")]
    public void A_voice_of_durations_refuses_what_it_would_not_heed(string option, string value, string says) =>
        AssertFails(
            Run("say", "Hi.", "--voice", WriteFastPitch(), option, value, "-o", At("out/a.wav")), ExitCode.WrongArguments,
            $"{option}: the voice 'tiny' {says}");

    [TestCase("--noise-scale", "0.5", "draws no frames with noise; leave it out.")]
    [TestCase("--noise-scale-w", "0.5", "draws no durations with noise; leave it out.")]
    public void A_voice_without_noise_refuses_its_scales(string option, string value, string says)
    {
        AssertFails(
            Run("say", "Hi.", "--voice", StoppingVoice, option, value, "-o", At("out/a.wav")), ExitCode.WrongArguments,
            $"{option}: the voice 'tiny' {says}");
        Assert.That(Outputs(), Is.Empty);
    }

    [TestCase("--attention-window", "retry", "has no attention to hold")]
    [TestCase("--plot", "a.png", "makes no mel")]
    public void A_voice_from_text_to_samples_refuses_what_it_would_not_heed(string option, string value, string says) =>
        AssertFails(
            Run("say", "Hi.", "--voice", WriteVits(), option, option == "--plot" ? At(value) : value, "-o", At("out/a.wav")),
            ExitCode.WrongArguments, says);

    [Test]
    public void Without_stochastic_durations_their_noise_has_no_scale()
    {
        var voice = WriteVits(isStochastic: false);
        AssertFails(Run("say", "Hi.", "--voice", voice, "--noise-scale-w", "1", "-o", At("out/a.wav")), ExitCode.WrongArguments, "--noise-scale-w");
        AssertFails(Run("say", "Hi.", "--voice", voice, "--attempts", "2", "-o", At("out/a.wav")), ExitCode.WrongArguments, "--attempts");
        Assert.That(Run("say", "Hi.", "--voice", voice, "--noise-scale", "1", "-o", At("out/a.wav")).Code, Is.EqualTo(ExitCode.Done));
    }

    [Test]
    public void A_speaker_may_be_named()
    {
        var voice = WriteVits();
        byte[] Spoken(string speaker)
        {
            var result = Run("say", "Hi.", "--voice", voice, "--speaker", speaker, "--noise-scale-w", "0.8", "-o", At("out/a.wav"));
            Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
            return File.ReadAllBytes(At("out/a.wav"));
        }

        Assert.That(Spoken("anna"), Is.EqualTo(Spoken("2")).And.Not.EqualTo(Spoken("0")));
        AssertFails(
            Run("say", "Hi.", "--voice", voice, "--speaker", "carl", "-o", At("out/b.wav")), ExitCode.Failed,
            "speaker: expected 0 to 2 or a name (bert, 2, 4077, anna) for the voice");
        AssertFails(
            Run("say", "Hi.", "--voice", StoppingVoice, "--speaker", "anna", "-o", At("out/b.wav")), ExitCode.Failed, "has one voice");
    }

    [Test]
    public void Lines_of_json_name_speakers_by_number_or_name()
    {
        var voice = WriteVits();
        const string Lines = """
            {"text": "Hi.", "speaker": "anna", "output_file": "a.wav"}
            {"text": "Hi.", "speaker": 2, "output_file": "b.wav"}
            {"text": "Hi.", "output_file": "c.wav"}
            {"text": "Hi.", "speaker": null, "output_file": "d.wav"}
            {"text": "Hi.", "speaker": "carl", "output_file": "e.wav"}
            {"text": "Hi.", "speaker": [], "output_file": "f.wav"}
            """;
        var result = RunWithInput(Lines, "say", "--json-input", "--lines", At("out"), "--voice", voice, "--speaker", "bert");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Error, Does.Contain("found 'carl'").And.Contain("speaker: expected a number or a text in quotation marks"));
        byte[] Spoken(string name) => File.ReadAllBytes(At($"out/{name}.wav"));
        Assert.That(Spoken("a"), Is.EqualTo(Spoken("b")).And.Not.EqualTo(Spoken("c")));
        Assert.That(Spoken("d"), Is.EqualTo(Spoken("c")));
        Assert.That(Outputs(), Does.Not.Contain("e.wav").And.Not.Contain("f.wav"));
    }

    [Test]
    public void Tokens_are_those_of_a_voice_where_one_is_named()
    {
        var result = Run("tokens", "Hello.", "--voice", WriteVits());
        Assert.That(result.Output, Does.StartWith("həlˈoʊ."), result.Error);
        Assert.That(Run("tokens", "Hello.").Output, Does.StartWith("{HH AH0 L OW1}."));
        AssertFails(
            Run("tokens", "Hello.", "--voice", StoppingVoice, "--cleaner", "english"), ExitCode.WrongArguments, "--cleaner: the voice of --voice");
    }

    [Test]
    public void A_verb_for_another_network_names_that_networks()
    {
        var (vits, fastPitch) = (WriteVits(), Path.Combine(WriteFastPitch(), "acoustic"));
        var vocoder = Path.Combine(At("fastpitch"), "vocoder");
        string[] output = ["-o", At("out/a.safetensors")];
        string Error(params string[] arguments) => Run([.. arguments, .. output]).Error.TrimEnd();

        Assert.That(Error("vocode", "--model", vits, "--mel", At("none")),
            Does.EndWith("expected a vocoder, found 'vits': use 'cudatts synthesize'."));
        Assert.That(Error("vocode", "--model", fastPitch, "--mel", At("none")), Does.EndWith("found 'fastpitch': use 'cudatts mel'."));
        Assert.That(Error("mel", "--model", vits, "--ids", At("none")), Does.EndWith("found 'vits': use 'cudatts synthesize'."));
        Assert.That(Error("mel", "--model", vocoder, "--ids", At("none")), Does.EndWith("found 'hifigan': use 'cudatts vocode'."));
        Assert.That(Error("synthesize", "--model", fastPitch, "--ids", At("none")), Does.EndWith("found 'fastpitch': use 'cudatts mel'."));
        Assert.That(Error("synthesize", "--model", vocoder, "--ids", At("none")), Does.EndWith("found 'hifigan': use 'cudatts vocode'."));
    }

    private string WriteFastPitch()
    {
        var voice = TinyVoice.CreateWithHifiGan(At("fastpitch"));
        var config = FastPitchModels.ConfigOf(FastPitchGoldens.Open("tiny"));
        FastPitchModels.WriteFolder(Path.Combine(voice, "acoustic"), config, FastPitchModels.WeightsOf("tiny", config));
        return voice;
    }

    private string WriteVits(bool isStochastic = true)
    {
        VitsVoiceTests.WriteModel(At("vits"), VitsVoiceTests.Config with { HasStochasticDurations = isStochastic });
        _ = ConvertedVoice.Write(At("vits"), At("vits.onnx"));
        return At("vits");
    }
}
