using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Tests;

/// <summary>The operations of WaveGlow and Parallel WaveGAN against their definitions, on every kind of vector unit that this machine has.</summary>
[TestFixtureSource(nameof(Levels))]
internal sealed class VocoderOperationTests(SimdLevel level, int threads)
{
    private readonly CpuCompute _device = new(threads, level);

    private static IEnumerable<TestFixtureData> Levels =>
        from level in Enum.GetValues<SimdLevel>()
        where level <= CpuCompute.BestLevel
        from threads in Enumerable.Range(1, 2)
        select new TestFixtureData(level, threads);

    [OneTimeTearDown]
    public void EndThreads() => _device.Dispose();

    [Test]
    [Pairwise]
    public void A_wave_net_layer_agrees_with_its_definition(
        [Values(1, 3, 8, 31, 64)] int channels,
        [Values(1, 31, 33, 48, 191, 193, 255, 257, 800)] int steps,
        [Values(1, 3, 5)] int taps,
        [Values(1, 2, 3, 5, 8, 16, 32, 128)] int dilation,
        [Values] bool hasResidual,
        [Values] bool accumulate,
        [Values] bool byDefinition)
    {
        var tensors = Layer(channels, taps, dilation, hasResidual);
        var input = Random("x", 1, channels, steps);
        var conditioning = Random("c", 1, 7, steps);
        var output = hasResidual ? new Tensor(1, channels, steps) : null;
        var skip = Random("s", 1, channels + 2, steps);
        var expected = ReferenceVocoderOperations.WaveNetLayer(input, conditioning, tensors);
        for (var i = 0; i < skip.Length && accumulate; i++)
        {
            expected.Skip[i] += skip.Span[i];
        }

        _device.WaveNetLayer(input, conditioning, Pack(tensors, byDefinition), output, skip, accumulate);

        AssertClose(skip, expected.Skip);
        if (output is not null)
        {
            AssertClose(output, expected.Output);
        }
    }

    [Test]
    public void A_layer_adds_the_vectors_of_its_rows([Values] bool hasConditioning, [Values] bool hasVectors)
    {
        var tensors = Layer(31, 3, 2, hasResidual: true);
        tensors = hasConditioning ? tensors : tensors with { Conditioning = null };
        var (input, conditioning) = (Random("x", 2, 31, 61), hasConditioning ? Random("c", 2, 7, 61) : null);
        var vectors = hasVectors ? Random("g", 2, tensors.Dilated[0]) : null;
        var (output, skip) = (new Tensor(2, 31, 61), new Tensor(2, 33, 61));

        _device.WaveNetLayer(input, conditioning, _device.PackWaveNetLayer(tensors), output, skip, accumulate: false, vectors);

        var expected = ReferenceVocoderOperations.WaveNetLayer(input, conditioning, tensors, vectors);
        AssertClose(skip, expected.Skip);
        AssertClose(output, expected.Output);
        if (vectors is not null)
        {
            vectors.Span[vectors.Length - 1] += 0.1f;
            Assert.That(Error(skip, ReferenceVocoderOperations.WaveNetLayer(input, conditioning, tensors, vectors).Skip), Is.GreaterThan(1e-10));
        }
    }

    [Test]
    public void The_comparison_of_a_layer_sees_one_wrong_weight([Values("Dilated", "Conditioning", "Residual", "Skip")] string which)
    {
        var (input, conditioning) = (Random("x", 1, 31, 257), Random("c", 1, 7, 257));
        var tensors = Layer(31, 3, 4, hasResidual: true);
        var expected = ReferenceVocoderOperations.WaveNetLayer(input, conditioning, tensors);
        var changed = which switch
        {
            "Dilated" => tensors.Dilated,
            "Conditioning" => tensors.Conditioning!,
            "Residual" => tensors.Residual!,
            _ => tensors.Skip,
        };
        changed.Span[changed.Length / 2] += 0.1f;
        var (output, skip) = (new Tensor(1, 31, 257), new Tensor(1, 33, 257));

        _device.WaveNetLayer(input, conditioning, _device.PackWaveNetLayer(tensors), output, skip, accumulate: false);

        Assert.That(Error(which == "Skip" ? skip : output, which == "Skip" ? expected.Skip : expected.Output), Is.GreaterThan(1e-10));
    }

