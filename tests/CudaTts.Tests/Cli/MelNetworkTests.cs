using System.Runtime.InteropServices;
using CudaTts.Cli;
using CudaTts.Tests.Models.FastPitch;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Cli;

/// <summary><c>cudatts mel</c> with the networks that predict durations, and with options of another network.</summary>
[TestFixture]
internal sealed class MelNetworkTests : CommandTestBase
{
    [TestCase("tiny")]
    [TestCase("tiny_no_energy")]
    public void Mel_writes_every_stage_of_a_golden(string name)
    {
        var golden = FastPitchGoldens.Open(name);
        WriteModel(name);
        var speaker = golden.Metadata.TryGetValue("speaker", out var number) ? (string[])["--speaker", number] : [];

        var result = Run([
            "mel", "--model", At("model"), "--ids", Golden.Path($"fastpitch_{name}.safetensors"), "--pace", golden.Metadata["pace"], .. speaker,
            "-o", At("out/mel.safetensors")]);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var written = SafetensorsFile.Open(At("out/mel.safetensors"));
        Assert.That(written.Entries.Keys, Is.EquivalentTo(golden.Entries.Keys.Where(key => key != "ids")));
        foreach (var (stage, entry) in golden.Entries.Where(entry => entry.Key != "ids"))
        {
            Assert.That((written.Entries[stage].Type, Tensors.Tensor.Describe(written.Entries[stage].Shape)),
                Is.EqualTo((entry.Type, Tensors.Tensor.Describe(entry.Shape))), stage);
            if (entry.Type == DataType.I64)
            {
                Golden.AreEqual($"{name} {stage}", written.Entries[stage].Bytes.ToArray(), entry.Bytes.ToArray());
                continue;
            }

            var error = Nmse.Of(written.Weights.Take(stage, entry.Shape).Span, golden.Weights.Take(stage, entry.Shape).Span);
            var published = double.Parse(golden.Metadata[$"torch_f32_nmse.{stage}"], System.Globalization.CultureInfo.InvariantCulture);
            Golden.Matches($"{name} {stage}", error, Nmse.Limit(published));
        }
    }

    [TestCase("--pace", "0", ExitCode.WrongArguments, "--pace")]
    [TestCase("--speaker", "4", ExitCode.Failed, "expected 0 to 3")]
    [TestCase("--gate-threshold", "0.5", ExitCode.WrongArguments, "--gate-threshold: is for Tacotron 2; the model is a FastPitch")]
    [TestCase("--seed", "1", ExitCode.WrongArguments, "--seed: is for Tacotron 2; the model is a FastPitch")]
    public void Fast_pitch_refuses_what_it_cannot_do(string option, string value, int code, string says)
    {
        WriteModel("tiny");

        AssertFails(
            Run("mel", "--model", At("model"), "--ids", Golden.Path("fastpitch_tiny.safetensors"), option, value, "-o", At("out/m.safetensors")),
            code, says);
        Assert.That(Outputs(), Is.Empty);
    }

    [TestCase("--pace", "2")]
    [TestCase("--speaker", "0")]
    public void Tacotron_refuses_options_of_fast_pitch(string option, string value)
    {
        WriteIds(11, 12);
        var model = Path.Combine(EndlessVoice, "acoustic");

        AssertFails(
            Run("mel", "--model", model, "--ids", At("ids.safetensors"), option, value, "-o", At("out/m.safetensors")),
            ExitCode.WrongArguments, $"{option}: is for FastPitch; the model is a Tacotron 2.");
    }

    [Test]
    public void A_vocoder_has_no_mel_to_write()
    {
        WriteIds(11, 12);
        Directory.CreateDirectory(At("model"));
        File.WriteAllText(At("model/config.json"), """{"model_type": "hifigan"}""");
        SafetensorsWriter.Write(At("model/model.safetensors"), [KeyValuePair.Create("a", new WeightEntry(DataType.F32, [1], new byte[4]))]);

        AssertFails(Run("mel", "--model", At("model"), "--ids", At("ids.safetensors"), "-o", At("out/m.safetensors")), ExitCode.Failed,
            "expected an acoustic model (tacotron2 or fastpitch), found 'hifigan'");
    }

    private void WriteModel(string name)
    {
        var config = FastPitchModels.ConfigOf(FastPitchGoldens.Open(name));
        FastPitchModels.WriteFolder(At("model"), config, FastPitchModels.WeightsOf(name, config));
    }

    private void WriteIds(params long[] ids) => SafetensorsWriter.Write(
        At("ids.safetensors"),
        [KeyValuePair.Create("ids", new WeightEntry(DataType.I64, [1, ids.Length], MemoryMarshal.AsBytes(ids.AsSpan()).ToArray()))]);
}
