using System.Runtime.InteropServices;
using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Tests.Pipeline;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Cli;

/// <summary>The verbs that run one model, or none.</summary>
[TestFixture]
internal sealed class ModelCommandTests : CommandTestBase
{
    [Test]
    public void Mel_writes_all_five_tensors()
    {
        WriteIds(11, 12, 13, 14);
        var result = Run("mel", "--model", Path.Combine(EndlessVoice, "acoustic"), "--ids", At("ids.safetensors"), "--max-frames", "7", "-o",
            At("out/mel.safetensors"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Incomplete), result.Error);
        var shapes = SafetensorsFile.Open(At("out/mel.safetensors")).Entries.ToDictionary(
            entry => entry.Key, entry => string.Join(' ', entry.Value.Shape));
        Assert.That(shapes, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["encoder_memory"] = "1 4 16",
            ["mel_before_postnet"] = "1 80 8",
            ["mel"] = "1 80 8",
            ["gate_logits"] = "1 4",
            ["alignments"] = "1 4 4",
        }));
    }

    [Test]
    public void Mel_with_prenet_masks_does_not_depend_on_the_seed()
    {
        WriteIds(11, 12, 13);
        var keep = new byte[3 * 2 * TinyVoice.Config.Prenet];
        Array.Fill(keep, (byte)1);
        SafetensorsWriter.Write(
            At("keep.safetensors"), [KeyValuePair.Create("keep", new WeightEntry(DataType.U8, [3, 2, TinyVoice.Config.Prenet], keep))]);
        foreach (var seed in new[] { "1", "2" })
        {
            var result = Run(
                "mel", "--model", Path.Combine(EndlessVoice, "acoustic"), "--ids", At("ids.safetensors"), "--prenet-keep", At("keep.safetensors"),
                "--gate-threshold", "1", "--seed", seed, "-o", At($"out/{seed}.safetensors"));
            Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        }

        Assert.That(File.ReadAllBytes(At("out/1.safetensors")), Is.EqualTo(File.ReadAllBytes(At("out/2.safetensors"))));
    }

    [Test]
    public void Mel_refuses_ids_and_masks_of_another_form()
    {
        var model = Path.Combine(EndlessVoice, "acoustic");
        WriteIds(11, 12);
        SafetensorsWriter.Write(At("flat.safetensors"), [KeyValuePair.Create("ids", new WeightEntry(DataType.I64, [2], new byte[16]))]);
        SafetensorsWriter.Write(At("keep.safetensors"), [KeyValuePair.Create("keep", new WeightEntry(DataType.U8, [1, 2, 3], new byte[6]))]);
        AssertFails(Run("mel", "--model", model, "--ids", At("flat.safetensors"), "-o", At("out/m.safetensors")), ExitCode.Failed,
            "expected I64 [1, T], found I64 [2]");
        AssertFails(
            Run("mel", "--model", model, "--ids", At("ids.safetensors"), "--prenet-keep", At("keep.safetensors"), "-o", At("out/m.safetensors")),
            ExitCode.Failed, "expected U8 [steps, 2, 8], found U8 [1, 2, 3]");
        AssertFails(Run("mel", "--model", model, "--ids", At("ids.safetensors"), "--max-frames", "0", "-o", At("out/m.safetensors")),
            ExitCode.WrongArguments, "--max-frames");
        WriteIds(11, 148);
        AssertFails(Run("mel", "--model", model, "--ids", At("ids.safetensors"), "-o", At("out/m.safetensors")), ExitCode.Failed, "148");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void Vocode_runs_the_network_that_the_model_folder_names()
    {
        var config = new HifiGanConfig { InitialChannels = 16 };
        WriteVocoder(At("vocoder"), config);
        WriteMel(2, 3);
        var result = Run("vocode", "--model", At("vocoder"), "--mel", At("mel.safetensors"), "-o", At("out/a.safetensors"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var audio = SafetensorsFile.Open(At("out/a.safetensors")).Entries["audio"];
        Assert.That(audio.Shape, Is.EqualTo(new[] { 2, 3 * 256 }));
        AssertFails(Run("vocode", "--model", At("vocoder"), "--mel", At("mel.safetensors"), "-o", At("out/a.wav")), ExitCode.WrongArguments,
            "2 utterances");
        AssertFails(
            Run("vocode", "--model", At("vocoder"), "--mel", At("mel.safetensors"), "--sigma", "0.6", "-o", At("out/a.wav")), ExitCode.WrongArguments,
                "reads no noise");
        AssertFails(
            Run("vocode", "--model", Path.Combine(EndlessVoice, "acoustic"), "--mel", At("mel.safetensors"), "-o", At("out/a.wav")), ExitCode.Failed,
                "expected a vocoder");
        AssertFails(
            Run("vocode", "--model", At("vocoder"), "--mel", At("mel.safetensors"), "--tensor", "log", "-o", At("out/a.wav")), ExitCode.Failed,
                "'log' is missing");
    }

    [Test]
    public void Convert_then_vocode_gives_the_golden_audio_of_a_weight_normed_checkpoint()
    {
        var golden = Golden.Path("hifigan_v2.safetensors");
        var config = new HifiGanConfig { InitialChannels = 128 };
        var weights = ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config));
        SafetensorsWriter.Write(At("checkpoint.safetensors"), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        File.WriteAllText(At("config.json"), ConfigJson.Write(config));
        var converted = Run("convert", At("checkpoint.safetensors"), "-o", At("vocoder"), "--config", At("config.json"));
        Assert.That(converted.Code, Is.EqualTo(ExitCode.Done), converted.Error);
        var result = Run("vocode", "--model", At("vocoder"), "--mel", golden, "-o", At("out/a.safetensors"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var expected = SafetensorsFile.Open(golden).Weights;
        var actual = SafetensorsFile.Open(At("out/a.safetensors")).Weights;
        var shape = actual.Entry("audio").Shape;
        Golden.Matches(
            "hifigan_v2 audio", Nmse.Of(actual.Take("audio", shape).Span, expected.Take("audio", expected.Entry("audio").Shape).Span), limit: 1e-9);
    }

    [Test]
    public void Analyze_then_griffin_lim_keeps_the_duration()
    {
        WavFile.Write(At("in.wav"), new Waveform([.. Enumerable.Range(0, 22050).Select(i => 0.3f * MathF.Sin(i * 0.1f))], 22050));
        Assert.That(Run("analyze", At("in.wav"), "-o", At("out/mel.safetensors")).Error, Is.Empty);
        Assert.That(SafetensorsFile.Open(At("out/mel.safetensors")).Entries["mel"].Shape, Is.EqualTo(new[] { 1, 80, 86 }));
        Assert.That(Run("analyze", At("in.wav"), "-o", At("out/centred.safetensors"), "--frontend", "nvidia").Error, Is.Empty);
        Assert.That(SafetensorsFile.Open(At("out/centred.safetensors")).Entries["mel"].Shape, Is.EqualTo(new[] { 1, 80, 87 }));
        Assert.That(Run("vocode", "--model", "griffin-lim", "--mel", At("out/mel.safetensors"), "-o", At("out/back.wav")).Error, Is.Empty);
        Assert.That(WavFile.Read(At("out/back.wav")).Samples, Has.Length.EqualTo(86 * 256));
    }

    [Test]
    public void Analyze_takes_a_recording_of_another_rate()
    {
        foreach (var rate in new[] { 22050, 44100 })
        {
            var samples = Enumerable.Range(0, rate).Select(i => 0.3f * MathF.Sin(2 * MathF.PI * 440 * i / rate));
            WavFile.Write(At($"{rate}.wav"), new Waveform([.. samples], rate));
            Assert.That(Run("analyze", At($"{rate}.wav"), "-o", At($"out/{rate}.safetensors")).Error, Is.Empty);
        }

        var (own, other) = (SafetensorsFile.Open(At("out/22050.safetensors")).Weights, SafetensorsFile.Open(At("out/44100.safetensors")).Weights);
        Assert.That(Nmse.Of(other.Take("mel", 1, 80, 86).Span, own.Take("mel", 1, 80, 86).Span), Is.LessThan(1e-2));
    }

    [Test]
    public void Analyze_refuses_what_is_no_recording()
    {
        File.WriteAllText(At("in.wav"), "not a recording");
        AssertFails(Run("analyze", At("in.wav"), "-o", At("out/mel.safetensors")), ExitCode.Failed, "in.wav");
        AssertFails(Run("analyze", At("none.wav"), "-o", At("out/mel.safetensors")), ExitCode.Failed, "none.wav");
        AssertFails(Run("analyze", At("in.wav"), "-o", At("out/mel.safetensors"), "--frontend", "other"), ExitCode.WrongArguments, "other");
    }

    [Test]
    public void Tokens_shows_text_symbols_and_ids()
    {
        using var json = JsonDocument.Parse(Run("tokens", "Hi.", "--cleaner", "english_cleaners", "--json").Output);
        Assert.That(json.RootElement.GetProperty("text").GetString(), Is.EqualTo("hi."));
        Assert.That(json.RootElement.GetProperty("symbols").EnumerateArray().Select(symbol => symbol.GetString()),
            Is.EqualTo(new[] { "h", "i", "." }));
        Assert.That(json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), Is.EqualTo(new[] { 45, 46, 7 }));
        Assert.That(Run("tokens", "Hi.", "--cleaner", "english_cleaners").Output.ReplaceLineEndings("\n"), Is.EqualTo("hi.\nh i .\n45 46 7\n"));
        Assert.That(Run("tokens", "Hello.").Output, Does.Contain("@HH"));
        AssertFails(Run("tokens", "Hi.", "--cleaner", "french"), ExitCode.WrongArguments, "french");
    }

    [Test]
    public void Tokens_tells_where_phones_come_from()
    {
        File.WriteAllText(At("a.txt"), "gif JH IH1 F\n");
        File.WriteAllText(At("b.txt"), "nvidia /ɛnˈvɪdiə/\n");
        var result = Run("tokens", "I read a gif of Nvidia {B IY1} fluffernutterish.", "--lexicon", At("a.txt"), "--lexicon", At("b.txt"),
            "--explain");
        var origins = result.Output.ReplaceLineEndings("\n").Split('\n').Skip(3).Where(line => line.Length > 0).Select(line => line[18..].Trim())
            .ToArray();
        Assert.That(origins[0], Is.EqualTo("dictionary       AY1"));
        Assert.That(origins[1], Is.EqualTo("heteronym rule   R EH1 D"));
        Assert.That(origins[3], Is.EqualTo("user lexicon     JH IH1 F"));
        Assert.That(origins[5], Is.EqualTo("user lexicon     EH0 N V IH1 D IY0 AH0"));
        Assert.That(origins[6], Is.EqualTo("inline           B IY1"));
        Assert.That(origins[7], Does.StartWith("letter to sound"));
        using var json = JsonDocument.Parse(Run("tokens", "gif", "--lexicon", At("a.txt"), "--explain", "--json").Output);
        Assert.That(json.RootElement.GetProperty("words")[0].GetProperty("origin").GetString(), Is.EqualTo("user lexicon"));
        AssertFails(Run("tokens", "Hi.", "--lexicon", At("none.txt")), ExitCode.Failed, "none.txt: cannot be read: there is no such file");
        AssertFails(Run("tokens", "Hi.", "--lexicon", At("a.txt"), "--cleaner", "english_cleaners"), ExitCode.Failed,
            "a lexicon needs a front end that looks words up, 'english' or 'english_ipa'");
    }

    [Test]
    public void Tokens_tells_which_rule_read_a_stretch_and_what_nobody_can_say()
    {
        var lines = Run("tokens", "Pay $3.50 at 9am-5pm 😀 ƛ <b>now</b>.", "--explain").Output.ReplaceLineEndings("\n").Split('\n');
        Assert.That(lines.Skip(3).Take(6), Is.EqualTo(new[]
        {
            "$3.50    money, amount                       three dollars and fifty cents",
            "9am-5pm  range, two ends                     nine A M to five P M",
            "<b>      mark-up, tag                        (nothing)",
            "</b>     mark-up, tag                        (nothing)",
            "not spoken: 😀 (U+1F600 has no reading)",
            "not spoken: ƛ (U+019B has no reading)",
        }));
        using var json = JsonDocument.Parse(Run("tokens", "№ 5 ƛ", "--explain", "--json").Output);
        Assert.That(json.RootElement.GetProperty("readings")[0].GetProperty("class").GetString(), Is.EqualTo("mark"));
        Assert.That(json.RootElement.GetProperty("unspoken")[0].GetString(), Is.EqualTo("ƛ"));
    }

    [Test]
    public void Inspect_lists_names_types_and_shapes()
    {
        WriteIds(1, 2, 3);
        Assert.That(Run("inspect", At("ids.safetensors")).Output.ReplaceLineEndings("\n"),
            Is.EqualTo("ids  I64   [1, 3]\nsafetensors: 1 tensors, 3 elements\n"));
        Assert.That(Run("inspect", At("ids.safetensors"), "--json").Output.Trim(), Is.EqualTo("""[{"name":"ids","type":"I64","shape":[1,3]}]"""));
        Assert.That(Run("inspect", Path.Combine(EndlessVoice, "acoustic")).Output, Does.Contain("embedding.weight"));
        AssertFails(Run("inspect", At("none.pt")), ExitCode.Failed, "none.pt");
    }

    [Test]
    public void Convert_makes_a_model_folder_of_a_checkpoint()
    {
        var source = Path.Combine(EndlessVoice, "acoustic");
        var result = Run("convert", Path.Combine(source, "model.safetensors"), "-o", At("out/model"), "--config", Path.Combine(source, "config.json"),
            "--half");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(result.Output, Does.Contain(Tacotron2Config.TypeName));
        Assert.That(ModelFolder.Open(At("out/model")).Weights.Entry("embedding.weight").Type, Is.EqualTo(DataType.F16));
        AssertFails(Run("convert", At("none.pt"), "-o", At("out/other")), ExitCode.Failed, "none.pt");
        Assert.That(Outputs(), Is.EqualTo(new[] { "model" }));
    }

    [Test]
    public void Doctor_reports_the_voice_and_fails_without_one()
    {
        var result = Run("doctor", "--voice", StoppingVoice);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done));
        Assert.That(result.Output, Does.Contain("ok       voice       tiny").And.Contain("processor"));
        var without = Run("doctor", "--voice", At("none"));
        Assert.That(without.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(without.Output, Does.Contain("missing  voice"));
    }

    [Test]
    public void Help_goes_to_standard_output_and_no_verb_is_an_error()
    {
        var help = Run("--help");
        Assert.That(help.Code, Is.EqualTo(ExitCode.Done));
        foreach (var verb in new[] { "say", "mel", "vocode", "analyze", "tokens", "convert", "inspect", "bench", "profile", "doctor" })
        {
            Assert.That(help.Output, Does.Contain($"  {verb} "));
        }

        AssertFails(Run(), ExitCode.WrongArguments, "--help");
        AssertFails(Run("shout"), ExitCode.WrongArguments, "--help");
    }

    private void WriteIds(params long[] ids) => SafetensorsWriter.Write(
        At("ids.safetensors"),
            [KeyValuePair.Create("ids", new WeightEntry(DataType.I64, [1, ids.Length], MemoryMarshal.AsBytes(ids.AsSpan()).ToArray()))]);

    private void WriteMel(int batch, int frames) => SafetensorsWriter.Write(
        At("mel.safetensors"),
            [KeyValuePair.Create("mel", new WeightEntry(DataType.F32, [batch, 80, frames], new byte[batch * 80 * frames * sizeof(float)]))]);

    private static void WriteVocoder(string folder, HifiGanConfig config)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ConfigJson.FileName), ConfigJson.Write(config));
        var weights = ProceduralWeights.Create(HifiGanTensors.Expected(config));
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFileName), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
    }
}