    [Test]
    public void The_gate_holds_for_any_sums()
    {
        // One input channel of chosen values, passed through unchanged: g = tanh(x) sigmoid(-2x), skip = g.
        float[] values = [0, 1e-30f, -1e-6f, 0.1f, -0.6249f, 0.6251f, -0.63f, 3, -3, 15, -16, 40, -40, 88, -89, 1000, -1000, 3e38f, -3e38f];
        var tensors = new WaveNetLayerTensors
        {
            Dilated = Tensor.From([1, -2], 2, 1, 1),
            Conditioning = new Tensor(2, 1, 1),
            GateBias = new Tensor(2),
            Skip = Tensor.From([1], 1, 1, 1),
            SkipBias = new Tensor(1),
        };
        var skip = new Tensor(1, 1, values.Length);

        _device.WaveNetLayer(Tensor.From(values, 1, 1, values.Length), new Tensor(1, 1, values.Length), _device.PackWaveNetLayer(tensors), null, skip,
            accumulate: false);

        for (var i = 0; i < values.Length; i++)
        {
            var expected = Math.Tanh(values[i]) / (1 + Math.Exp(2.0 * values[i]));
            Assert.That(skip.Span[i], Is.EqualTo(expected).Within(1e-30 + (Math.Abs(expected) * 4e-7)), $"{values[i]}");
        }
    }

    [Test]
    [Pairwise]
    public void A_flow_step_is_undone(
        [Values(2, 4, 8, 14)] int channels, [Values(1, 31, 33, 257)] int steps, [Values(0, 2, 3)] int joining, [Values] bool firstHalf)
    {
        var step = new FlowStep(Random("m", channels, channels), firstHalf);
        var (input, coupling) = (Random("x", 1, channels, steps), Random("c", 1, channels, steps));
        var early = joining > 0 ? Random("e", 1, joining, steps) : null;
        var output = new Tensor(1, channels + joining, steps);

        _device.UndoFlowStep(input, coupling, step, early, output);

        AssertClose(output, ReferenceVocoderOperations.UndoFlowStep(input, coupling, step, early));
        step.Inverse.Span[1] += 0.01f;
        Assert.That(Error(output, ReferenceVocoderOperations.UndoFlowStep(input, coupling, step, early)), Is.GreaterThan(1e-10));
    }

    [Test]
    [Pairwise]
    public void Stretching_repeats_and_smooths([Values(1, 2, 31, 257)] int steps, [Values(1, 2, 4, 5)] int factor, [Values(0, 2)] int crop)
    {
        var input = Random("x", 1, 5, steps + (2 * crop));
        var taps = ProceduralWeights.Values("t", [(2 * factor) + 1]);
        var output = new Tensor(1, 5, steps * factor);

        _device.Stretch(input, Tensor.From(taps, taps.Length), factor, crop, output);

        AssertClose(output, ReferenceVocoderOperations.Stretch(input, taps, factor, crop));
        taps[factor] += 0.1f;
        Assert.That(Error(output, ReferenceVocoderOperations.Stretch(input, taps, factor, crop)), Is.GreaterThan(1e-10));
    }

    [Test]
    public void Noise_depends_on_nothing_but_its_place([Values(1, 2, 3, 4)] int channels, [Values(0, 1, 255)] int from)
    {
        var whole = new NoiseRow(7, 3, FirstStep: 0, Scale: 1);
        var all = new Tensor(1, channels, 5000);
        _device.FillNormal(all, RandomUse.VocoderNoise, 1, [whole]);
        var part = new Tensor(1, channels, 33);
        var row = whole with { FirstStep = from, Scale = 0.5f };
        _device.FillNormal(part, RandomUse.VocoderNoise, 1, [row]);

        for (var i = 0; i < part.Length; i++)
        {
            var (channel, step) = (i / 33, i % 33);
            Assert.That(part.Span[i], Is.EqualTo(0.5f * all.Span[(channel * 5000) + from + step]).Within(1e-6f));
            Assert.That(part.Span[i],
                Is.EqualTo(ReferenceVocoderOperations.Normal(RandomUse.VocoderNoise, 1, row, channels, step, channel)).Within(1e-5));
        }
    }

