using CudaTts.Audio;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Pipeline;

[TestFixture]
internal sealed class VoiceTests
{
    private readonly CpuCompute _compute = new(1);
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void Load_takes_what_the_manifest_says_and_keeps_the_defaults_of_what_it_leaves_out()
    {
        var voice = Voice.Load(TinyVoice.Create(_folder.Path("voice")), _compute);
        Assert.Multiple(() =>
        {
            Assert.That(voice.Manifest.Name, Is.EqualTo("tiny"));
            Assert.That(voice.Manifest.Symbols, Is.EqualTo("nvidia-148"));
            Assert.That(voice.Manifest.Defaults, Is.EqualTo(new VoiceDefaults { MaxSeconds = 0.5, PauseSeconds = 0.1 }));
            Assert.That(voice.Vocoder.Name, Is.EqualTo(Vocoder.GriffinLimName));
            Assert.That(voice.Acoustic.Symbols, Is.EqualTo(TinyVoice.Config.Symbols));
        });
    }

    [Test]
    public void Load_says_that_the_folder_is_not_there() =>
        Assert.That(() => Voice.Load(_folder.Path("none"), _compute),
            Throws.TypeOf<VoiceException>().With.Message.Contains("there is no such voice folder"));

    [Test]
    public void Load_says_that_the_manifest_is_missing()
    {
        Directory.CreateDirectory(_folder.Path("empty"));
        Assert.That(() => Voice.Load(_folder.Path("empty"), _compute),
            Throws.TypeOf<VoiceException>().With.Message.Contains("voice.json is missing"));
    }

