using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Tests;

[TestFixtureSource(nameof(Levels))]
internal sealed class CpuComputeTests(SimdLevel level, int threads)
{
    private readonly CpuCompute _compute = new(threads, level);

    private static IEnumerable<TestFixtureData> Levels =>
        from level in Enum.GetValues<SimdLevel>()
        where level <= CpuCompute.BestLevel
        from threads in Enumerable.Range(1, 2)
        select new TestFixtureData(level, threads);

    [OneTimeTearDown]
    public void EndThreads() => _compute.Dispose();

    [Test]
    [Pairwise]
    public void Conv_1_d_agrees_with_its_definition(
        [Values(1, 3, 7, 8, 9, 31, 33)] int channels,
        [Values(1, 2, 5, 47, 48, 49, 255, 257)] int steps,
        [Values(1, 3, 5, 7, 11, 16)] int taps)
    {
        // Each case also takes another number of outputs, another dilation and another padding.
        var outputs = 1 + ((channels * 5) + steps + taps) % 19;
        var dilation = 1 + ((steps + (3 * taps)) % 12);
        var padding = (dilation * (taps - 1) / 2) + (steps < taps * dilation ? taps * dilation : 0);
        var input = Random("x", 2, channels, steps);
        var weight = Random("w", outputs, channels, taps);
        var bias = Random("b", outputs);

        var output = _compute.Conv1d(input, _compute.PackConv1d(weight, bias, dilation, padding), new ConvFusion { InputSlope = 0.1f });

        AssertClose(output, ReferenceOperations.Conv1d(input, weight, bias, dilation, padding, 0.1f));
    }

    // The channels lie within and beyond one slice of them; the steps end within, at and after groups of four, vectors and tiles of every level.
    [Test]
    [Pairwise]
    public void A_convolution_by_a_filter_agrees_with_the_definition(
        [Values(1, 8, 37, 260)] int channels,
        [Values(1, 3, 4, 5, 17, 48, 49, 65, 191, 193, 401, 801)] int steps,
        [Values(1, 13, 20)] int outputs,
        [Values(3, 4, 5, 6, 7, 11, 13)] int taps,
        [Values(1, 2, 3, 5, 6, 12, 17, 40)] int dilation,
        [Values(0, 1, 50)] int morePadding)
    {
        var padding = (dilation * (taps - 1) / 2) + morePadding + (steps < taps * dilation ? taps * dilation : 0);
        var input = Random("x", 2, channels, steps);
        var weight = Random("w", outputs, channels, taps);
        var bias = Random("b", outputs);

        var output = _compute.Conv1d(input, Filtered(weight, bias, dilation, padding), new ConvFusion { InputSlope = 0.1f });

        AssertClose(output, ReferenceOperations.Conv1d(input, weight, bias, dilation, padding, 0.1f));
    }

    [Test]
    public void A_filter_is_chosen_where_it_costs_less_than_the_definition()
    {
        Assert.Multiple(() =>
        {
            Assert.That(FilterOf(256, 3, 1), Is.EqualTo(new WinogradFilter(3, 1)));
            Assert.That(FilterOf(256, 5, 12), Is.EqualTo(new WinogradFilter(5, 1)));
            Assert.That(FilterOf(256, 7, 5), Is.EqualTo(new WinogradFilter(4, 2)));
            Assert.That(FilterOf(256, 11, 1), Is.EqualTo(new WinogradFilter(4, 3)));
            Assert.That(FilterOf(256, 1, 1), Is.Null);
            Assert.That(FilterOf(256, 3, 65), Is.Null);
            Assert.That(FilterOf(256, 4095, 1), Is.Null);
            Assert.That(FilterOf(4, 3, 1), Is.Null);
        });

        static WinogradFilter? FilterOf(int channels, int taps, int dilation) =>
            WinogradFilter.Of(new Conv1dSizes(channels, channels, taps, dilation, Padding: 0, Stride: 1, IsTransposed: false));
    }

