namespace CudaTts.Compute;

/// <summary>
/// The weights of a convolution in the order in which the CPU kernels read them: blocks of 8, then 4, then 1 output rows, each
/// [input channel, tap, row]. A transposed convolution of stride s is kept as an ordinary one with s rows a channel, one for each
/// position modulo s ("phase"), of ceil(K / s) taps.
/// </summary>
public sealed class Conv1dWeights
{
    internal Conv1dWeights(int outputChannels, int inputChannels, int kernel, int dilation, int padding, int stride, bool transposed, int mostRows)
    {
        OutputChannels = outputChannels;
        InputChannels = inputChannels;
        Kernel = kernel;
        Dilation = dilation;
        Padding = padding;
        Stride = stride;
        IsTransposed = transposed;
        MostRows = mostRows;
        Taps = (kernel + stride - 1) / stride;
        Packed = new Tensor(Rows * inputChannels * Taps);
        Bias = new Tensor(Rows);
    }

    /// <summary>Channels of the output.</summary>
    public int OutputChannels { get; }

    /// <summary>Channels of the input.</summary>
    public int InputChannels { get; }

    /// <summary>Taps of the kernel as the checkpoint has it.</summary>
    public int Kernel { get; }

    /// <summary>Steps between taps.</summary>
    public int Dilation { get; }

    /// <summary>Zeros before and after the input (of a transposed convolution: samples cut from both ends of the output).</summary>
    public int Padding { get; }

    /// <summary>Output samples an input step; 1 unless transposed.</summary>
    public int Stride { get; }

    /// <summary>Whether this is a transposed convolution.</summary>
    public bool IsTransposed { get; }

    internal int Taps { get; }

    /// <summary>Rows of the largest blocks; the kernels' register tile has as many.</summary>
    internal int MostRows { get; }

    internal int Rows => OutputChannels * Stride;

    internal Tensor Packed { get; }

    /// <summary>Bias of every row.</summary>
    internal Tensor Bias { get; }

    /// <summary>Length of the output for an input of <paramref name="length"/> steps.</summary>
    public int OutputLength(int length) => IsTransposed
        ? ((length - 1) * Stride) - (2 * Padding) + Kernel
        : length + (2 * Padding) - (Dilation * (Kernel - 1));

    internal static Conv1dWeights Pack(Tensor weight, Tensor? bias, int dilation, int padding, int mostRows)
    {
        CheckRank(weight);
        return new Conv1dWeights(weight[0], weight[1], weight[2], dilation, padding, stride: 1, transposed: false, mostRows).Fill(weight, bias);
    }

    internal static Conv1dWeights PackTransposed(Tensor weight, Tensor? bias, int stride, int padding, int mostRows)
    {
        CheckRank(weight);
        return new Conv1dWeights(weight[1], weight[0], weight[2], dilation: 1, padding, stride, transposed: true, mostRows).Fill(weight, bias);
    }

    /// <summary>Rows that the block starting at <paramref name="row"/> has.</summary>
    internal static int BlockRows(int row, int rows, int most) => rows - row >= most ? most : rows - row >= 4 ? 4 : 1;

    private static void CheckRank(Tensor weight)
    {
        if (weight.Rank != 3)
        {
            throw new ArgumentException($"A convolution's weight has three dimensions; found {weight}.");
        }
    }

    private Conv1dWeights Fill(Tensor weight, Tensor? bias)
    {
        var values = weight.Span;
        var packed = Packed.Span;
        var index = 0;
        for (int start = 0, block; start < Rows; start += block)
        {
            block = BlockRows(start, Rows, MostRows);
            for (var channel = 0; channel < InputChannels; channel++)
            {
                for (var tap = 0; tap < Taps; tap++)
                {
                    for (var row = start; row < start + block; row++)
                    {
                        var source = IsTransposed ? TransposedIndex(row, channel, tap) : (((row * InputChannels) + channel) * Taps) + tap;
                        packed[index++] = source < 0 ? 0 : values[source];
                    }
                }
            }
        }

        SetBias(bias);
        return this;
    }

    // Output q * stride + phase takes input q - j through the kernel's tap j * stride + phase; packed taps run forward in the input.
    private int TransposedIndex(int row, int channel, int tap)
    {
        var (output, phase) = Math.DivRem(row, Stride);
        var source = ((Taps - 1 - tap) * Stride) + phase;
        return source < Kernel ? (((channel * OutputChannels) + output) * Kernel) + source : -1;
    }

    private void SetBias(Tensor? bias)
    {
        if (bias is null)
        {
            return;
        }

        if (bias.Length != OutputChannels)
        {
            throw new ArgumentException($"A bias for {OutputChannels} output channels was expected; found {bias}.");
        }

        for (var row = 0; row < Rows; row++)
        {
            Bias.Span[row] = bias.Span[row / Stride];
        }
    }
}