    [TestCase("", "not JSON: expected an object {...}, found nothing")]
    [TestCase("null", "expected a JSON object {...}, found null")]
    [TestCase("{}", "'name'")]
    [TestCase("{\"name\": null}", "name: expected a text in quotation marks, found null")]
    [TestCase("[1", "not JSON: the mistake is at column 3")]
    [TestCase("{\"\\ud800\": 1}", "half of a character")]
    [TestCase("{\"name\": 1}\n{}", "not JSON: the mistake is at line 2, column 1")]
    [TestCase("{\"defaults\": {\"sped\": 1}, \"defaults\": {}}", "the key 'defaults' is there twice")]
    [TestCase("{\"defaults\": {\"seed\": 1, \"seed\": 2}}", "the key 'seed' is there twice")]
    [TestCase("{\"mel_framing\": \"hifigan\"}", "found 'mel_framing', which nothing reads")]
    [TestCase("{\"defaults\": {\"sped\": 1}}", "defaults: expected one of the keys gate_threshold")]
    public void Load_says_what_is_wrong_with_a_manifest(string json, string part)
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), json);
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains(part).And.Message.Not.Contains("\n"));
    }

    [TestCase("attempts", "null", "defaults.attempts: expected a whole number of at most 2147483647, found null")]
    [TestCase("attempts", "\"2\"", "defaults.attempts: expected a whole number of at most 2147483647, found \"2\"")]
    [TestCase("attempts", "1.5", "defaults.attempts: expected a whole number of at most 2147483647, found 1.5")]
    [TestCase("seed", "-1", "defaults.seed: expected a whole number from 0 to 18446744073709551615, found -1")]
    [TestCase("denoise", "[]", "defaults.denoise: expected a number, found []")]
    [TestCase("max_seconds", "{}", "defaults.max_seconds: expected a number, found an object")]
    [TestCase("pause_seconds", "-1", "defaults.pause_seconds: expected 0 to 3600, found -1")]
    [TestCase("pause_seconds", "1e300", "defaults.pause_seconds: expected 0 to 3600, found 1E+300")]
    [TestCase("max_seconds", "0", "defaults.max_seconds: expected more than 0")]
    [TestCase("attempts", "2147483647", "defaults.attempts: expected 1 to 16, found 2147483647")]
    [TestCase("gate_threshold", "1e999", "defaults.gate_threshold: expected a number")]
    public void Load_refuses_defaults_that_cannot_be_meant(string name, string value, string part)
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        var path = Path.Combine(folder, Voice.ManifestName);
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["defaults"] = System.Text.Json.Nodes.JsonNode.Parse($"{{\"{name}\": {value}}}");
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains(part));
    }

    [TestCase("name", "null", "name: expected a text in quotation marks, found null")]
    [TestCase("acoustic", "3", "acoustic: expected a text in quotation marks, found 3")]
    [TestCase("vocoder", "[\"a\"]", "vocoder: expected a text in quotation marks, found [\"a\"]")]
    [TestCase("defaults", "null", "defaults: expected an object, found null")]
    [TestCase("defaults", "[]", "defaults: expected an object, found []")]
    [TestCase("recipe", "true", "recipe: expected a text in quotation marks, found true")]
    public void Load_refuses_values_of_another_form(string name, string value, string part)
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        var path = Path.Combine(folder, Voice.ManifestName);
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest[name] = System.Text.Json.Nodes.JsonNode.Parse(value);
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.EndsWith($"voice.json: {part}."));
    }

    [Test]
    public void Load_reads_a_manifest_with_a_byte_order_mark_and_no_more_than_a_megabyte()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        var path = Path.Combine(folder, Voice.ManifestName);
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(path)]);
        Assert.That(Voice.Load(folder, _compute).Manifest.Name, Is.Not.Empty);

        File.AppendAllText(path, new string(' ', 1 << 20));
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains("expected at most 1048576 bytes"));
    }

    [TestCase("../acoustic")]
    [TestCase("/acoustic")]
    [TestCase("a\\..\\..\\b")]
    public void Load_stays_within_the_voice_folder(string acoustic)
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        var manifest = TinyVoice.Manifest(acoustic: acoustic.Replace("\\", "\\\\", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), manifest);
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains("outside the voice's folder"));
    }

    [Test]
    public void Load_names_the_part_that_is_missing()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), TinyVoice.Manifest(vocoder: "vocoder"));
        Assert.That(() => Voice.Load(folder, _compute),
            Throws.TypeOf<VoiceException>().With.Message.Contains("its vocoder model, the folder 'vocoder', is missing"));
        Directory.CreateDirectory(Path.Combine(folder, "vocoder"));
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<WeightsException>().With.Message.Contains("config.json is missing"));
    }

    [Test]
    public void Load_refuses_an_acoustic_model_in_the_vocoders_place()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), TinyVoice.Manifest(vocoder: "acoustic"));
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<WeightsException>().With.Message.Contains("expected a vocoder"));
    }

    [Test]
    public void Load_refuses_symbols_that_are_not_the_models()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        var manifest = TinyVoice.Manifest().Replace("nvidia-148", "other-38", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), manifest);
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains("found 'other-38'"));
    }

    [Test]
    public void Load_refuses_a_model_of_another_number_of_symbols_with_both_numbers()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName),
            TinyVoice.Manifest().Replace("nvidia-148", "torchaudio characters-38", StringComparison.Ordinal));
        Assert.That(
            () => Voice.Load(folder, _compute),
            Throws.TypeOf<VoiceException>().With.Message.Contains("the 38 symbols 'torchaudio characters-38'").And.Message.Contains(
                "n_symbols is 148").And.Message.Not.Contains("\n"));
    }

    [Test]
    public void Load_refuses_a_front_end_that_is_not_known()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"), frontEnd: "klingon");
        Assert.That(() => Voice.Load(folder, _compute),
            Throws.TypeOf<VoiceException>().With.Message.Contains("voice.json").And.Message.Contains("found 'klingon'"));
    }

    [Test]
    public void A_vocoder_made_for_another_mel_is_refused_with_both_sides()
    {
        var vocoder = Vocoder.GriffinLim(new MelContract { HighestFrequency = 11025, HopLength = 128 }, _compute);
        Assert.That(
            () => Voice.RequireSameMel("voice", new MelContract(), vocoder),
            Throws.TypeOf<VoiceException>().With.Message.Contains(
                "hop_length 256 and 128, fmax 8000 and 11025; no conversion helps: take a vocoder that was made for the mel, or griffin-lim."));
        Assert.That(
            () => Voice.RequireSameMel("voice", new MelContract { HopLength = 128 }, vocoder),
            Throws.TypeOf<VoiceException>().With.Message.Contains("fmax 8000 and 11025; 'cudatts say --allow-mel-mismatch' speaks nevertheless"));
        Assert.That(() => Voice.RequireSameMel("voice", new MelContract { HighestFrequency = 11025, HopLength = 128 }, vocoder), Throws.Nothing);
    }

    [Test]
    public void Load_compares_the_mels_of_a_voice_with_a_neural_vocoder()
    {
        var folder = TinyVoice.Create(_folder.Path("voice"));
        File.WriteAllText(Path.Combine(folder, Voice.ManifestName), TinyVoice.Manifest(vocoder: "vocoder"));
        var vocoder = Directory.CreateDirectory(Path.Combine(folder, "vocoder")).FullName;
        var config = new HifiGanConfig { InitialChannels = 16, Mel = new MelContract { HighestFrequency = 11025 } };
        File.WriteAllText(Path.Combine(vocoder, ConfigJson.FileName), ConfigJson.Write(config));
        var weights = ProceduralWeights.Create(HifiGanTensors.Expected(config));
        SafetensorsWriter.Write(
            Path.Combine(vocoder, ModelFolder.WeightsFileName), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        Assert.That(() => Voice.Load(folder, _compute), Throws.TypeOf<VoiceException>().With.Message.Contains("fmax 8000 and 11025"));
        File.WriteAllText(
            Path.Combine(vocoder, ConfigJson.FileName), ConfigJson.Write(config with { Mel = new MelContract { SampleRate = 16000 } }));
        Assert.That(
            () => Voice.Load(folder, _compute, new VoiceOptions { AllowMelMismatch = true }),
            Throws.TypeOf<VoiceException>().With.Message.Contains("at 16000 Hz").And.Message.Contains("or griffin-lim"));
        File.WriteAllText(Path.Combine(vocoder, ConfigJson.FileName), ConfigJson.Write(config with { Mel = new MelContract() }));
        Assert.That(Voice.Load(folder, _compute).Vocoder.Name, Is.EqualTo(HifiGanConfig.TypeName));
    }
}
