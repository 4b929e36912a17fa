using System.Text;
using CudaTts.Audio;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.WaveNet;

/// <summary>Checkpoints of real PyTorch and configs as published become what the network needs, or are refused in one line.</summary>
internal sealed class WaveNetImportTests
{
    private static readonly Lazy<string?> s_made = new(() => VocoderCheckpoints.Make("make_wavenet.py"));
    private readonly CpuCompute _compute = new(1);
    private readonly TemporaryFolder _output = new();

    [OneTimeTearDown]
    public void Clean()
    {
        _compute.Dispose();
        _output.Dispose();
        if (s_made is { IsValueCreated: true, Value: { } folder })
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_network_that_would_keep_gigabytes_of_the_past_is_refused()
    {
        var config = new WaveNetConfig { ResidualChannels = 4096, Kernel = 32, Layers = 15, DilationCycle = 15 };
        Assert.That(
            () => WaveNetFormat.Instance.Check(config, "x"),
            Throws.TypeOf<WeightsException>().With.Message.Contains("numbers of the past together").And.Message.Contains("4160622592"));
    }

    [TestCase("nv_wavenet.pt", "nv_tiny")]
    [TestCase("nv_wavenet_legacy.pt", "nv_tiny")]
    [TestCase("checkpoint_step000000007_ema.pth", "mol_tiny")]
    public void A_converted_checkpoint_speaks_as_the_golden(string file, string name)
    {
        var golden = WaveNetGolden.Read(name);
        var folder = _output.Path($"{file}.model");

        var summary = CheckpointConverter.Convert(Made(file), folder, Config(name));

        Assert.That(summary.ModelType, Is.EqualTo("wavenet"));
        Assert.That(ModelFolder.Open(folder).Config<WaveNetConfig>(), Is.EqualTo(golden.Config).UsingPropertiesComparer());
        using var vocoder = Vocoder.Load(folder, _compute);
        var audio = vocoder.Generate(golden.Mel, golden.Options);
        Golden.Matches($"{golden.Name} audio of {file}", Nmse.Of(audio.Span, golden.Output("audio")), golden.Limit("audio"));
    }

    [Test]
    public void Nothing_of_a_pickled_network_is_run_and_it_says_so()
    {
        var summary = CheckpointConverter.Convert(Made("nv_wavenet_legacy.pt"), _output.Path("said"), Config("nv_tiny"));

        Assert.That(summary.Notes, Has.Some.Contains("wavenet.WaveNet").And.Contains("nothing of it was run"));
    }

    [Test]
    public void A_truncated_pickled_network_is_refused_wherever_it_ends()
    {
        var bytes = File.ReadAllBytes(Made("nv_wavenet_legacy.pt"));
        var random = new Random(3);
        for (var round = 0; round < 60; round++)
        {
            // Most of the file is numbers, so half of the cuts are where its objects are.
            var length = round % 2 == 0 ? random.Next(bytes.Length) : random.Next(20_000);
            var file = _output.Path("truncated.pt");
            File.WriteAllBytes(file, bytes[..length]);

            Assert.That(() => CheckpointConverter.Convert(file, _output.Path("none"), Config("nv_tiny")),
                Throws.InstanceOf<WeightsException>().With.Message.Not.Contains("\n"), $"{length} bytes");
        }
    }

    [Test]
    public void Without_a_config_widths_come_of_the_tensors()
    {
        foreach (var name in WaveNetGolden.Tiny)
        {
            var golden = WaveNetGolden.Read(name);
            var model = Import(golden.Weights, null);

            Assert.That(model.Notes, Has.Some.Contains("No config was given"), name);
            var config = WaveNetFormat.Instance.Parse(Encoding.UTF8.GetBytes(model.ConfigText), name);
            Assert.That(
                (config.Layout, config.Layers, config.Kernel, config.ResidualChannels, config.GateChannels, config.SkipChannels, config.Speakers),
                Is.EqualTo((golden.Config.Layout, golden.Config.Layers, golden.Config.Kernel, golden.Config.ResidualChannels,
                    golden.Config.GateChannels, golden.Config.SkipChannels, golden.Config.Speakers)), name);
        }
    }

    [Test]
    public void The_mel_contract_is_that_of_the_recipe()
    {
        var (current, earlier, nvidia) = (WaveNetGolden.Read("mol").Config, WaveNetGolden.Read("2018_mol").Config, WaveNetGolden.Read("nv").Config);

        Assert.That(
            (current.Mel.LowestFrequency, current.Mel.HighestFrequency, current.Mel.Log, current.Mel.Normalisation, current.Mel.HopLength),
            Is.EqualTo((125.0, 7600.0, MelLog.Log10, "mean-variance", 256)));
        Assert.That((earlier.Mel.Normalisation, earlier.Mel.Floor), Is.EqualTo(("unit-range:20:100", 1e-5)));
        Assert.That(nvidia.Mel, Is.EqualTo(new MelContract { SampleRate = 16_000, FftLength = 800, WindowLength = 800, HopLength = 200 }));
        Assert.That((earlier.SkipSum, earlier.FirstClass, current.SkipSum, current.FirstClass),
            Is.EqualTo((SkipSum.Recursive, 128, SkipSum.Scaled, 127)));
        Assert.That((current.Deemphasis, current.Gain, current.LeastLogScale), Is.EqualTo((0.85f, 0.55f, (float?)null)));
    }

    [Test]
    public void A_mel_of_nvidias_tacotron_becomes_one_of_2018()
    {
        var contract = WaveNetGolden.Read("2018_mol").Config.Mel;
        var tacotron = new MelContract();
        var convert = MelConversion.Between(tacotron, contract, statistics: null)!;

        // exp, 20 log10 - 20, (S + 100) / 100, clipped.
        var converted = convert(CudaTts.Tensors.Tensor.From([-11.512925f, 0, MathF.Log(10), -2], 1, 1, 4)).Span.ToArray();
        Assert.That(converted, Is.EqualTo((float[])[0, 0.8f, 1, (float)(((20 * Math.Log10(Math.Exp(-2))) - 20 + 100) / 100)]).Within(1e-5));
    }

    [TestCase("mol_tiny", """{"layers": 7}""", "layers: expected 6, which the tensors of file have, found 7")]
    [TestCase("mol_tiny", """{"stacks": 4}""", "stacks: expected a divisor of the 6 layers, found 4")]
    [TestCase("mol_tiny", """{"input_type": "mulaw-quantize"}""", "input_type: expected \"raw\" or \"mulaw\"")]
    [TestCase("mulaw_tiny", """{"input_type": "raw"}""", "input_type: expected \"mulaw-quantize\"")]
    [TestCase("mol_tiny", """{"output_distribution": "Cauchy"}""", "output_distribution")]
    [TestCase("mol_tiny", """{"postprocess": "compress"}""", "postprocess")]
    [TestCase("mol_tiny", """{"upsample_params": {"mode": "linear"}}""", "an interpolation that is not nearest")]
    [TestCase("mol_tiny", """{"upsample_params": {"upsample_scales": [2, 3, 4]}}""", "upsample_scales: expected 2, 3, 2, which the tensors of file")]
    [TestCase("mol_tiny", """{"hop_size": 100}""", "config: hop_size: expected 12, the product of upsample_scales, found 100")]
    [TestCase("nv_tiny", """{"wavenet_config": {"n_layers": 16}}""", "n_layers: expected 6")]
    [TestCase("nv_tiny", """{"wavenet_config": {"max_dilation": 0}}""", "max_dilation: expected 1 or more, found 0")]
    [TestCase("nv_tiny", """{"data_config": {"hop_length": 900}}""", "config: data_config: hop_length: expected 1 to")]
    [TestCase("mol_tiny", """{"stacks": 1, "fmax": 12000}""", "config: fmax: expected at most half")]
    [TestCase("mol_tiny", """{"postprocess": "inv_preemphasis", "preemphasis_coef": 1.5}""", "config: preemphasis_coef: expected from 0")]
    [TestCase("mol_tiny", """{"global_gain_scale": -1}""", "config: global_gain_scale: expected a positive number, found -1")]
    [TestCase("mol_tiny", """{"cin_pad": 7}""", "config: cin_pad: expected")]
    [TestCase("mol_tiny", """{"upsample_net": "UpsampleNetwork"}""", "upsample_net: expected \"ConvInUpsampleNetwork\", which the tensors of file")]
    [TestCase("mol_tiny", """{"upsample_conditional_features": false}""", "upsample_conditional_features: expected true, because file has tensors")]
    [TestCase("mol_tiny", """{"gin_channels": 16}""", "config: gin_channels: expected -1, because there is no embed_speakers among")]
    [TestCase("mulaw_tiny", """{"quantize_channels": 128}""", "config: quantize_channels: expected 256, which")]
    [TestCase("2018_speakers_tiny", """{"gin_channels": -1}""", "config: gin_channels: expected")]
    [TestCase("2018_speakers_tiny", """{"n_speakers": 109}""", "config: n_speakers: expected")]
    [TestCase("2018_speakers_tiny", """{"min_level_db": 100}""", "config: min_level_db: expected decibels below 0, found 100")]
    public void Configs_of_other_networks_are_refused(string name, string json, string says) => Assert.That(
        () => Import(WaveNetGolden.Read(name).Weights, SourceConfig.Parse(Encoding.UTF8.GetBytes(json), "config")),
        Throws.InstanceOf<WeightsException>().With.Message.Contains(says));

    [Test]
    public void Hparams_beside_a_checkpoint_need_no_name([Values] bool hasName)
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        var summary = ConvertBeside(
            golden, hparams => hasName ? hparams : hparams.Replace("\"name\": \"wavenet_vocoder\", ", "", StringComparison.Ordinal));

        Assert.That(summary.Notes, Has.Some.EndsWith("hparams.json.").And.None.Contains("does not say").And.None.Contains("lies beside"));
        Assert.That(ModelFolder.Open(_output.Path("beside/out")).Config<WaveNetConfig>(), Is.EqualTo(golden.Config).UsingPropertiesComparer());
    }

