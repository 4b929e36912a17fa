using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

[TestFixture(Precision.Full)]
[TestFixture(Precision.Half)]
internal sealed class ConvolutionKernelTests(Precision precision)
{
    [Test]
    [Pairwise]
    public void Convolves_as_its_definition(
        [Values(1, 8, 16, 31, 33, 80, 255, 257)] int inputs,
        [Values(1, 4, 16, 31, 32, 33, 64, 80, 257)] int outputs,
        [Values(1, 31, 33, 129, 257)] int steps,
        [Values(1, 2, 3, 7, 11)] int taps,
        [Values(1, 3, 5, 12)] int dilation)
    {
        var padding = (dilation * (taps - 1)) - (dilation * (taps - 1) / 2);
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, inputs, taps, dilation, padding, 1, false), steps);

        var output = layer.Run(new ConvFusion { InputSlope = 0.1f })[0];

        // In half precision the activated input is rounded before it is multiplied.
        var limit = precision == Precision.Half ? 2 * layer.Limit : layer.Limit;
        Assert.That(ConvolutionCase.Error(output, layer.Expected(0.1f)[0]), Is.LessThan(limit));
    }

    [TestCase(512, 512, 5, 1, 33, TestName = "Convolves_real_sizes(encoder, postnet)")]
    [TestCase(80, 512, 7, 1, 48, TestName = "Convolves_real_sizes(conv_pre)")]
    [TestCase(256, 256, 11, 5, 70, TestName = "Convolves_real_sizes(stage 1)")]
    [TestCase(32, 32, 11, 5, 700, TestName = "Convolves_real_sizes(stage 4)")]
    [TestCase(32, 1, 7, 1, 1000, TestName = "Convolves_real_sizes(conv_post)")]
    public void Convolves_real_sizes(int inputs, int outputs, int taps, int dilation, int steps)
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, inputs, taps, dilation, dilation * (taps - 1) / 2, 1, false), steps);

        Assert.That(ConvolutionCase.Error(layer.Run()[0], layer.Expected()[0]), Is.LessThan(layer.Limit));
    }

    [TestCase(80, 512, 7, 48)]
    [TestCase(33, 31, 3, 257)]
    [TestCase(1, 1, 1, 1)]
    public void First_layers_read_float_32(int inputs, int outputs, int taps, int steps)
    {
        var device = TestDevice.Open(precision);
        var rows = device.Rows(steps);
        Tensor x = KernelValues.Random(1, 1, 1, inputs, steps), weight = KernelValues.Random(2, 1, outputs, inputs, taps),
            bias = KernelValues.Random(3, 1, outputs);
        Tensor input = device.Allocate(ElementType.Float32, inputs * steps).AsSequence(rows, inputs),
            output = device.Allocate(outputs * steps).AsSequence(rows, outputs);
        device.Upload(x, input);

        device.Conv1d(input, device.PackFirstConv1d(weight, bias, 1, taps / 2), output);

        var limit = precision == Precision.Half ? 1e-6 : KernelValues.Limit;
        Assert.That(ConvolutionCase.Error(device.Download(output), ReferenceOperations.Conv1d(x, weight, bias, 1, taps / 2, 1)), Is.LessThan(limit));
    }

    [TestCase(512, 256, 16, 8, 4, 31)]
    [TestCase(64, 32, 4, 2, 1, 257)]
    [TestCase(33, 31, 8, 4, 2, 33)]
    [TestCase(16, 8, 4, 2, 1, 255)]
    [TestCase(8, 4, 7, 3, 2, 31)]
    [TestCase(4, 1, 5, 2, 0, 33)]
    [TestCase(2, 3, 3, 5, 0, 9)]
    [TestCase(1, 1, 1, 1, 0, 1)]
    public void Transposed_convolves_as_its_definition(int inputs, int outputs, int taps, int stride, int padding, int steps)
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, inputs, taps, 1, padding, stride, true), steps, (steps + 1) / 2);

        var output = layer.Run(new ConvFusion { InputSlope = 0.1f });

        var expected = layer.Expected(0.1f);
        Assert.That(ConvolutionCase.Error(output[0], expected[0]), Is.LessThan(2 * layer.Limit));
        Assert.That(ConvolutionCase.Error(output[1], expected[1]), Is.LessThan(2 * layer.Limit));
    }

    [TestCase(64, 256, 3, 5)]
    [TestCase(128, 64, 7, 1)]
    [TestCase(256, 32, 2, 9)]
    public void Every_tile_gives_the_same_bits(int inputs, int outputs, int taps, int dilation)
    {
        var sizes = new Conv1dSizes(outputs, inputs, taps, dilation, dilation * (taps - 1) / 2, 1, false);
        var layer = new ConvolutionCase(precision, sizes, 257, 130);
        var expected = layer.Expected()[0];
        var results = layer.Tiles.Select(tile => layer.Run(tile: tile)).ToArray();

        foreach (var result in results)
        {
            Assert.That(ConvolutionCase.Error(result[0], expected), Is.LessThan(layer.Limit));
            Assert.That(result[0].Span.SequenceEqual(results[0][0].Span) && result[1].Span.SequenceEqual(results[0][1].Span), Is.True);
        }
    }

    [TestCase(40, 24, 3, 7, 1)]
    [TestCase(9, 5, 3, 7, 1)]
    [TestCase(32, 1, 7, 1, 1)]
    [TestCase(32, 16, 8, 1, 4)]
    public void A_row_of_a_batch_is_its_single_run_bit_for_bit(int inputs, int outputs, int taps, int dilation, int stride)
    {
        var padding = stride > 1 ? (taps - stride) / 2 : dilation * (taps - 1) / 2;
        var sizes = new Conv1dSizes(outputs, inputs, taps, dilation, padding, stride, stride > 1);
        int[] lengths = [1, 300, 33, 255];
        var batch = new ConvolutionCase(precision, sizes, lengths).Run();

        for (var row = 0; row < lengths.Length; row++)
        {
            var single = new ConvolutionCase(precision, sizes, lengths[row]);
            ConvolutionCase.Random(precision, row, 1, inputs, lengths[row]).Span.CopyTo(single.Inputs[0].Span);
            Assert.That(single.Run()[0].Span.SequenceEqual(batch[row].Span), Is.True, $"row {row}");
        }
    }

    [TestCase(16, 24)]
    [TestCase(5, 3)]
    public void What_lies_past_a_rows_end_is_neither_read_nor_left(int inputs, int outputs)
    {
        var device = TestDevice.Open(precision);
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, inputs, 5, 1, 2, 1, false), 257, 40);
        RowLengths full = device.Rows(257, 257), real = device.Rows(layer.Lengths);
        Tensor input = device.Allocate(2 * inputs * 257), output = device.Allocate(2 * outputs * 257);
        var garbage = SequenceBatch.Join(layer.Inputs, real);
        for (var i = 0; i < inputs; i++)
        {
            garbage.Slice(1, 1).Span.Slice((i * 257) + 40, 217).Fill(1e4f);
        }

        device.Upload(garbage, input.AsSequence(full, inputs));
        device.Conv1d(input.AsSequence(real, inputs), layer.Weights, output.AsSequence(real, outputs));
        var whole = device.Download(output.AsSequence(full, outputs));

        var row = SequenceBatch.Split(whole, real)[1];
        Assert.That(row.Span.SequenceEqual(layer.Run()[1].Span), Is.True);
        for (var i = 0; i < outputs; i++)
        {
            Assert.That(whole.Slice(1, 1).Span.Slice((i * 257) + 40, 217).ContainsAnyExcept(0f), Is.False, $"channel {i}");
        }
    }

    [Test]
    [Pairwise]
    public void Fusions_apply_in_their_order(
        [Values] Activation activation, [Values] bool residual, [Values] bool accumulate, [Values(1, 21, 24)] int outputs)
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, 16, 3, 1, 1, 1, false), 61);

        Assert.That(layer.ErrorOfFusion(precision, activation, residual, accumulate), Is.LessThan(layer.Limit));
    }

    [Test]
    public void Taps_further_apart_than_a_tile_is_long_are_read_one_by_one(
        [Values(64, 65, 300)] int dilation, [Values(8, 9)] int inputs, [Values(1, 8)] int outputs)
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, inputs, 3, dilation, dilation, 1, false), 700);

        Assert.That(ConvolutionCase.Error(layer.Run()[0], layer.Expected()[0]), Is.LessThan(layer.Limit));
    }

    [Test]
    public void The_comparison_sees_one_wrong_weight([Values(1, 8, 33)] int outputs)
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(outputs, 80, 5, 1, 2, 1, false), 33);
        var wrong = Tensor.From(layer.Weight.Span, layer.Weight.Shape);
        wrong.Span[^1] += 0.1f;

        var output = layer.Run(weights: layer.Pack(wrong))[0];

        Assert.That(ConvolutionCase.Error(output, layer.Expected()[0]), Is.GreaterThan(layer.Limit));
    }

    [Test]
    public void Taps_that_reach_beyond_shared_memory_are_refused()
    {
        var device = TestDevice.Open(precision);
        var sizes = new Conv1dSizes(64, 64, 999, 200, 0, 1, false);
        Assert.That(
            () => ConvolutionKernel.Candidates(device, device.Type, sizes, usesWarpgroups: false),
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains("999 taps with dilation 200"));
    }

    [Test]
    public void Weights_of_another_device_are_refused()
    {
        var layer = new ConvolutionCase(precision, new Conv1dSizes(8, 8, 1, 1, 0, 1, false), 9);
        using var cpu = new CpuCompute(1);
        var weights = cpu.PackConv1d(layer.Weight, layer.Bias, 1, 0);
        var device = TestDevice.Open(precision);
        var sequence = layer.Sequence(device.Rows(9), 8);

        Assert.That(() => device.Conv1d(sequence, weights, layer.Sequence(device.Rows(9), 8)),
            Throws.ArgumentException.With.Message.Contains("another device"));
    }

    [Test]
    public void Weights_beyond_half_precision_are_refused()
    {
        var device = TestDevice.Open(Precision.Half);
        var weight = Tensor.From([1, 70_000], 1, 2, 1);

        Assert.That(() => device.PackConv1d(weight, null, 1, 0), Throws.InstanceOf<WeightsException>().With.Message.Contains("70000"));
    }
}
