using System.Formats.Tar;
using System.Text;
using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Models.FastPitch;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>Checkpoints in the public layouts, with procedural weights; and such as are damaged, or belong to another config.</summary>
[TestFixture]
internal sealed class FastPitchCheckpointTests
{
    private readonly FastPitchConfig _config = FastPitchModels.ConfigOf(FastPitchGoldens.Open("tiny"));
    private TemporaryFolder _folder = null!;

    private static MelContract OfTrainSetup { get; } = new() { SampleRate = 44100, HopLength = 512, WindowLength = 2048, FftLength = 2048 };

    private Dictionary<string, WeightEntry> Tensors => Entries(_config);

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void The_published_size_has_the_published_number_of_tensors()
    {
        var tensors = FastPitchTensors.Expected(new FastPitchConfig()).ToList();

        Assert.That(tensors, Has.Count.EqualTo(173));
        Assert.That(tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size)), Is.EqualTo(45_261_781));
    }

    [TestCase("")]
    [TestCase("module.")]
    public void Converts_a_checkpoint_of_its_training(string prefix)
    {
        var summary = Convert(Checkpoint(root => WriteState(root.Text("state_dict"), Tensors, prefix, withAligner: true)));

        Assert.That(summary.ModelType, Is.EqualTo("fastpitch"));
        Assert.That(summary.Notes, Has.Some.Contains("1.1, with energy").And.Some.Contains("p_arpabet) with probability 0.5"));
        var config = ConfigJson.Read<FastPitchConfig>(_folder.Path("out/config.json"));
        Assert.That(config, Is.EqualTo(_config with { Mel = OfTrainSetup }));
        AssertSame(Tensors);
    }

    [Test]
    public void Averaged_weights_are_taken_where_there_are_any()
    {
        var averaged = Entries(_config, "proj.bias");

        var summary = Convert(Checkpoint(root =>
        {
            WriteState(root.Text("state_dict"), Tensors, "module.");
            WriteState(root.Text("ema_state_dict"), averaged, "module.", first: Tensors.Count);
        }, [.. Tensors, .. averaged]));

        Assert.That(summary.Notes, Has.Some.Contains("ema_state_dict"));
        AssertSame(averaged);
    }

    [Test]
    public void A_network_without_energy_needs_no_more_than_its_state_dict()
    {
        var golden = FastPitchGoldens.Open("tiny_no_energy");
        var config = FastPitchModels.ConfigOf(golden);

        var summary = Convert(Entries(config));

        Assert.That(summary.Notes, Has.Some.Contains("without energy").And.Some.Contains("no config"));
        var converted = ModelFolder.Open(_folder.Path("out")).Config<FastPitchConfig>();
        var energy = new FastPitchConfig();
        Assert.That(converted, Is.EqualTo(config with { EnergyKernel = energy.EnergyKernel, EnergyFilter = energy.EnergyFilter }));
    }

    [Test]
    public void What_was_converted_converts_again()
    {
        FastPitchModels.WriteFolder(_folder.Path("first"), _config, new ModelWeights("file", Tensors));

        CheckpointConverter.Convert(_folder.Path("first/model.safetensors"), _folder.Path("out"));

        Assert.That(ConfigJson.Read<FastPitchConfig>(_folder.Path("out/config.json")), Is.EqualTo(_config));
        AssertSame(Tensors);
    }

    [TestCase("in_fft_n_heads", "5", "divides the attention's 24 channels")]
    [TestCase("in_fft_d_head", "24", "in_fft_d_head is 24, but")]
    [TestCase("out_fft_n_layers", "6", "out_fft_n_layers is 6, but")]
    [TestCase("n_speakers", "1", "n_speakers is 1, but")]
    [TestCase("energy_conditioning", "false", "energy_conditioning is false, but")]
    [TestCase("pitch_predictor_filter_size", "256", "pitch_predictor_filter_size is 256, but")]
    [TestCase("padding_idx", "200", "given.json: padding_idx: expected -1 to 147")]
    [TestCase("fmax", "99999", "given.json: fmax: expected at most half of sample_rate")]
    [TestCase("win_length", "0", "given.json: win_length: expected 1 to 1024, found 0")]
    [TestCase("speaker_emb_weight", "\"a\"", "speaker_emb_weight: expected a number")]
    public void A_config_of_another_network_is_refused(string key, string value, string says)
    {
        var source = $$"""{"in_fft_n_heads": 2, "out_fft_n_heads": 2, "{{key}}": {{value}}}""";
        File.WriteAllText(_folder.Path("given.json"), key == "in_fft_n_heads" ? $$"""{"{{key}}": {{value}}}""" : source);

        Assert.That(() => Convert(Tensors, "given.json"), Throws.TypeOf<WeightsException>().With.Message.Contains(says));
        Assert.That(Directory.Exists(_folder.Path("out")), Is.False, "a failed conversion leaves no folder");
    }

    [Test]
    public void Damaged_tensors_are_named()
    {
        const string Mixing = "decoder.layers.1.dec_attn.o_net.weight";
        Refused($"'{Mixing}': expected shape [32, 20], found [20, 32]", tensors => tensors[Mixing] = tensors[Mixing] with { Shape = [20, 32] });
        Refused("'pitch_emb.bias' is missing", tensors => tensors.Remove("pitch_emb.bias"));
        Refused("'proj.weight' is missing", tensors => tensors.Remove("proj.weight"));
        Refused("'encoder.word_emb.weight': expected 2 dimensions",
            tensors => tensors["encoder.word_emb.weight"] = tensors["encoder.word_emb.weight"] with { Shape = [148 * 32] });
        Refused("'encoder.lstm.weight'", tensors => tensors["encoder.lstm.weight"] = tensors["proj.bias"]);
        Refused("not finite", tensors => tensors["pitch_mean"] = new WeightEntry(DataType.F32, [1], TorchFileBuilder.Floats(float.NaN)));

        // Several pitch predictions a token, as a recipe for Mandarin has.
        Refused("'pitch_emb.weight': expected shape [32, 1, 3]",
            tensors => tensors["pitch_emb.weight"] = new WeightEntry(DataType.F32, [32, 2, 3], new byte[32 * 2 * 3 * 4]));
    }

    [Test]
    public void Truncated_checkpoints_are_refused_at_every_length()
    {
        var bytes = Checkpoint(root => WriteState(root.Text("state_dict"), Tensors, "module."));
        var random = new Random(1);
        for (var round = 0; round < 100; round++)
        {
            Assert.That(() => Convert(bytes[..random.Next(bytes.Length)]), Throws.TypeOf<WeightsException>());
        }
    }

    [Test]
    public void A_network_of_nemo_is_below_its_own_prefix()
    {
        var config = _config with { SpeakerCount = 1, EncoderHeads = 1, EncoderHeadWidth = 24, PaddingId = -1, SpeakerWeight = 1 };
        var tensors = Entries(config);
        var checkpoint = tensors.ToDictionary(tensor => $"fastpitch.{tensor.Key}", tensor => tensor.Value);
        checkpoint["fastpitch.aligner.key_proj.0.conv.weight"] = tensors["proj.bias"];
        checkpoint["preprocessor.featurizer.window"] = tensors["proj.bias"];
        File.WriteAllText(_folder.Path("model_config.yaml"), """
            n_speakers: 1
            input_fft:
              n_head: 1
            output_fft:
              n_head: 2
              pre_lnorm: false
            preprocessor:
              sample_rate: 44100
              n_window_size: 2048
              n_window_stride: 512
              n_fft: 2048
              lowfreq: 0
              highfreq: null
            """);

        var summary = Convert(checkpoint);

        Assert.That(summary.Notes, Has.Some.Contains("NeMo's layout, with").And.Some.Contains("own tokeniser"));
        Assert.That(ConfigJson.Read<FastPitchConfig>(_folder.Path("out/config.json")), Is.EqualTo(config with
        {
            Mel = OfTrainSetup with { HighestFrequency = 22_050 },
            HasSpectrumEnergy = true,
        }));
        AssertSame(tensors);
        File.WriteAllText(_folder.Path("given.yaml"), "input_fft:\n  pre_lnorm: true\n");
        Assert.That(() => Convert(checkpoint, "given.yaml"), Throws.TypeOf<WeightsException>().With.Message.Contains("pre_lnorm"));
        checkpoint["fastpitch.speaker_emb.weight"] = new WeightEntry(DataType.F32, [4, 32], new byte[4 * 32 * 4]);
        Assert.That(() => Convert(checkpoint), Throws.TypeOf<WeightsException>().With.Message.Contains("NeMo with 4 speakers is not supported"));
    }

    [TestCase(false, TarEntryFormat.Pax)]
    [TestCase(true, TarEntryFormat.Pax)]
    [TestCase(true, TarEntryFormat.Gnu)]
    [TestCase(false, TarEntryFormat.Ustar)]
    public void An_archive_of_nemo_is_read_as_it_is(bool isCompressed, TarEntryFormat format)
    {
        var config = _config with { SpeakerCount = 1, EncoderHeads = 1, EncoderHeadWidth = 24, PaddingId = -1, SpeakerWeight = 1 };
        File.WriteAllBytes(_folder.Path("voice.nemo"), NeMoBytes.Archive(format, isCompressed, ("./model_config.yaml", """
            n_speakers: 1
            n_mel_channels: 80
            output_fft:
              n_head: 2
            preprocessor: {sample_rate: 44100, n_window_size: 2048, n_window_stride: 512, n_fft: 2048}
            """u8.ToArray()), ("./model_weights.ckpt", NeMoCheckpoint(config))));

        var summary = CheckpointConverter.Convert(_folder.Path("voice.nemo"), _folder.Path("out"));

        Assert.That(summary.Notes, Has.Some.Contains("voice.nemo: model_config.yaml"));
        Assert.That(
            ConfigJson.Read<FastPitchConfig>(_folder.Path("out/config.json")),
            Is.EqualTo(config with { Mel = OfTrainSetup, HasSpectrumEnergy = true }));
        AssertSame(Entries(config));
    }

    [TestCase("preprocessor: {n_fft: 3}", "voice.nemo: model_config.yaml: preprocessor: n_fft: expected 16 to")]
    [TestCase("n_mel_channels: 128", "voice.nemo: model_config.yaml: n_mel_channels: expected 80, which the tensors of")]
    [TestCase("duration_predictor: {n_layers: 9}", "voice.nemo: model_config.yaml: duration_predictor: n_layers: expected ")]
    [TestCase("a: [", "voice.nemo: model_config.yaml: is not valid YAML")]
    public void A_wrong_config_of_an_archive_is_named(string yaml, string says)
    {
        var config = _config with { SpeakerCount = 1 };
        File.WriteAllBytes(_folder.Path("voice.nemo"), NeMoBytes.Archive(
            TarEntryFormat.Ustar, isCompressed: false, ("model_config.yaml", Encoding.UTF8.GetBytes(yaml)),
            ("model_weights.ckpt", NeMoCheckpoint(config))));

        Assert.That(
            () => CheckpointConverter.Convert(_folder.Path("voice.nemo"), _folder.Path("out")),
            Throws.TypeOf<WeightsException>().With.Message.Contain(says).And.Message.Not.Contain("\n"));
    }

    private static byte[] NeMoCheckpoint(FastPitchConfig config)
    {
        var tensors = Entries(config);
        var pickle = new PickleBuilder();
        WriteState(pickle, tensors, "fastpitch.");
        return TorchFileBuilder.Zip(pickle.Finish(), [.. tensors.Values.Select((entry, i) => ($"{i}", entry.Bytes.ToArray()))]);
    }

    private static Dictionary<string, WeightEntry> Entries(FastPitchConfig config, string? changed = null)
    {
        var weights = FastPitchModels.Create(config);
        weights = changed is null ? weights : FastPitchModels.With(weights, changed, values => values[0] += 1);
        return weights.Names.ToDictionary(name => name, weights.Entry);
    }

    private void Refused(string says, Action<Dictionary<string, WeightEntry>> damage)
    {
        var tensors = Tensors;
        damage(tensors);
        File.WriteAllText(_folder.Path("given.json"), """{"in_fft_n_heads": 2, "out_fft_n_heads": 2}""");
        Assert.That(() => Convert(tensors, "given.json"), Throws.TypeOf<WeightsException>().With.Message.Contains(says));
    }

    // As train.py saves it: the constructor's arguments and the program's, of which some are the mel's.
    private byte[] Checkpoint(Action<PickleBuilder> writeStates, KeyValuePair<string, WeightEntry>[]? tensors = null)
    {
        var pickle = new PickleBuilder().Dictionary(root =>
        {
            root.Text("epoch").Integer(1000).Text("iteration").Integer(5);
            root.Text("config").Dictionary(config =>
            {
                foreach (var (name, value) in FastPitchLayout.Widths(_config))
                {
                    config.Text(name).Integer(value);
                }

                config.Text("padding_idx").Integer(0).Text("energy_conditioning").True().Text("speaker_emb_weight").Real(_config.SpeakerWeight)
                    .Text("p_in_fft_dropout").Real(0.1);
            });
            root.Text("train_setup").Dictionary(setup => setup
                .Text("sampling_rate").Integer(44100).Text("hop_length").Integer(512).Text("win_length").Integer(2048)
                .Text("filter_length").Integer(2048).Text("p_arpabet").Real(0.5).Text("symbol_set").Text("english_basic"));
            writeStates(root);
        }).Finish();
        var storages = (tensors ?? [.. Tensors]).Select((tensor, i) => ($"{i}", tensor.Value.Bytes.ToArray()));
        return TorchFileBuilder.Zip(pickle, [.. storages]);
    }

    private static void WriteState(
        PickleBuilder root, Dictionary<string, WeightEntry> tensors, string prefix, bool withAligner = false, int first = 0) =>
        root.Dictionary(state =>
        {
            foreach (var (i, (name, entry)) in tensors.Index())
            {
                state.Text(prefix + name).Tensor($"{first + i}", entry.Bytes.Length / 4, entry.Shape);
            }

            if (withAligner)
            {
                state.Text($"{prefix}attention.query_proj.0.conv.weight").Tensor("0", 148 * 32, [148, 32]);
            }
        });

    private ConversionSummary Convert(byte[] checkpoint)
    {
        File.WriteAllBytes(_folder.Path("in.pt"), checkpoint);
        return CheckpointConverter.Convert(_folder.Path("in.pt"), _folder.Path("out"));
    }

    private ConversionSummary Convert(Dictionary<string, WeightEntry> tensors, string? config = null)
    {
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), tensors);
        return CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out"), config is null ? null : _folder.Path(config));
    }

    private void AssertSame(Dictionary<string, WeightEntry> expected)
    {
        var actual = SafetensorsFile.Open(_folder.Path("out/model.safetensors")).Entries;
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, entry) in expected)
        {
            Assert.That(actual[name].Shape, Is.EqualTo(entry.Shape), name);
            Assert.That(actual[name].Bytes.ToArray(), Is.EqualTo(entry.Bytes.ToArray()), name);
        }
    }
}
