using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>A convolution layer with its input, as a kernel of a precision sees them, and what its definition makes of them in float64.</summary>
internal sealed class ConvolutionCase
{
    private readonly CudaCompute _device;

    public ConvolutionCase(Precision precision, Conv1dSizes sizes, params int[] lengths)
        : this(TestDevice.Open(precision), sizes, lengths)
    {
    }

    public ConvolutionCase(CudaCompute device, Conv1dSizes sizes, params int[] lengths)
    {
        (_device, Sizes, Lengths) = (device, sizes, lengths);
        var precision = device.Precision;
        Inputs = [.. lengths.Select((steps, row) => Random(precision, row, 1, sizes.InputChannels, steps))];
        var scale = MathF.Sqrt(3f / (sizes.InputChannels * ConvolutionTile.TapsOf(sizes)));
        var (first, second) = sizes.IsTransposed ? (sizes.InputChannels, sizes.OutputChannels) : (sizes.OutputChannels, sizes.InputChannels);
        Weight = KernelValues.Rounded(KernelValues.Random(91, scale, first, second, sizes.Kernel), precision);
        Bias = KernelValues.Random(92, 0.1f, sizes.OutputChannels);
        Weights = Pack(Weight);
    }

    public Conv1dSizes Sizes { get; }

    public int[] Lengths { get; }

    public Tensor[] Inputs { get; }

    public Tensor Weight { get; }

    public Tensor Bias { get; }

    public CudaConv1dWeights Weights { get; }

    /// <summary>NMSE of rounding once to the type of the output, and more than the sums' own.</summary>
    public double Limit => _device.Type == ElementType.Float16 ? 1e-6 : KernelValues.Limit;

    /// <summary>All tiles that this layer may be computed by.</summary>
    public IEnumerable<ConvolutionKernel> Tiles => ConvolutionKernel.Candidates(_device, _device.Type, Sizes, Weights.UsesWarpgroups);

    /// <summary>Values that have the device's precision.</summary>
    public static Tensor Random(Precision precision, int seed, params int[] shape) =>
        KernelValues.Rounded(KernelValues.Random(seed, 1, shape), precision);

    public CudaConv1dWeights Pack(Tensor weight) => (CudaConv1dWeights)(Sizes.IsTransposed
        ? _device.PackConvTranspose1d(weight, Bias, Sizes.Stride, Sizes.Padding)
        : _device.PackConv1d(weight, Bias, Sizes.Dilation, Sizes.Padding));

    /// <summary>The rows' outputs in float64, of an input that has gone through a leaky ReLU.</summary>
    public double[][] Expected(float inputSlope = 1) => [.. Inputs.Select(input => Sizes.IsTransposed
        ? ReferenceOperations.ConvTranspose1d(input, Weight, Bias, Sizes.Stride, Sizes.Padding, inputSlope)
        : ReferenceOperations.Conv1d(input, Weight, Bias, Sizes.Dilation, Sizes.Padding, inputSlope))];

    /// <summary>All rows as one batch, by a tile or by the one that the engine would choose.</summary>
    /// <returns>Each row's output [1, C', T'].</returns>
    public Tensor[] Run(ConvFusion? fusion = null, ConvolutionKernel? tile = null, CudaConv1dWeights? weights = null, Tensor? held = null)
    {
        weights ??= Weights;
        var rows = _device.Rows(Lengths);
        var input = Sequence(rows, Sizes.InputChannels);
        _device.Upload(SequenceBatch.Join(Inputs, rows), input);
        var outputRows = _device.Rows([.. Lengths.Select(weights.OutputLength)]);
        var output = Sequence(outputRows, Sizes.OutputChannels);
        if (held is not null)
        {
            _device.Upload(held, output);
        }

        fusion ??= ConvFusion.None;
        if (tile is null)
        {
            _device.Conv1d(input, weights, output, fusion);
        }
        else
        {
            _device.Convolve(tile, input, weights, output, fusion);
        }

        return SequenceBatch.Split(_device.Download(output), outputRows);
    }

    /// <summary>The error of a single row, halved after an activation and what is added to it.</summary>
    /// <param name="precision">Of what is added.</param>
    /// <param name="activation">Of the sums.</param>
    /// <param name="residual">Whether another sequence is added.</param>
    /// <param name="accumulate">Whether what the output held is added after that.</param>
    public double ErrorOfFusion(Precision precision, Activation activation, bool residual, bool accumulate)
    {
        var (outputs, steps) = (Sizes.OutputChannels, Lengths.Single());
        Tensor added = Random(precision, 5, 1, outputs, steps), held = Random(precision, 6, 1, outputs, steps);
        var residualTensor = Sequence(_device.Rows(steps), outputs);
        _device.Upload(added, residualTensor);
        var expected = Expected()[0];
        for (var i = 0; i < expected.Length; i++)
        {
            var value = activation == Activation.Relu ? Math.Max(expected[i], 0) : activation == Activation.Tanh ? Math.Tanh(expected[i])
                : expected[i];
            expected[i] = (0.5 * (value + (residual ? added.Span[i] : 0))) + (accumulate ? held.Span[i] : 0);
        }

        var fusion = new ConvFusion { Activation = activation, Residual = residual ? residualTensor : null, Scale = 0.5f, Accumulate = accumulate };
        return Error(Run(fusion, held: held)[0], expected);
    }

    /// <summary>Device memory for a sequence.</summary>
    public Tensor Sequence(RowLengths rows, int channels) => _device.Allocate(rows.Count * channels * rows.Longest).AsSequence(rows, channels);

    public static double Error(Tensor actual, double[] expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), "number of values");
        double error = 0, power = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = actual.Span[i] - expected[i];
            error += difference * difference;
            power += expected[i] * expected[i];
        }

        return double.IsNaN(error) ? double.PositiveInfinity : error / power;
    }
}
