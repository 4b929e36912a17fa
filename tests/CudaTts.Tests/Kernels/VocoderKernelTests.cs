using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The kernels of WaveGlow and Parallel WaveGAN against their definitions, rows of different lengths side by side.</summary>
[TestFixture(Precision.Full, false)]
[TestFixture(Precision.Half, false)]
[TestFixture(Precision.Half, true)]
internal sealed class VocoderKernelTests(Precision precision, bool usesWarpgroups)
{
    private static readonly int[] Lengths = [5, 1, 3];

    private readonly Lazy<CudaCompute> _device = new(() => TestDevice.Open(precision, usesWarpgroups));

    // Half precision rounds inputs, weights and results to 11 bits.
    private double Limit => precision == Precision.Full ? 1e-12 : 3e-6;

    [TestCase(3, 1, 11, true)]
    [TestCase(31, 2, 13, false)]
    [TestCase(33, 16, 31, true)]
    [TestCase(64, 1, 33, true)]
    [TestCase(70, 4, 65, true)]
    [TestCase(136, 2, 43, true)]
    public void A_wave_net_layer_agrees_with_its_definition(int channels, int dilation, int stepsPerUnit, bool hasResidual)
    {
        var device = _device.Value;
        var tensors = Layer(channels, dilation, hasResidual);
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence("x", rows, channels, stepsPerUnit);
        var (conditioning, c) = Sequence("c", rows, 7, stepsPerUnit);
        var output = hasResidual ? Buffer(rows, channels, stepsPerUnit) : null;
        var (before, skip) = Sequence("s", rows, channels + 2, stepsPerUnit);

        device.WaveNetLayer(x, c, device.PackWaveNetLayer(tensors), output, skip, accumulate: true);

        for (var row = 0; row < Lengths.Length; row++)
        {
            var steps = Lengths[row] * stepsPerUnit;
            var expected = ReferenceVocoderOperations.WaveNetLayer(Row(input, row, steps), Row(conditioning, row, steps), tensors);
            var held = Row(before, row, steps);
            AssertRow(skip, row, steps, [.. expected.Skip.Select((value, i) => value + held.Span[i])]);
            if (output is not null)
            {
                AssertRow(output, row, steps, expected.Output);
            }
        }
    }

    [Test]
    public void A_layer_adds_the_vectors_of_its_rows([Values] bool hasConditioning, [Values] bool hasVectors)
    {
        var device = _device.Value;
        var tensors = Layer(70, 2, hasResidual: true);
        tensors = hasConditioning ? tensors : tensors with { Conditioning = null };
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence("x", rows, 70, 13);
        var (conditioning, c) = hasConditioning ? Sequence("c", rows, 7, 13) : (null, null);
        var vectors = hasVectors ? Values("g", Lengths.Length, tensors.Dilated[0]) : null;
        var (output, skip) = (Buffer(rows, 70, 13), Buffer(rows, 72, 13));

        device.WaveNetLayer(x, c, device.PackWaveNetLayer(tensors), output, skip, accumulate: false, vectors);

        for (var row = 0; row < Lengths.Length; row++)
        {
            var steps = Lengths[row] * 13;
            var expected = ReferenceVocoderOperations.WaveNetLayer(
                Row(input, row, steps), conditioning is null ? null : Row(conditioning, row, steps), tensors, vectors?.Slice(row, 1));
            AssertRow(skip, row, steps, expected.Skip);
            AssertRow(output, row, steps, expected.Output);
        }
    }

    [Test]
    public void A_layer_that_is_too_wide_is_refused()
    {
        var tensors = new WaveNetLayerTensors
        {
            Dilated = Values("w", 6000, 1, 1),
            Conditioning = Values("v", 6000, 1, 1),
            GateBias = Values("b", 6000),
            Skip = Values("k", 1, 3000, 1),
            SkipBias = Values("kb", 1),
            Dilation = 1,
            ResidualScale = 1,
        };

        Assert.That(
            () => _device.Value.PackWaveNetLayer(tensors),
                Throws.InstanceOf<CudaTtsException>().With.Message.Contains("3000 gated channels").And.Message.Contains("cpu"));
    }

