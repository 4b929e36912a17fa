using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The weights of a convolution in the order in which the CPU kernels read them: blocks of 8, then 4, then 1 output rows, each
/// [input channel, tap, row]. A transposed convolution of stride s is kept as an ordinary one with s rows a channel, one for each
/// position modulo s ("phase"), of ceil(K / s) taps. Of <see cref="WinogradTransform"/> the blocks are [product, input channel, row].
/// </summary>
internal sealed class CpuConv1dWeights : Conv1dWeights
{
    public CpuConv1dWeights(Conv1dSizes sizes, Tensor weight, Tensor? bias, int mostRows, bool isWinograd = false)
        : base(sizes)
    {
        (MostRows, IsWinograd) = (mostRows, isWinograd);
        Taps = isWinograd ? 1 : Ceiling.Of(Kernel, Stride);
        Products = isWinograd ? WinogradTransform.Products : 1;
        Packed = Tensor.Uninitialized(checked(Rows * InputChannels * Products * Taps));
        Bias = new Tensor(Rows);
        if (isWinograd)
        {
            PackWinograd(weight.Span, Packed.Span);
        }
        else
        {
            Pack(weight);
        }

        for (var row = 0; bias is not null && row < Rows; row++)
        {
            Bias.Span[row] = bias.Span[row / Stride];
        }
    }

    /// <summary>Taps that the kernel walks over.</summary>
    public int Taps { get; }

    /// <summary>Whether the products are those of <see cref="WinogradTransform"/>.</summary>
    public bool IsWinograd { get; }

    /// <summary>Tiles of products that make a tile of outputs.</summary>
    public int Products { get; }

    /// <summary>Output positions that a column of a tile of products stands for.</summary>
    public int PositionsPerColumn => IsWinograd ? WinogradTransform.Outputs : 1;

    /// <summary>Rows of the largest blocks; the kernels' register tile has as many.</summary>
    public int MostRows { get; }

    public int Rows => OutputChannels * Stride;

    public Tensor Packed { get; }

    /// <summary>Bias of every row.</summary>
    public Tensor Bias { get; }

    /// <summary>Rows that the block starting at <paramref name="row"/> has.</summary>
    public static int BlockRows(int row, int rows, int most) => rows - row >= most ? most : rows - row >= 4 ? 4 : 1;

    private void Pack(Tensor weight)
    {
        var packed = Packed.Span;
        for (int start = 0, block; start < Rows; start += block)
        {
            block = BlockRows(start, Rows, MostRows);
            var columns = InputChannels * Taps;
            var to = packed.Slice(start * columns, block * columns);
            if (IsTransposed)
            {
                PackTransposed(weight.Span, start, block, to);
            }
            else
            {
                Interleave(weight.Span.Slice(start * columns, block * columns), block, to);
            }
        }
    }

    // [rows, columns] to [columns, rows].
    private static void Interleave(ReadOnlySpan<float> values, int rows, Span<float> packed)
    {
        var columns = values.Length / rows;
        for (var (column, to) = (0, 0); column < columns; column++)
        {
            for (var from = column; from < values.Length; from += columns)
            {
                packed[to++] = values[from];
            }
        }
    }

    private void PackTransposed(ReadOnlySpan<float> values, int start, int block, Span<float> packed)
    {
        var index = 0;
        for (var channel = 0; channel < InputChannels; channel++)
        {
            for (var tap = 0; tap < Taps; tap++)
            {
                for (var row = start; row < start + block; row++)
                {
                    var source = TransposedIndex(row, channel, tap);
                    packed[index++] = source < 0 ? 0 : values[source];
                }
            }
        }
    }

    private void PackWinograd(ReadOnlySpan<float> weight, Span<float> packed)
    {
        Span<float> factors = stackalloc float[WinogradTransform.Products];
        for (int start = 0, block; start < Rows; start += block)
        {
            block = BlockRows(start, Rows, MostRows);
            var to = packed.Slice(start * InputChannels * Products, block * InputChannels * Products);
            for (var row = 0; row < block; row++)
            {
                for (var channel = 0; channel < InputChannels; channel++)
                {
                    WinogradTransform.TransformTaps(weight.Slice((((start + row) * InputChannels) + channel) * Kernel, Kernel), factors);
                    for (var product = 0; product < Products; product++)
                    {
                        to[(((product * InputChannels) + channel) * block) + row] = factors[product];
                    }
                }
            }
        }
    }

    // Output q * stride + phase takes input q - j through the kernel's tap j * stride + phase; packed taps run forward in the input.
    private int TransposedIndex(int row, int channel, int tap)
    {
        var (output, phase) = Math.DivRem(row, Stride);
        var source = ((Taps - 1 - tap) * Stride) + phase;
        return source < Kernel ? (((channel * OutputChannels) + output) * Kernel) + source : -1;
    }
}