    [Test]
    public void The_comparison_of_a_filter_sees_one_wrong_weight([Values(3, 5, 7, 11)] int taps)
    {
        var (input, weight) = (Random("x", 1, 33, 257), Random("w", 33, 33, taps));
        var expected = ReferenceOperations.Conv1d(input, weight, null, 1, taps / 2, 1);
        weight.Span[1234] += 0.01f;

        Assert.That(Error(_compute.Conv1d(input, Filtered(weight, null, 1, taps / 2)), expected), Is.GreaterThan(1e-11));
    }

    // Long enough for some parts a thread; each part's first and last steps depend on steps of its neighbours.
    [TestCase("1")]
    [TestCase("2")]
    public void Residual_blocks_in_parts_join_without_seams(string kind)
    {
        const int Channels = 64;
        const int Steps = 9000;
        ResidualLayer Layer(int taps, int dilation) => new(
            Pack($"w{taps}.{dilation}", taps, dilation), kind == "1" ? Pack($"v{taps}.{dilation}", taps, 1) : null);
        Conv1dWeights Pack(string name, int taps, int dilation) => _compute.PackCostlyConv1d(
            Random(name, Channels, Channels, taps), Random("b", Channels), dilation, dilation * (taps - 1) / 2);
        var blocks = _compute.PackResidualBlocks([[Layer(3, 1), Layer(3, 3)], [Layer(5, 2), Layer(5, 5)]], slope: 0.1f);
        var rows = new RowLengths([Steps]);
        Tensor Sequence(Tensor values) => values.Reshape(values.Length).AsSequence(rows, Channels);
        var (input, output) = (Sequence(Random("x", 1, Channels, Steps)), Sequence(new Tensor(Channels * Steps)));
        var (whole, first, second) = (new Tensor(Channels * Steps), new Tensor(Channels * Steps), new Tensor(Channels * Steps));

        _compute.ResidualBlocks(input, blocks, output, first, second);
        blocks.RunSeparately(_compute, input, Sequence(whole), first, second, CancellationToken.None);

        for (var channel = 0; channel < Channels; channel += 21)
        {
            for (var step = 0; step < Steps; step += 50)
            {
                var at = (channel * Steps) + step;
                Assert.That(Nmse.Of(output.Span.Slice(at, 50), whole.Span.Slice(at, 50)), Is.LessThan(1e-11), $"channel {channel}, step {step}");
            }
        }
    }

    [Test]
    public void Fusions_apply_in_their_order(
        [Values] Activation activation, [Values] bool residual, [Values] bool accumulate, [Values(1, 61, 200)] int steps,
        [Values(5, 33)] int channels)
    {
        var outputs = channels + 16;
        var input = Random("x", 1, channels, steps);
        var weight = Random("w", outputs, channels, 3);
        var added = Random("r", 1, outputs, steps);
        var output = Random("y", 1, outputs, steps);
        var expected = ReferenceOperations.Conv1d(input, weight, null, 1, 1, 1);
        for (var i = 0; i < expected.Length; i++)
        {
            var value = activation switch
            {
                Activation.Relu => Math.Max(expected[i], 0),
                Activation.Tanh => Math.Tanh(expected[i]),
                _ => expected[i],
            };
            expected[i] = (0.5 * (value + (residual ? added.Span[i] : 0))) + (accumulate ? output.Span[i] : 0);
        }

        var fusion = new ConvFusion { Activation = activation, Residual = residual ? added : null, Scale = 0.5f, Accumulate = accumulate };
        _compute.Conv1d(input, _compute.PackConv1d(weight, null, 1, 1), output, fusion);

        AssertClose(output, expected);
    }

    [Test]
    public void The_residual_may_be_the_output()
    {
        var input = Random("x", 2, 16, 300);
        var weight = Random("w", 16, 16, 3);
        var output = Random("y", 2, 16, 300);
        var expected = ReferenceOperations.Conv1d(input, weight, null, 1, 1, 1);
        for (var i = 0; i < expected.Length; i++)
        {
            expected[i] += output.Span[i];
        }

        _compute.Conv1d(input, _compute.PackConv1d(weight, null, 1, 1), output, new ConvFusion { Residual = output });

        AssertClose(output, expected);
    }

