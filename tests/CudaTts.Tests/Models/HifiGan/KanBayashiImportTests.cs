using System.Text;
using CudaTts.Audio;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.HifiGan;

/// <summary>HiFi-GANs of kan-bayashi's recipes, with their own config.yml, and checkpoints of others that are said to be what they are.</summary>
internal sealed class KanBayashiImportTests
{
    private const string Config = """
        sampling_rate: 24000
        fft_size: 2048
        hop_size: 300
        win_length: 1200
        window: hann
        num_mels: 8
        fmin: 80
        fmax: 7600
        generator_type: HiFiGANGenerator
        generator_params:
            in_channels: 8
            out_channels: 1
            channels: 32
            kernel_size: 7
            upsample_scales: [5, 5, 4, 3]
            upsample_kernel_sizes: [10, 10, 8, 6]
            resblock_kernel_sizes: [3, 7]
            resblock_dilations:
                - [1, 3]
                - [1, 3]
            use_additional_convs: true
            bias: true
            nonlinear_activation: LeakyReLU
            nonlinear_activation_params:
                negative_slope: 0.1
            use_weight_norm: true
        """;

    private static readonly HifiGanConfig s_wide = new()
    {
        InitialChannels = 32,
        UpsampleRates = [5, 5, 4, 3],
        UpsampleKernels = [10, 10, 8, 6],
        ResidualKernels = [3, 7],
        ResidualDilations = [[1, 3], [1, 3]],
        Mel = KanBayashiSource.MelOfRecipes(bands: 8, hop: 300),
    };

