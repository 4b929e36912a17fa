using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.WaveNet;
using CudaTts.Tensors;

namespace CudaTts.Tests.Models.WaveNet;

internal sealed class WaveNetGoldenTests
{
    private readonly CpuCompute _compute = new(2);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [TestCaseSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Names))]
    public void The_conditions_are_the_goldens(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);

        Golden.Matches($"{golden.Name} condition", Conditions(vocoder, golden), golden.Limit("condition"));
    }

    [TestCaseSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Names))]
    public void What_it_says_of_each_sample_is_the_goldens(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);

        Golden.Matches($"{golden.Name} network_output", Outputs(vocoder, golden), golden.Limit("network_output"));
    }

    [TestCaseSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Names))]
    public void It_draws_the_goldens_samples_and_makes_their_audio(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var drawn = new DrawnSamples();

        var audio = vocoder.Generate(golden.Mel, golden.Options with { Drawn = drawn });

        Assert.That(drawn.AreClasses, Is.EqualTo(golden.Config.DrawsClasses));
        if (golden.Config.DrawsClasses)
        {
            Golden.AreEqual($"{golden.Name} classes", drawn.Rows[0].Span.ToArray(), golden.Drawn);
        }
        else
        {
            Golden.Matches($"{golden.Name} samples", Nmse.Of(drawn.Rows[0].Span, golden.Drawn), golden.Limit("samples"));
        }

        Golden.Matches($"{golden.Name} audio", Nmse.Of(audio.Span, golden.Output("audio")), golden.Limit("audio"));
    }

    [TestCase("mol", "upsample_net.conv_in.weight")]
    [TestCase("mulaw_tiny", "upsample_net.upsample.up_layers.1.weight")]
    [TestCase("2018_mol", "upsample_conv.6.bias")]
    [TestCase("nv_tiny", "upsample.weight", 0.1f)]
    public void The_conditions_tell_one_wrong_weight(string name, string tensor, float change = 0.01f)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, OneWrongWeight.In(golden.Weights, tensor, change), _compute);

        Assert.That(Conditions(vocoder, golden), Is.GreaterThan(golden.Limit("condition")));
    }

    [TestCase("mol_tiny", "first_conv.weight")]
    [TestCase("mol_tiny", "conv_layers.0.conv.weight")]
    [TestCase("mol_tiny", "conv_layers.5.conv1x1c.weight")]
    [TestCase("gaussian_mixture_tiny", "conv_layers.1.conv1x1_out.bias")]
    [TestCase("2018_speakers_tiny", "conv_layers.2.conv1x1g.weight")]
    [TestCase("2018_speakers_tiny", "conv_layers.0.conv1x1_skip.weight")]
    [TestCase("mulaw_tiny", "last_conv_layers.1.bias")]
    [TestCase("mulaw_tiny", "last_conv_layers.3.weight")]
    [TestCase("nv_tiny", "cond_layers.conv.bias")]
    [TestCase("nv_tiny", "res_layers.3.conv.weight")]
    [TestCase("nv_tiny", "skip_layers.5.conv.bias")]
    public void The_network_output_tells_one_wrong_weight(string name, string tensor)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, OneWrongWeight.In(golden.Weights, tensor), _compute);

        Assert.That(Outputs(vocoder, golden), Is.GreaterThan(golden.Limit("network_output")));
    }

    [TestCaseSource(typeof(WaveNetGolden), nameof(WaveNetGolden.Names))]
    public void Samples_and_audio_tell_another_noise(string name)
    {
        var golden = WaveNetGolden.Read(name);
        using var vocoder = new WaveNetVocoder(golden.Config, golden.Weights, _compute);
        var noise = golden.Config.DrawsClasses || golden.Config.Distribution == SampleDistribution.Logistic ? "sample_uniform" : "sample_normal";
        var given = golden.Options.Given!.ToDictionary(each => each.Key, each => Tensor.From(each.Value.Span, each.Value.Shape));
        given[noise].Span[7] = (given[noise].Span[7] + 0.5f) % 1;
        var drawn = new DrawnSamples();

        var audio = vocoder.Generate(golden.Mel, golden.Options with { Given = given, Drawn = drawn });

        Assert.That(drawn.Rows[0].Span[..7].ToArray(), Is.EqualTo(golden.Drawn[..7]).Within(1e-3));
        Assert.That(drawn.Rows[0].Span[7], Is.Not.EqualTo(golden.Drawn[7]).Within(1e-4));
        Assert.That(Nmse.Of(audio.Span, golden.Output("audio")), Is.GreaterThan(golden.Limit("audio")));
    }

    [TestCase("mol", 282, 3_720_932)]
    [TestCase("gaussian", 282, 3_717_292)]
    [TestCase("mulaw256", 348, 4_699_944)]
    [TestCase("2018_mol", 309, 24_737_396)]
    [TestCase("nv", 101, 6_026_256)]
    public void A_published_checkpoint_has_as_many_tensors_and_numbers(string name, int tensors, int numbers)
    {
        var trained = WaveNetGolden.Read(name).Trained;

        Assert.That(trained.Names.Count(), Is.EqualTo(tensors));
        Assert.That(trained.Names.Sum(each => trained.Entry(each).Shape.Aggregate(1, (product, size) => product * size)), Is.EqualTo(numbers));
    }

    [TestCase("mol", 505)]
    [TestCase("mulaw256", 6139)]
    public void The_receptive_field_is_the_published_one(string name, int samples) =>
        Assert.That(WaveNetGolden.Read(name).Config.ReceptiveField, Is.EqualTo(samples));

    private static double Conditions(WaveNetVocoder vocoder, WaveNetGolden golden) =>
        Nmse.Of(WaveNetGolden.Transposed(vocoder.Conditions(golden.Mel).Span, golden.Config.Mel.MelBands), golden.Output("condition"));

    private static double Outputs(WaveNetVocoder vocoder, WaveNetGolden golden) => Nmse.Of(
        WaveNetGolden.Transposed(vocoder.Outputs(golden.Mel, golden.Options, golden.Drawn), golden.Config.OutputChannels),
        golden.Output("network_output"));
}
