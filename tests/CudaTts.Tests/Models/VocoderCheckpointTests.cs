using CudaTts.Audio;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models;

/// <summary>Checkpoints of real PyTorch, converted, speak as PyTorch itself did in float64.</summary>
internal sealed class VocoderCheckpointTests
{
    private readonly CpuCompute _compute = new(1);
    private readonly TemporaryFolder _output = new();

    [OneTimeTearDown]
    public void Clean()
    {
        _compute.Dispose();
        _output.Dispose();
        VocoderCheckpoints.RemoveMade();
    }

    [TestCase("waveglow_module_1.pt", 1)]
    [TestCase("waveglow_module_2.pt", 2)]
    [TestCase("waveglow_state_dict.pt", 3)]
    public void A_wave_glow_speaks_as_its_reference(string file, int generation) => AssertWaveGlow(VocoderCheckpoints.Folder, file, generation);

    [TestCase("waveglow_module_3.pt", 3)]
    [TestCase("waveglow_module_1_legacy.pt", 1)]
    [TestCase("waveglow_module_2_legacy.pt", 2)]
    [TestCase("waveglow_module_3_legacy.pt", 3)]
    [TestCase("waveglow_folded.pt", 3)]
    [TestCase("waveglow_state_dict.pt", 3)]
    public void A_larger_wave_glow_speaks_as_its_reference(string file, int generation) =>
        AssertWaveGlow(VocoderCheckpoints.AllFolder(), file, generation);

    [Test]
    public void The_first_release_is_known_by_its_module_and_says_so()
    {
        var summary = Convert(VocoderCheckpoints.Folder, "waveglow_module_1.pt", out var model);

        Assert.That(summary.ModelType, Is.EqualTo("waveglow"));
        Assert.That(summary.Notes, Has.Some.Contains("first release"));
        Assert.That(model.Config<WaveGlowConfig>().AlternateHalves, Is.True);
        Convert(VocoderCheckpoints.Folder, "waveglow_module_2.pt", out model);
        Assert.That(model.Config<WaveGlowConfig>().AlternateHalves, Is.False);
    }

    [Test]
    public void A_config_of_another_wave_glow_is_refused()
    {
        var config = _output.Path("other.json");
        File.WriteAllText(config, """{"waveglow_config": {"n_flows": 12}}""");

        Assert.That(
            () => CheckpointConverter.Convert(At("waveglow_state_dict.pt"), _output.Path("x"), config),
            Throws.InstanceOf<WeightsException>().With.Message.Contains("n_flows").And.Message.Contains("found 12"));
    }

    [Test]
    public void A_public_config_adds_what_tensors_do_not_tell()
    {
        var config = _output.Path("public.json");
        File.WriteAllText(config, 
            """{"data_config": {"sampling_rate": 16000, "mel_fmax": 7000.0}, "waveglow_config": {"n_flows": 3, "WN_config": {"n_channels": 4}}}""");

        CheckpointConverter.Convert(At("waveglow_state_dict.pt"), _output.Path("public"), config);

        var converted = ModelFolder.Open(_output.Path("public")).Config<WaveGlowConfig>();
        Assert.That((converted.Mel.SampleRate, converted.Mel.HighestFrequency, converted.Mel.HopLength), Is.EqualTo((16000, 7000.0, 8)));
    }

    [Test]
    public void A_parallel_wave_gan_speaks_as_its_reference()
    {
        var summary = Convert(VocoderCheckpoints.Folder, "parallel_wavegan/checkpoint-1steps.pkl", out var model);
        var expected = Expected(VocoderCheckpoints.Folder);
        var config = model.Config<ParallelWaveGanConfig>();
        using var generator = new ParallelWaveGanGenerator(config, model.Weights, _compute);
        var noise = new VocoderOptions { Given = new Dictionary<string, Tensor> { ["z"] = expected.Take("pwg.z", 1, 1, 40) } };

        var audio = generator.Generate(expected.Take("pwg.mel", 1, 3, 5), noise);

        Assert.That(Nmse.Of(audio.Span, expected.Take("pwg.audio", 1, 40).Span), Is.LessThan(1e-11));
        Assert.That(summary.Notes, Has.Some.Contains("config.yml").And.Some.Contains("stats.h5"));
        Assert.That(
            (config.Stacks, config.Mel.SampleRate, config.Mel.WindowLength, config.Mel.LowestFrequency, config.Mel.Log),
            Is.EqualTo((2, 8000, 64, 80.0, MelLog.Log10)));
        Assert.That(config.Mel.Normalisation, Does.StartWith("mean-variance:"));
    }

    [Test]
    public void With_another_number_of_stacks_the_comparison_fails()
    {
        Convert(VocoderCheckpoints.Folder, "parallel_wavegan/checkpoint-1steps.pkl", out var model);
        var expected = Expected(VocoderCheckpoints.Folder);
        using var generator = new ParallelWaveGanGenerator(model.Config<ParallelWaveGanConfig>() with { Stacks = 3 }, model.Weights, _compute);
        var noise = new VocoderOptions { Given = new Dictionary<string, Tensor> { ["z"] = expected.Take("pwg.z", 1, 1, 40) } };

        Assert.That(Nmse.Of(generator.Generate(expected.Take("pwg.mel", 1, 3, 5), noise).Span, expected.Take("pwg.audio", 1, 40).Span),
            Is.GreaterThan(1e-6));
    }

