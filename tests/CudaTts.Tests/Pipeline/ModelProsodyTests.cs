using CudaTts.Models;
using CudaTts.Pipeline;
using CudaTts.Text;

namespace CudaTts.Tests.Pipeline;

[TestFixture]
internal sealed class ModelProsodyTests
{
    private const ProsodyControls Both = ProsodyControls.Pace | ProsodyControls.Pitch;

    [Test]
    public void A_sentence_spoken_as_usual_stays_as_it_is()
    {
        var sentence = Sentence(new SpeechOptions { VolumeDecibels = 3 });
        Assert.That(ModelProsody.Divide(Both, sentence), Is.SameAs(sentence));
    }

    [Test]
    public void What_the_model_cannot_do_stays_a_change_of_the_waveform()
    {
        var options = new SpeechOptions { Speed = 2, PitchSemitones = 3 };
        var divided = ModelProsody.Divide(ProsodyControls.Pace, Sentence(options));
        Assert.Multiple(() =>
        {
            Assert.That(ModelProsody.Divide(ProsodyControls.None, Sentence(options)).Prosody, Is.Null);
            Assert.That(divided.Prosody, Is.EqualTo(Enumerable.Repeat(new TokenProsody(2), 7)));
            Assert.That((divided.Options.Speed, divided.Options.PitchSemitones), Is.EqualTo((1.0, 3.0)));
            Assert.That(divided.KeepsAudio, Is.False);
        });
    }

    [Test]
    public void Each_parts_tokens_are_spoken_in_its_way()
    {
        var usual = new SpeechOptions();
        var sentence = Sentence(usual) with
        {
            Parts = [(0, usual), (1, usual with { Speed = 0.5, PitchSemitones = -2 }), (2, usual with { VolumeDecibels = 6 })],
        };
        var divided = ModelProsody.Divide(Both, sentence);
        var slow = new TokenProsody(0.5, -2);
        Assert.Multiple(() =>
        {
            // The first word has tokens 1 and 2, the second 4, the third 6; marks go with the word before them.
            Assert.That(divided.Prosody, Is.EqualTo(new[]
            {
                TokenProsody.Usual, TokenProsody.Usual, TokenProsody.Usual, TokenProsody.Usual, slow, slow, TokenProsody.Usual,
            }));
            Assert.That(divided.Parts.Select(part => part.Options.KeepsAudio), Is.EqualTo(new[] { true, true, false }));
            Assert.That(divided.Parts.Select(part => part.FirstWord), Is.EqualTo(new[] { 0, 1, 2 }));
        });
    }

    // The most that a waveform may be raised by is a limit of what is left to the waveform.
    [TestCase(10, 4, true, 10)]
    [TestCase(10, 4, false, 14)]
    [TestCase(40, 4, true, 40)]
    [TestCase(40, 4, false, 40)]
    [TestCase(40, -2, true, 40)]
    [TestCase(40, -2, false, 38)]
    [TestCase(double.NegativeInfinity, 4, true, double.NegativeInfinity)]
    [TestCase(double.NegativeInfinity, 4, false, double.NegativeInfinity)]
    public void Emphasis_is_energy_where_the_model_has_it_and_else_loudness(double volume, double emphasis, bool hasEnergy, double left)
    {
        var options = new SpeechOptions { VolumeDecibels = volume, EmphasisDecibels = emphasis };
        var divided = ModelProsody.Divide(Both | (hasEnergy ? ProsodyControls.Energy : ProsodyControls.None), Sentence(options));
        Assert.Multiple(() =>
        {
            Assert.That(divided.Prosody, hasEnergy ? Is.EqualTo(Enumerable.Repeat(new TokenProsody(1, 0, emphasis), 7)) : Is.Null);
            Assert.That(divided.Options.VolumeDecibels, Is.EqualTo(left));
            Assert.That(divided.Options.EmphasisDecibels, Is.Zero);
        });
    }

    private static ReadSentence Sentence(SpeechOptions options)
    {
        var tokens = new TokenSequence("", [.. "_ab_c_d".Select(symbol => $"{symbol}")], [0, 1, 2, 0, 3, 0, 4], [], [])
        {
            Written = [new WrittenWord("ab", 1, 3), new WrittenWord("c", 4, 5), new WrittenWord("d", 6, 7)],
        };
        return new ReadSentence(tokens, Index: 0, IsLast: true, options, default);
    }
}