    [Test]
    public void Noise_is_normally_distributed()
    {
        var noise = new Tensor(1, 1, 200_000);
        _device.FillNormal(noise, RandomUse.VocoderNoise, 0, [new NoiseRow(1, 0, FirstStep: 0, Scale: 1)]);
        var values = noise.Span.ToArray();
        double Moment(int power) => values.Average(value => Math.Pow(value, power));

        Assert.That(Moment(1), Is.EqualTo(0).Within(0.01));
        Assert.That(Moment(2), Is.EqualTo(1).Within(0.02));
        Assert.That(Moment(3), Is.EqualTo(0).Within(0.04));
        Assert.That(Moment(4), Is.EqualTo(3).Within(0.1));
        Assert.That(values.Count(value => Math.Abs(value) < 1) / 200_000.0, Is.EqualTo(0.6827).Within(0.005));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        var layer = _device.PackWaveNetLayer(Layer(8, 3, 1, hasResidual: true));
        var (x, c, skip) = (new Tensor(1, 8, 9), new Tensor(1, 7, 9), new Tensor(1, 10, 9));

        Assert.That(() => _device.WaveNetLayer(x, c, layer, null, skip, accumulate: false), Throws.ArgumentException.With.Message.Contains("output"));
        Assert.That(() => _device.WaveNetLayer(x, x, layer, x, skip, accumulate: false), Throws.ArgumentException.With.Message.Contains("[1, 7, 9]"));
        Assert.That(() => _device.WaveNetLayer(x, null, layer, x, skip, accumulate: false),
            Throws.ArgumentException.With.Message.Contains("found none"));
        Assert.That(() => _device.WaveNetLayer(x, c, layer, x, skip, accumulate: false, new Tensor(1, 9)),
            Throws.ArgumentException.With.Message.Contains("[1, 9]"));
        Assert.That(() => _device.WaveNetLayer(x, c, layer, new Tensor(1, 8, 8), skip, accumulate: false), Throws.ArgumentException);
        Assert.That(() => _device.Stretch(x, new Tensor(4), 2, 0, new Tensor(1, 8, 18)), Throws.ArgumentException.With.Message.Contains("5 taps"));
        Assert.That(() => _device.PackWaveNetLayer(Layer(8, 3, 1, hasResidual: true) with { Skip = new Tensor(3, 9, 1) }), Throws.ArgumentException);
    }

    private static WaveNetLayerTensors Layer(int channels, int taps, int dilation, bool hasResidual)
    {
        var gate = channels + (channels % 3);
        return new WaveNetLayerTensors
        {
            Dilated = Random("w", 2 * gate, channels, taps),
            Conditioning = Random("v", 2 * gate, 7, 1),
            GateBias = Random("b", 2 * gate),
            Residual = hasResidual ? Random("r", channels, gate, 1) : null,
            ResidualBias = hasResidual ? Random("rb", channels) : null,
            Skip = Random("k", channels + 2, gate, 1),
            SkipBias = Random("kb", channels + 2),
            Dilation = dilation,
            ResidualScale = 0.7f,
        };
    }

    /// <summary>A layer by the filter for its taps and dilation, whether or not it pays, or by its definition.</summary>
    private CpuWaveNetLayerWeights Pack(WaveNetLayerTensors tensors, bool byDefinition)
    {
        var (taps, dilation, vector) = (tensors.Dilated[2], tensors.Dilation, _device.VectorWidth);
        var filter = !byDefinition && taps > 1 && (dilation % vector == 0 || 3 * vector % dilation == 0) ? new WinogradFilter(taps, 1) : null;
        return new CpuWaveNetLayerWeights(tensors, _device.PanelRows, filter);
    }

    private static Tensor Random(string name, params int[] shape) => Tensor.From(ProceduralWeights.Values(name, shape), shape);

    private static void AssertClose(Tensor actual, double[] expected) => Assert.That(Error(actual, expected), Is.LessThan(1e-12));

    private static double Error(Tensor actual, double[] expected) => Nmse.Of(actual.Span, Array.ConvertAll(expected, value => (float)value));
}
