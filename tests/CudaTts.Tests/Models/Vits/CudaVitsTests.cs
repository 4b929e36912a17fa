using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Models.Vits;

/// <summary>VITS through the whole CUDA path, on the emulated device.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class CudaVitsTests(Precision precision)
{
    private const double HalfLimit = 1e-4;
    private const string PublishedSize = "long: a network of the published size; the tiny ones have all of its kinds of layers";

    // The text and its durations are computed in float32 on a device of half precision too, so only the flow and the decoder have its limit.
    [TestCase("vits_tiny.safetensors")]
    [TestCase("vits_tiny_one_token.safetensors")]
    [TestCase("vits_tiny_tails.safetensors")]
    [TestCase("vits_tiny_no_sdp.safetensors")]
    [TestCase("vits_tiny_speakers.safetensors")]
    [TestCase("vits_piper_tiny.safetensors")]
    [TestCase("vits_lj.safetensors", Explicit = true, Category = "Long", Reason = PublishedSize)]
    [TestCase("vits_vctk.safetensors", Explicit = true, Category = "Long", Reason = PublishedSize)]
    [TestCase("vits_piper_medium.safetensors", Explicit = true, Category = "Long", Reason = PublishedSize)]
    public void Agrees_with_the_golden(string file)
    {
        var golden = VitsGolden.Read(file);
        var device = TestDevice.Open(precision);

        var (result, audio) = VitsGoldenTests.Speak(golden, VitsProcedural.Folded(golden.Config), golden.Options, device);

        Golden.AreEqual($"{precision} {file} durations", result.Durations, golden.Durations);
        foreach (var stage in VitsGolden.Stages)
        {
            var isHalf = precision == Precision.Half && stage is "z" or "audio";
            Golden.Matches($"{precision} {file} {stage}", golden.Error(result, audio, stage), isHalf ? HalfLimit : golden.Limit(stage));
        }
    }

    [TestCase("vits_tiny_speakers.safetensors", "flow.flows.6.pre.bias", "z")]
    [TestCase("vits_tiny_speakers.safetensors", "dec.resblocks.2.convs.1.bias", "audio")]
    [TestCase("vits_tiny_speakers.safetensors", "dp.convs.norms_2.1.gamma", "log_durations")]
    public void The_golden_sees_one_wrong_weight(string file, string tensor, string stage)
    {
        var golden = VitsGolden.Read(file);
        var wrong = OneWrongWeight.In(VitsProcedural.Folded(golden.Config), tensor, change: 0.5f);

        var (result, audio) = VitsGoldenTests.Speak(golden, wrong, golden.Options with { Durations = golden.Durations }, TestDevice.Open(precision));

        Assert.That(golden.Error(result, audio, stage), Is.GreaterThan(precision == Precision.Half ? HalfLimit : golden.Limit(stage)));
    }

    [Test]
    public void Rows_side_by_side_are_what_they_are_alone()
    {
        var golden = VitsGolden.Read("vits_tiny_speakers.safetensors");
        var (weights, device) = (VitsProcedural.Folded(golden.Config), TestDevice.Open(precision));
        using var acoustic = new VitsAcoustic(golden.Config, weights, device);
        using var decoder = new VitsDecoder(golden.Config, weights, device);
        var (ids, options) = VitsAcousticTests.Utterances(golden.Config);
        VocoderOptions[] voices = [.. options.Select(row => new VocoderOptions { Speaker = row.Speaker })];

        var together = acoustic.SynthesizeBatch(ids, options);
        var audio = decoder.Generate([.. together.Select(row => row.Mel)], voices);

        for (var row = 0; row < ids.Length; row++)
        {
            var alone = acoustic.SynthesizeBatch([ids[row]], [options[row]])[0];
            Assert.That(((DurationResult)together[row]).Durations, Is.EqualTo(((DurationResult)alone).Durations), $"row {row}");
            Assert.That(together[row].Mel.Span.SequenceEqual(alone.Mel.Span), Is.True, $"row {row}");
            Assert.That(audio[row].Span.SequenceEqual(decoder.Generate([alone.Mel], [voices[row]])[0].Span), Is.True, $"row {row}");
        }
    }
}
