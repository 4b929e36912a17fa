using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// A convolution or transposed convolution over time: its sizes here, its weights in a derived class in the order in which a device reads them.
/// </summary>
internal abstract class Conv1dWeights
{
    private protected Conv1dWeights(Conv1dSizes sizes) => Sizes = sizes;

    /// <summary>Channels of the output.</summary>
    public int OutputChannels => Sizes.OutputChannels;

    /// <summary>Channels of the input.</summary>
    public int InputChannels => Sizes.InputChannels;

    /// <summary>Taps of the kernel as the checkpoint has it.</summary>
    public int Kernel => Sizes.Kernel;

    /// <summary>Steps between taps.</summary>
    public int Dilation => Sizes.Dilation;

    /// <summary>Zeros before and after the input (of a transposed convolution: samples cut from both ends of the output).</summary>
    public int Padding => Sizes.Padding;

    /// <summary>Output samples an input step; 1 unless transposed.</summary>
    public int Stride => Sizes.Stride;

    /// <summary>Whether this is a transposed convolution.</summary>
    public bool IsTransposed => Sizes.IsTransposed;

    internal Conv1dSizes Sizes { get; }

    /// <summary>Length of the output for an input of <paramref name="length"/> steps.</summary>
    public int OutputLength(int length) => IsTransposed
        ? ((length - 1) * Stride) - (2 * Padding) + Kernel + Sizes.OutputPadding
        : length + (2 * Padding) - (Dilation * (Kernel - 1));
}

/// <summary>What <see cref="Conv1dWeights"/> says of itself, read off a checkpoint's tensors.</summary>
internal sealed record Conv1dSizes(int OutputChannels, int InputChannels, int Kernel, int Dilation, int Padding, int Stride, bool IsTransposed)
{
    /// <summary>By how many samples less a transposed convolution cuts from its output's end than from the front.</summary>
    public int OutputPadding { get; init; }

    /// <summary>Reads the sizes off a weight [Cout, Cin, K].</summary>
    public static Conv1dSizes Of(Tensor weight, Tensor? bias, int dilation, int padding)
    {
        CheckRank(weight);
        return new Conv1dSizes(weight[0], weight[1], weight[2], dilation, padding, Stride: 1, IsTransposed: false).CheckBias(bias);
    }

    /// <summary>Reads the sizes off a transposed convolution's weight [Cin, Cout, K].</summary>
    public static Conv1dSizes OfTransposed(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding)
    {
        CheckRank(weight);
        var sizes = new Conv1dSizes(weight[1], weight[0], weight[2], Dilation: 1, padding, stride, IsTransposed: true);
        return (sizes with { OutputPadding = outputPadding }).CheckBias(bias);
    }

    private static void CheckRank(Tensor weight)
    {
        if (weight.Rank != 3)
        {
            throw new ArgumentException($"A convolution's weight has three dimensions; found {weight}.");
        }
    }

    private Conv1dSizes CheckBias(Tensor? bias) => bias is null || bias.Length == OutputChannels
        ? this
        : throw new ArgumentException($"A bias for {OutputChannels} output channels was expected; found {bias}.");
}
