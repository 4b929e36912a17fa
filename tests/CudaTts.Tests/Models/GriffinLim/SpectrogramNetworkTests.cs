using System.Globalization;
using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.GriffinLim;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.GriffinLim;

internal sealed class SpectrogramNetworkTests
{
    private const double HalfLimit = 1e-4;

    private static readonly GriffinLimConfig Usual = new();

    private static readonly GriffinLimConfig Tiny = new()
    {
        Channels = 7,
        ResidualDilations = [[1, 2], [4]],
        Mel = new() { MelBands = 10, HopLength = 16, FftLength = 64, WindowLength = 64 },
    };

    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    public void Agrees_with_the_golden()
    {
        var golden = Read();

        Golden.Matches("spectrogram_network log_magnitudes", Error(golden, Procedural(Usual), _compute), golden.Limit);
    }

    [TestCase(Precision.Full)]
    [TestCase(Precision.Half)]
    public void Agrees_with_the_golden_on_a_gpu(Precision precision)
    {
        var golden = Read();
        var limit = precision == Precision.Full ? golden.Limit : HalfLimit;

        Golden.Matches($"{precision} spectrogram_network log_magnitudes", Error(golden, Procedural(Usual), TestDevice.Open(precision)), limit);
    }

    [TestCase("conv_pre.weight")]
    [TestCase("resblocks.0.convs1.0.weight")]
    [TestCase("resblocks.1.convs2.1.bias")]
    [TestCase("resblocks.2.convs1.1.weight")]
    [TestCase("conv_post.bias")]
    public void The_golden_sees_one_wrong_weight(string name)
    {
        var golden = Read();

        Assert.That(Error(golden, OneWrongWeight.In(Procedural(Usual), name), _compute), Is.GreaterThan(golden.Limit));
    }

    [Test]
    public void Rows_of_any_length_are_what_they_are_alone()
    {
        var network = Network(Tiny, Procedural(Tiny), _compute);
        Tensor[] mels = [.. ((int[])[1, 2, 9, 30, 600]).Select(Mel)];

        var together = network.LogMagnitudes(mels, CancellationToken.None);

        for (var row = 0; row < mels.Length; row++)
        {
            var alone = network.LogMagnitudes([mels[row]], CancellationToken.None)[0];
            Assert.That(together[row].Shape, Is.EqualTo(new[] { 1, mels[row][2] * 33 }));
            Assert.That(together[row].Span.SequenceEqual(alone.Span), Is.True, $"row {row}");
        }
    }

    [TestCase(Precision.Full, 1e-11)]
    [TestCase(Precision.Half, HalfLimit)]
    public void Rows_of_a_batch_on_a_gpu_are_what_the_cpu_says(Precision precision, double limit)
    {
        var weights = Procedural(Tiny);
        Tensor[] mels = [.. ((int[])[5, 40, 1]).Select(Mel)];
        var expected = Network(Tiny, weights, _compute).LogMagnitudes(mels, CancellationToken.None);

        var actual = Network(Tiny, weights, TestDevice.Open(precision)).LogMagnitudes(mels, CancellationToken.None);

        Assert.That(mels.Select((_, row) => Nmse.Of(actual[row].Span, expected[row].Span)), Is.All.LessThan(limit));
    }

