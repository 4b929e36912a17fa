using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Tensors;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests;

public sealed class LogMelAnalyzerTests
{
    private const int GoldenSamples = 66150;

    [Test]
    public void Agrees_with_the_goldens(
        [Values("LJ001-0012", "LJ030-0031", "LJ050-0158")] string clip, [Values] MelFraming framing)
    {
        var samples = Clip(clip);

        var mel = new LogMelAnalyzer(new MelContract(), framing).Analyze(samples);

        Golden.Matches($"{clip} {framing} mel", Nmse.Of(mel.Span, GoldenMel(clip, framing).Span), 1e-10);
    }

    [Test]
    public void Comparison_fails_for_other_filters()
    {
        var samples = Clip("LJ001-0012");

        var mel = new LogMelAnalyzer(new MelContract { HighestFrequency = 7990 }, MelFraming.HifiGan).Analyze(samples);

        Assert.That(Nmse.Of(mel.Span, GoldenMel("LJ001-0012", MelFraming.HifiGan).Span), Is.GreaterThan(1e-6));
    }

    [TestCase(MelFraming.HifiGan, 22050, 86)]
    [TestCase(MelFraming.Nvidia, 22050, 87)]
    [TestCase(MelFraming.HifiGan, 385, 1)]
    [TestCase(MelFraming.Nvidia, 513, 3)]
    public void Frames_follow_the_framing(MelFraming framing, int samples, int frames)
    {
        var mel = new LogMelAnalyzer(new MelContract(), framing).Analyze(new float[samples]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(mel.Shape, Is.EqualTo(new[] { 1, 80, frames }));
            Assert.That(mel.Span.ToArray(), Is.All.EqualTo(framing == MelFraming.HifiGan ? mel.Span[0] : MathF.Log(1e-5f)));
        }
    }

    [TestCase(MelFraming.HifiGan, 384, "385")]
    [TestCase(MelFraming.Nvidia, 512, "513")]
    [TestCase(MelFraming.Nvidia, 0, "513")]
    public void Too_short_says_how_long(MelFraming framing, int samples, string needed) => Assert.That(
        () => new LogMelAnalyzer(new MelContract(), framing).Analyze(new float[samples]),
        Throws.TypeOf<AudioException>().With.Message.Contains(needed).And.Message.Contains("longer recording"));

    [Test]
    public void Other_rate_says_how_to_resample() => Assert.That(
        () => new LogMelAnalyzer(new MelContract(), MelFraming.HifiGan).Analyze(new Waveform(new float[4096], 16000)),
        Throws.TypeOf<AudioException>().With.Message.Contains("found 16000 Hz").And.Message.Contains("ffmpeg"));

    [Test]
    public void Log_10_is_natural_over_ln_ten()
    {
        var samples = ProceduralWeights.Values("noise", [4096, 1]);
        var natural = new LogMelAnalyzer(new MelContract(), MelFraming.HifiGan).Analyze(samples);
        var common = new LogMelAnalyzer(new MelContract { Log = MelLog.Log10 }, MelFraming.HifiGan).Analyze(samples);

        Assert.That(Nmse.Of(common.Span, [.. natural.Span.ToArray().Select(x => x / MathF.Log(10))]), Is.LessThan(1e-12));
    }

    [Test]
    public void Filters_have_unit_area_over_hertz()
    {
        // Area over bins times the bins' width; the triangles are sampled, hence the slack for the narrow ones.
        var filterBank = new MelFilterBank(new MelContract { FftLength = 16384, WindowLength = 1024 });
        var areas = Enumerable.Range(0, 80).Select(band => filterBank.Weights(band).ToArray().Sum() * 22050 / 16384);

        Assert.That(areas, Is.All.EqualTo(1).Within(0.01));
    }

    [TestCase("{\"n_fft\":1000}", "n_fft")]
    [TestCase("{\"mel_bands\":0}", "bands")]
    [TestCase("{\"hop_length\":2048}", "hop")]
    [TestCase("{\"window_length\":2048}", "window")]
    [TestCase("{\"sample_rate\":0}", "rate")]
    [TestCase("{\"fmax\":20000}", "fmax")]
    [TestCase("{\"fmin\":8000}", "fmin")]
    [TestCase("{\"floor\":0}", "floor")]
    [TestCase("{\"normalisation\":\"mean-variance\"}", "normalisation")]
    public void Impossible_contracts_are_refused(string json, string named)
    {
        var contract = JsonSerializer.Deserialize<MelContract>(json)!;

        Assert.That(() => new LogMelAnalyzer(contract, MelFraming.HifiGan), Throws.TypeOf<AudioException>().With.Message.Contains(named));
    }

    internal static float[] Clip(string clip) => WavFile.Read(Golden.Path($"speech/{clip}.wav")).Samples[..GoldenSamples];

    private static Tensor GoldenMel(string clip, MelFraming framing) =>
        SafetensorsFile.Open(Golden.Path($"speech/{clip}.mel.safetensors")).Weights.Take(
            framing == MelFraming.HifiGan ? "hifigan" : "nvidia", 80, framing == MelFraming.HifiGan ? 258 : 259);
}
