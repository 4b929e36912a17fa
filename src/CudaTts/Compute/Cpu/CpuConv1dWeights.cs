using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The weights of a convolution in the order in which the CPU kernels read them: blocks of 8, then 4, then 1 output rows, each
/// [input channel, tap, row]. A transposed convolution of stride s is kept as an ordinary one with s rows a channel, one for each
/// position modulo s ("phase"), of ceil(K / s) taps. Of a <see cref="WinogradFilter"/> the blocks are [product, input channel, segment, row].
/// </summary>
internal sealed class CpuConv1dWeights : Conv1dWeights
{
    public CpuConv1dWeights(Conv1dSizes sizes, Tensor weight, Tensor? bias, int mostRows, WinogradFilter? winograd = null)
        : base(sizes)
    {
        (MostRows, Winograd) = (mostRows, winograd);
        Taps = winograd?.Segments ?? Ceiling.Of(Kernel, Stride);
        Packed = Tensor.Uninitialized(checked(Rows * InputChannels * (winograd?.Products ?? 1) * Taps));
        Bias = new Tensor(Rows);
        if (winograd is not null)
        {
            PackWinograd(winograd, weight.Span, Packed.Span);
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

    /// <summary>How the products are saved; null of a convolution as it is defined.</summary>
    public WinogradFilter? Winograd { get; }

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

    private void PackWinograd(WinogradFilter filter, ReadOnlySpan<float> weight, Span<float> packed)
    {
        var columns = InputChannels * Kernel;
        var taps = new float[columns * MostRows];
        for (int start = 0, block; start < Rows; start += block)
        {
            block = BlockRows(start, Rows, MostRows);
            Interleave(weight.Slice(start * columns, block * columns), block, taps);
            var to = packed[(start * InputChannels * filter.Products * Taps)..];
            for (var channel = 0; channel < InputChannels; channel++)
            {
                for (var segment = 0; segment < Taps; segment++)
                {
                    var (first, end) = (segment * filter.Taps, Math.Min(Kernel, (segment + 1) * filter.Taps));
                    var part = taps.AsSpan(((channel * Kernel) + first) * block, (end - first) * block);
                    filter.TransformTaps(part, block, to[(((channel * Taps) + segment) * block)..], InputChannels * Taps * block);
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
