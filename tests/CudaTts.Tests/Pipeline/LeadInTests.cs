using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;

namespace CudaTts.Tests.Pipeline;

/// <summary>Sentences of a single sound, which the default voice cannot say alone.</summary>
[TestFixture]
internal sealed class LeadInTests
{
    private SpeechSynthesizer _synthesizer = null!;

    [OneTimeSetUp]
    public void Load() => _synthesizer = SpeechSynthesizer.Load(Voice.FindDefault(), new DeviceOptions { Name = "cpu", Threads = 2 });

    [OneTimeTearDown]
    public void Unload() => _synthesizer.Dispose();

    [Test]
    public void A_single_sound_is_said_at_once_and_whole(
        [Values("I", "Oh.", "Shh!", "Zzz.", "A.", "E!", "Ah?", "Mmm.", "Eh.", "Ooh!")] string text, [Range(0, 5)] int seed)
    {
        var speech = _synthesizer.Speak(text, new SpeechOptions { MaxSeconds = 3, Attempts = 1, Seed = (ulong)seed });
        var samples = speech.Audio.Samples;
        var loudest = Array.FindIndex(samples, sample => Math.Abs(sample) == samples.Max(Math.Abs));
        Assert.Multiple(() =>
        {
            Assert.That(speech.Faults, Is.EqualTo(SpeechFaults.None));
            Assert.That(speech.Audio.Duration.TotalSeconds, Is.InRange(0.15, 0.8));
            Assert.That(samples, Has.Length.EqualTo(speech.Sentences[0].Mel.Mel[2] * 256));
            Assert.That(speech.Sentences[0].Mel.Alignments[2], Is.EqualTo(speech.Sentences[0].Tokens.Ids.Length));
            Assert.That(speech.Timestamps.Sentences[0].Words.Single().Text, Is.EqualTo(text));
            Assert.That(samples[..22].Concat(samples[^22..]).Max(Math.Abs), Is.LessThan(0.001), "it begins and ends in silence");
            Assert.That(samples.Max(Math.Abs), Is.GreaterThan(0.02), "it is heard");
            Assert.That(LevelOf(samples[..220]), Is.LessThan(LevelOf(samples[(loudest - 110)..(loudest + 110)]) / 10), "its onset is there");
        });
    }

    [Test]
    public void A_single_sound_within_a_text_has_silent_edges(
        [Values("He paused. Oh. Then he left.", "<speak>Press <break time='500ms'/> A <break time='500ms'/> then <break time='500ms'/> E.</speak>")]
        string text)
    {
        var speech = _synthesizer.Speak(text, new SpeechOptions { MaxSeconds = 3, IsSsml = text[0] == '<', Seed = 1 });
        Assert.That(speech.Sentences, Has.Count.InRange(3, 4));
        foreach (var sentence in speech.Sentences)
        {
            var samples = sentence.Audio.Samples;
            Assert.That(samples[..22].Concat(samples[^22..]).Max(Math.Abs), Is.LessThan(0.001), sentence.Tokens.Text);
            Assert.That(samples.Max(Math.Abs), Is.GreaterThan(0.02), sentence.Tokens.Text);
        }
    }

    [Test]
    public void Two_sounds_are_said_alone()
    {
        var options = new SpeechOptions { MaxSeconds = 3, Attempts = 1 };
        var tokens = _synthesizer.Voice.FrontEnd.Read("No.");
        Assert.That(tokens.Sounds, Has.Count.EqualTo(2));
        var alone = _synthesizer.Voice.Acoustic.SynthesizeBatch([tokens.Ids], [new AcousticOptions { MaxSeconds = 3, Seed = 0 }], default)[0];
        Assert.That(_synthesizer.Speak("No.", options with { Seed = 0 }).Sentences[0].Mel.Mel.Span.ToArray(), Is.EqualTo(alone.Mel.Span.ToArray()));
    }

    [Test]
    public async Task A_stream_has_a_single_sound_as_it_is()
    {
        var options = new SpeechOptions { MaxSeconds = 3, Attempts = 1, Seed = 4 };
        var streamed = new List<float>();
        await foreach (var chunk in _synthesizer.StreamAsync("Oh. I.", options))
        {
            streamed.AddRange(chunk.Samples);
        }

        Assert.That(streamed, Is.EqualTo(_synthesizer.Speak("Oh. I.", options).Audio.Samples));
    }

    [Test]
    public void The_last_tokens_are_cut_out_of_everything_from_the_quietest_step_of_the_pause()
    {
        // Seven steps of two frames over five tokens: a word's, the pause's, a space, and two that stay. The pause is quietest in its second step.
        var alignments = new Tensor(1, 7, 5);
        foreach (var (step, token) in new[] { (0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (5, 3), (6, 4) })
        {
            alignments.Span[(step * 5) + token] = 1;
        }

        var mel = Counted(1, 1, 14);
        (mel.Span[4], mel.Span[5]) = (-9, -9);
        var whole = new Tacotron2Result(mel, alignments, StopReason.Gate)
        {
            EncoderMemory = Counted(1, 5, 2),
            MelBeforePostnet = Counted(1, 1, 14),
            GateLogits = Counted(1, 7),
        };
        var cut = (Tacotron2Result)whole.OfLast(2);
        Assert.Multiple(() =>
        {
            Assert.That(cut.EncoderMemory!.Span.ToArray(), Is.EqualTo(new float[] { 6, 7, 8, 9 }));
            Assert.That(cut.Mel.Span.ToArray(), Is.EqualTo(new float[] { -9, -9, 6, 7, 8, 9, 10, 11, 12, 13 }));
            Assert.That(cut.MelBeforePostnet.Span.ToArray(), Is.EqualTo(new float[] { 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 }));
            Assert.That(cut.GateLogits.Span.ToArray(), Is.EqualTo(new float[] { 2, 3, 4, 5, 6 }));
            Assert.That(cut.Alignments.Span.ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 0, 1, 0, 1, 0, 0, 1 }));
            Assert.That(cut.Stop, Is.EqualTo(StopReason.Gate));
        });
    }

    private static double LevelOf(float[] samples) => Math.Sqrt(samples.Average(sample => (double)sample * sample));

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