    [Test]
    public void A_flow_step_is_undone([Values(2, 8)] int channels, [Values(0, 2)] int joining, [Values] bool firstHalf)
    {
        var device = _device.Value;
        var matrix = Values("m", channels, channels);
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence("x", rows, channels, 67);
        var (coupling, affine) = Sequence("c", rows, channels, 67);
        var (early, joined) = joining > 0 ? Sequence("e", rows, joining, 67) : (null, null);
        var output = Buffer(rows, channels + joining, 67);

        device.UndoFlowStep(x, affine, new FlowStep(device.Store(matrix), firstHalf), joined, output);

        for (var row = 0; row < Lengths.Length; row++)
        {
            var steps = Lengths[row] * 67;
            var expected = ReferenceVocoderOperations.UndoFlowStep(
                Row(input, row, steps), Row(coupling, row, steps), new FlowStep(matrix, firstHalf), early is null ? null : Row(early, row, steps));
            AssertRow(output, row, steps, expected);
        }
    }

    [Test]
    public void Stretching_repeats_and_smooths([Values(1, 4, 5)] int factor, [Values(0, 2)] int crop)
    {
        var device = _device.Value;
        var taps = Values("t", (2 * factor) + 1);
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence("x", device.Rows([.. Lengths.Select(length => length + (2 * crop))]), 5, 1);
        var output = Buffer(rows, 5, factor);

        device.Stretch(x, device.Store(taps), factor, crop, output);

        for (var row = 0; row < Lengths.Length; row++)
        {
            AssertRow(output, row, Lengths[row] * factor,
                ReferenceVocoderOperations.Stretch(Row(input, row, Lengths[row] + (2 * crop)), taps.Span.ToArray(), factor, crop));
        }
    }

    [Test]
    public void Noise_is_that_of_its_place([Values(1, 4)] int channels)
    {
        var device = _device.Value;
        var noise = Buffer(device.Rows(Lengths), channels, 50);
        NoiseRow[] rows = [new(7, 0, 0, 1), new(7, 1, 33, 0.5f), new(1UL << 40, 3, 5, 2)];

        device.FillNormal(noise, RandomUse.VocoderNoise, 2, rows);

        for (var row = 0; row < rows.Length; row++)
        {
            var steps = Lengths[row] * 50;
            AssertRow(noise, row, steps, [.. Enumerable.Range(0, channels * steps).Select(i =>
                ReferenceVocoderOperations.Normal(RandomUse.VocoderNoise, 2, rows[row], channels, i % steps, i / steps))]);
        }
    }

    private static WaveNetLayerTensors Layer(int channels, int dilation, bool hasResidual)
    {
        var gate = channels + (channels % 3);
        return new WaveNetLayerTensors
        {
            Dilated = Values("w", 2 * gate, channels, 3),
            Conditioning = Values("v", 2 * gate, 7, 1),
            GateBias = Values("b", 2 * gate),
            Residual = hasResidual ? Values("r", channels, gate, 1) : null,
            ResidualBias = hasResidual ? Values("rb", channels) : null,
            Skip = Values("k", channels + 2, gate, 1),
            SkipBias = Values("kb", channels + 2),
            Dilation = dilation,
            ResidualScale = 0.7f,
        };
    }

    private static Tensor Values(string name, params int[] shape) => Tensor.From(ProceduralWeights.Values(name, shape), shape);

    private static Tensor Row(Tensor host, int row, int steps)
    {
        var part = new Tensor(1, host[1], steps);
        for (var channel = 0; channel < host[1]; channel++)
        {
            host.Span.Slice(((row * host[1]) + channel) * host[2], steps).CopyTo(part.Span[(channel * steps)..]);
        }

        return part;
    }

    private Tensor Buffer(RowLengths rows, int channels, int stepsPerUnit) =>
        _device.Value.Allocate(rows.Count * rows.Longest * stepsPerUnit * channels).AsSequence(rows, channels, stepsPerUnit);

    private (Tensor Host, Tensor Device) Sequence(string name, RowLengths rows, int channels, int stepsPerUnit)
    {
        var host = Values(name, rows.Count, channels, rows.Longest * stepsPerUnit);
        var sequence = Buffer(rows, channels, stepsPerUnit);
        _device.Value.Upload(host, sequence);
        return (host, sequence);
    }

    /// <summary>The row is as expected, and zero past its end.</summary>
    private void AssertRow(Tensor sequence, int row, int steps, double[] expected)
    {
        var host = _device.Value.Download(sequence);
        Assert.That(Nmse.Of(Row(host, row, steps).Span, Array.ConvertAll(expected, value => (float)value)), Is.LessThan(Limit), $"row {row}");
        var whole = Row(host, row, host[2]);
        for (var i = 0; i < whole.Length; i++)
        {
            if (i % host[2] >= steps)
            {
                Assert.That(whole.Span[i], Is.Zero, $"row {row} past its end");
            }
        }
    }
}
