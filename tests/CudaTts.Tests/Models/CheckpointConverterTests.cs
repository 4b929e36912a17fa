using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models;

/// <summary>Conversion of the public layouts, on small networks of the same names.</summary>
internal sealed class CheckpointConverterTests
{
    private static readonly Tacotron2Config s_tacotron = new()
    {
        Symbols = 5, SymbolsEmbedding = 4, EncoderEmbedding = 4, EncoderConvolutions = 2,
        AttentionRnn = 6, Attention = 3, LocationFilters = 2, LocationKernel = 7,
        DecoderRnn = 5, Prenet = 3, PostnetEmbedding = 4, PostnetConvolutions = 3,
        MelBands = 8, FramesPerStep = 3, Mel = new MelContract { MelBands = 8 },
    };

    private static readonly HifiGanConfig s_hifiGan = new()
    {
        InitialChannels = 16, UpsampleRates = [8, 2], UpsampleKernels = [16, 4], Mel = new MelContract { HopLength = 16, MelBands = 8 },
    };

    private TemporaryFolder _folder;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("", TestName = "bare state dict")]
    [TestCase("state_dict.", TestName = "NVIDIA")]
    [TestCase("state_dict.module.", TestName = "DeepLearningExamples")]
    [TestCase("state_dict.module.1.", TestName = "DeepLearningExamples, wrapped twice")]
    public void Converts_tacotron_2(string prefix)
    {
        var source = Tacotron();
        var steps = new WeightEntry(DataType.I64, [], new byte[8]);
        var tensors = source.Append(KeyValuePair.Create("encoder.convolutions.0.1.num_batches_tracked", steps));
        var summary = Convert(tensors.Select(tensor => KeyValuePair.Create(prefix + tensor.Key, tensor.Value)));

        Assert.That(summary.ModelType, Is.EqualTo("tacotron2"));
        Assert.That(ConfigJson.Read<Tacotron2Config>(_folder.Path("out/config.json")), Is.EqualTo(s_tacotron));
        AssertSame(source, Output());
    }

    [Test]
    public void A_wrong_value_is_named_where_it_was_read()
    {
        File.WriteAllText(_folder.Path("given.json"), """{"mel": {"fmax": 99999}}""");
        Refused(Tacotron(), "given.json: mel: fmax: expected at most half of sample_rate 22050, found 99999", "given.json");
        File.WriteAllText(_folder.Path("given.json"), """{"win_length": 0}""");
        Refused(Tacotron(), "given.json: win_length: expected 1 to 1024, found 0", "given.json");
        File.WriteAllText(_folder.Path("given.json"), """{"lr": 1}""");
        Refused(Tacotron(), "given.json: expected the config of a Tacotron 2, found none of its keys", "given.json");
    }

    [Test]
    public void Converts_torchaudio_names()
    {
        var source = Tacotron();
        Convert(source.Select(tensor => KeyValuePair.Create(
            tensor.Key.Replace(".conv.", ".", StringComparison.Ordinal).Replace(".linear_layer.", ".", StringComparison.Ordinal), tensor.Value)));
        AssertSame(source, Output());
    }

    [Test]
    public void Compares_the_widths_with_the_config_in_the_checkpoint([Values(3, 1)] int claimed)
    {
        var tensors = Tacotron();
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("state_dict").Dictionary(state => WriteState(state, tensors))
            .Text("config").Dictionary(config => config.Text("n_frames_per_step").Integer(claimed).Text("p_dropout").Real(0.1))).Finish();
        var storages = tensors.Select((tensor, i) => ($"{i}", tensor.Value.Bytes.ToArray()));
        File.WriteAllBytes(_folder.Path("in.pt"), TorchFileBuilder.Zip(pickle, [.. storages]));

        if (claimed == 3)
        {
            Assert.That(CheckpointConverter.Convert(_folder.Path("in.pt"), _folder.Path("out")).Tensors, Is.EqualTo(tensors.Count));
            AssertSame(tensors, Output());
        }
        else
        {
            Assert.That(
                () => CheckpointConverter.Convert(_folder.Path("in.pt"), _folder.Path("out")),
                Throws.TypeOf<WeightsException>().With.Message.Contains("n_frames_per_step is 1, but").And.Message.Contains("have 3"));
        }
    }

    [Test]
    public void Compares_the_widths_with_a_given_config_and_takes_its_mel()
    {
        File.WriteAllText(_folder.Path("given.json"), """{"n_mel_channels": 8, "sampling_rate": 16000, "mel_fmax": 7600.0, "hop_length": 200}""");
        Convert(Tacotron(), "given.json");
        var mel = ConfigJson.Read<Tacotron2Config>(_folder.Path("out/config.json")).Mel;
        Assert.That(mel, Is.EqualTo(new MelContract { MelBands = 8, SampleRate = 16000, HighestFrequency = 7600, HopLength = 200 }));

        File.WriteAllText(_folder.Path("given.json"), """{"decoder_rnn_dim": 1024}""");
        Refused(Tacotron(), "decoder_rnn_dim is 1024", "given.json");
        File.WriteAllText(_folder.Path("given.json"), "[]");
        Refused(Tacotron(), "expected a JSON object {...}, found []", "given.json");
        Refused(Tacotron(), "cannot be read", "absent.json");
    }

    [Test]
    public void Names_a_wrong_tensor_with_both_shapes()
    {
        var wrong = Tacotron();
        wrong["decoder.gate_layer.linear_layer.weight"] = new WeightEntry(DataType.F32, [2, 9], new byte[72]);
        Refused(wrong, "'decoder.gate_layer.linear_layer.weight': expected shape [1, 9], found [2, 9]");

        var missing = Tacotron();
        missing.Remove("postnet.convolutions.1.1.running_var");
        Refused(missing, "'postnet.convolutions.1.1.running_var' is missing");

        var extra = Tacotron();
        extra["speaker_embedding.weight"] = new WeightEntry(DataType.F32, [1], new byte[4]);
        Refused(extra, "'speaker_embedding.weight'");

        var poisoned = Tacotron();
        poisoned["decoder.gate_layer.linear_layer.bias"] = new WeightEntry(DataType.F32, [1], TorchFileBuilder.Floats(float.NaN));
        Refused(poisoned, "not finite");

        var integer = Tacotron();
        integer["decoder.gate_layer.linear_layer.bias"] = new WeightEntry(DataType.I32, [1], new byte[4]);
        Refused(integer, "expected a float type");
        Assert.That(Directory.Exists(_folder.Path("out")), Is.False, "a failed conversion leaves no folder");
    }

    [Test]
    public void Writes_halves_on_request_and_keeps_types_otherwise()
    {
        Convert(Tacotron());
        Assert.That(Output().Values.Select(entry => entry.Type), Is.All.EqualTo(DataType.F32));
        CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("half"), half: true);
        var half = SafetensorsFile.Open(_folder.Path("half/model.safetensors"));
        Assert.That(half.Entries.Values.Select(entry => entry.Type), Is.All.EqualTo(DataType.F16));
        var original = new ModelWeights("source", Tacotron()).Take("embedding.weight", 5, 4).Span.ToArray();
        var expected = Array.ConvertAll(original, value => (float)(Half)value);
        Assert.That(half.Weights.Take("embedding.weight", 5, 4).Span.ToArray(), Is.EqualTo(expected));

        CheckpointConverter.Convert(_folder.Path("half/model.safetensors"), _folder.Path("again"));
        Assert.That(SafetensorsFile.Open(_folder.Path("again/model.safetensors")).Entries["embedding.weight"].Type, Is.EqualTo(DataType.F16));

        var large = Tacotron();
        large["decoder.gate_layer.linear_layer.bias"] = new WeightEntry(DataType.F32, [1], TorchFileBuilder.Floats(70000));
        Assert.That(() => Convert(large, half: true), Throws.TypeOf<WeightsException>().With.Message.Contains("beyond the range of F16"));
    }

    [TestCase("", "weight_g", "weight_v")]
    [TestCase("generator.", "weight_g", "weight_v")]
    [TestCase("generator.", "parametrizations.weight.original0", "parametrizations.weight.original1")]
    public void Converts_hifi_gan_in_three_spellings(string prefix, string scale, string direction)
    {
        var normed = Procedural(HifiGanTensors.ExpectedWeightNormed(s_hifiGan));
        var folded = WeightNorm.Fold(new ModelWeights("source", normed));
        var summary = Convert(normed.Select(tensor => KeyValuePair.Create(
            prefix + tensor.Key.Replace("weight_g", scale, StringComparison.Ordinal).Replace("weight_v", direction, StringComparison.Ordinal),
            tensor.Value)));

        Assert.That(summary.Notes, Has.Some.Contains("rates 8,2 are half of the kernels"));
        AssertSame(folded.Names.ToDictionary(name => name, folded.Entry), Output());
        var config = ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json"));
        Assert.That(ConfigJson.Write(config), Is.EqualTo(ConfigJson.Write(s_hifiGan)));

        CheckpointConverter.Convert(_folder.Path("out/model.safetensors"), _folder.Path("again"));
        Assert.That(SafetensorsFile.Open(_folder.Path("again/model.safetensors")).Entries.Keys, Is.EquivalentTo(folded.Names));
    }

    [Test]
    public void Converts_kan_bayashi_names()
    {
        var normed = Procedural(HifiGanTensors.ExpectedWeightNormed(s_hifiGan));
        Convert(normed.Select(tensor => KeyValuePair.Create("model.generator." + KanBayashi(tensor.Key), tensor.Value)));
        Assert.That(Output().Keys, Is.EquivalentTo(HifiGanTensors.Expected(s_hifiGan).Select(tensor => tensor.Name)));
        var config = ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json"));
        Assert.That(config.Mel.Log, Is.EqualTo(MelLog.Log10));
        Assert.That(config.Mel.HighestFrequency, Is.EqualTo(7600));
        Assert.That(config.FinalSlope, Is.EqualTo(0.01f));

        static string KanBayashi(string name)
        {
            var parts = name.Split('.');
            return parts[0] switch
            {
                "conv_pre" => $"input_conv.{parts[1]}",
                "conv_post" => $"output_conv.1.{parts[1]}",
                "ups" => $"upsamples.{parts[1]}.1.{parts[2]}",
                _ => $"blocks.{parts[1]}.{parts[2]}.{parts[3]}.1.{parts[4]}",
            };
        }
    }

    [Test]
    public void Takes_the_hifi_gan_config_from_beside_the_file()
    {
        const string Config = """
            {"resblock": "1", "upsample_rates": [4, 2], "upsample_kernel_sizes": [16, 4], "upsample_initial_channel": 16,
             "resblock_kernel_sizes": [3, 7, 11], "resblock_dilation_sizes": [[1, 2, 3], [1, 2, 3], [1, 2, 3]],
             "num_mels": 8, "n_fft": 64, "hop_size": 8, "win_size": 64, "sampling_rate": 16000, "fmin": 0, "fmax": 8000}
            """;
        var tensors = Procedural(HifiGanTensors.Expected(s_hifiGan));
        File.WriteAllText(_folder.Path("config.json"), Config);
        Convert(tensors);
        var config = ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json"));
        Assert.That(config.UpsampleRates, Is.EqualTo((int[])[4, 2]));
        Assert.That(config.ResidualDilations[2], Is.EqualTo((int[])[1, 2, 3]));
        Assert.That(config.Mel, Is.EqualTo(new MelContract { SampleRate = 16000, FftLength = 64, HopLength = 8, WindowLength = 64, MelBands = 8 }));

        RefusedConfig("\"hop_size\": 8", "\"hop_size\": 16", "hop_size: expected 8, the product of upsample_rates, found 16");
        RefusedConfig("[16, 4]", "[16, 6]", "'ups.1.weight': expected shape [8, 4, 6], found [8, 4, 4]");
        RefusedConfig("\"1\"", "\"2\"", "'resblocks.0.convs.0.bias' is missing");
        RefusedConfig("\"resblock\": \"1\",", "", "resblock is missing");
        RefusedConfig("[4, 2]", "[\"4\", 2]", "upsample_rates: expected a whole number");

        void RefusedConfig(string part, string replacement, string because)
        {
            File.WriteAllText(_folder.Path("other.json"), Config.Replace(part, replacement, StringComparison.Ordinal));
            Refused(tensors, because, "other.json");
        }
    }

    [Test]
    public void Refuses_what_is_no_known_network()
    {
        Refused([KeyValuePair.Create("mpd.discriminators.0.convs.0.weight_g", new WeightEntry(DataType.F32, [1], new byte[4]))], "discriminators");
        var two = Tacotron();
        Refused(two.Select(tensor => KeyValuePair.Create("a." + tensor.Key, tensor.Value)).Concat(two), "more than one");
        var twice = Tacotron().ToList();
        twice.Add(KeyValuePair.Create("decoder.gate_layer.bias", twice[0].Value));
        Refused(twice, "two spellings");
    }

    [Test]
    public void A_failed_write_leaves_the_old_folder_as_it_was()
    {
        Directory.CreateDirectory(_folder.Path("out/config.json"));
        Refused(Tacotron(), "cannot be written");
        Assert.That(Directory.GetFiles(_folder.Path("out")), Is.Empty);
    }

    private static Dictionary<string, WeightEntry> Tacotron() => Procedural(Tacotron2Tensors.Expected(s_tacotron));

    private static Dictionary<string, WeightEntry> Procedural(IEnumerable<(string Name, int[] Shape)> tensors)
    {
        var weights = ProceduralWeights.Create(tensors);
        return weights.Names.ToDictionary(name => name, weights.Entry);
    }

    private static void WriteState(PickleBuilder state, Dictionary<string, WeightEntry> tensors)
    {
        foreach (var (i, (name, entry)) in tensors.Index())
        {
            state.Text(name).Tensor($"{i}", entry.Bytes.Length / 4, entry.Shape);
        }
    }

    private ConversionSummary Convert(IEnumerable<KeyValuePair<string, WeightEntry>> tensors, string? config = null, bool half = false)
    {
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), tensors);
        return CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out"), config is null ? null : _folder.Path(config), half);
    }

    private IReadOnlyDictionary<string, WeightEntry> Output() => SafetensorsFile.Open(_folder.Path("out/model.safetensors")).Entries;

    private void Refused(IEnumerable<KeyValuePair<string, WeightEntry>> tensors, string because, string? config = null) =>
        Assert.That(() => Convert(tensors, config), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private static void AssertSame(Dictionary<string, WeightEntry> expected, IReadOnlyDictionary<string, WeightEntry> actual)
    {
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, entry) in expected)
        {
            Assert.That(actual[name].Shape, Is.EqualTo(entry.Shape), name);
            Assert.That(actual[name].Bytes.ToArray(), Is.EqualTo(entry.Bytes.ToArray()), name);
        }
    }
}