    private TemporaryFolder _folder;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase(true)]
    [TestCase(false)]
    public void The_config_of_the_recipe_is_read_given_or_beside(bool isGiven)
    {
        File.WriteAllText(_folder.Path(isGiven ? "given.yml" : "config.yml"), Config);

        var summary = Convert(s_wide, isGiven ? "given.yml" : null);

        Assert.That(Output(), Is.EqualTo(ConfigJson.Write(s_wide)));
        Assert.That(summary.Notes, Has.Some.Contains("at 24000 Hz").And.Some.Contains("The config is "));
    }

    [Test]
    public void A_config_with_a_mark_of_its_encoding_is_read()
    {
        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            File.WriteAllText(_folder.Path("given.yml"), Config, encoding);
            Convert(s_wide, "given.yml");
            Assert.That(Output(), Is.EqualTo(ConfigJson.Write(s_wide)), encoding.WebName);
        }
    }

    [Test]
    public void A_config_that_is_no_recipe_is_told_what_it_lacks()
    {
        File.WriteAllText(_folder.Path("given.yml"), "sampling_rate: 24000");
        Assert.That(() => Convert(s_wide, "given.yml"), Throws.TypeOf<WeightsException>().With.Message.Contains("expected generator_params"));
    }

    [Test]
    public void The_rate_comes_from_the_config_and_else_from_the_hop()
    {
        Convert(s_wide with { ResidualKernels = [3, 7, 11], ResidualDilations = [[1, 3, 5], [1, 3, 5], [1, 3, 5]] }, null);
        var mel = ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json")).Mel;
        Assert.That((mel.SampleRate, mel.HopLength, mel.FftLength, mel.WindowLength), Is.EqualTo((24_000, 300, 2048, 1200)));

        foreach (var (line, rate) in ((string, int)[])[("24000", 24_000), ("22050", 22_050), ("16000", 16_000), ("44100", 44_100), ("48000", 48_000)])
        {
            File.WriteAllText(_folder.Path("given.yml"), Config.Replace("sampling_rate: 24000", "sampling_rate: " + line, StringComparison.Ordinal));
            Convert(s_wide, "given.yml");
            Assert.That(ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json")).Mel.SampleRate, Is.EqualTo(rate));
        }
    }

    [TestCase("fmin: 80", "fmin: null", "lowest 0")]
    [TestCase("fmax: 7600", "fmax: null", "highest 12000")]
    [TestCase("fmax: 7600", "fmax: 11025", "highest 11025")]
    [TestCase("win_length: 1200", "win_length: null", "window 2048")]
    [TestCase("window: hann", "log_base: null", "log Natural")]
    [TestCase("window: hann", "log_base: 10.0", "log Log10")]
    [TestCase("win_length: 1200", "other: 1", "window 2048")]
    public void What_is_left_empty_is_what_python_takes_it_for(string line, string replacement, string expected)
    {
        File.WriteAllText(_folder.Path("given.yml"), Config.Replace(line, replacement, StringComparison.Ordinal));
        Convert(s_wide, "given.yml");

        var mel = ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json")).Mel;
        string[] found = [$"lowest {mel.LowestFrequency}", $"highest {mel.HighestFrequency}", $"window {mel.WindowLength}", $"log {mel.Log}"];
        Assert.That(found, Has.Some.EqualTo(expected));
    }

    [TestCase("HiFiGANGenerator", "StyleMelGANGenerator", "generator_type StyleMelGANGenerator")]
    [TestCase("out_channels: 1", "out_channels: 4", "out_channels 4")]
    [TestCase("kernel_size: 7", "kernel_size: 5", "kernel_size 5")]
    [TestCase("negative_slope: 0.1", "negative_slope: 0.2", "negative_slope 0.2")]
    [TestCase("nonlinear_activation: LeakyReLU", "nonlinear_activation: ReLU", "nonlinear_activation ReLU")]
    [TestCase("bias: true", "use_causal_conv: true", "use_causal_conv")]
    [TestCase("bias: true", "bias: false", "bias: false")]
    [TestCase("hop_size: 300", "hop_size: 256", "given.yml: hop_size: expected 300, the product of upsample_rates")]
    [TestCase("[5, 5, 4, 3]", "[5, 4, 5, 3]", "upsample_rates")]
    [TestCase("[5, 5, 4, 3]", "[5, 5, 4]", "as many as the 4 of upsample_kernel_sizes")]
    [TestCase("[5, 5, 4, 3]", "[5, 5, 4, x]", "upsample_scales: expected a whole number")]
    [TestCase("- [1, 3]\n        - [1, 3]", "- [1, 3]", "as many as the 1 of resblock_dilation_sizes")]
    public void Variants_and_contradictions_are_refused(string part, string replacement, string because)
    {
        var changed = Config.Replace(part, replacement, StringComparison.Ordinal);
        if (changed == Config)
        {
            changed = Config.Replace("        - [1, 3]\n        - [1, 3]\n", "        - [1, 3]\n", StringComparison.Ordinal);
        }

        File.WriteAllText(_folder.Path("given.yml"), changed);
        if (because == "upsample_rates")
        {
            // Rates in another order give another voice of the same shapes: their kernels tell.
            Convert(s_wide, "given.yml");
            Assert.That(ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json")).UpsampleRates, Is.EqualTo((int[])[5, 4, 5, 3]));
            return;
        }

        Assert.That(() => Convert(s_wide, "given.yml"), Throws.TypeOf<WeightsException>().With.Message.Contains(because));
    }

    [Test]
    public void Statistics_are_joined_to_the_network_and_checked_when_it_is_loaded()
    {
        byte[] header = [.. "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 8), }\n"u8];
        float[] values = [.. Enumerable.Range(1, 16).Select(value => (float)value)];
        File.WriteAllBytes(
            _folder.Path("stats.npy"), [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. TorchFileBuilder.Floats(values)]);
        File.WriteAllText(_folder.Path("config.yml"), Config);
        Convert(s_wide, null);
        var folder = ModelFolder.Open(_folder.Path("out"));
        var config = folder.Config<HifiGanConfig>();
        using var compute = new CpuCompute(1);
        using var generator = new HifiGanGenerator(config, folder.Weights, compute);

        Assert.That(generator.Mel.Normalisation, Does.StartWith("mean-variance:"));
        Assert.That(() => new HifiGanGenerator(
            config with { Mel = config.Mel with { Normalisation = "mean-variance:0123456789abcdef" } }, folder.Weights, compute),
            Throws.TypeOf<WeightsException>().With.Message.Contains("that config.json names"));
    }

    [Test]
    public void The_official_network_has_no_odd_steps()
    {
        var official = s_wide with { Mel = new MelContract { MelBands = 8, HopLength = 300 } };
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), Tensors(official));
        File.WriteAllText(_folder.Path("config.json"), """
            {"resblock": "1", "upsample_rates": [5, 5, 4, 3], "upsample_kernel_sizes": [10, 10, 8, 6], "upsample_initial_channel": 32,
             "resblock_kernel_sizes": [3, 7], "resblock_dilation_sizes": [[1, 3], [1, 3]], "num_mels": 8, "hop_size": 300}
            """);

        Assert.That(() => CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out")),
            Throws.TypeOf<WeightsException>().With.Message.Contains("expected an even number less than the kernel size 10, found 5"));
    }

    [TestCase("model.encoder.convolutions.0.convolution1d.weight", "Coqui TTS")]
    [TestCase("encoder.cbhg.conv1d_banks.0.weight", "a Tacotron, the first")]
    [TestCase("model.waveform_decoder.conv_pre.weight", "a VITS of Coqui TTS")]
    [TestCase("enc_p.emb_phone.weight", "a VITS of another kind")]
    [TestCase("decoder.flows.0.logs", "a Glow-TTS")]
    [TestCase("upsampler.0.weight_g", "upsampler.N")]
    [TestCase("mpd.discriminators.0.convs.0.weight_g", "generator's file (g_...)")]
    [TestCase("resblocks.0.activations.0.act.alpha", "a BigVGAN")]
    [TestCase("rnn1.weight_ih_l0", "a WaveRNN")]
    [TestCase("generator.melgan.1.weight", "a MelGAN")]
    [TestCase("encoder.duration_predictor.conv.0.weight", "predicts durations")]
    public void A_network_of_others_is_named(string tensor, string what)
    {
        var entries = new[] { tensor, "another.weight" }
            .Select(name => KeyValuePair.Create(name, new WeightEntry(DataType.F32, [1], new byte[4])));
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), entries);

        Assert.That(() => CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out")),
            Throws.TypeOf<WeightsException>().With.Message.Contains(what).And.Message.Contains("expected Tacotron 2 or "));
    }

    [TestCase("model.encoder.convolutions.0.convolution1d.weight", "a Tacotron 2 of Coqui TTS")]
    [TestCase("model.encoder.cbhg.highways.0.H.weight", "a Tacotron, the first")]
    public void A_tacotron_of_others_is_named_before_a_tensor_is_missed(string tensor, string what)
    {
        var entries = new[] { "model.decoder.attention_rnn.weight_ih", tensor }
            .Select(name => KeyValuePair.Create(name, new WeightEntry(DataType.F32, [1], new byte[4])));
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), entries);

        Assert.That(() => CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out")),
            Throws.TypeOf<WeightsException>().With.Message.Contains(what));
    }

    private static IEnumerable<KeyValuePair<string, WeightEntry>> Tensors(HifiGanConfig config)
    {
        var weights = ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config));
        return weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name)));
    }

    private static string Recipe(string name) => name.Split('.') switch
    {
        ["conv_pre", var leaf] => $"input_conv.{leaf}",
        ["conv_post", var leaf] => $"output_conv.1.{leaf}",
        ["ups", var stage, var leaf] => $"upsamples.{stage}.1.{leaf}",
        [_, var block, var list, var layer, var leaf] => $"blocks.{block}.{list}.{layer}.1.{leaf}",
        _ => name,
    };

    private ConversionSummary Convert(HifiGanConfig config, string? configFile)
    {
        var tensors = Tensors(config).Select(tensor => KeyValuePair.Create("model.generator." + Recipe(tensor.Key), tensor.Value));
        SafetensorsWriter.Write(_folder.Path("in.safetensors"), tensors);
        return CheckpointConverter.Convert(_folder.Path("in.safetensors"), _folder.Path("out"), configFile is null ? null : _folder.Path(configFile));
    }

    private string Output() => ConfigJson.Write(ConfigJson.Read<HifiGanConfig>(_folder.Path("out/config.json")));
}
