using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>The kernels of networks that read a text as a whole against their definitions, rows of different lengths side by side.</summary>
[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class TextKernelTests(Precision precision)
{
    private static readonly int[] Lengths = [5, 1, 3];

    private readonly Lazy<CudaCompute> _device = new(() => TestDevice.Open(precision));

    // The inputs are numbers of half precision; so what it rounds are the results.
    private double Limit => precision == Precision.Full ? 1e-12 : 3e-7;

    [TestCase(1, 1, false, false, false, false)]
    [TestCase(3, 7, true, true, false, true)]
    [TestCase(33, 2, false, true, true, false)]
    [TestCase(192, 3, true, false, true, true)]
    [TestCase(385, 1, true, false, false, false)]
    public void Layer_norm_agrees_with_its_definition(int channels, int stepsPerUnit, bool residual, bool gelu, bool addend, bool mask)
    {
        var device = _device.Value;
        var (scale, shift) = (Values(2, channels), Values(3, channels));
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence(1, rows, channels, stepsPerUnit);
        var (residuals, r) = residual ? Sequence(4, rows, channels, stepsPerUnit) : (null, null);
        var (addends, a) = addend ? Sequence(5, rows, channels, stepsPerUnit) : (null, null);
        var (masks, m) = mask ? Masks(rows, stepsPerUnit) : (null, null);
        var output = Buffer(rows, channels, stepsPerUnit);
        void Run(Tensor to) => device.LayerNorm(x, new LayerNormWeights(device.Store(scale), device.Store(shift)), to,
            new LayerNormFusion { Residual = r, HasGelu = gelu, Addend = a, Mask = m });

        Run(output);

        AssertRows(output, stepsPerUnit, (row, steps) => ReferenceTextOperations.LayerNorm(Row(input, row, steps), new LayerNormWeights(scale, shift),
            new LayerNormFusion
            {
                Residual = residuals is null ? null : Row(residuals, row, steps),
                HasGelu = gelu,
                Addend = addends is null ? null : Row(addends, row, steps),
                Mask = masks is null ? null : Row(masks, row, steps),
            }));
        var apart = device.Download(output);
        Run(r ?? a ?? x);
        Assert.That(device.Download(r ?? a ?? x).Span.SequenceEqual(apart.Span), "the output may be any of the inputs");
    }

    [Test]
    public void A_layer_norm_bears_a_mean_that_is_far_from_zero()
    {
        var device = _device.Value;
        var (scale, shift) = (Values(2, 192), Values(3, 192));
        var rows = device.Rows(Lengths);
        var input = Values(1, 3, 192, 5);
        foreach (ref var value in input.Span)
        {
            value = MathF.Round(1000 + (10 * value));
        }

        var (x, output) = (Buffer(rows, 192, 1), Buffer(rows, 192, 1));
        Upload(input, x);

        device.LayerNorm(x, new LayerNormWeights(device.Store(scale), device.Store(shift)), output);

        AssertRows(output, 1, (row, steps) =>
            ReferenceTextOperations.LayerNorm(Row(input, row, steps), new LayerNormWeights(scale, shift), LayerNormFusion.None));
    }

    [TestCase(1, 1, 1, -1, false)]
    [TestCase(2, 12, 7, 4, true)]
    [TestCase(3, 5, 1, 0, false)]
    [TestCase(1, 64, 13, -1, true)]
    [TestCase(2, 96, 9, 4, false)]
    [TestCase(1, 128, 2, 60, true)]
    [TestCase(1, 3, 32, 4, false)]
    public void Self_attention_agrees_with_its_definition(int heads, int width, int stepsPerUnit, int window, bool mask)
    {
        var device = _device.Value;
        var rows = device.Rows(Lengths);
        var (projected, x) = Sequence(1, rows, 3 * heads * width, stepsPerUnit);
        var (masks, m) = mask ? Masks(rows, stepsPerUnit) : (null, null);
        var host = window < 0 ? new AttentionHeads(heads)
            : new AttentionHeads(heads, Values(8, (2 * window) + 1, width), Values(9, (2 * window) + 1, width));
        var output = Buffer(rows, heads * width, stepsPerUnit);

        device.SelfAttention(x, Stored(host), output, m);

        AssertRows(output, stepsPerUnit, (row, steps) =>
            ReferenceTextOperations.SelfAttention(Row(projected, row, steps), host, masks is null ? null : Row(masks, row, steps)));
    }

    [Test]
    public void A_row_of_a_batch_is_what_it_is_alone()
    {
        var device = _device.Value;
        var rows = device.Rows(Lengths);
        var heads = Stored(new AttentionHeads(2, Values(8, 9, 12), Values(9, 9, 12)));
        var weights = new LayerNormWeights(device.Store(Values(2, 24)), device.Store(Values(3, 24)));
        var (projected, x) = Sequence(1, rows, 3 * 24, 11);
        var output = Buffer(rows, 24, 11);
        device.SelfAttention(x, heads, output);
        device.LayerNorm(output, weights, output);

        for (var row = 0; row < Lengths.Length; row++)
        {
            var single = device.Rows(Lengths[row]);
            var (one, result) = (Buffer(single, 72, 11), Buffer(single, 24, 11));
            Upload(Row(projected, row, Lengths[row] * 11), one);
            device.SelfAttention(one, heads, result);
            device.LayerNorm(result, weights, result);
            Assert.That(device.Download(result).Span.SequenceEqual(Row(device.Download(output), row, Lengths[row] * 11).Span), $"row {row}");
        }
    }

    [Test]
    public void Self_attention_bears_any_scores_and_no_keys()
    {
        var device = _device.Value;
        var rows = device.Rows(2, 40);
        var (projected, x) = Sequence(1, rows, 3 * 8, 1);
        foreach (ref var value in projected.Span)
        {
            value *= 64;
        }

        Upload(projected, x);
        var mask = new Tensor(2, 1, 40);
        mask.Span[40..].Fill(1);
        var (m, output) = (Buffer(rows, 1, 1), Buffer(rows, 8, 1));
        Upload(mask, m);

        device.SelfAttention(x, new AttentionHeads(1), output, m);

        var found = device.Download(output);
        Assert.That(Row(found, 0, 40).Span.ToArray(), Is.All.Zero);

        // A score of 40,000 is known to 0.002.
        var expected = ReferenceTextOperations.SelfAttention(Row(projected, 1, 40), new AttentionHeads(1), mask: null);
        Assert.That(Nmse.Of(Row(found, 1, 40).Span, Floats(expected)), Is.LessThan(1e-5));
    }

    [Test]
    public void Heads_of_too_many_channels_are_refused()
    {
        var rows = _device.Value.Rows(2);
        Assert.That(() => _device.Value.SelfAttention(Buffer(rows, 3 * 129, 1), new AttentionHeads(1), Buffer(rows, 129, 1)),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("129 channels").And.Message.Contains("cpu"));
    }

    [Test]
    public void What_a_block_has_no_room_for_is_refused_when_it_is_packed()
    {
        using var memory = _device.Value.CreateModelMemory();
        var most = _device.Value.Context.SharedMemoryPerBlock / (4 * sizeof(float));
        Tensor Channels(int count) => new(count);
        Tensor Places(int count) => new(count, 128);

        Assert.That(() => memory.PackLayerNorm(Channels(most), Channels(most)), Throws.Nothing);
        AssertRefused(() => memory.PackLayerNorm(Channels(most + 1), Channels(most + 1)), $"layer normalisation over {most + 1} channels");
        Assert.That(() => memory.PackHeads(2, 128, Places(9), Places(9)), Throws.Nothing);
        AssertRefused(() => memory.PackHeads(2, 129), "heads of 129 channels");
        AssertRefused(() => memory.PackHeads(2, 128, Places(4001), Places(4001)), "attention with 128 channels a head and 4001 relative places");
    }

    private static void AssertRefused(Action pack, string what) =>
        Assert.That(() => pack(), Throws.TypeOf<CudaTtsException>().With.Message.StartsWith(what).And.Message.EndsWith("use --device cpu."));

    [TestCase(1, 1, 1, 1)]
    [TestCase(3, 7, 3, 9)]
    [TestCase(33, 5, 5, 2)]
    [TestCase(33, 5, 3, 70)]
    public void A_depthwise_convolution_agrees_with_its_definition(int channels, int stepsPerUnit, int taps, int dilation)
    {
        var device = _device.Value;
        var rows = device.Rows(Lengths);
        var weights = new DepthwiseWeights(Values(2, channels, taps), Values(3, channels), dilation);
        var (input, x) = Sequence(1, rows, channels, stepsPerUnit);
        var output = Buffer(rows, channels, stepsPerUnit);

        device.DepthwiseConv1d(x, weights with { Taps = device.Store(weights.Taps), Bias = device.Store(weights.Bias) }, output);

        AssertRows(output, stepsPerUnit, (row, steps) => ReferenceTextOperations.DepthwiseConv1d(Row(input, row, steps), weights));
    }

    [TestCase(0, 1, 0.5f)]
    [TestCase(1, 10, 0.5f)]
    [TestCase(0, 10, 3f)]
    public void A_spline_is_undone(int channel, int bins, float factor)
    {
        var device = _device.Value;
        var coupling = new SplineCoupling(channel, bins, Bound: 5, factor);
        var rows = device.Rows(Lengths);
        var (parameters, p) = Sequence(1, rows, (3 * bins) - 1, 23);
        var (variables, v) = Sequence(2, rows, 2, 23);
        foreach (ref var value in variables.Span)
        {
            value *= 4;
        }

        // The bounds themselves, and what lies outside; a bin that is steep in its middle and flat at its ends, where the two roots come together.
        ((ReadOnlySpan<float>)[5, -5, 5.0039f, -5.0039f, 30, 0]).CopyTo(variables.Span[(channel * 115)..]);
        for (var i = 0; i < (3 * bins) - 1; i++)
        {
            parameters.Span[(i * 115) + 7] = i < bins ? i % 2 * 6 : i < 2 * bins ? (1 - (i % 2)) * 6 : -20;
        }

        variables = KernelValues.Rounded(variables, precision);
        Upload(variables, v);
        Upload(parameters, p);

        device.UndoSpline(p, coupling, v);

        AssertRows(v, 23, (row, steps) => ReferenceTextOperations.UndoSpline(Row(parameters, row, steps), coupling, Row(variables, row, steps)),
            areZeroBeyond: false);
    }

    [TestCase(1, 1)]
    [TestCase(5, 67)]
    public void Steps_are_repeated_and_drawn(int channels, int stepsPerUnit)
    {
        var device = _device.Value;
        var rows = device.Rows(Lengths);
        var frameRows = device.Rows(4, 9, 2);
        var (input, x) = Sequence(1, rows, 2 * channels, stepsPerUnit);
        var (noise, drawn) = Sequence(2, frameRows, channels, 1);
        var gathered = Buffer(frameRows, 2 * channels, 1);
        int[] places = [.. Enumerable.Range(0, 27).Select(i => i % 9 < frameRows.Values[i / 9] ? i * 31 % (Lengths[i / 9] * stepsPerUnit) : -1)];

        device.Gather(x, places, gathered);
        device.DrawFrames(x, places, drawn);

        for (var row = 0; row < 3; row++)
        {
            var frames = frameRows.Values[row];
            var ofRow = places[(row * 9)..][..frames];
            var from = Row(input, row, Lengths[row] * stepsPerUnit);
            AssertRow(gathered, row, frames, ReferenceTextOperations.Gather(from, ofRow), areZeroBeyond: true);
            AssertRow(drawn, row, frames, ReferenceTextOperations.DrawFrames(from, ofRow, Row(noise, row, frames)), areZeroBeyond: true);
        }
    }

    [Test]
    public void Places_beyond_a_row_are_refused()
    {
        var device = _device.Value;
        var rows = device.Rows(2, 1);
        var (x, output) = (Buffer(rows, 1, 1), Buffer(rows, 1, 1));
        Assert.That(() => device.Gather(x, [1, 0, 1, 7], output),
            Throws.ArgumentException.With.Message.EqualTo("Row 1 has 1 steps; place 0 is 1."));
    }

    [TestCase(1, 1, false)]
    [TestCase(6, 700, true)]
    public void Positions_are_added(int half, int stepsPerUnit, bool mask)
    {
        var device = _device.Value;
        var frequencies = Tensor.From([.. Enumerable.Range(0, half).Select(i => MathF.Pow(10_000, -i / (float)half))], half);
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence(1, rows, 2 * half, stepsPerUnit);
        var (masks, m) = mask ? Masks(rows, stepsPerUnit) : (null, null);
        var output = Buffer(rows, 2 * half, stepsPerUnit);

        device.AddPositions(x, device.Store(frequencies), output, m);

        AssertRows(output, stepsPerUnit, (row, steps) =>
            ReferenceTextOperations.AddPositions(Row(input, row, steps), frequencies, masks is null ? null : Row(masks, row, steps)));
    }

    [TestCase(1, 1)]
    [TestCase(33, 9)]
    public void Vectors_are_added_to_their_rows(int channels, int stepsPerUnit)
    {
        var device = _device.Value;
        var rows = device.Rows(Lengths);
        var (input, x) = Sequence(1, rows, channels, stepsPerUnit);
        var vectors = Values(2, Lengths.Length, channels);

        device.AddRowVectors(x, vectors);

        AssertRows(x, stepsPerUnit, (row, steps) => ReferenceTextOperations.AddRowVectors(Row(input, row, steps), vectors.Slice(row, 1)),
            areZeroBeyond: false);
    }

    [Test]
    public void Sequences_of_another_precision_are_refused()
    {
        var device = _device.Value;
        var rows = device.Rows(2);
        var other = device.Allocate(precision == Precision.Full ? ElementType.Float16 : ElementType.Float32, 8).AsSequence(rows, 3);
        var own = Buffer(rows, 3, 1);
        var weights = new LayerNormWeights(device.Store(Values(2, 3)), device.Store(Values(3, 3)));
        Assert.That(() => device.LayerNorm(other, weights, own), Throws.ArgumentException);
        Assert.That(() => device.LayerNorm(own, weights, other), Throws.ArgumentException);
        Assert.That(() => device.LayerNorm(own, weights, own, new LayerNormFusion { Residual = other }), Throws.ArgumentException);
        Assert.That(() => device.Gather(other, [0, 1], own), Throws.ArgumentException);
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static Tensor Row(Tensor host, int row, int steps)
    {
        var part = new Tensor(1, host[1], steps);
        for (var channel = 0; channel < host[1]; channel++)
        {
            host.Span.Slice(((row * host[1]) + channel) * host[2], steps).CopyTo(part.Span[(channel * steps)..]);
        }

        return part;
    }

    private Tensor Values(int seed, params int[] shape) => KernelValues.Rounded(KernelValues.Random(seed, 2, shape), precision);

    private AttentionHeads Stored(AttentionHeads heads) => new(
        heads.Count,
        heads.RelativeKeys is null ? null : _device.Value.Store(heads.RelativeKeys),
        heads.RelativeValues is null ? null : _device.Value.Store(heads.RelativeValues));

    private Tensor Buffer(RowLengths rows, int channels, int stepsPerUnit) =>
        _device.Value.Allocate(rows.Count * rows.Longest * stepsPerUnit * channels).AsSequence(rows, channels, stepsPerUnit);

    private (Tensor Host, Tensor Device) Sequence(int seed, RowLengths rows, int channels, int stepsPerUnit)
    {
        var host = Values(seed, rows.Count, channels, rows.Longest * stepsPerUnit);
        return (host, Upload(host, Buffer(rows, channels, stepsPerUnit)));
    }

    /// <summary>As the device's own, but no number past the rows' ends, which nothing may look at.</summary>
    private Tensor Upload(Tensor host, Tensor sequence)
    {
        var (channels, steps) = (host[1], host[2]);
        var values = new float[host.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, step, channel) = (i / channels / steps, i / channels % steps, i % channels);
            values[i] = step < sequence.Rows!.Values[row] * sequence.StepsPerUnit
                ? host.Span[(((row * channels) + channel) * steps) + step] : float.NaN;
        }

        if (precision == Precision.Full)
        {
            _device.Value.Enter().Upload<float>(values, CudaCompute.AddressOf(sequence));
        }
        else
        {
            _device.Value.Enter().Upload<Half>(Array.ConvertAll(values, value => (Half)value), CudaCompute.AddressOf(sequence));
        }

        return sequence;
    }

    /// <summary>Every fourth step is masked, but never the first.</summary>
    private (Tensor Host, Tensor Device) Masks(RowLengths rows, int stepsPerUnit)
    {
        var steps = rows.Longest * stepsPerUnit;
        var host = Tensor.From([.. Enumerable.Range(0, rows.Count * steps).Select(i => i % steps % 4 == 3 ? 0f : 1f)], rows.Count, 1, steps);
        return (host, Upload(host, Buffer(rows, 1, stepsPerUnit)));
    }

    private void AssertRows(Tensor sequence, int stepsPerUnit, Func<int, int, double[]> expected, bool areZeroBeyond = true)
    {
        for (var row = 0; row < Lengths.Length; row++)
        {
            AssertRow(sequence, row, Lengths[row] * stepsPerUnit, expected(row, Lengths[row] * stepsPerUnit), areZeroBeyond);
        }
    }

    /// <summary>The row is as expected, and zero past its end; a changed number would be seen.</summary>
    private void AssertRow(Tensor sequence, int row, int steps, double[] expected, bool areZeroBeyond)
    {
        var host = _device.Value.Download(sequence);
        var found = Row(host, row, steps);
        Assert.That(Nmse.Of(found.Span, Floats(expected)), Is.LessThan(Limit), $"row {row}");
        found.Span[found.Length / 2] += 0.5f;
        Assert.That(Nmse.Of(found.Span, Floats(expected)), Is.GreaterThan(Limit), $"row {row}");

        // Download looks at nothing there.
        if (areZeroBeyond && steps < sequence[2])
        {
            Assert.That(Beyond(sequence, row, steps), Is.All.Zero, $"row {row} past its end");
        }
    }

    /// <summary>What lies past a row's end in the device's memory.</summary>
    private float[] Beyond(Tensor sequence, int row, int steps)
    {
        var (longest, channels) = (sequence[2], sequence[1]);
        var all = _device.Value.Download(new Tensor(sequence.Address, sequence.Type, sequence.Length));
        return all.Span.Slice(((row * longest) + steps) * channels, (longest - steps) * channels).ToArray();
    }
}
