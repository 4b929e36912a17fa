using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The fused layers of residual blocks: the same bits as the separate convolutions, and what their definition says.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class ResidualKernelTests(bool usesWarpgroups)
{
    private const float Slope = 0.1f;

    // NMSE of rounding weights, inputs and every convolution's result to half: 2^-24 for each of a handful.
    private const double Limit = 1e-6;

    // Two layers: the first keeps the branches apart, the second adds them up.
    private static readonly int[] Dilations = [1, 3];
    private static readonly int[] Kernels = [3, 7, 11];

    private CudaCompute Device => TestDevice.Open(Precision.Half, usesWarpgroups);

    [Test]
    public void Fused_layers_are_the_separate_ones_bit_for_bit([Values(8, 16, 24, 32, 40, 64, 128, 256)] int channels, [Values] bool pairs)
    {
        // Wide layers take their time on the emulated device.
        var isWide = channels > 64;
        var stage = new Stage(Device, channels, pairs, isWide ? [3, 11] : Kernels, Dilations);
        var tile = stage.Packed.Layers[0].Steps;

        // A single step, a step less than a tile of the layer, the tile, a step more; and a short row beside it.
        foreach (var steps in new[] { 1, tile - 1, tile, tile + 1 })
        {
            int[] lengths = isWide ? [steps] : [steps, 5];
            AssertEqual(stage.Run(lengths, fuses: true), stage.Run(lengths, fuses: false));
        }
    }

    [TestCase(32, true, new[] { 3 }, new[] { 5, 300, 1 }, 300)]
    [TestCase(16, false, new[] { 7, 1, 3, 5 }, new[] { 12 }, 513)]
    [TestCase(64, true, new[] { 3, 3 }, new[] { 1, 5 }, 260)]
    [TestCase(48, true, new[] { 1, 7, 3 }, new[] { 70, 2 }, 300)]
    [TestCase(72, true, new[] { 7 }, new[] { 5, 1 }, 100)]
    [TestCase(136, false, new[] { 5 }, new[] { 5 }, 100)]
    public void Any_number_of_branches_and_layers_of_any_dilation(int channels, bool pairs, int[] kernels, int[] dilations, int steps)
    {
        var stage = new Stage(Device, channels, pairs, kernels, dilations);

        AssertEqual(stage.Run([steps, 31], fuses: true), stage.Run([steps, 31], fuses: false));
    }

    [TestCase(8, true, 300)]
    [TestCase(24, false, 513)]
    [TestCase(40, true, 140)]
    [TestCase(72, true, 20)]
    [TestCase(136, false, 5)]
    public void Computes_their_definition(int channels, bool pairs, int steps)
    {
        var stage = new Stage(Device, channels, pairs, Kernels, Dilations);

        var actual = stage.Run([steps], fuses: true)[0];

        var error = ConvolutionCase.Error(actual, stage.Expected(steps));
        TestContext.Out.WriteLine($"NMSE {error:E2}");
        Assert.That(error, Is.LessThan(Limit));
    }

    [Test]
    public void The_comparisons_see_one_wrong_weight([Values(24, 64)] int channels)
    {
        var stage = new Stage(Device, channels, pairs: true, Kernels, Dilations);
        var expected = stage.Expected(17);
        var separate = stage.Run([17], fuses: false);

        stage.Weights[^1].Span[^1] += 0.25f;
        var wrong = new Stage(stage);

        Assert.That(ConvolutionCase.Error(wrong.Run([17], fuses: true)[0], expected), Is.GreaterThan(Limit));
        Assert.That(wrong.Run([17], fuses: true)[0].Span.SequenceEqual(separate[0].Span), Is.False);
    }

    [TestCase(32)]
    [TestCase(72)]
    public void A_row_of_a_batch_is_its_single_run_bit_for_bit(int channels)
    {
        var stage = new Stage(Device, channels, pairs: true, Kernels, Dilations);
        int[] lengths = [90, 1, 4, 257];

        var batch = stage.Run(lengths, fuses: true);

        for (var row = 0; row < lengths.Length; row++)
        {
            AssertEqual(stage.Run([lengths[row]], fuses: true, row), [batch[row]]);
        }
    }

    [Test]
    public void What_lies_past_a_rows_end_is_neither_read_nor_left([Values] bool pairs)
    {
        var stage = new Stage(Device, 24, pairs, Kernels, Dilations);
        int[] lengths = [600, 40];

        var whole = stage.Run(lengths, fuses: true, garbage: true);

        AssertEqual(whole, stage.Run(lengths, fuses: true));
        Assert.That(stage.PastTheEnd.Select(value => value != 0), Is.All.False);
        Assert.That(stage.PastTheEnd, Has.Count.EqualTo(24 * 560));
    }

    [Test]
    public void What_cannot_be_fused_is_separate()
    {
        var half = TestDevice.Open(Precision.Half);
        var shared = half.Context.SharedMemoryPerBlock;
        ResidualBlockWeights Pack(Stage stage) => half.PackResidualBlocks(stage.Blocks, Slope);
        var fused = new Stage(Device, 64, pairs: true, Kernels, Dilations);
        var different = new Stage(Device, 64, pairs: true, [3], [1, 1, 1]);

        Assert.That(Pack(fused), Is.TypeOf<CudaResidualBlockWeights>());
        Assert.That(ResidualTile.For(fused.Packed, fused.Packed.Layers.Max(layer => layer.SharedBytes)), Is.Not.Null);
        Assert.That(ResidualTile.For(fused.Packed, fused.Packed.Layers.Max(layer => layer.SharedBytes) - 1), Is.Null, "too much memory");
        Assert.That(Pack(new Stage(Device, 4, pairs: true, Kernels, Dilations)).BufferSequences, Is.EqualTo(1), "no whole vectors");
        Assert.That(Pack(new Stage(Device, 264, pairs: false, [3], [1])).BufferSequences, Is.EqualTo(1), "too many channels");
        Assert.That(Pack(new Stage(Device, 64, pairs: true, [11], [4096])).BufferSequences, Is.EqualTo(1), $"more than {shared} bytes");
        Assert.That(half.PackResidualBlocks([fused.Blocks[0], different.Blocks[0]], Slope), Is.TypeOf<ResidualBlockWeights>(),
            "blocks of different lengths");
        Assert.That(TestDevice.Open(Precision.Full).PackResidualBlocks(fused.Blocks, Slope), Is.TypeOf<ResidualBlockWeights>(), "float32");
    }

    [Test]
    public void What_is_separate_because_it_cannot_be_fused_is_the_same()
    {
        var stage = new Stage(Device, 16, pairs: true, Kernels, Dilations);
        var separate = new ResidualBlockWeights(stage.Blocks, Slope);

        AssertEqual(stage.Run([300, 7], fuses: true), stage.Run([300, 7], fuses: true, weights: separate));
    }

    [Test]
    public void Convolutions_that_are_no_residual_blocks_are_refused()
    {
        var device = TestDevice.Open(Precision.Half);
        ResidualLayer Layer(int outputs, int padding) => new(device.PackConv1d(new Tensor(outputs, 8, 3), null, 1, padding), null);

        Assert.That(() => device.PackResidualBlocks([], Slope), Throws.ArgumentException);
        Assert.That(() => device.PackResidualBlocks([[Layer(8, 1)], []], Slope), Throws.ArgumentException);
        Assert.That(() => device.PackResidualBlocks([[Layer(16, 1)]], Slope), Throws.ArgumentException.With.Message.Contains("OutputChannels = 16"));
        Assert.That(() => device.PackResidualBlocks([[Layer(8, 0)]], Slope), Throws.ArgumentException.With.Message.Contains("keeps the length"));
    }

    [Test]
    public void Weights_of_another_device_are_refused()
    {
        var stage = new Stage(Device, 8, pairs: false, [3], [1]);
        var device = TestDevice.Open(Precision.Full);
        var sequence = device.Allocate(8 * 9).AsSequence(device.Rows(9), 8);
        var buffer = device.Allocate(8 * 9);

        Assert.That(
            () => device.ResidualBlocks(sequence, stage.Packed, sequence, buffer, buffer),
                Throws.ArgumentException.With.Message.Contains("another device"));
    }

    [TestCase(65, false)]
    [TestCase(66, true)]
    public void Half_of_the_multiprocessors_are_enough(int blocks, bool expected) =>
        Assert.That(ResidualTile.Fills(blocks, 132), Is.EqualTo(expected));

    private static void AssertEqual(Tensor[] actual, Tensor[] expected)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (var row = 0; row < actual.Length; row++)
        {
            Assert.That(actual[row].Span.ContainsAnyExceptInRange(-1e4f, 1e4f), Is.False, $"row {row} has what is not a number");
            Assert.That(actual[row].Span.SequenceEqual(expected[row].Span), Is.True, $"row {row}");
        }
    }

    /// <summary>Residual blocks of random weights on the half-precision device.</summary>
    private sealed class Stage
    {
        private readonly CudaCompute _device;
        private readonly (bool Pairs, int[] Kernels, int[] Dilations) _shape;

        public Stage(CudaCompute device, int channels, bool pairs, int[] kernels, int[] dilations)
            : this(device, channels, (pairs, kernels, dilations), [.. kernels.SelectMany((kernel, branch) =>
                Enumerable.Range(100 * branch, dilations.Length * (pairs ? 2 : 1)).Select(seed => Weight(seed, channels, kernel)))])
        {
        }

        /// <summary>The same, packed anew.</summary>
        public Stage(Stage other)
            : this(other._device, other.Channels, other._shape, other.Weights)
        {
        }

        private Stage(CudaCompute device, int channels, (bool Pairs, int[] Kernels, int[] Dilations) shape, Tensor[] weights)
        {
            (_device, Channels, _shape, Weights) = (device, channels, shape, weights);
            Biases = [.. weights.Select((_, i) => KernelValues.Random(1000 + i, 0.1f, channels))];
            Blocks = [.. shape.Kernels.Select((_, branch) => shape.Dilations.Select((dilation, layer) => new ResidualLayer(
                Pack(Index(branch, layer, 0), dilation), shape.Pairs ? Pack(Index(branch, layer, 1), 1) : null)).ToArray())];
        }

        public int Channels { get; }

        /// <summary>Of every convolution, branch by branch, layer by layer.</summary>
        public Tensor[] Weights { get; }

        public Tensor[] Biases { get; }

        public ResidualLayer[][] Blocks { get; }

        public CudaResidualBlockWeights Packed => (CudaResidualBlockWeights)_device.PackResidualBlocks(Blocks, Slope);

        /// <summary>What the last run left past the rows' ends.</summary>
        public List<float> PastTheEnd { get; } = [];

        /// <summary>Rows as one batch, of inputs that depend on the row alone.</summary>
        /// <returns>Each row's output [1, C, T].</returns>
        public Tensor[] Run(int[] lengths, bool fuses, int firstRow = 0, bool garbage = false, ResidualBlockWeights? weights = null)
        {
            RowLengths rows = _device.Rows(lengths), full = _device.Rows([.. lengths.Select(_ => lengths.Max())]);
            var host = SequenceBatch.Join([.. lengths.Select((steps, row) => Input(firstRow + row, steps))], rows);
            if (garbage)
            {
                ForEachPastTheEnd(host, lengths, i => host.Span[i] = 1e4f);
            }

            weights ??= Packed;
            Tensor x = _device.Allocate(host.Length), y = _device.Allocate(host.Length);
            _device.Upload(host, x.AsSequence(full, Channels));
            Tensor Buffer() => _device.Allocate(weights.BufferSequences * host.Length);
            var output = ResidualFusion.Run(_device, fuses, () =>
            {
                _device.ResidualBlocks(x.AsSequence(rows, Channels), weights, y.AsSequence(rows, Channels), Buffer(), Buffer());
                return _device.Download(y.AsSequence(full, Channels));
            });
            PastTheEnd.Clear();
            ForEachPastTheEnd(output, lengths, i => PastTheEnd.Add(output.Span[i]));
            return SequenceBatch.Split(output, rows);
        }

        /// <summary>Row 0 in float64, but for what lies between convolutions, which is rounded to half.</summary>
        public double[] Expected(int steps)
        {
            var mean = new double[Channels * steps];
            for (var branch = 0; branch < Blocks.Length; branch++)
            {
                var x = Input(0, steps);
                for (var layer = 0; layer < _shape.Dilations.Length; layer++)
                {
                    var sums = Convolve(x, branch, layer, 0, _shape.Dilations[layer]);
                    sums = _shape.Pairs ? Convolve(Rounded(sums), branch, layer, 1, 1) : sums;
                    var sum = sums.Zip(x.Span.ToArray(), (a, b) => a + b).ToArray();
                    x = Rounded(sum);
                    for (var i = 0; layer == _shape.Dilations.Length - 1 && i < sum.Length; i++)
                    {
                        mean[i] += sum[i] / Blocks.Length;
                    }
                }
            }

            return mean;
        }

        private static Tensor Weight(int seed, int channels, int kernel) =>
            KernelValues.Rounded(KernelValues.Random(seed, MathF.Sqrt(1.5f / (channels * kernel)), channels, channels, kernel), Precision.Half);

        private static void ForEachPastTheEnd(Tensor batch, int[] lengths, Action<int> visit)
        {
            for (var i = 0; i < batch.Length; i++)
            {
                if (i % batch[2] >= lengths[i / (batch[1] * batch[2])])
                {
                    visit(i);
                }
            }
        }

        private int Index(int branch, int layer, int convolution)
        {
            var convolutions = _shape.Pairs ? 2 : 1;
            return (((branch * _shape.Dilations.Length) + layer) * convolutions) + convolution;
        }

        private Conv1dWeights Pack(int index, int dilation) =>
            _device.PackConv1d(Weights[index], Biases[index], dilation, dilation * (Weights[index][2] - 1) / 2);

        private double[] Convolve(Tensor x, int branch, int layer, int convolution, int dilation)
        {
            var index = Index(branch, layer, convolution);
            return ReferenceOperations.Conv1d(x, Weights[index], Biases[index], dilation, dilation * (Weights[index][2] - 1) / 2, Slope);
        }

        private Tensor Input(int row, int steps) => ConvolutionCase.Random(Precision.Half, row, 1, Channels, steps);

        private Tensor Rounded(double[] values) =>
            Tensor.From([.. values.Select(value => (float)(Half)value)], 1, Channels, values.Length / Channels);
    }
}
