using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>Convolutions and matrix products on one kind of vector unit.</summary>
internal abstract class ConvolutionEngine
{
    /// <summary>Columns of a register tile.</summary>
    public abstract int TileWidth { get; }

    /// <summary>Rows of the largest register tile.</summary>
    public abstract int MostRows { get; }

    /// <summary>Numbers of a vector.</summary>
    public abstract int VectorWidth { get; }

    public abstract void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion);

    public abstract void Linear(Tensor input, LinearWeights weights, Tensor output);
}

/// <summary>
/// A convolution walks over blocks of time. The block's input is first copied into a panel that is small enough for the second-level
/// cache, with its edges filled with zeros and the leaky ReLU applied, so the inner loop has no special cases; then every block of
/// output rows passes over the panel tile by tile. Convolutions of a <see cref="WinogradFilter"/> go another way: see <see cref="_winograd"/>.
/// </summary>
internal sealed unsafe class ConvolutionEngine<TSimd, TVector>(ThreadTeam team) : ConvolutionEngine
    where TSimd : IDecoderSimd<TVector>
{
    // Half of a usual second-level cache of 1 MB; the other half is for weights and output.
    private const int PanelFloats = 128 * 1024;

    // Of more, the panel of a few tiles would not fit; they come in slices, whose sums are added.
    private const int MostChannels = 512;

    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = TileKernel<TSimd, TVector>.Vectors * TSimd.Width;

    [ThreadStatic]
    private static Tensor? _panel;

    [ThreadStatic]
    private static Tensor? _tile;

    [ThreadStatic]
    private static Tensor? _sums;

    private readonly WinogradConvolution<TSimd, TVector> _winograd = new(team);

    public override int TileWidth => Tile;

    public override int MostRows => Most;

    public override int VectorWidth => TSimd.Width;

    public override void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        if (weights.Winograd is not null)
        {
            _winograd.Convolve(input, weights, output, fusion);
            return;
        }

        // Positions are what the kernel computes side by side: output samples, or input steps for each phase of a transposed convolution.
        var positions = weights.IsTransposed ? Ceiling.Of(output[2] + weights.Padding, weights.Stride) : output[2];
        var plan = BlockPlan.Create(weights, output[0], positions, team.Count);
        team.Run(output[0] * plan.TimeBlocks * plan.RowParts, (long)output.Length * weights.InputChannels * weights.Taps, item =>
        {
            var (part, rest) = (item % plan.RowParts, item / plan.RowParts);
            var (block, row) = (rest % plan.TimeBlocks, rest / plan.TimeBlocks);
            var start = block * plan.BlockLength;
            var length = Math.Min(plan.BlockLength, positions - start);
            ConvolveBlock(input, weights, output, fusion, new Block(row, start, length, part, plan.RowParts));
        });
        GC.KeepAlive(input);
        GC.KeepAlive(output);
    }

    public override void Linear(Tensor input, LinearWeights weights, Tensor output)
    {
        // The kernel's roles are exchanged: its rows are rows of the input, its columns the outputs, its panel the weights.
        var (rows, inputs, outputs) = (input[0], weights.Inputs, weights.Outputs);
        var transposed = new Tensor(rows, inputs);
        for (int start = 0, block; start < rows; start += block)
        {
            block = CpuConv1dWeights.BlockRows(start, rows, Most);
            Transpose(input.Pointer + ((nint)start * inputs), transposed.Pointer + ((nint)start * inputs), block, inputs);
        }

        var operands = new TileOperands(inputs, Tile, Taps: 1, Dilation: 0);
        team.Run(weights.Panels, (long)rows * inputs * outputs, panel =>
        {
            var tile = Scratch(ref _tile, Most * Tile);
            var zeros = stackalloc float[Most];
            new Span<float>(zeros, Most).Clear();
            var columns = Math.Min(Tile, outputs - (panel * Tile));
            var bias = weights.Bias.Span.Slice(panel * Tile, columns);
            for (int start = 0, block; start < rows; start += block)
            {
                block = CpuConv1dWeights.BlockRows(start, rows, Most);
                TileKernel<TSimd, TVector>.Multiply(
                    block,
                    columns,
                    operands,
                    transposed.Pointer + ((nint)start * inputs),
                    weights.Packed.Pointer + ((nint)panel * inputs * Tile),
                    zeros,
                    tile);
                for (var row = 0; row < block; row++)
                {
                    var to = output.Span.Slice(((start + row) * outputs) + (panel * Tile), columns);
                    for (var column = 0; column < to.Length; column++)
                    {
                        to[column] = tile[(row * Tile) + column] + bias[column];
                    }
                }
            }
        });
        GC.KeepAlive(transposed);
    }

    private static void ConvolveBlock(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, in Block block)
    {
        var width = Ceiling.Multiple(block.Length, Tile);
        var stride = PanelStride(width + ((weights.Taps - 1) * weights.Dilation));
        var slice = SliceChannels(weights);
        var zeros = stackalloc float[Most];
        new Span<float>(zeros, Most).Clear();
        var memory = new BlockMemory(
            Scratch(ref _panel, checked(slice * stride)),
            Scratch(ref _tile, Most * Tile),
            slice < weights.InputChannels ? Scratch(ref _sums, checked(weights.Rows * width)) : null,
            zeros,
            width);
        var first = block.Start - (weights.IsTransposed ? weights.Taps - 1 : weights.Padding);
        for (int channel = 0, channels; channel < weights.InputChannels; channel += channels)
        {
            channels = Math.Min(slice, weights.InputChannels - channel);
            var operands = new TileOperands(channels, stride, weights.Taps, weights.Dilation);
            PackPanel(input, block.BatchRow, channel, first, operands, memory.Panel, fusion.InputSlope);
            MultiplySlice(weights, channel, operands, output, fusion, block, memory);
        }
    }

    /// <summary>The share of a block's sums that a slice of the input channels has; the last slice's are complete.</summary>
    private static void MultiplySlice(
        CpuConv1dWeights weights, int channel, in TileOperands operands, Tensor output, ConvFusion fusion, in Block block, in BlockMemory memory)
    {
        for (int row = 0, index = 0, rows; row < weights.Rows; row += rows, index++)
        {
            rows = CpuConv1dWeights.BlockRows(row, weights.Rows, weights.MostRows);
            if (index % block.Parts != block.Part)
            {
                continue;
            }

            var packed = weights.Packed.Pointer + ((((nint)row * weights.InputChannels) + ((nint)rows * channel)) * weights.Taps);
            var bias = channel == 0 ? weights.Bias.Pointer + row : memory.Zeros;
            for (var offset = 0; offset < block.Length; offset += Tile)
            {
                var count = Math.Min(Tile, block.Length - offset);
                TileKernel<TSimd, TVector>.Multiply(rows, count, operands, packed, memory.Panel + offset, bias, memory.Tile);
                var before = memory.Sums + ((nint)row * memory.Width) + (offset * rows);
                if (channel > 0)
                {
                    Add(before, memory.Tile, rows * Tile);
                }

                if (channel + operands.Channels < weights.InputChannels)
                {
                    new Span<float>(memory.Tile, rows * Tile).CopyTo(new Span<float>(before, rows * Tile));
                }
                else
                {
                    StoreTile(memory.Tile, rows, weights, output, fusion, (block.BatchRow, row, block.Start + offset), count);
                }
            }
        }
    }

    /// <summary>
    /// Input channels whose panel is so narrow that a block of time is several tiles long: else the weights would be read again for every tile.
    /// </summary>
    private static int SliceChannels(CpuConv1dWeights weights) =>
        Ceiling.Of(weights.InputChannels, Ceiling.Of(weights.InputChannels, MostChannels));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* from, float* to, int count)
    {
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(to + i, TSimd.Add(TSimd.Load(to + i), TSimd.Load(from + i)));
        }
    }

    private static void StoreTile(
        float* tile, int rows, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, (int Batch, int Row, int Position) at, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            if (weights.IsTransposed)
            {
                StorePhase(tile + (i * Tile), weights, output, at.Batch, at.Row + i, at.Position, columns);
            }
            else
            {
                SequenceRows<TSimd, TVector>.Store(tile + (i * Tile), output, fusion, at.Batch, at.Row + i, at.Position, columns);
            }
        }
    }

    /// <summary>Stores a row of a transposed convolution's tile: one phase of one channel, so a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StorePhase(float* sums, CpuConv1dWeights weights, Tensor output, int batchRow, int row, int position, int columns)
    {
        var stride = weights.Stride;
        var (channel, phase) = (row / stride, row % stride);
        var sample = (position * stride) + phase - weights.Padding;
        var before = sample < 0 ? (stride - 1 - sample) / stride : 0;
        var end = Math.Min(columns, (output[2] - sample + stride - 1) / stride);
        var to = output.Pointer + ((nint)((batchRow * weights.OutputChannels) + channel) * output[2]) + sample + (before * stride);
        for (var i = before; i < end; i++, to += stride)
        {
            *to = sums[i];
        }
    }

    /// <summary>Copies input[batchRow, channel ..., first ...] into the panel's rows.</summary>
    private static void PackPanel(Tensor input, int batchRow, int channel, int first, in TileOperands operands, float* panel, float slope)
    {
        for (var i = 0; i < operands.Channels; i++)
        {
            SequenceRows<TSimd, TVector>.Pack(
                input, batchRow, channel + i, first, panel + (i * operands.PanelStride), (int)operands.PanelStride, slope);
        }
    }

    private static void Transpose(float* from, float* to, int rows, int columns)
    {
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < rows; row++)
            {
                *to++ = from[((nint)row * columns) + column];
            }
        }
    }

    // An odd number of cache lines, so that rows do not all fall into the same few sets of the cache.
    private static int PanelStride(int length) => (((length + 15) / 16) | 1) * 16;

    private static float* Scratch(ref Tensor? scratch, int floats)
    {
        if (scratch is null || scratch.Length < floats)
        {
            scratch = new Tensor(floats);
        }

        return scratch.Pointer;
    }

    /// <summary>What one thread computes in one go: positions of one row of the batch, of every so many-th block of output rows.</summary>
    private readonly record struct Block(int BatchRow, int Start, int Length, int Part, int Parts);

    /// <summary>Where a thread computes it.</summary>
    private readonly struct BlockMemory(float* panel, float* tile, float* sums, float* zeros, int width)
    {
        /// <summary>The input as the kernels read it.</summary>
        public float* Panel => panel;

        /// <summary>Sums [row, position] of a tile.</summary>
        public float* Tile => tile;

        /// <summary>The sums of earlier slices of channels, tile by tile; nowhere if there is only one slice.</summary>
        public float* Sums => sums;

        /// <summary>A zero for each row of a tile.</summary>
        public float* Zeros => zeros;

        /// <summary>Positions of the block in whole tiles.</summary>
        public int Width => width;
    }

    /// <summary>How a convolution is cut up.</summary>
    /// <param name="TimeBlocks">Blocks of positions.</param>
    /// <param name="BlockLength">Positions in a block.</param>
    /// <param name="RowParts">Shares of the output rows, each with its own copy of the panel; more than 1 when time gives too few blocks.</param>
    private readonly record struct BlockPlan(int TimeBlocks, int BlockLength, int RowParts)
    {
        public static BlockPlan Create(CpuConv1dWeights weights, int batch, int positions, int threads)
        {
            var halo = (weights.Taps - 1) * weights.Dilation;
            var longest = Math.Max(1, ((PanelFloats / SliceChannels(weights)) - halo) / Tile);
            var tiles = Ceiling.Of(positions, Tile);
            var blocks = Math.Max(1, Ceiling.Of(tiles, longest));
            if (batch * blocks % threads != 0 && tiles >= 2 * threads)
            {
                blocks = Ceiling.Multiple(blocks, threads);
            }

            var blockTiles = Ceiling.Of(tiles, blocks);
            blocks = (tiles + blockTiles - 1) / Math.Max(1, blockTiles);
            return new BlockPlan(blocks, blockTiles * Tile, batch * blocks < threads ? threads : 1);
        }
    }
}