    [Test]
    public void What_damaged_weights_make_is_no_sound_but_numbers()
    {
        var config = new GriffinLimConfig { Channels = 4 };
        using var vocoder = new GriffinLimVocoder(config, OneWrongWeight.In(Procedural(config), "conv_pre.weight", float.MaxValue), _compute);

        var audio = vocoder.Generate(Read().Mel, new VocoderOptions());

        Assert.That(audio.Span.ToArray(), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void A_given_config_decides_what_a_checkpoint_is()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Path.Combine(VocoderCheckpoints.Folder, "spectrogram.pt");
        File.WriteAllText(folder.Path("other.json"), """{"model_type": "hifigan"}""");
        File.WriteAllText(folder.Path("wide.json"), """{"model_type": "spectrogram-network", "channels": 5}""");

        Assert.That(
            () => CheckpointConverter.Convert(checkpoint, folder.Path("x"), folder.Path("other.json")), Throws.InstanceOf<WeightsException>());
        Assert.That(
            () => CheckpointConverter.Convert(checkpoint, folder.Path("x"), folder.Path("wide.json")),
            Throws.InstanceOf<WeightsException>().With.Message.Contains("conv_pre"));
    }

    [Test]
    public void A_config_beside_a_hifi_gan_does_not_make_it_another_network()
    {
        using var folder = new TemporaryFolder();
        File.Copy(HifiGanCheckpoint(folder), folder.Path("generator.safetensors"));
        File.WriteAllText(folder.Path("config.json"), """{"model_type": "spectrogram-network"}""");

        Assert.That(CheckpointConverter.Convert(folder.Path("generator.safetensors"), folder.Path("x")).ModelType, Is.EqualTo("hifigan"));
    }

    [Test]
    public void A_frame_depends_on_no_more_than_its_context()
    {
        var network = Network(Tiny, Procedural(Tiny), _compute);
        var mel = Mel(64);
        var changed = Mel(64);
        for (var band = 0; band < 10; band++)
        {
            changed.Span[(band * 64) + 40] += 1;
        }

        var before = network.LogMagnitudes([mel], CancellationToken.None)[0].Span;
        var after = network.LogMagnitudes([changed], CancellationToken.None)[0].Span;

        // 2 of the first convolution, 1 + 1, 2 + 1, 4 + 1 of the blocks, 1 of the last.
        Assert.That(network.ContextFrames, Is.EqualTo(13));
        Assert.That(before[..(27 * 33)].SequenceEqual(after[..(27 * 33)]), Is.True);
        Assert.That(before[(54 * 33)..].SequenceEqual(after[(54 * 33)..]), Is.True);
        Assert.That(before.Slice(27 * 33, 33).SequenceEqual(after.Slice(27 * 33, 33)), Is.False);
        Assert.That(before.Slice(53 * 33, 33).SequenceEqual(after.Slice(53 * 33, 33)), Is.False);
    }

    [Test]
    public void A_trained_checkpoint_becomes_a_vocoder()
    {
        using var folder = new TemporaryFolder();
        var summary = CheckpointConverter.Convert(Path.Combine(VocoderCheckpoints.Folder, "spectrogram.pt"), folder.Path("vocoder"));
        using var vocoder = Vocoder.Load(folder.Path("vocoder"), _compute);

        var audio = vocoder.Generate(Read().Mel, new VocoderOptions());

        // Its weights are of a formula: magnitudes of any size, none of which may become a sample that is no number.
        Assert.That(summary.ModelType, Is.EqualTo("spectrogram-network"));
        Assert.That(audio.Shape, Is.EqualTo(new[] { 1, 24 * 256 }));
        Assert.That(audio.Span.ToArray(), Is.All.Matches<float>(float.IsFinite));
    }

    [TestCase("""{"channels": 0}""", "channels")]
    [TestCase("""{"resblock_dilation_sizes": []}""", "resblock_dilation_sizes")]
    [TestCase("""{"resblock_dilation_sizes": [[1], []]}""", "resblock_dilation_sizes")]
    [TestCase("""{"resblock_dilation_sizes": [[0]]}""", "resblock_dilation_sizes")]
    [TestCase("""{"resblock_dilation_sizes": [[40000]]}""", "resblock_dilation_sizes")]
    [TestCase("""{"mel": {"n_fft": 1536}}""", "mel.n_fft")]
    [TestCase("""{"mel": {"hop_length": 600, "window_length": 512}}""", "mel.hop_length")]
    [TestCase("""{"mel": {"hop_length": 15}}""", "mel.hop_length")]
    [TestCase("""{"mel": {"n_fft": 16384, "mel_bands": 5000}}""", "mel.mel_bands")]
    [TestCase("""{"mel": {"normalisation": "mean-variance"}}""", "mel.normalisation")]
    [TestCase("""{"model_type": "hifigan"}""", "model_type")]
    public void A_config_that_cannot_be_is_refused(string json, string name) =>
        Assert.That(
            () => GriffinLimFormat.Instance.Parse(System.Text.Encoding.UTF8.GetBytes(json), "config"),
            Throws.InstanceOf<WeightsException>().With.Message.Contains(name));

    [Test]
    public void Weights_of_another_width_are_refused() =>
        Assert.That(
            () => Network(Tiny with { Channels = 8 }, Procedural(Tiny), _compute),
            Throws.InstanceOf<WeightsException>().With.Message.Contains("conv_pre"));

    /// <summary>A HiFi-GAN of the public V2, as a safetensors file.</summary>
    private static string HifiGanCheckpoint(TemporaryFolder folder)
    {
        var weights = ProceduralWeights.Create(HifiGanTensors.Expected(HifiGanConfig.V2));
        SafetensorsWriter.Write(folder.Path("v2.safetensors"), weights.Names.Select(name => KeyValuePair.Create(name, weights.Entry(name))));
        return folder.Path("v2.safetensors");
    }

    private static SpectrogramNetwork Network(GriffinLimConfig config, ModelWeights weights, ComputeDevice device) =>
        new(config, weights, device, device.ModelMemory());

    private static ModelWeights Procedural(GriffinLimConfig config) => ProceduralWeights.Create(GriffinLimTensors.Expected(config));

    private static Tensor Mel(int frames) =>
        Tensor.From([.. ProceduralWeights.Values($"mel.{frames}", [10 * frames, 1]).Select(value => value - 5)], 1, 10, frames);

    /// <summary>How far the network is from the golden [1, bins, F], which is turned to the frame by frame of the network.</summary>
    private static double Error((Tensor Mel, Tensor LogMagnitudes, double Limit) golden, ModelWeights weights, ComputeDevice device)
    {
        var actual = Network(Usual, weights, device).LogMagnitudes([golden.Mel], CancellationToken.None)[0].Span.ToArray();
        var (bins, frames) = (golden.LogMagnitudes[1], golden.LogMagnitudes[2]);
        var expected = golden.LogMagnitudes.Span.ToArray();
        return Nmse.Of(actual, [.. Enumerable.Range(0, actual.Length).Select(i => expected[(i % bins * frames) + (i / bins)])]);
    }

    private static (Tensor Mel, Tensor LogMagnitudes, double Limit) Read()
    {
        var file = SafetensorsFile.Open(Golden.Path("spectrogram_network.safetensors"));
        var error = double.Parse(file.Metadata["torch_f32_nmse.log_magnitudes"], CultureInfo.InvariantCulture);
        return (file.Weights.Take("mel", 1, 80, 24), file.Weights.Take("log_magnitudes", 1, 513, 24), Nmse.Limit(error));
    }
}