    [TestCase("stats_f4.npy")]
    [TestCase("stats_f8.npy")]
    [TestCase("parallel_wavegan/stats.h5")]
    public void Statistics_are_read_in_every_format(string file)
    {
        var expected = Expected(VocoderCheckpoints.Folder);

        var statistics = MelStatistics.Read(At(file));

        Assert.That(statistics.Mean, Is.EqualTo(expected.Take("pwg.mean", 3).Span.ToArray()));
        Assert.That(statistics.Scale, Is.EqualTo(expected.Take("pwg.scale", 3).Span.ToArray()));
    }

    [TestCase("stats_f4.npy")]
    [TestCase("parallel_wavegan/stats.h5")]
    public void Damaged_statistics_are_read_or_refused_but_nothing_else(string file)
    {
        var bytes = File.ReadAllBytes(At(file));
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 2000; round++)
        {
            var damaged = bytes[..(round % 3 == 0 ? random.Next(bytes.Length) : bytes.Length)];
            for (var i = 0; i < 4 && damaged.Length > 0; i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                _ = file.EndsWith(".npy", StringComparison.Ordinal) ? MelStatistics.ParseNpy(damaged, "file")
                    : MelStatistics.ParseHdf5(damaged, "file");
            }
            catch (WeightsException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(500));
    }

    // In both files the work would grow with a power of the tree's depth, were a node visited each time that another leads to it.
    [TestCase(0)]
    [TestCase(1)]
    public void A_tree_whose_nodes_lead_to_one_node_many_times_is_refused(byte level)
    {
        var bytes = File.ReadAllBytes(At("parallel_wavegan/stats.h5"));
        var tree = bytes.AsSpan().IndexOf("TREE"u8);
        bytes[tree + 5] = level;
        bytes[tree + 6] = 2;
        var child = level > 0 ? (ulong)tree : BitConverter.ToUInt64(bytes, tree + 32);
        BitConverter.TryWriteBytes(bytes.AsSpan(tree + 32), child);
        BitConverter.TryWriteBytes(bytes.AsSpan(tree + 48), child);

        Assert.That(() => MelStatistics.ParseHdf5(bytes, "file"), Throws.TypeOf<WeightsException>().With.Message.Contains("each in one place"));
    }

    [Test]
    public void Random_yaml_is_read_or_refused_but_nothing_else()
    {
        var random = new Random(4);
        const string Alphabet = "a1:-[]{},?&*!|>'\"%@#~ \n\t";
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var yaml = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            try
            {
                YamlReader.Parse(yaml, "file");
            }
            catch (WeightsException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(1000, 19_999));
    }

    [Test]
    public void The_members_of_a_group_are_bounded_however_its_lists_overlap()
    {
        // A tree of 200 lists of 100 members each, one byte apart: each alone is within bounds.
        var bytes = File.ReadAllBytes(At("parallel_wavegan/stats.h5"));
        var tree = bytes.AsSpan().IndexOf("TREE"u8);
        const int Lists = 200;
        var start = bytes.Length + 64;
        Array.Resize(ref bytes, start + (Lists * 16) + 8192);
        var node = bytes.Length - 4096;
        bytes.AsSpan(tree, 24).CopyTo(bytes.AsSpan(node));
        bytes[node + 6] = Lists;
        for (var list = 0; list < Lists; list++)
        {
            "SNOD"u8.CopyTo(bytes.AsSpan(start + (list * 8)));
            bytes[start + (list * 8) + 6] = 100;
            BitConverter.TryWriteBytes(bytes.AsSpan(node + 32 + (16 * list)), (ulong)(start + (list * 8)));
        }

        // The root's own tree is one level higher and leads to it.
        bytes[tree + 5] = 1;
        bytes[tree + 6] = 1;
        BitConverter.TryWriteBytes(bytes.AsSpan(tree + 32), (ulong)node);

        Assert.That(() => MelStatistics.ParseHdf5(bytes, "file"), Throws.TypeOf<WeightsException>().With.Message.Contains("expected"));
    }

    [Test]
    public void Statistics_that_are_not_those_of_the_config_are_refused()
    {
        Convert(VocoderCheckpoints.Folder, "parallel_wavegan/checkpoint-1steps.pkl", out var model);
        var config = model.Config<ParallelWaveGanConfig>();
        Assert.That(MelStatistics.Named(config.Mel, model.Weights)!.Contract, Is.EqualTo(config.Mel.Normalisation));
        var other = config with { Mel = config.Mel with { Normalisation = "mean-variance:0123456789abcdef" } };

        Assert.That(() => new ParallelWaveGanGenerator(other, model.Weights, _compute),
            Throws.InstanceOf<WeightsException>().With.Message.Contains("'mean-variance:0123456789abcdef' that config.json names"));
    }