    [Test]
    [Pairwise]
    public void Conv_transpose_1_d_agrees_with_its_definition(
        [Values(1, 3, 8, 33)] int channels,
        [Values(1, 2, 5, 48, 131)] int steps,
        [Values(1, 2, 4, 5, 8)] int stride,
        [Values(0, 1, 2)] int excess)
    {
        var taps = stride + (excess * stride / 2) + (excess == 1 ? 1 : 0);
        var padding = (taps - stride) / 2;
        var outputs = 1 + ((channels + steps) % 11);
        var input = Random("x", 2, channels, steps);
        var weight = Random("w", channels, outputs, taps);
        var bias = Random("b", outputs);

        var output = _compute.Conv1d(input, _compute.PackConvTranspose1d(weight, bias, stride, padding), new ConvFusion { InputSlope = 0.1f });

        AssertClose(output, ReferenceOperations.ConvTranspose1d(input, weight, bias, stride, padding, 0.1f));
    }

    // PyTorch's output_padding: the transposed convolution without padding, of which one sample less is cut from the end than from the front.
    [TestCase(2, 3)]
    [TestCase(3, 6)]
    [TestCase(5, 10)]
    [TestCase(7, 14)]
    [TestCase(4, 5)]
    [TestCase(8, 19)]
    public void Output_padding_cuts_one_sample_less_from_the_end(int stride, int taps)
    {
        const int Channels = 5, Steps = 23, Outputs = 4;
        var padding = (taps - stride + 1) / 2;
        var (input, weight, bias) = (Random("x", 1, Channels, Steps), Random("w", Channels, Outputs, taps), Random("b", Outputs));

        var output = _compute.Conv1d(input, _compute.PackConvTranspose1d(weight, bias, stride, padding, outputPadding: 1), new ConvFusion());

        Assert.That(output.Shape, Is.EqualTo((int[])[1, Outputs, Steps * stride]));
        var whole = ReferenceOperations.ConvTranspose1d(input, weight, bias, stride, padding: 0, 1f);
        var length = whole.Length / Outputs;
        AssertClose(output, [.. Enumerable.Range(0, Outputs).SelectMany(row => whole[((row * length) + padding)..][..(Steps * stride)])]);
    }

    [Test]
    [Pairwise]
    public void Linear_agrees_with_its_definition(
        [Values(1, 2, 4, 7, 8, 9, 31)] int rows, [Values(1, 33, 80)] int inputs, [Values(1, 8, 47, 48, 49, 255)] int outputs)
    {
        var input = Random("x", rows, inputs);
        var weight = Random("w", outputs, inputs);
        var bias = Random("b", outputs);
        var output = new Tensor(rows, outputs);

        _compute.Linear(input, _compute.PackLinear(weight, bias), output);

        AssertClose(output, ReferenceOperations.Linear(input, weight, bias));
    }

    [Test]
    public void Long_input_is_cut_into_blocks_without_seams()
    {
        var input = Random("x", 1, 130, 3001);
        var weight = Random("w", 9, 130, 5);

        var output = _compute.Conv1d(input, _compute.PackConv1d(weight, null, 3, 6));

        AssertClose(output, ReferenceOperations.Conv1d(input, weight, null, 3, 6, 1));
    }

