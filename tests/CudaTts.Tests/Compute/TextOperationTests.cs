using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests;

/// <summary>
/// The operations of networks that read a text as a whole against their definitions, on every kind of vector unit that this machine has.
/// </summary>
[TestFixtureSource(nameof(Levels))]
internal sealed class TextOperationTests(SimdLevel level, int threads)
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
    public void Layer_norm_agrees_with_its_definition(
        [Values(1, 2, 7, 33, 192)] int channels,
        [Values(1, 2, 15, 17, 63, 64, 65, 200)] int steps,
        [Values] bool residual,
        [Values] bool gelu,
        [Values] bool addend,
        [Values] bool mask)
    {
        var input = Random(1, 2, channels, steps);
        var weights = new LayerNormWeights(Random(2, channels), Random(3, channels));
        var fusion = new LayerNormFusion
        {
            Residual = residual ? Random(4, 2, channels, steps) : null,
            HasGelu = gelu,
            Addend = addend ? Random(5, 2, channels, steps) : null,
            Mask = mask ? Mask(2, steps) : null,
        };
        var output = new Tensor(2, channels, steps);

        _device.LayerNorm(input, weights, output, fusion);

        // Where two channels are nearly equal, the rounding of their mean is a larger part of their distance.
        Assert.That(Error(output, ReferenceTextOperations.LayerNorm(input, weights, fusion)), Is.LessThan(channels == 2 ? 1e-11 : 1e-12));
    }

    [Test]
    public void The_output_of_a_layer_norm_may_be_any_of_its_inputs([Values("input", "residual", "addend")] string which)
    {
        var (input, residual, addend) = (Random(1, 2, 33, 131), Random(4, 2, 33, 131), Random(5, 2, 33, 131));
        var weights = new LayerNormWeights(Random(2, 33), Random(3, 33));
        var fusion = new LayerNormFusion { Residual = residual, Addend = addend };
        var expected = ReferenceTextOperations.LayerNorm(input, weights, fusion);
        var output = which switch { "input" => input, "residual" => residual, _ => addend };

        _device.LayerNorm(input, weights, output, fusion);

        AssertClose(output, expected);
    }

    [Test]
    public void A_layer_norm_bears_a_mean_that_is_far_from_zero()
    {
        var input = Random(1, 1, 192, 70);
        foreach (ref var value in input.Span)
        {
            value += 1000;
        }

        var weights = new LayerNormWeights(Random(2, 192), Random(3, 192));
        var output = new Tensor(1, 192, 70);

        _device.LayerNorm(input, weights, output);

        // The sums' own rounding would be 1e-7 of it.
        Assert.That(Error(output, ReferenceTextOperations.LayerNorm(input, weights, LayerNormFusion.None)), Is.LessThan(1e-11));
    }

    [Test]
    public void Gelu_is_as_exact_in_its_tail_as_in_its_middle()
    {
        float[] values = [0, 1e-20f, -1e-20f, 0.001f, -0.001f, .. Enumerable.Range(-400, 801).Select(i => i / 50f), 1e4f, -1e4f];
        var weights = new LayerNormWeights(new Tensor(values.Length), Tensor.From(values, values.Length));
        var output = new Tensor(1, values.Length, 1);

        _device.LayerNorm(Random(1, 1, values.Length, 1), weights, output, new LayerNormFusion { HasGelu = true });

        for (var i = 0; i < values.Length; i++)
        {
            var expected = ReferenceTextOperations.Gelu(values[i]);

            // The exponential's argument is rounded too, so that its relative error grows with it.
            var relative = 4e-7 + (4e-8 * values[i] * values[i]);
            Assert.That(output.Span[i], Is.EqualTo(expected).Within(1e-37 + (Math.Abs(expected) * relative)), $"{values[i]}");
        }
    }

    [Test]
    public void The_comparison_of_a_layer_norm_sees_one_wrong_weight([Values] bool shift)
    {
        var (input, output) = (Random(1, 1, 192, 70), new Tensor(1, 192, 70));
        var weights = new LayerNormWeights(Random(2, 192), Random(3, 192));
        var expected = ReferenceTextOperations.LayerNorm(input, weights, LayerNormFusion.None);
        (shift ? weights.Shift : weights.Scale).Span[7] += 0.001f;

        _device.LayerNorm(input, weights, output);

        Assert.That(Error(output, expected), Is.GreaterThan(1e-10));
    }

    [Test]
    [Pairwise]
    public void Self_attention_agrees_with_its_definition(
        [Values(1, 2, 3)] int heads,
        [Values(1, 3, 12, 64)] int width,
        [Values(1, 2, 5, 12, 24, 47, 49, 97)] int steps,
        [Values(-1, 0, 1, 4, 60)] int window,
        [Values] bool mask)
    {
        var projected = Random(1, 2, 3 * heads * width, steps);
        var attention = Heads(heads, width, window);
        var masks = mask ? Mask(2, steps) : null;
        var output = new Tensor(2, heads * width, steps);

        _device.SelfAttention(projected, attention, output, masks);

        AssertClose(output, ReferenceTextOperations.SelfAttention(projected, attention, masks));
    }

    [Test]
    public void Self_attention_bears_any_scores_and_no_keys()
    {
        var projected = Random(1, 2, 3 * 8, 50);
        foreach (ref var value in projected.Span)
        {
            value *= 100;
        }

        var mask = Mask(2, 50);
        mask.Span[..50].Clear();
        var (attention, output) = (Heads(1, 8, 2), new Tensor(2, 8, 50));

        _device.SelfAttention(projected, attention, output, mask);

        Assert.That(output.Span[..400].ToArray(), Is.All.Zero);

        // A score of 100,000 is known to 0.01.
        Assert.That(Error(output, ReferenceTextOperations.SelfAttention(projected, attention, mask)), Is.LessThan(1e-4));
    }

    [Test]
    public void The_comparison_of_self_attention_sees_one_wrong_number(
        [Values("query", "key", "value", "relative key", "relative value", "mask")] string which)
    {
        var (projected, mask) = (Random(1, 1, 3 * 2 * 12, 60), Mask(1, 60));
        var attention = Heads(2, 12, 4);
        var expected = ReferenceTextOperations.SelfAttention(projected, attention, mask);
        switch (which)
        {
            case "relative key":
                attention.RelativeKeys!.Span[100] += 0.01f;
                break;
            case "relative value":
                attention.RelativeValues!.Span[100] += 0.01f;
                break;
            case "mask":
                mask.Span[33] = 1 - mask.Span[33];
                break;
            default:
                projected.Span[((Array.IndexOf(["query", "key", "value"], which) * 24) + 13) * 60] += 0.01f;
                break;
        }

        var output = new Tensor(1, 24, 60);
        _device.SelfAttention(projected, attention, output, mask);

        Assert.That(Error(output, expected), Is.GreaterThan(1e-10));
    }

    [Test]
    [Pairwise]
    public void A_depthwise_convolution_agrees_with_its_definition(
        [Values(1, 3, 33)] int channels, [Values(1, 2, 15, 17, 65)] int steps, [Values(1, 3, 5)] int taps, [Values(1, 3, 9, 70)] int dilation)
    {
        var input = Random(1, 2, channels, steps);
        var weights = new DepthwiseWeights(Random(2, channels, taps), Random(3, channels), dilation);
        var output = new Tensor(2, channels, steps);

        _device.DepthwiseConv1d(input, weights, output);

        AssertClose(output, ReferenceTextOperations.DepthwiseConv1d(input, weights));
        weights.Taps.Span[taps / 2] += 0.01f;
        Assert.That(Error(output, ReferenceTextOperations.DepthwiseConv1d(input, weights)), Is.GreaterThan(1e-10));
    }

    [Test]
    [Pairwise]
    public void A_spline_is_undone([Values(0, 1)] int channel, [Values(1, 2, 10)] int bins, [Values(0.1f, 0.5f, 3f)] float factor)
    {
        var coupling = new SplineCoupling(channel, bins, Bound: 5, factor);
        var parameters = Random(1, 2, (3 * bins) - 1, 100);
        var variables = Random(2, 2, 2, 100);
        foreach (ref var value in variables.Span)
        {
            value *= 3;
        }

        // The bounds themselves, the next numbers outside, and far out.
        ((ReadOnlySpan<float>)[5, -5, MathF.BitIncrement(5), MathF.BitDecrement(-5), 30, 0]).CopyTo(variables.Span[(channel * 100)..]);
        var (undone, expected) = (Copy(variables), ReferenceTextOperations.UndoSpline(parameters, coupling, variables));

        _device.UndoSpline(parameters, coupling, undone);

        AssertClose(undone, expected);
        Assert.That(undone.Span[(channel * 100)..][..5].ToArray(), Is.EqualTo(variables.Span[(channel * 100)..][..5].ToArray()));
        var other = (3 - channel) * 100;
        Assert.That(undone.Span.Slice(other, 100).SequenceEqual(variables.Span.Slice(other, 100)));
        parameters.Span[50] += 0.1f;
        Assert.That(bins == 1 || Error(undone, ReferenceTextOperations.UndoSpline(parameters, coupling, variables)) > 1e-10);
    }

    // Where a bin is steep in its middle and flat at its ends, the two roots of the equation come together at the edges of the bins.
    [Test]
    public void A_spline_whose_discriminant_is_near_zero_is_undone()
    {
        var coupling = new SplineCoupling(Channel: 1, Bins: 10, Bound: 5, Factor: 1);
        var (parameters, variables) = (new Tensor(1, 29, 1001), new Tensor(1, 2, 1001));
        for (var step = 0; step < 1001; step++)
        {
            for (var i = 0; i < 29; i++)
            {
                parameters.Span[(i * 1001) + step] = i < 10 ? i % 2 * 6 : i < 20 ? (1 - (i % 2)) * 6 : -20;
            }

            variables.Span[1001 + step] = (step - 500) / 100f;
        }

        var expected = ReferenceTextOperations.UndoSpline(parameters, coupling, variables);
        _device.UndoSpline(parameters, coupling, variables);

        Assert.That(Error(variables, expected), Is.LessThan(1e-9));
        Assert.That(variables.Span[1001..].ToArray(), Is.Ordered.Ascending);
    }

    [Test]
    public void Steps_are_gathered_from_their_places([Values(1, 5)] int channels)
    {
        var input = Random(1, 2, channels, 4);
        int[] places = [0, 0, 3, 1, 3, 3, 2, 0, 1, 1];
        var output = new Tensor(2, channels, 5);

        _device.Gather(input, places, output);

        Assert.That(output.Span.ToArray(), Is.EqualTo(ReferenceTextOperations.Gather(input, places)));
        Assert.That(() => _device.Gather(input, [0, 0, 3, 1, 3, 3, 2, 0, 1, 4], output),
            Throws.ArgumentException.With.Message.EqualTo("Row 1 has 4 steps; place 4 is 4."));
        Assert.That(() => _device.Gather(input, [-1, 0, 3, 1, 3, 3, 2, 0, 1, 3], output), Throws.ArgumentException);
    }

    [Test]
    public void Frames_are_drawn_from_their_tokens([Values(1, 5)] int channels)
    {
        var distributions = Random(1, 2, 2 * channels, 4);
        int[] places = [0, 0, 3, 1, 3, 3, 2, 0, 1, 1];
        var noise = Random(2, 2, channels, 5);
        var frames = Copy(noise);

        _device.DrawFrames(distributions, places, frames);

        AssertClose(frames, ReferenceTextOperations.DrawFrames(distributions, places, noise));
        Assert.That(() => _device.DrawFrames(distributions, places.AsSpan(0, 9), frames),
            Throws.ArgumentException.With.Message.Contains("10 places"));
        Assert.That(() => _device.DrawFrames(distributions, [0, 0, 3, 1, 3, 3, 2, 0, 1, 4], frames), Throws.ArgumentException);
        distributions.Span[(2 * channels * 4) - 1] += 0.01f;
        Assert.That(Error(frames, ReferenceTextOperations.DrawFrames(distributions, places, noise)), Is.GreaterThan(1e-10));
    }

    [Test]
    public void Positions_are_added([Values(1, 4)] int half, [Values(1, 3000)] int steps, [Values] bool mask)
    {
        var input = Random(1, 2, 2 * half, steps);
        var frequencies = Tensor.From([.. Enumerable.Range(0, half).Select(i => MathF.Pow(10_000, -i / (float)half))], half);
        var masks = mask ? Mask(2, steps) : null;
        var output = Copy(input);

        _device.AddPositions(output, frequencies, output, masks);

        AssertClose(output, ReferenceTextOperations.AddPositions(input, frequencies, masks));
    }

    [Test]
    public void Vectors_are_added_to_their_rows([Values(1, 5)] int channels, [Values(1, 33)] int steps)
    {
        var (input, vectors) = (Random(1, 2, channels, steps), Random(2, 2, channels));
        var sequence = Copy(input);

        _device.AddRowVectors(sequence, vectors);

        AssertClose(sequence, ReferenceTextOperations.AddRowVectors(input, vectors));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        var x = new Tensor(1, 6, 9);
        var norm = new LayerNormWeights(new Tensor(6), new Tensor(6));
        Assert.That(() => _device.LayerNorm(x, norm, x, new LayerNormFusion { Mask = new Tensor(1, 1, 8) }), Throws.ArgumentException);
        Assert.That(() => _device.LayerNorm(x, norm, x, new LayerNormFusion { Addend = new Tensor(1, 6, 8) }), Throws.ArgumentException);
        Assert.That(() => _device.LayerNorm(x, new LayerNormWeights(new Tensor(5), new Tensor(5)), x), Throws.ArgumentException);
        Assert.That(() => _device.SelfAttention(x, new AttentionHeads(3), new Tensor(1, 2, 9)),
            Throws.ArgumentException.With.Message.Contains("3 heads"));
        Assert.That(() => _device.SelfAttention(x, new AttentionHeads(1), x), Throws.ArgumentException);
        Assert.That(() => _device.SelfAttention(x, new AttentionHeads(1, new Tensor(3, 2)), new Tensor(1, 2, 9)),
            Throws.ArgumentException.With.Message.Contains("[3, 2] and []"));
        Assert.That(() => _device.SelfAttention(x, new AttentionHeads(1, new Tensor(2, 2), new Tensor(2, 2)), new Tensor(1, 2, 9)),
            Throws.ArgumentException.With.Message.Contains("[2 W + 1, 2]"));
        Assert.That(() => _device.AddPositions(x, new Tensor(2), x), Throws.ArgumentException);
        Assert.That(() => _device.AddRowVectors(x, new Tensor(1, 5)), Throws.ArgumentException);
    }

    private static AttentionHeads Heads(int count, int width, int window) => window < 0
        ? new AttentionHeads(count)
        : new AttentionHeads(count, Random(8, (2 * window) + 1, width), Random(9, (2 * window) + 1, width));

    /// <summary>Every fourth step is masked, but never the first.</summary>
    private static Tensor Mask(int rows, int steps) =>
        Tensor.From([.. Enumerable.Range(0, rows * steps).Select(i => i % steps % 4 == 3 ? 0f : 1f)], rows, 1, steps);

    private static Tensor Random(int seed, params int[] shape) => KernelValues.Random(seed, 2, shape);

    private static Tensor Copy(Tensor tensor) => Tensor.From(tensor.Span, tensor.Shape);

    private static void AssertClose(Tensor actual, double[] expected) => Assert.That(Error(actual, expected), Is.LessThan(1e-12));

    private static double Error(Tensor actual, double[] expected) => Nmse.Of(actual.Span, Array.ConvertAll(expected, value => (float)value));
}