    [Test]
    public void Hparams_of_another_network_are_left_aside_and_that_is_said()
    {
        var summary = ConvertBeside(WaveNetGolden.Read("mol_tiny"), _ => """{"name": "deepvoice3", "stacks": 2}""");

        Assert.That(
            summary.Notes, Has.Some.Contains("hparams.json lies beside the checkpoint and was not taken").And.Some.Contains("No config was given"));
    }

    [Test]
    public void What_hparams_do_not_say_is_named()
    {
        var summary = ConvertBeside(WaveNetGolden.Read("mol_tiny"), _ => """{"input_type": "raw", "stacks": 2, "fmin": 125}""");

        Assert.That(
            summary.Notes,
            Has.Some.EqualTo("It does not say sample_rate, fmax, which tensors do not tell either: taken as in the public recipe."));
    }

    [Test]
    public void A_config_that_has_no_key_of_the_network_is_refused()
    {
        File.WriteAllText(_output.Path("other.json"), """{"lr": 1}""");
        SafetensorsWriter.Write(_output.Path("alone.safetensors"), Entries(WaveNetGolden.Read("mol_tiny").Weights));

        Assert.That(
            () => CheckpointConverter.Convert(_output.Path("alone.safetensors"), _output.Path("none"), _output.Path("other.json")),
            Throws.InstanceOf<WeightsException>().With.Message.EndsWith("other.json: expected the config of a WaveNet, found none of its keys."));
    }

