using System.Text.Json;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.Vits;

/// <summary>Conversion of the public layouts: jaywalnut310's G_N.pth, and Piper's training checkpoints with their config.json.</summary>
internal sealed class VitsImportTests
{
    private TemporaryFolder _folder;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("vits_tiny.safetensors")]
    [TestCase("vits_tiny_speakers.safetensors")]
    [TestCase("vits_tiny_no_sdp.safetensors")]
    [TestCase("vits_piper_tiny.safetensors")]
    public void A_converted_checkpoint_speaks_as_the_golden(string file)
    {
        var golden = VitsGolden.Read(file);
        var summary = Convert(golden);

        var config = ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json"));
        var weights = SafetensorsFile.Open(_folder.Path("out/model.safetensors")).Weights;
        using var compute = new CpuCompute(1);
        using var acoustic = new VitsAcoustic(config, weights, compute);
        var result = acoustic.Synthesize(golden.Ids, golden.Options);

        Assert.That(summary.ModelType, Is.EqualTo("vits"));
        Assert.That(summary.Tensors, Is.EqualTo(VitsTensors.Expected(golden.Config).Count()));
        Golden.AreEqual($"{file} durations", result.Durations, golden.Durations);
        Golden.Matches($"{file} z", golden.Error(result, result.Frames, "z"), golden.Limit("z"));
    }

    [Test]
    public void A_pipers_config_says_how_a_text_becomes_ids()
    {
        var golden = VitsGolden.Read("vits_piper_tiny.safetensors");
        var summary = Convert(golden);

        var config = ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json"));

        Assert.That(summary.Notes, Has.Some.Contains("Python would have called pathlib.PosixPath"));
        Assert.That((config.Text.Kind, config.Text.EspeakVoice, config.Text.Language, config.Text.PhonemeType),
            Is.EqualTo(("piper", "en-us", "en-us", "espeak")));
        Assert.That(config.Text.PhonemeIdMap["^"], Is.EqualTo((int[])[1]));
        Assert.That(config.Text.PhonemeIdMap[" "], Is.EqualTo((int[])[3]));
        Assert.That(config.Text.SpeakerIdMap["speaker2"], Is.EqualTo(2));
        Assert.That((config.NoiseScale, config.LengthScale, config.DurationNoiseScale), Is.EqualTo((0.667f, 1f, 0.8f)));
        Assert.That((config.Speakers, config.SpeakerChannels, config.SampleRate), Is.EqualTo((3, 18, 22050)));
        Assert.That(config.Decoder.Hop, Is.EqualTo(16));
    }

    [Test]
    public void A_piper_of_one_speaker_takes_its_own_factors()
    {
        var golden = VitsGolden.Read("vits_piper_tiny.safetensors");
        var text = golden.Metadata["config"].Replace("\"noise_scale\": 0.667", "\"noise_scale\": 0.333", StringComparison.Ordinal)
            .Replace("\"length_scale\": 1", "\"length_scale\": 1.25", StringComparison.Ordinal)
            .Replace("\"noise_w\": 0.8", "\"noise_w\": 0.4", StringComparison.Ordinal)
            .Replace("\"phoneme_map\": {}", "\"phoneme_map\": {\"a\": [\"b\", \"c\"]}", StringComparison.Ordinal)
            .Replace("\"sample_rate\": 22050", "\"sample_rate\": 16000", StringComparison.Ordinal);
        WriteCheckpoint(golden);
        File.WriteAllText(_folder.Path("in.ckpt.json"), text);
        File.WriteAllText(_folder.Path("config.json"), "{}");

        CheckpointConverter.Convert(_folder.Path("in.ckpt"), _folder.Path("out"));

        var config = ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json"));
        Assert.That((config.NoiseScale, config.LengthScale, config.DurationNoiseScale), Is.EqualTo((0.333f, 1.25f, 0.4f)));
        Assert.That(config.Text.PhonemeMap["a"], Is.EqualTo((string[])["b", "c"]));
        Assert.That(config.SampleRate, Is.EqualTo(16000));
    }

    [Test]
    public void A_network_without_a_config_is_told_by_its_tensors()
    {
        var config = new VitsConfig { Symbols = 20, InterChannels = 8, HiddenChannels = 12, FilterChannels = 10, Layers = 1, InitialChannels = 16 };
        WriteZip("in.pth", "model", VitsProcedural.Trained(config), _ => { });

        var summary = CheckpointConverter.Convert(_folder.Path("in.pth"), _folder.Path("out"));

        var converted = ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json"));
        Assert.That(ConfigJson.Write(converted with { Text = new() }), Is.EqualTo(ConfigJson.Write(config)));
        Assert.That(summary.Notes, Has.Some.Contains("give --config if the voice sounds wrong"));
        Assert.That(converted.Text.EspeakVoice, Is.EqualTo("en-us"));
    }

    [Test]
    public void A_third_dilation_of_single_convolutions_is_left_aside()
    {
        var golden = VitsGolden.Read("vits_tiny_speakers.safetensors");
        WriteCheckpoint(golden);
        File.WriteAllText(
            _folder.Path("config.json"), golden.Metadata["config"].Replace("[[1, 3], [1, 2]]", "[[1, 3, 5], [1, 2, 5]]", StringComparison.Ordinal));
        CheckpointConverter.Convert(_folder.Path("in.pth"), _folder.Path("out"));
        Assert.That(ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json")).ResidualDilations, Is.EqualTo((int[][])[[1, 3], [1, 2]]));
    }

    [Test]
    public void What_serves_training_is_dropped_and_what_speaks_must_be_there()
    {
        var golden = VitsGolden.Read("vits_tiny.safetensors");
        var weights = VitsProcedural.Trained(golden.Config);
        var entries = weights.Names.ToDictionary(name => name, weights.Entry);
        var extra = new WeightEntry(DataType.F32, [1], new byte[4]);
        Dictionary<string, WeightEntry> With(string name) => new(entries) { [name] = extra };
        Dictionary<string, WeightEntry> Without(string name) => entries.Where(entry => entry.Key != name).ToDictionary();

        foreach (var name in (string[])["enc_q.pre.weight", "enc_q.enc.in_layers.0.weight_v", "dp.post_pre.weight", "dp.flows.1.pre.weight"])
        {
            Assert.That(Convert(golden, With(name)).Tensors, Is.EqualTo(VitsTensors.Expected(golden.Config).Count()), name);
        }

        Refused(golden, With("enc_p.tone_emb.weight"), "tensor 'enc_p.tone_emb.weight' and 0 more belong to no vits");
        foreach (var name in (string[])
        [
            "enc_p.proj.bias", "dp.flows.0.logs", "dp.flows.5.convs.norms_2.2.beta", "flow.flows.4.post.weight", "dec.conv_pre.weight",
            "dec.ups.0.bias",
        ])
        {
            Refused(golden, Without(name), $"tensor '{name}' is missing");
        }

        Refused(golden, Without("flow.flows.0.enc.in_layers.0.weight_g"), "'flow.flows.0.enc.in_layers.0.weight_g' is missing");
    }

    [TestCase("vits_tiny.safetensors", "\"hidden_channels\": 24", "\"hidden_channels\": 32", "hidden_channels: expected 24, which the tensors")]
    [TestCase("vits_tiny.safetensors", "\"n_layers\": 2", "\"n_layers\": 3", "n_layers: expected 2, which the tensors")]
    [TestCase("vits_tiny.safetensors", "\"hop_length\": 8", "\"hop_length\": 16", "hop_length: expected 8, the product of upsample_rates, found 16")]
    [TestCase("vits_tiny.safetensors", "\"n_speakers\": 0", "\"n_speakers\": 7", "n_speakers: expected 0, which the tensors of")]
    [TestCase("vits_tiny.safetensors", "\"upsample_kernel_sizes\": [8, 4]", "\"upsample_kernel_sizes\": [8, 6]", "'dec.ups.1.weight': expected")]
    [TestCase("vits_tiny.safetensors", "[[1, 3, 5], [1, 2, 3]]", "[[1, 3], [1, 2, 3]]", "resblock_dilation_sizes: expected lists of 3")]
    [TestCase("vits_tiny.safetensors", "\"inter_channels\": 16", "\"inter_channels\": \"16\"", "inter_channels: expected a whole number")]
    [TestCase("vits_tiny_no_sdp.safetensors", "\"use_sdp\": false", "\"use_sdp\": true", "use_sdp: expected false")]
    [TestCase("vits_tiny_speakers.safetensors", "\"n_speakers\": 5", "\"n_speakers\": 4", "n_speakers: expected 5")]
    [TestCase("vits_tiny_speakers.safetensors", "\"n_speakers\": 5", "\"n_speakers\": 1", "config.json: data: n_speakers: expected 5, which")]
    [TestCase("vits_tiny_speakers.safetensors", "\"gin_channels\": 14", "\"gin_channels\": 13", "config.json: model: gin_channels: expected 14")]
    [TestCase("vits_tiny.safetensors", "\"sampling_rate\": 22050", "\"sampling_rate\": 22", "config.json: data: sampling_rate: expected 1000 to")]
    [TestCase("vits_piper_tiny.safetensors", "\"num_speakers\": 3", "\"num_speakers\": 1", "config.json: num_speakers: expected 3, which")]
    [TestCase("vits_piper_tiny.safetensors", "\"num_symbols\": 256", "\"num_symbols\": 130", "config.json: num_symbols: expected 256, which")]
    [TestCase("vits_piper_tiny.safetensors", "\"noise_w\": 0.8", "\"noise_w\": 800", "config.json: inference: noise_w: expected 0 to 100")]
    [TestCase("vits_piper_tiny.safetensors", "\" \": [3]", "\" \": [256]", "config.json: phoneme_id_map: ' ': expected 0 to 255, found 256")]
    [TestCase("vits_piper_tiny.safetensors", "\"speaker2\": 2", "\"speaker2\": 3", "config.json: speaker_id_map: 'speaker2': expected 0 to 2")]
    public void A_config_that_is_anothers_is_refused(string file, string part, string replacement, string because)
    {
        var golden = VitsGolden.Read(file);
        var path = WriteCheckpoint(golden);
        var text = golden.Metadata["config"];
        Assert.That(text, Does.Contain(part));
        File.WriteAllText(_folder.Path("config.json"), text.Replace(part, replacement, StringComparison.Ordinal));

        Assert.That(
            () => CheckpointConverter.Convert(path, _folder.Path("out")), Throws.TypeOf<WeightsException>().With.Message.Contains(because));
    }

    [Test]
    public void Silence_behind_phonemes_is_read_of_a_pipers_config()
    {
        var golden = VitsGolden.Read("vits_piper_tiny.safetensors");
        var path = WriteCheckpoint(golden);
        var text = golden.Metadata["config"];
        const string Part = "\"noise_scale\":";
        Assert.That(text, Does.Contain(Part));
        File.WriteAllText(
            _folder.Path("config.json"), text.Replace(Part, $"\"phoneme_silence\": {{\".\": 0.5, \",\": 0}}, {Part}", StringComparison.Ordinal));
        CheckpointConverter.Convert(path, _folder.Path("out"));
        Assert.That(ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json")).Text.PhonemeSilence,
            Is.EqualTo(new Dictionary<string, double> { ["."] = 0.5, [","] = 0 }));
    }

    [Test]
    public void Other_files_of_the_same_repositories_are_told_apart()
    {
        WriteZip("D_1.pth", "model", new ModelWeights("d", new Dictionary<string, WeightEntry>
        {
            ["discriminators.0.convs.0.weight_v"] = new(DataType.F32, [1], new byte[4]),
        }), _ => { });
        Assert.That(
            () => CheckpointConverter.Convert(_folder.Path("D_1.pth"), _folder.Path("out")),
            Throws.TypeOf<WeightsException>().With.Message.Contains("of a VITS G_N.pth, not D_N.pth"));

        var golden = VitsGolden.Read("vits_tiny.safetensors");
        var path = WriteCheckpoint(golden);
        File.WriteAllText(_folder.Path("other.json"), "{\"upsample\": 1}");
        Assert.That(
            () => CheckpointConverter.Convert(path, _folder.Path("out"), _folder.Path("other.json")),
            Throws.TypeOf<WeightsException>().With.Message.Contains("expected the config of a VITS"));
    }

    [Test]
    public void Another_languages_cleaners_are_named()
    {
        var golden = VitsGolden.Read("vits_tiny.safetensors");
        var path = WriteCheckpoint(golden);
        File.WriteAllText(
            _folder.Path("config.json"), golden.Metadata["config"].Replace("english_cleaners2", "japanese_cleaners", StringComparison.Ordinal)
                .Replace("\"add_blank\": true", "\"add_blank\": false", StringComparison.Ordinal));

        var summary = CheckpointConverter.Convert(path, _folder.Path("out"));

        var config = ConfigJson.Read<VitsConfig>(_folder.Path("out/config.json"));
        Assert.That(summary.Notes, Has.Some.Contains("japanese_cleaners, which is not English"));
        Assert.That((config.AddsBlanks, config.Text.EspeakVoice), Is.EqualTo((false, (string?)null)));
    }

    private ConversionSummary Convert(VitsGolden golden, Dictionary<string, WeightEntry>? entries = null)
    {
        var path = WriteCheckpoint(golden, entries);
        File.WriteAllText(_folder.Path("config.json"), golden.Metadata["config"]);
        return CheckpointConverter.Convert(path, _folder.Path("out"));
    }

    private void Refused(VitsGolden golden, Dictionary<string, WeightEntry> entries, string because) =>
        Assert.That(() => Convert(golden, entries), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private string WriteCheckpoint(VitsGolden golden, Dictionary<string, WeightEntry>? entries = null)
    {
        var trained = VitsProcedural.Trained(golden.Config);
        var weights = entries is null ? trained : new ModelWeights("changed", entries);
        return golden.Metadata["layout"] == "piper" ? WritePiper(golden, weights)
            : WriteZip("in.pth", "model", weights, root => root.Text("iteration").Integer(1).Text("learning_rate").Real(1e-4));
    }

    /// <summary>A checkpoint of PyTorch Lightning, whose hyper-parameters hold a path object beside the sizes.</summary>
    private string WritePiper(VitsGolden golden, ModelWeights weights)
    {
        var prefixed = weights.Names.ToDictionary(name => $"model_g.{name}", weights.Entry);
        prefixed.Add("model_d.discriminators.0.convs.0.weight_v", new WeightEntry(DataType.F32, [1], new byte[4]));
        using var sizes = JsonDocument.Parse(golden.Metadata["hyper_parameters"]);
        return WriteZip("in.ckpt", "state_dict", new ModelWeights("piper", prefixed), root => root
            .Text("epoch").Integer(1).Text("hparams_name").Text("kwargs")
            .Text("hyper_parameters").Dictionary(values =>
            {
                foreach (var property in sizes.RootElement.EnumerateObject())
                {
                    Value(values.Text(property.Name), property.Value);
                }

                values.Text("dataset").List(list => list.Global("pathlib", "PosixPath").Op('(').Text("data").Op('t').Op('R'));
            }));
    }

    // Tuples, as Python's argument parser leaves them.
    private static void Value(PickleBuilder pickle, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                pickle.Op('(');
                foreach (var item in value.EnumerateArray())
                {
                    Value(pickle, item);
                }

                pickle.Op('t');
                break;
            case JsonValueKind.String:
                pickle.Text(value.GetString()!);
                break;
            case JsonValueKind.Number when value.TryGetInt32(out var number):
                pickle.Integer(number);
                break;
            case JsonValueKind.Number:
                pickle.Real(value.GetDouble());
                break;
            case JsonValueKind.True:
                pickle.True();
                break;
            case JsonValueKind.False:
                pickle.Op('\x89');
                break;
            default:
                pickle.None();
                break;
        }
    }

    private string WriteZip(string file, string key, ModelWeights weights, Action<PickleBuilder> more)
    {
        var entries = weights.Names.Select(weights.Entry).ToArray();
        var pickle = new PickleBuilder().Dictionary(root =>
        {
            root.Text(key).Dictionary(state =>
            {
                foreach (var (i, name) in weights.Names.Index())
                {
                    state.Text(name).Tensor($"{i}", entries[i].Bytes.Length / 4, entries[i].Shape);
                }
            });
            more(root);
        }).Finish();
        File.WriteAllBytes(_folder.Path(file), TorchFileBuilder.Zip(pickle, [.. entries.Select((entry, i) => ($"{i}", entry.Bytes.ToArray()))]));
        return _folder.Path(file);
    }
}
