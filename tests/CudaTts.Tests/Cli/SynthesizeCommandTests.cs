using CudaTts.Cli;
using CudaTts.Models;
using CudaTts.Tests.Models.Vits;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Cli;

/// <summary><c>cudatts synthesize</c>: stages in a file, under the names of the golden files.</summary>
[TestFixture]
internal sealed class SynthesizeCommandTests : CommandTestBase
{
    [TestCase("vits_tiny_speakers.safetensors")]
    [TestCase("vits_tiny_no_sdp.safetensors")]
    public void Writes_every_stage_of_the_golden(string file)
    {
        var golden = VitsGolden.Read(file);
        WriteModel(golden);
        string[] speaker = golden.Speaker is { } number ? ["--speaker", $"{number}"] : [];

        var result = Run(
        [
            .. Arguments(file), "--noise", Golden.Path(file), "--noise-scale", golden.Metadata["noise_scale"],
            "--length-scale", golden.Metadata["length_scale"], "--noise-scale-w", golden.Metadata["noise_scale_w"], .. speaker,
        ]);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var written = SafetensorsFile.Open(At("out/a.safetensors"));
        foreach (var stage in VitsGolden.Stages)
        {
            var (actual, expected) = (written.Weights.Take(stage, golden.Tensor(stage).Shape), golden.Tensor(stage));
            Golden.Matches($"{file} {stage}", Nmse.Of(actual.Span, expected.Span), golden.Limit(stage));
        }

        Golden.AreEqual($"{file} durations", written.Entries["durations"].Bytes.ToArray(),
            SafetensorsFile.Open(Golden.Path(file)).Entries["durations"].Bytes.ToArray());
        Assert.That(written.Entries["durations"].Type, Is.EqualTo(DataType.I64));
    }

    [Test]
    public void Durations_may_be_given_and_the_seed_draws_the_noise()
    {
        const string File = "vits_tiny.safetensors";
        var golden = VitsGolden.Read(File);
        WriteModel(golden);
        string[] arguments = [.. Arguments(File), "--durations", Golden.Path(File)];

        byte[] Audio(string seed)
        {
            Assert.That(Run([.. arguments, "--seed", seed]).Code, Is.EqualTo(ExitCode.Done));
            var written = SafetensorsFile.Open(At("out/a.safetensors")).Entries;
            var durations = SafetensorsFile.Open(Golden.Path(File)).Entries["durations"];
            Assert.That(written["durations"].Bytes.ToArray(), Is.EqualTo(durations.Bytes.ToArray()));
            return written["audio"].Bytes.ToArray();
        }

        var first = Audio("1");
        Assert.That(first, Has.Length.EqualTo(golden.Tensor("audio").Length * sizeof(float)));
        Assert.That(Audio("1"), Is.EqualTo(first));
        Assert.That(Audio("2"), Is.Not.EqualTo(first));
    }

    [Test]
    public void What_is_read_of_a_model_is_not_replaced()
    {
        const string File = "vits_tiny.safetensors";
        WriteModel(VitsGolden.Read(File));
        foreach (var name in (string[])[ModelFolder.WeightsFileName, ConfigJson.FileName])
        {
            var before = System.IO.File.ReadAllBytes(At($"model/{name}"));
            AssertFails(Run([.. Arguments(File)[..^1], At($"model/{name}")]), ExitCode.WrongArguments, "is also the file of --model");
            Assert.That(System.IO.File.ReadAllBytes(At($"model/{name}")), Is.EqualTo(before), name);
        }
    }

    [Test]
    public void What_does_not_fit_is_told_in_one_line()
    {
        const string File = "vits_tiny.safetensors";
        var golden = VitsGolden.Read(File);
        WriteModel(golden);
        var arguments = Arguments(File);
        SafetensorsWriter.Write(At("short.safetensors"), [KeyValuePair.Create("durations", new WeightEntry(DataType.I64, [1, 2], new byte[16]))]);
        var flat = new WeightEntry(DataType.F32, [2, 19], new byte[152]);
        SafetensorsWriter.Write(At("flat.safetensors"), [KeyValuePair.Create("duration_noise", flat)]);

        AssertFails(Run([.. arguments, "--noise", Golden.Path(File)]), ExitCode.Failed, "because the durations sum to");
        AssertFails(Run([.. arguments, "--noise", At("flat.safetensors")]), ExitCode.Failed, "'duration_noise': expected [1, 2, N] with N at most");
        AssertFails(Run([.. arguments, "--noise", Golden.Path("vits_tiny_one_token.safetensors")]), ExitCode.Failed, "for 19 ids, found [1, 2, 1]");
        AssertFails(Run([.. arguments, "--durations", At("short.safetensors")]), ExitCode.Failed, "durations: expected 19, one for each id, found 2");
        AssertFails(Run([.. arguments, "--speaker", "1"]), ExitCode.Failed, "has one voice");
        AssertFails(Run([.. arguments, "--length-scale", "0"]), ExitCode.WrongArguments, "--length-scale");
        AssertFails(
            Run("synthesize", "--model", Path.Combine(StoppingVoice, "acoustic"), "--ids", Golden.Path(File), "-o", At("out/a.safetensors")),
            ExitCode.Failed, "expected a network from text to samples (vits), found 'tacotron2': use 'cudatts mel'.");
        Assert.That(Outputs(), Is.Empty);
    }

    private string[] Arguments(string file) =>
        ["synthesize", "--model", At("model"), "--ids", Golden.Path(file), "--device", "cpu", "--threads", "1", "-o", At("out/a.safetensors")];

    private void WriteModel(VitsGolden golden)
    {
        Directory.CreateDirectory(At("model"));
        var weights = VitsProcedural.Folded(golden.Config);
        SafetensorsWriter.Write(
            At($"model/{ModelFolder.WeightsFileName}"), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        File.WriteAllText(At($"model/{ConfigJson.FileName}"), ConfigJson.Write(golden.Config));
    }
}