    [Test]
    public void Every_range_that_a_mel_is_normalised_to_is_read_again()
    {
        var config = WaveNetGolden.Read("2018_speakers_tiny").Config;
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var scale = Math.Pow(10, random.Next(-9, 10));
            var range = new UnitRange(scale * (random.NextDouble() - 0.5), scale * random.NextDouble() + 1e-12);
            var written = config with { Mel = config.Mel with { Normalisation = range.Contract } };

            Assert.That(UnitRange.Parse(range.Contract), Is.EqualTo(range), range.Contract);
            var json = Encoding.UTF8.GetBytes(WaveNetFormat.Instance.Write(written));
            Assert.That(WaveNetFormat.Instance.Parse(json, "config").Mel, Is.EqualTo(written.Mel));
        }

        foreach (var wrong in (string[])["20:0", "20:-1", "20", "NaN:1", "1:1e999", " 1:1"])
        {
            Assert.That(UnitRange.Parse($"unit-range:{wrong}"), Is.Null, wrong);
        }
    }

    [Test]
    public void Configs_that_no_network_has_are_refused()
    {
        var config = WaveNetGolden.Read("mol_tiny").Config;
        (WaveNetConfig Config, string Says)[] wrong =
        [
            (config with { Layers = 0 }, "layers"),
            (config with { DilationCycle = 17 }, "dilation_cycle"),
            (config with { Kernel = 0 }, "kernel_size"),
            (config with { GateChannels = 27 }, "found 27"),
            (config with { OutputChannels = 31 }, "a multiple of 3, found 31"),
            (config with { InputType = SampleKind.MuLawClasses }, "quantize_channels"),
            (config with { Upsampling = Upsampling.Transposed }, "upsample_window"),
            (config with { UpsampleScales = [3, 0] }, "upsample_scales"),
            (config with { FrequencyKernel = 2 }, "freq_axis_kernel_size"),
            (config with { Gain = 0 }, "global_gain_scale"),
            (config with { Deemphasis = 1 }, "deemphasis"),
            (config with { SpeakerChannels = 3, Speakers = 0 }, "n_speakers"),
            (config with { Layout = WaveNetLayout.Nvidia }, "upsampling"),
            (config with { LeastLogScale = float.NaN }, "log_scale_min"),
        ];
        foreach (var (each, says) in wrong)
        {
            Assert.That(() => WaveNetFormat.Instance.Check(each, "config"), Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        }
    }

    private static Dictionary<string, WeightEntry> Entries(ModelWeights weights) => weights.Names.ToDictionary(name => name, weights.Entry);

    private ConversionSummary ConvertBeside(WaveNetGolden golden, Func<string, string> hparams)
    {
        Directory.CreateDirectory(_output.Path("beside"));
        SafetensorsWriter.Write(_output.Path("beside/in.safetensors"), Entries(golden.Weights));
        File.WriteAllText(_output.Path("beside/hparams.json"), hparams(File.ReadAllText(Config("mol_tiny"))));
        return CheckpointConverter.Convert(_output.Path("beside/in.safetensors"), _output.Path("beside/out"));
    }

    private static ConvertedModel Import(ModelWeights weights, SourceConfig? config)
    {
        var checkpoint = new CheckpointFile(
            "file", "test", weights.Names.ToDictionary(name => name, weights.Entry), new Dictionary<string, string>(), null);
        return WaveNetFormat.Instance.Import(new CheckpointImport(checkpoint, config))!;
    }

    private static string Made(string file)
    {
        if (s_made.Value is null)
        {
            Assert.Ignore("these checkpoints hold PyTorch's source text, so they are made when needed: install python3-torch for it");
        }

        return Path.Combine(s_made.Value!, file);
    }

    private string Config(string name)
    {
        var file = _output.Path($"{name}.json");
        File.WriteAllText(file, SafetensorsFile.Open(Golden.Path($"wavenet_{name}.safetensors")).Metadata["config"]);
        return file;
    }
}
