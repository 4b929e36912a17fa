using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;

namespace CudaTts.Tests.Pipeline;

/// <summary>Sentences of a single sound, which the default voice cannot say alone.</summary>
[TestFixture]
internal sealed class RepetitionTests
{
    private SpeechSynthesizer _synthesizer = null!;

    [OneTimeSetUp]
    public void Load() => _synthesizer = SpeechSynthesizer.Load(Voice.FindDefault(), new DeviceOptions { Name = "cpu", Threads = 2 });

    [OneTimeTearDown]
    public void Unload() => _synthesizer.Dispose();

    [Test]
    public void A_single_sound_is_said_in_a_second_attempt([Values("I.", "Oh.", "Shh!", "Zzz.")] string text)
    {
        var options = new SpeechOptions { MaxSeconds = 3 };
        var once = _synthesizer.Speak(text, options with { Attempts = 1 });
        var again = _synthesizer.Speak(text, options with { Attempts = 2 });
        Assert.Multiple(() =>
        {
            Assert.That(once.Faults, Is.Not.EqualTo(SpeechFaults.None));
            Assert.That(again.Faults, Is.EqualTo(SpeechFaults.None));
            Assert.That(again.Audio.Duration.TotalSeconds, Is.InRange(0.15, 0.8));
            Assert.That(again.Audio.Samples, Has.Length.EqualTo(again.Sentences[0].Mel.Mel[2] * 256));
            Assert.That(again.Sentences[0].Mel.Alignments[2], Is.EqualTo(again.Sentences[0].Tokens.Ids.Length));
            Assert.That(again.Timestamps.Sentences[0].Words.Single().Text, Is.EqualTo(text));
        });
    }

    [Test]
    public void The_second_time_is_cut_out_of_everything()
    {
        // Five steps of two frames over four tokens; the last two tokens have the last three steps.
        var alignments = new Tensor(1, 5, 4);
        foreach (var (step, token) in new[] { (0, 0), (1, 1), (2, 2), (3, 2), (4, 3) })
        {
            alignments.Span[(step * 4) + token] = 1;
        }

        var twice = new Tacotron2Result(Counted(1, 3, 10), alignments, StopReason.Gate)
        {
            EncoderMemory = Counted(1, 4, 2),
            MelBeforePostnet = Counted(1, 3, 10),
            GateLogits = Counted(1, 5),
        };
        var cut = (Tacotron2Result)twice.OfLast(2);
        Assert.Multiple(() =>
        {
            Assert.That(cut.EncoderMemory!.Span.ToArray(), Is.EqualTo(new float[] { 4, 5, 6, 7 }));
            Assert.That(cut.Mel.Span.ToArray(), Is.EqualTo(new float[] { 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19, 24, 25, 26, 27, 28, 29 }));
            Assert.That(cut.GateLogits.Span.ToArray(), Is.EqualTo(new float[] { 2, 3, 4 }));
            Assert.That(cut.Alignments.Span.ToArray(), Is.EqualTo(new float[] { 1, 0, 1, 0, 0, 1 }));
            Assert.That(cut.Stop, Is.EqualTo(StopReason.Gate));
        });
    }

    private static Tensor Counted(params int[] shape)
    {
        var tensor = new Tensor(shape);
        for (var i = 0; i < tensor.Length; i++)
        {
            tensor.Span[i] = i;
        }

        return tensor;
    }
}
