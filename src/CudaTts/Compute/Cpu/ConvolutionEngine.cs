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

    public abstract void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion);

    public abstract void Linear(Tensor input, LinearWeights weights, Tensor output);
}

/// <summary>
/// A convolution walks over blocks of time. The block's input is first copied into a panel that is small enough for the second-level
/// cache, with its edges filled with zeros and the leaky ReLU applied, so the inner loop has no special cases; then every block of
/// output rows passes over the panel tile by tile.
/// </summary>
internal sealed unsafe class ConvolutionEngine<TSimd, TVector>(ThreadTeam team) : ConvolutionEngine
    where TSimd : ISimd<TVector>
{
    // Half of a usual second-level cache of 1 MB; the other half is for weights and output.
    private const int PanelFloats = 128 * 1024;

    // Of more, the panel of a few tiles would not fit; they come in slices, whose sums are added.
    private const int MostChannels = 512;

    // About five microseconds of one core.
    private const long LeastShared = 1 << 19;
    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = TileKernel<TSimd, TVector>.Vectors * TSimd.Width;

    [ThreadStatic]
    private static Tensor? _panel;

    [ThreadStatic]
    private static Tensor? _tile;

    [ThreadStatic]
    private static Tensor? _sums;

    public override int TileWidth => Tile;

    public override int MostRows => Most;

    public override void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        // Positions are what the kernel computes side by side: output samples, or input steps for each phase of a transposed convolution.
        var positions = weights.IsTransposed ? Ceiling.Of(output[2] + weights.Padding, weights.Stride) : output[2];
        var plan = BlockPlan.Create(weights, output[0], positions, Tile, team.Count);
        Run(output[0] * plan.TimeBlocks * plan.RowParts, (long)output.Length * weights.InputChannels * weights.Taps, item =>
        {
            var (part, rest) = (item % plan.RowParts, item / plan.RowParts);
            var (block, row) = (rest % plan.TimeBlocks, rest / plan.TimeBlocks);
            var start = block * plan.BlockLength;
            ConvolveBlock(input, weights, output, fusion, row, start, Math.Min(plan.BlockLength, positions - start), part, plan.RowParts);
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
        Run(weights.Panels, (long)rows * inputs * outputs, panel =>
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

    /// <summary>Shares the items among the team, unless waking it costs more than it saves.</summary>
    private void Run(int items, long multiplications, Action<int> body)
    {
        if (multiplications >= LeastShared)
        {
            team.Run(items, body);
            return;
        }

        for (var item = 0; item < items; item++)
        {
            body(item);
        }
    }

    private static void ConvolveBlock(
        Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, int batchRow, int start, int length, int part, int parts)
    {
        var width = Ceiling.Multiple(length, Tile);
        var stride = PanelStride(width + ((weights.Taps - 1) * weights.Dilation));
        var slice = SliceChannels(weights);
        var panel = Scratch(ref _panel, checked(slice * stride));
        var tile = Scratch(ref _tile, Most * Tile);
        var sums = slice < weights.InputChannels ? Scratch(ref _sums, checked(weights.Rows * width)) : null;
        var zeros = stackalloc float[Most];
        new Span<float>(zeros, Most).Clear();
        var first = start - (weights.IsTransposed ? weights.Taps - 1 : weights.Padding);
        for (int channel = 0, channels; channel < weights.InputChannels; channel += channels)
        {
            channels = Math.Min(slice, weights.InputChannels - channel);
            PackPanel(input, batchRow, (channel, channels), first, panel, stride, fusion.InputSlope);
            var operands = new TileOperands(channels, stride, weights.Taps, weights.Dilation);
            for (int row = 0, index = 0, block; row < weights.Rows; row += block, index++)
            {
                block = CpuConv1dWeights.BlockRows(row, weights.Rows, weights.MostRows);
                if (index % parts != part)
                {
                    continue;
                }

                var packed = weights.Packed.Pointer + ((((nint)row * weights.InputChannels) + ((nint)block * channel)) * weights.Taps);
                for (var offset = 0; offset < length; offset += Tile)
                {
                    TileKernel<TSimd, TVector>.Multiply(
                        block, operands, packed, panel + offset, channel == 0 ? weights.Bias.Pointer + row : zeros, tile);
                    var before = sums + ((nint)row * width) + (offset * block);
                    if (channel > 0)
                    {
                        Add(before, tile, block * Tile);
                    }

                    if (channel + channels < weights.InputChannels)
                    {
                        Buffer.MemoryCopy(tile, before, block * Tile * sizeof(float), block * Tile * sizeof(float));
                    }
                    else
                    {
                        StoreTile(tile, block, weights, output, fusion, (batchRow, row, start + offset), Math.Min(Tile, length - offset));
                    }
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
                StoreRow(tile + (i * Tile), weights, output, fusion, at.Batch, at.Row + i, at.Position, columns);
            }
        }
    }

    /// <summary>Finishes a row of a tile and stores it at output[batchRow, row, position ...].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreRow(
        float* sums, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, int batchRow, int row, int position, int columns)
    {
        if (fusion.Activation == Activation.Tanh)
        {
            for (var column = 0; column < columns; column++)
            {
                sums[column] = MathF.Tanh(sums[column]);
            }
        }

        var offset = ((nint)((batchRow * weights.OutputChannels) + row) * output[2]) + position;
        var to = output.Pointer + offset;
        var residual = fusion.Residual is null ? null : fusion.Residual.Pointer + offset;
        var floor = fusion.Activation == Activation.Relu ? 0 : float.NegativeInfinity;
        var scale = fusion.Scale;
        var (lowest, factor) = (TSimd.Broadcast(&floor), TSimd.Broadcast(&scale));
        var i = 0;
        for (; i <= columns - TSimd.Width; i += TSimd.Width)
        {
            var value = TSimd.Max(TSimd.Load(sums + i), lowest);
            if (residual is not null)
            {
                value = TSimd.Add(value, TSimd.Load(residual + i));
            }

            value = TSimd.Multiply(value, factor);
            TSimd.Store(to + i, fusion.Accumulate ? TSimd.Add(value, TSimd.Load(to + i)) : value);
        }

        for (; i < columns; i++)
        {
            var value = (MathF.Max(sums[i], floor) + (residual is null ? 0 : residual[i])) * scale;
            to[i] = fusion.Accumulate ? to[i] + value : value;
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

    /// <summary>Copies input[batchRow, channels, first ...] into the panel's rows, zero where the input has no such step.</summary>
    private static void PackPanel(
        Tensor input, int batchRow, (int First, int Count) channels, int first, float* panel, int stride, float slope)
    {
        var steps = input[2];
        for (var channel = 0; channel < channels.Count; channel++)
        {
            var from = input.Pointer + ((nint)((batchRow * input[1]) + channels.First + channel) * steps);
            var to = panel + ((nint)channel * stride);
            var before = Math.Clamp(-first, 0, stride);
            var end = Math.Clamp(steps - first, before, stride);
            new Span<float>(to, before).Clear();
            LeakyRelu(from + first + before, to + before, end - before, slope);
            new Span<float>(to + end, stride - end).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LeakyRelu(float* from, float* to, int count, float slope)
    {
        if (slope == 1)
        {
            new Span<float>(from, count).CopyTo(new Span<float>(to, count));
            return;
        }

        var i = 0;
        var factor = TSimd.Broadcast(&slope);
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            var x = TSimd.Load(from + i);
            TSimd.Store(to + i, TSimd.Max(x, TSimd.Multiply(x, factor)));
        }

        for (; i < count; i++)
        {
            to[i] = MathF.Max(from[i], slope * from[i]);
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

    /// <summary>How a convolution is cut up.</summary>
    /// <param name="TimeBlocks">Blocks of positions.</param>
    /// <param name="BlockLength">Positions in a block.</param>
    /// <param name="RowParts">Shares of the output rows, each with its own copy of the panel; more than 1 when time gives too few blocks.</param>
    private readonly record struct BlockPlan(int TimeBlocks, int BlockLength, int RowParts)
    {
        public static BlockPlan Create(CpuConv1dWeights weights, int batch, int positions, int tile, int threads)
        {
            var halo = (weights.Taps - 1) * weights.Dilation;
            var longest = Math.Max(1, ((PanelFloats / SliceChannels(weights)) - halo) / tile);
            var tiles = Ceiling.Of(positions, tile);
            var blocks = Math.Max(1, Ceiling.Of(tiles, longest));
            if (batch * blocks % threads != 0 && tiles >= 2 * threads)
            {
                blocks = Ceiling.Multiple(blocks, threads);
            }

            var blockTiles = Ceiling.Of(tiles, blocks);
            blocks = (tiles + blockTiles - 1) / Math.Max(1, blockTiles);
            return new BlockPlan(blocks, blockTiles * tile, batch * blocks < threads ? threads : 1);
        }
    }
}
