using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Models.WaveNet.Sampling.Cuda;
using CudaTts.Tensors;
using CudaTts.Tests.Models;
using CudaTts.Tests.Models.WaveNet;
using CudaTts.Weights;

namespace CudaTts.Tests.Kernels;

/// <summary>WaveNet's samples on the device: the stored outputs, and that neither the division among blocks nor a batch changes one.</summary>
internal sealed class WaveNetSamplerKernelTests
{
    // Half precision rounds the weights alone; what is drawn may then differ, so the stored samples are the past.
    private const double HalfLimit = 1e-4;

    private static IEnumerable<string> Published => WaveNetGolden.Names.Except(WaveNetGolden.Tiny);

    [Test]
    public void What_it_says_of_each_sample_is_the_goldens(
        [ValueSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Tiny))] string name, [Values] Precision precision)
    {
        var golden = WaveNetGolden.Read(name);

        Golden.Matches($"{precision} {golden.Name} network_output", OutputError(golden, golden.Weights, precision), Limit(golden, precision));
    }

    [Test]
    [Category("Long")]
    [Explicit("long: networks of the published size; What_it_says_of_each_sample_is_the_goldens has one of each kind")]
    public void What_one_of_the_published_size_says_is_the_goldens(
        [ValueSource(nameof(Published))] string name, [Values] Precision precision) => What_it_says_of_each_sample_is_the_goldens(name, precision);

    [TestCase("mol_tiny", "conv_layers.3.conv.weight", Precision.Full, 0.01f)]
    [TestCase("mulaw_tiny", "conv_layers.1.conv1x1c.weight", Precision.Full, 0.01f)]
    [TestCase("2018_speakers_tiny", "conv_layers.5.conv1x1_skip.weight", Precision.Full, 0.01f)]
    [TestCase("nv_tiny", "res_layers.4.conv.bias", Precision.Half, 1)]
    [TestCase("gaussian_mixture_tiny", "last_conv_layers.1.weight", Precision.Half, 1)]
    public void The_network_output_tells_one_wrong_weight(string name, string tensor, Precision precision, float change)
    {
        var golden = WaveNetGolden.Read(name);

        Assert.That(OutputError(golden, OneWrongWeight.In(golden.Weights, tensor, change), precision), Is.GreaterThan(Limit(golden, precision)));
    }

    [TestCaseSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Tiny))]
    public void It_draws_the_goldens_samples(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, TestDevice.Open(Precision.Full));
        var drawn = new DrawnSamples();

        var audio = vocoder.Generate(golden.Mel, golden.Options with { Drawn = drawn });

        if (golden.Config.DrawsClasses)
        {
            Golden.AreEqual($"{golden.Name} classes on the device", drawn.Rows[0].Span.ToArray(), golden.Drawn);
        }

        Golden.Matches($"{golden.Name} audio on the device", Nmse.Of(audio.Span, golden.Output("audio")), golden.Limit("audio"));
    }

    [TestCase(1, 1, 512)]
    [TestCase(1, 3, 50)]
    [TestCase(2, 3, 512)]
    [TestCase(2, 14, 512)]
    [TestCase(2, 5, 7)]
    public void Any_division_among_blocks_and_launches_draws_the_same(int members, int blocks, int chunk)
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        var device = TestDevice.Open(Precision.Full);
        using var usual = new WaveNetVocoder(golden.Config, golden.Weights, device);
        using var other = new WaveNetVocoder(golden.Config, golden.Weights, device, (network, memory) =>
            new CudaSampleLoop(network, memory) { Members = members, MostBlocks = blocks, ChunkSamples = chunk });
        var options = new VocoderOptions { Seed = 5 };

        Assert.That(other.Generate(Mel(5), options).Span.ToArray(), Is.EqualTo(usual.Generate(Mel(5), options).Span.ToArray()));
    }

    [Test]
    public void Rows_of_any_lengths_are_what_they_are_alone([Values] Precision precision, [Values("mol_tiny", "nv_tiny")] string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, TestDevice.Open(precision));
        int[] lengths = name == "nv_tiny" ? [1, 0, 2] : [2, 1, 0, 4, 1, 3];
        Tensor[] mels = [.. lengths.Select(Mel)];
        VocoderOptions[] noise = [.. lengths.Select((_, row) => new VocoderOptions { Seed = 9, Utterance = (uint)row })];

        var together = vocoder.Generate(mels, noise);

        for (var row = 0; row < lengths.Length; row++)
        {
            Assert.That(together[row].Span.ToArray(), Is.EqualTo(vocoder.Generate(mels[row], noise[row]).Span.ToArray()), $"row {row}");
        }
    }

    [Test]
    public void A_stream_goes_on_where_its_last_part_ended([Values] Precision precision)
    {
        var golden = WaveNetGolden.Read("mol_tiny");
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, TestDevice.Open(precision));
        var (whole, stream, context) = (Mel(12), new VocoderStream(), vocoder.ContextFrames);
        var expected = vocoder.Generate(whole, new VocoderOptions { Seed = 3 }).Span.ToArray();

        var options = new VocoderOptions { Seed = 3, Stream = stream, IsEnd = false };
        var first = vocoder.Generate([Part(whole, 0, 4 + context)], [options])[0];
        var second = vocoder.Generate([Part(whole, 4 - context, 12)], [options with { FirstFrame = 4 - context, IsEnd = true }])[0];

        Assert.That((float[])[.. first.Span[..(4 * 12)], .. second.Span[(context * 12)..]], Is.EqualTo(expected));
    }

    // What overflows is infinite at the end, or is no number before a rectifier, which would make a zero of it.
    [Test]
    public void A_network_that_overflows_is_an_error_on_every_device(
        [Values("mol_tiny", "gaussian_mixture_tiny", "mulaw_tiny")] string name, [Values] bool isNumber, [Values("cpu", "f32", "f16")] string where)
    {
        var golden = WaveNetGolden.Read(name);
        var ((first, change), (second, other)) = isNumber
            ? (("last_conv_layers.1.bias", 3e38f), ("last_conv_layers.3.weight", 1000f))
            : (("conv_layers.0.conv1x1_out.bias", 3.3e38f), ("conv_layers.1.conv1x1_out.bias", 3.3e38f));
        var weights = OneWrongWeight.In(OneWrongWeight.In(golden.Weights, first, change), second, other);
        using var cpu = new CpuCompute(1);
        ComputeDevice device = where == "cpu" ? cpu : TestDevice.Open(where == "f16" ? Precision.Half : Precision.Full);
        using var vocoder = new WaveNetVocoder(golden.Config, weights, device);

        Assert.That(
            () => vocoder.Generate(Mel(3), new VocoderOptions()),
            Throws.TypeOf<CudaTtsException>().With.Message.EqualTo("the model wavenet put out a value that is not finite; its weights are damaged."));
    }

    [Test]
    public void Rows_that_a_block_has_no_room_for_side_by_side_go_one_after_the_other()
    {
        var (config, weights) = WithTaps(31);
        using var vocoder = new WaveNetVocoder(config, weights, TestDevice.Open(Precision.Full));
        VocoderOptions[] noise = [new() { Seed = 1 }, new() { Seed = 2 }];

        var together = vocoder.Generate([Mel(1), Mel(1)], noise);

        Assert.That(SamplerPlan.VectorBytes(new SamplerSizes(config), CudaSampleLoop.MostRows),
            Is.GreaterThan(TestDevice.Open(Precision.Full).Context.SharedMemoryPerBlock));
        for (var row = 0; row < 2; row++)
        {
            Assert.That(together[row].Span.ToArray(), Is.EqualTo(vocoder.Generate([Mel(1)], [noise[row]])[0].Span.ToArray()));
        }
    }

    [Test]
    public void A_network_that_a_block_has_no_room_for_is_refused_when_it_is_loaded()
    {
        var (config, weights) = WithTaps(63);
        Assert.That(
            () => new WaveNetVocoder(config, weights, TestDevice.Open(Precision.Full)),
            Throws.TypeOf<CudaTtsException>()
                .With.Message.StartsWith("a WaveNet whose samples depend on as many channels and taps as this one's needs")
                .And.Message.EndsWith("use --device cpu."));
    }

    [Test]
    public void A_plan_gives_a_layer_as_few_blocks_as_hold_it()
    {
        var (mol, nv) = (new SamplerSizes(WaveNetGolden.Read("mol").Config), new SamplerSizes(WaveNetGolden.Read("nv").Config));

        // An H100: 132 multiprocessors of 227 KB.
        var plans = new[] { (mol, 2), (mol, 4), (nv, 2), (nv, 4) }.Select(of => SamplerPlan.For(of.Item1, of.Item2, 1, 132, 232_448)).ToList();
        foreach (var plan in plans)
        {
            TestContext.Out.WriteLine($"{plan.Members} blocks a layer, {plan.Blocks} in all, {plan.SharedBytes} bytes");
        }

        Assert.That(plans.Select(plan => plan.Members), Is.EqualTo((int[])[2, 3, 1, 1]));

        // All layers are on the chip. The head of the second is as large as four of its layers, and comes from L2.
        Assert.That(plans.SelectMany(plan => plan.Places[..^plan.Members]), Has.All.GreaterThanOrEqualTo(0));
        Assert.That(plans.Select(plan => plan.Places[^1] >= 0), Is.EqualTo((bool[])[true, true, false, false]));
        Assert.That(plans.Select(plan => plan.SharedBytes), Has.All.LessThanOrEqualTo(232_448));

        // What does not fit stays in global memory.
        Assert.That(SamplerPlan.For(mol, 4, 4, 10, 100_000).Places, Has.Some.EqualTo(-1));
        Assert.That(SamplerPlan.For(mol, 4, 4, 10, 100_000).Slots, Is.EqualTo(10));
    }

    private static (WaveNetConfig Config, ModelWeights Weights) WithTaps(int taps)
    {
        var config = WaveNetGolden.Read("mol_tiny").Config with
        {
            Layers = 1, DilationCycle = 1, Kernel = taps, ResidualChannels = 1024, GateChannels = 2, SkipChannels = 3,
        };
        return (config, WeightNorm.Fold(WaveNetGolden.Procedural(config)));
    }

    private static double OutputError(WaveNetGolden golden, ModelWeights weights, Precision precision)
    {
        using var vocoder = new WaveNetVocoder(golden.Config, weights, TestDevice.Open(precision));
        return Nmse.Of(
            WaveNetGolden.Transposed(vocoder.Outputs(golden.Mel, golden.Options, golden.Drawn), golden.Config.OutputChannels),
            golden.Output("network_output"));
    }

    private static double Limit(WaveNetGolden golden, Precision precision) =>
        precision == Precision.Half ? HalfLimit : golden.Limit("network_output");

    private static Tensor Mel(int frames) => Tensor.From(ProceduralWeights.Values($"mel.{frames}", [1, 80, frames]), 1, 80, frames);

    private static Tensor Part(Tensor mel, int first, int end)
    {
        var part = new Tensor(1, mel[1], end - first);
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice((band * mel[2]) + first, end - first).CopyTo(part.Span[(band * (end - first))..]);
        }

        return part;
    }
}