    [Test]
    public void A_file_of_statistics_is_small()
    {
        var large = _output.Path("large.npy");
        using (var stream = File.Create(large))
        {
            stream.SetLength(1L << 32);
        }

        Assert.That(() => MelStatistics.Read(large), Throws.InstanceOf<WeightsException>().With.Message.Contains("expected at most 16777216 bytes"));
        Assert.That(() => SourceConfig.Read(large), Throws.InstanceOf<WeightsException>().With.Message.Contains("expected at most 1048576 bytes"));
    }

    [Test]
    public void Statistics_of_another_width_are_refused()
    {
        var file = _output.Path("narrow.npy");
        byte[] header = [.. "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n"u8];
        File.WriteAllBytes(file, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. TorchFileBuilder.Floats(1, 2, 3, 4)]);

        Assert.That(() => Converted(file), Throws.InstanceOf<WeightsException>().With.Message.Contains("expected statistics of 3 bands, found 2"));
        Assert.That(() => Converted(At("parallel_wavegan/config.yml")), Throws.InstanceOf<WeightsException>().With.Message.Contains("neither"));
        Assert.That(() => Converted(At("absent.npy")), Throws.InstanceOf<WeightsException>().With.Message.Contains("cannot be read"));

        void Converted(string statistics) =>
            CheckpointConverter.Convert(At("parallel_wavegan/checkpoint-1steps.pkl"), _output.Path("y"), statisticsPath: statistics);
    }

    [TestCase("generator_type: MelGANGenerator", "MelGANGenerator")]
    [TestCase("generator_params: {use_causal_conv: true}", "use_causal_conv")]
    [TestCase("generator_params: {upsample_net: MelGANGenerator}", "upsample_net")]
    [TestCase("generator_params: {upsample_params: {nonlinear_activation: ReLU}}", "nonlinear_activation")]
    [TestCase("generator_params: {layers: 30}", "found 30")]
    [TestCase("a: &x [1]\nb: *x", "aliases")]
    [TestCase("a: [1", "not valid YAML")]
    [TestCase("just text", "mapping")]
    [TestCase("a: [b: c\nd: 1\n", "not valid YAML")]
    [TestCase("a: {b: [c\n", "not valid YAML")]
    [TestCase("a: 'b\n", "not valid YAML")]
    [TestCase("a: 1\n---\nb: 2\n", "one YAML document")]
    [TestCase("? [a, b]\n: c\n", "not valid YAML")]
    [TestCase("", "found nothing")]
    [TestCase("# nothing", "YAML")]
    [TestCase("a: 1\nb: 2\na: 3\n", "the key 'a' is there twice, again at line 3")]
    [TestCase("a: {b: 1, b: 1}", "the key 'b' is there twice")]
    [TestCase("a: [{b: ~, 'b': 1}]", "the key 'b' is there twice")]
    [TestCase("a: !!python/object/apply:os.system [id]\nb: [", "not valid YAML")]
    [TestCase("log_base: 2", "log_base: expected 10 or null, found 2")]
    [TestCase("sampling_rate: .nan", "sampling_rate: expected a whole number")]
    [TestCase("sampling_rate: NaN", "sampling_rate: expected a whole number")]
    [TestCase("fmax: NaN", "fmax: expected a number")]
    public void Variants_and_broken_yaml_are_refused(string yaml, string says)
    {
        var config = _output.Path("variant.yml");
        File.WriteAllText(config, yaml);

        Assert.That(
            () => CheckpointConverter.Convert(At("parallel_wavegan/checkpoint-1steps.pkl"), _output.Path("z"), config),
            Throws.InstanceOf<WeightsException>().With.Message.Contains(says));
        Assert.That(Directory.Exists(_output.Path("z")), Is.False);
    }

    private static string At(string file) => Path.Combine(VocoderCheckpoints.Folder, file);

    private static ModelWeights Expected(string folder) =>
        new(folder, CheckpointFile.Open(Path.Combine(folder, "expected.pt")).Entries);

    private void AssertWaveGlow(string folder, string file, int generation)
    {
        Convert(folder, file, out var model);
        var expected = Expected(folder);
        using var generator = new WaveGlowGenerator(model.Config<WaveGlowConfig>(), model.Weights, _compute);
        var noise = new Dictionary<string,
            Tensor> { ["z"] = expected.Take("waveglow.z", 1, 2, 10), ["early_z.0"] = expected.Take("waveglow.early_z.0", 1, 2, 10) };

        var audio = generator.Generate(expected.Take("waveglow.mel", 1, 3, 5), new VocoderOptions { Given = noise, Sigma = 1 });

        Assert.That(Nmse.Of(audio.Span, expected.Take($"waveglow.{generation}", 1, 40).Span), Is.LessThan(1e-11));
        Assert.That(Nmse.Of(audio.Span, expected.Take($"waveglow.{1 + (generation % 3)}", 1, 40).Span), Is.GreaterThan(1e-3));
    }

    private ConversionSummary Convert(string folder, string file, out ModelFolder model)
    {
        var output = _output.Path(Guid.NewGuid().ToString());
        var summary = CheckpointConverter.Convert(Path.Combine(folder, file), output);
        model = ModelFolder.Open(output);
        return summary;
    }
}
