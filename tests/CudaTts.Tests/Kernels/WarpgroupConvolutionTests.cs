using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Convolutions in half precision by wgmma (kernels/conv1d_sm90a.cu).</summary>
[TestFixture]
internal sealed class WarpgroupConvolutionTests
{
    private static CudaCompute Device => TestDevice.Open(Precision.Half, usesWarpgroups: true);

    [Test]
    [Pairwise]
    public void Every_tile_convolves_as_its_definition_with_the_same_bits(
        [Values(24, 32, 40, 64, 264)] int inputs,
        [Values(40, 64, 72, 128, 264)] int outputs,
        [Values(1, 63, 65, 129, 257)] int steps,
        [Values(1, 2, 3, 11)] int taps,
        [Values(1, 3, 12, 130)] int dilation)
    {
        var padding = (dilation * (taps - 1)) - (dilation * (taps - 1) / 2);
        var layer = new ConvolutionCase(Device, new Conv1dSizes(outputs, inputs, taps, dilation, padding, 1, false), steps, 33);
        var fusion = new ConvFusion { InputSlope = 0.1f };
        Assert.That(layer.Weights.UsesWarpgroups, Is.True);

        var results = layer.Tiles.Select(tile => layer.Run(fusion, tile)).ToArray();

        Assert.That(results, Has.Length.EqualTo(3));
        var expected = layer.Expected(0.1f);
        foreach (var result in results)
        {
            // The activated input is rounded before it is multiplied.
            Assert.That(ConvolutionCase.Error(result[0], expected[0]), Is.LessThan(2 * layer.Limit));
            Assert.That(ConvolutionCase.Error(result[1], expected[1]), Is.LessThan(2 * layer.Limit));
            Assert.That(result[0].Span.SequenceEqual(results[0][0].Span) && result[1].Span.SequenceEqual(results[0][1].Span), Is.True);
        }
    }

    [TestCase(512, 256, 16, 8, 4, 31)]
    [TestCase(64, 32, 4, 2, 1, 257)]
    [TestCase(24, 16, 7, 3, 2, 33)]
    public void Transposed_convolves_as_its_definition(int inputs, int outputs, int taps, int stride, int padding, int steps)
    {
        var layer = new ConvolutionCase(Device, new Conv1dSizes(outputs, inputs, taps, 1, padding, stride, true), steps, (steps + 1) / 2);
        Assert.That(layer.Weights.UsesWarpgroups, Is.True);

        var output = layer.Run(new ConvFusion { InputSlope = 0.1f });

        var expected = layer.Expected(0.1f);
        Assert.That(ConvolutionCase.Error(output[0], expected[0]), Is.LessThan(2 * layer.Limit));
        Assert.That(ConvolutionCase.Error(output[1], expected[1]), Is.LessThan(2 * layer.Limit));
    }

    [TestCase(40, 64)]
    [TestCase(256, 136)]
    public void A_row_of_a_batch_is_its_single_run_bit_for_bit(int inputs, int outputs)
    {
        var sizes = new Conv1dSizes(outputs, inputs, 3, 7, 7, 1, false);
        int[] lengths = [1, 300, 33, 255];
        var batch = new ConvolutionCase(Device, sizes, lengths).Run();

        for (var row = 0; row < lengths.Length; row++)
        {
            var single = new ConvolutionCase(Device, sizes, lengths[row]);
            ConvolutionCase.Random(Precision.Half, row, 1, inputs, lengths[row]).Span.CopyTo(single.Inputs[0].Span);
            Assert.That(single.Run()[0].Span.SequenceEqual(batch[row].Span), Is.True, $"row {row}");
        }
    }

    [Test]
    public void Fusions_apply_in_their_order([Values] Activation activation, [Values] bool residual, [Values] bool accumulate)
    {
        var layer = new ConvolutionCase(Device, new Conv1dSizes(72, 32, 3, 1, 1, 1, false), 130);

        Assert.That(layer.ErrorOfFusion(Precision.Half, activation, residual, accumulate), Is.LessThan(layer.Limit));
    }

    [Test]
    public void The_comparison_sees_one_wrong_weight()
    {
        var layer = new ConvolutionCase(Device, new Conv1dSizes(64, 80, 5, 1, 2, 1, false), 33);
        var wrong = Tensor.From(layer.Weight.Span, layer.Weight.Shape);
        wrong.Span[^1] += 0.1f;

        var output = layer.Run(weights: layer.Pack(wrong))[0];

        Assert.That(ConvolutionCase.Error(output, layer.Expected()[0]), Is.GreaterThan(layer.Limit));
    }

    [TestCase(16, 64, 1, false)]
    [TestCase(24, 32, 1, false)]
    [TestCase(24, 40, 1, true)]
    [TestCase(25, 64, 1, false)]
    [TestCase(32, 33, 1, false)]
    [TestCase(32, 8, 4, false)]
    [TestCase(32, 16, 4, true)]
    public void Which_layers_use_them_depends_on_the_layer_alone(int inputs, int outputs, int stride, bool expected)
    {
        var sizes = new Conv1dSizes(outputs, inputs, 4, 1, 0, stride, stride > 1);

        Assert.That(ConvolutionTile.SuitsWarpgroups(sizes), Is.EqualTo(expected));
        Assert.That(new ConvolutionCase(Device, sizes, 9).Weights.UsesWarpgroups, Is.EqualTo(expected));
        Assert.That(new ConvolutionCase(Precision.Half, sizes, 9).Weights.UsesWarpgroups, Is.False, "mma.sync unless it is asked for");
    }
}