    // Of more than 512 channels those behind are added to what those before have made; the last slice is the shorter.
    [TestCase(513, 13, 5)]
    [TestCase(1030, 13, 400)]
    public void Many_channels_are_cut_into_slices_without_seams(int channels, int outputs, int steps)
    {
        var input = Random("x", 2, channels, steps);
        var (weight, transposed) = (Random("w", outputs, channels, 3), Random("v", channels, outputs, 4));
        var (bias, residual) = (Random("b", outputs), Random("r", 2, outputs, steps));
        var expected = ReferenceOperations.Conv1d(input, weight, bias, 2, 2, 0.1f);
        for (var i = 0; i < expected.Length; i++)
        {
            expected[i] = Math.Max(expected[i], 0) + residual.Span[i];
        }

        var output = _compute.Conv1d(
            input, _compute.PackConv1d(weight, bias, 2, 2),
            new ConvFusion { InputSlope = 0.1f, Activation = Activation.Relu, Residual = residual });
        var upsampled = _compute.Conv1d(input, _compute.PackConvTranspose1d(transposed, bias, 2, 1), new ConvFusion { InputSlope = 0.1f });

        AssertClose(output, expected);
        AssertClose(upsampled, ReferenceOperations.ConvTranspose1d(input, transposed, bias, 2, 1, 0.1f));
    }

    [Test]
    public void The_comparison_sees_one_wrong_weight()
    {
        var input = Random("x", 1, 33, 257);
        var weight = Random("w", 33, 33, 11);
        var expected = ReferenceOperations.Conv1d(input, weight, null, 1, 5, 1);
        weight.Span[1234] += 0.01f;

        var output = _compute.Conv1d(input, _compute.PackConv1d(weight, null, 1, 5));

        Assert.That(Error(output, expected), Is.GreaterThan(1e-11));
    }

    [Test]
    public void Calls_that_overlap_give_the_same_result()
    {
        var input = Random("x", 1, 33, 2000);
        var weights = _compute.PackConv1d(Random("w", 33, 33, 3), null, 1, 1);
        var expected = _compute.Conv1d(input, weights);

        var outputs = new Tensor[8];
        Parallel.For(0, outputs.Length, i => outputs[i] = _compute.Conv1d(input, weights));

        Assert.That(outputs.Select(output => output.Span.SequenceEqual(expected.Span)), Is.All.True);
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        var weights = _compute.PackConv1d(Random("w", 4, 3, 3), null, 1, 1);
        Assert.That(() => _compute.Conv1d(new Tensor(1, 2, 9), weights), Throws.ArgumentException.With.Message.Contains("[1, 2, 9]"));
        Assert.That(() => _compute.Conv1d(new Tensor(1, 3, 9), weights, new Tensor(1, 4, 8)),
            Throws.ArgumentException.With.Message.Contains("[1, 4, 8]"));
        Assert.That(() => _compute.PackLinear(new Tensor(4, 3), new Tensor(3)), Throws.ArgumentException);
    }

    [Test]
    public void Embedding_transposes_the_rows_it_finds()
    {
        var table = Tensor.From([1, 2, 3, 4, 5, 6], 3, 2);
        var found = new Tensor(2, 2, 3);
        _compute.Embed([2, 0, 2, 1, 1, 0], table, found);
        Assert.That(found.Span.ToArray(), Is.EqualTo(new float[] { 5, 1, 5, 6, 2, 6, 3, 3, 1, 4, 4, 2 }));
        Assert.That(() => _compute.Embed([3], table, new Tensor(1, 2, 1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _compute.Embed([-1], table, new Tensor(1, 2, 1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>A convolution by the filter for its taps, whether or not it pays.</summary>
    private CpuConv1dWeights Filtered(Tensor weight, Tensor? bias, int dilation, int padding)
    {
        var filter = weight[2] is 3 or 5 ? new WinogradFilter(weight[2], 1) : new WinogradFilter(4, Ceiling.Of(weight[2], 4));
        return new CpuConv1dWeights(Conv1dSizes.Of(weight, bias, dilation, padding), weight, bias, _compute.PanelRows, filter);
    }

    private static Tensor Random(string name, params int[] shape) => Tensor.From(ProceduralWeights.Values(name, shape), shape);

    private static void AssertClose(Tensor actual, Tensor expected) => Assert.That(Nmse.Of(actual.Span, expected.Span), Is.LessThan(1e-12));

    private static void AssertClose(Tensor actual, double[] expected) => Assert.That(Error(actual, expected), Is.LessThan(1e-12));

    private static double Error(Tensor actual, double[] expected) => Nmse.Of(actual.Span, Array.ConvertAll(expected, value => (float)value));
}
