using System.Buffers.Binary;
using System.Text;
using CudaTts.Cli;
using CudaTts.Models;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Cli;

/// <summary>Files that are made to harm, and those that are not what they seem: one line says what they are, and nothing is read in vain.</summary>
[TestFixture]
internal sealed class HostileFileTests : CommandTestBase
{
    private static readonly byte[] s_six = TorchFileBuilder.Floats(0, 1, 2, 3, 4, 5);

    [TestCase("posix", "system")]
    [TestCase("builtins", "eval")]
    [TestCase("builtins", "exec")]
    [TestCase("subprocess", "check_output")]
    [TestCase("socket", "create_connection")]
    [TestCase("importlib", "import_module")]
    public void A_checkpoint_that_would_run_something_is_hostile(string module, string name)
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("x").Global(module, name).Op('(').Text("id").Op('t').Op('R').Text("w").Tensor("0", 6, [6])).Finish();
        File.WriteAllBytes(At("a.pt"), TorchFileBuilder.Zip(pickle, ("0", s_six)));

        AssertFails(Run("inspect", At("a.pt")), ExitCode.Failed, $"hostile: Python would call {module}.{name}");
        AssertFails(Run("inspect", At("a.pt"), "--json"), ExitCode.Failed, "hostile");
        AssertFails(Run("convert", At("a.pt"), "-o", At("out/model")), ExitCode.Failed, $"hostile: Python would call {module}.{name}");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void What_was_not_called_is_named()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("a").Global("glow", "WaveGlow").Op(')').Op('R').Text("b").Global("hparams", "Parameters").Op(')').Op('\x81')
            .Text("\u001b[31mw").Tensor("0", 6, [6])).Finish();
        File.WriteAllBytes(At("a.pt"), TorchFileBuilder.Zip(pickle, ("0", s_six)));

        var result = Run("inspect", At("a.pt"));

        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(result.Output, Does.Contain("not called, as Python would have: glow.WaveGlow, hparams.Parameters"));
        Assert.That(result.Output, Does.Contain("\\u001B[31mw  F32").And.Not.Contain("\u001b"), "a name commands no terminal");

        var json = Run("inspect", At("a.pt"), "--json");
        Assert.That(json.Error, Is.EqualTo("not called, as Python would have: glow.WaveGlow, hparams.Parameters\n"));
        Assert.That(json.Output, Does.StartWith("[").And.Not.Contain("not called"));
    }

    [Test]
    public void A_long_name_widens_no_other_line()
    {
        var entries = Enumerable.Range(0, 1000).Select(i => KeyValuePair.Create($"t{i}", new WeightEntry(DataType.U8, [0], default)))
            .Append(KeyValuePair.Create(new string('n', 1000), new WeightEntry(DataType.U8, [0], default)));
        SafetensorsWriter.Write(At("a.safetensors"), entries);

        Assert.That(Run("inspect", At("a.safetensors")).Output, Has.Length.LessThan(110_000));
    }

    [TestCase(1_000_000, 1)]
    [TestCase(6_000_000, 1)]
    [TestCase(400_000, 2)]
    [TestCase(1, 100_000)]
    [TestCase(1, 1025)]
    [TestCase(310_079, 1)]
    public void A_mel_of_days_is_refused_before_it_is_read(int frames, int rows)
    {
        WriteSparse("mel", "F32", [rows, 80, frames], 4L * rows * 80 * frames);

        AssertFails(
            Run("vocode", "--model", Vocoder.GriffinLimName, "--mel", At("mel.safetensors"), "-o", At("out/a.safetensors")), ExitCode.Failed,
            "expected at most 1024 rows and 310078 frames of all rows together (3600 s)");
        Assert.That(Outputs(), Is.Empty);
    }

    [TestCase(10_001)]
    [TestCase(1_000_000)]
    [TestCase(200_000_000)]
    public void So_many_ids_are_no_sentence(int ids)
    {
        WriteSparse("ids", "I64", [1, ids], 8L * ids);

        AssertFails(
            Run("mel", "--model", Path.Combine(StoppingVoice, "acoustic"), "--ids", At("ids.safetensors"), "-o", At("out/a.safetensors")),
            ExitCode.Failed, $"expected at most 10000 ids, found {ids}");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "pipes have no names in the file system there")]
    public void A_pipe_in_a_voice_is_not_waited_for([Values("voice.json", "acoustic/config.json", "acoustic/model.safetensors")] string file)
    {
        var path = Path.Combine(StoppingVoice, file);
        File.Delete(path);
        using (var process = System.Diagnostics.Process.Start("mkfifo", path))
        {
            process.WaitForExit();
        }

        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "a pipe or a device");
        Assert.That(Outputs(), Is.Empty);
    }

    /// <summary>A safetensors file of one tensor of zeros that takes a few kilobytes on disk.</summary>
    private void WriteSparse(string name, string type, long[] shape, long bytes)
    {
        var header = Encoding.UTF8.GetBytes(
            $$$"""{"{{{name}}}":{"dtype":"{{{type}}}","shape":[{{{string.Join(',', shape)}}}],"data_offsets":[0,{{{bytes}}}]}}""");
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        using var stream = File.Create(At($"{name}.safetensors"));
        stream.Write(length);
        stream.Write(header);
        stream.SetLength(length.Length + header.Length + bytes);
    }
}
