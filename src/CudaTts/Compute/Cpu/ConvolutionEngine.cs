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
/// output rows passes over the panel tile by tile. For convolutions of <see cref="WinogradTransform"/> the panel holds the transformed input,
/// one small panel for each product of each tile.
/// </summary>
internal sealed unsafe class ConvolutionEngine<TSimd, TVector>(ThreadTeam team) : ConvolutionEngine
    where TSimd : IDecoderSimd<TVector>
{
    // Half of a usual second-level cache of 1 MB; the other half is for weights and output.
    private const int PanelFloats = 128 * 1024;

    // Of more, the panel of a few tiles would not fit; they come in slices, whose sums are added.
    private const int MostChannels = 512;

    // Of Winograd's transform six panels are read in turn for every block of rows: each is to fit the first-level cache.
    private const int MostWinogradChannels = 192;

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

    [ThreadStatic]
    private static Tensor? _products;

    [ThreadStatic]
    private static Tensor? _row;

    public override int TileWidth => Tile;

    public override int MostRows => Most;

    public override void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        // Positions are what the kernel computes side by side: output samples, or input steps for each phase of a transposed convolution.
        var positions = weights.IsTransposed ? Ceiling.Of(output[2] + weights.Padding, weights.Stride) : output[2];
        var plan = BlockPlan.Create(weights, output[0], positions, team.Count);
        Run(output[0] * plan.TimeBlocks * plan.RowParts, (long)output.Length * weights.InputChannels * weights.Taps, item =>
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

    private static void ConvolveBlock(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, in Block block)
    {
        var positions = Tile * weights.PositionsPerColumn;
        var width = Ceiling.Multiple(block.Length, positions);
        var stride = weights.IsWinograd ? Tile : PanelStride(width + ((weights.Taps - 1) * weights.Dilation));
        var panels = weights.IsWinograd ? width / positions * weights.Products : 1;
        var slice = SliceChannels(weights);
        var zeros = stackalloc float[Most];
        new Span<float>(zeros, Most).Clear();
        var memory = new BlockMemory(
            Scratch(ref _panel, checked(panels * slice * stride)),
            Scratch(ref _tile, Most * positions),
            slice < weights.InputChannels ? Scratch(ref _sums, checked(weights.Rows * width)) : null,
            zeros,
            width);
        var first = block.Start - (weights.IsTransposed ? weights.Taps - 1 : weights.Padding);
        for (int channel = 0, channels; channel < weights.InputChannels; channel += channels)
        {
            channels = Math.Min(slice, weights.InputChannels - channel);
            var operands = new TileOperands(channels, stride, weights.Taps, weights.Dilation);
            if (weights.IsWinograd)
            {
                TransformPanel(input, block.BatchRow, channel, first, width, operands, memory.Panel, fusion.InputSlope);
            }
            else
            {
                PackPanel(input, block.BatchRow, channel, first, operands, memory.Panel, fusion.InputSlope);
            }

            MultiplySlice(weights, channel, operands, output, fusion, block, memory);
        }
    }

    /// <summary>The share of a block's sums that a slice of the input channels has; the last slice's are complete.</summary>
    private static void MultiplySlice(
        CpuConv1dWeights weights, int channel, in TileOperands operands, Tensor output, ConvFusion fusion, in Block block, in BlockMemory memory)
    {
        var positions = Tile * weights.PositionsPerColumn;
        var nextPanel = weights.IsWinograd ? weights.Products * operands.Channels * Tile : Tile;
        for (int row = 0, index = 0, rows; row < weights.Rows; row += rows, index++)
        {
            rows = CpuConv1dWeights.BlockRows(row, weights.Rows, weights.MostRows);
            if (index % block.Parts != block.Part)
            {
                continue;
            }

            var packed = weights.Packed.Pointer
                + ((((nint)row * weights.InputChannels * weights.Products) + ((nint)rows * channel)) * weights.Taps);
            var bias = channel == 0 ? weights.Bias.Pointer + row : memory.Zeros;
            for (int offset = 0, panel = 0; offset < block.Length; offset += positions, panel += nextPanel)
            {
                var count = Math.Min(positions, block.Length - offset);
                MultiplyTile(weights, operands, (rows, count), packed, memory.Panel + panel, bias, memory);
                var before = memory.Sums + ((nint)row * memory.Width) + (offset * rows);
                if (channel > 0)
                {
                    Add(before, memory.Tile, rows * positions);
                }

                if (channel + operands.Channels < weights.InputChannels)
                {
                    new Span<float>(memory.Tile, rows * positions).CopyTo(new Span<float>(before, rows * positions));
                }
                else
                {
                    StoreTile(memory.Tile, rows, weights, output, fusion, (block.BatchRow, row, block.Start + offset), count);
                }
            }
        }
    }

    /// <summary>One tile [rows, positions] of a slice's sums.</summary>
    private static void MultiplyTile(
        CpuConv1dWeights weights, in TileOperands operands, (int Rows, int Positions) size, float* packed, float* panel, float* bias,
        in BlockMemory memory)
    {
        var (rows, columns) = (size.Rows, Ceiling.Of(size.Positions, weights.PositionsPerColumn));
        if (!weights.IsWinograd)
        {
            TileKernel<TSimd, TVector>.Multiply(rows, columns, operands, packed, panel, bias, memory.Tile);
            return;
        }

        var products = Scratch(ref _products, WinogradTransform.Products * Most * Tile);
        for (var product = 0; product < WinogradTransform.Products; product++)
        {
            TileKernel<TSimd, TVector>.Multiply(
                rows,
                columns,
                operands,
                packed + ((nint)product * weights.InputChannels * rows),
                panel + (product * operands.Channels * operands.PanelStride),
                product == WinogradTransform.BiasProduct ? bias : memory.Zeros,
                products + (product * rows * Tile));
        }

        for (var row = 0; row < rows; row++)
        {
            WinogradTransform<TSimd, TVector>.TransformOutputs(
                products + (row * Tile), rows * Tile, columns, memory.Tile + (row * Tile * WinogradTransform.Outputs));
        }
    }

    /// <summary>
    /// Input channels whose panel is so narrow that a block of time is several tiles long: else the weights would be read again for every tile.
    /// </summary>
    private static int SliceChannels(CpuConv1dWeights weights) =>
        Ceiling.Of(weights.InputChannels, Ceiling.Of(weights.InputChannels, weights.IsWinograd ? MostWinogradChannels : MostChannels));

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
        var stride = Tile * weights.PositionsPerColumn;
        for (var i = 0; i < rows; i++)
        {
            if (weights.IsTransposed)
            {
                StorePhase(tile + (i * stride), weights, output, at.Batch, at.Row + i, at.Position, columns);
            }
            else
            {
                StoreRow(tile + (i * stride), weights, output, fusion, at.Batch, at.Row + i, at.Position, columns);
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
            // The floor comes first, because then a sum stays what is no number.
            var value = TSimd.Max(lowest, TSimd.Load(sums + i));
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

    /// <summary>Copies input[batchRow, channel ..., first ...] into the panel's rows.</summary>
    private static void PackPanel(Tensor input, int batchRow, int channel, int first, in TileOperands operands, float* panel, float slope)
    {
        for (var i = 0; i < operands.Channels; i++)
        {
            PackRow(input, batchRow, channel + i, first, panel + (i * operands.PanelStride), (int)operands.PanelStride, slope);
        }
    }

    /// <summary>Transforms input[batchRow, channel ..., first ...] into panels [tile, product, channel, column].</summary>
    private static void TransformPanel(
        Tensor input, int batchRow, int channel, int first, int width, in TileOperands operands, float* panel, float slope)
    {
        const int Positions = WinogradTransform.Outputs;
        var row = Scratch(ref _row, width + Positions);
        var product = operands.Channels * Tile;
        for (var i = 0; i < operands.Channels; i++)
        {
            PackRow(input, batchRow, channel + i, first, row, width + Positions, slope);
            for (var tile = 0; tile < width / (Tile * Positions); tile++)
            {
                var to = panel + (tile * WinogradTransform.Products * product) + (i * Tile);
                WinogradTransform<TSimd, TVector>.TransformInputs(row + (tile * Tile * Positions), Tile, to, product);
            }
        }
    }

    /// <summary>Copies input[batchRow, channel, first ...], zero where the input has no such step.</summary>
    private static void PackRow(Tensor input, int batchRow, int channel, int first, float* to, int length, float slope)
    {
        var steps = input[2];
        var from = input.Pointer + ((nint)((batchRow * input[1]) + channel) * steps);
        var before = Math.Clamp(-first, 0, length);
        var end = Math.Clamp(steps - first, before, length);
        new Span<float>(to, before).Clear();
        LeakyRelu(from + first + before, to + before, end - before, slope);
        new Span<float>(to + end, length - end).Clear();
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
            var tile = Tile * weights.PositionsPerColumn;
            var halo = (weights.Taps - 1) * weights.Dilation;
            var columns = PanelFloats / (SliceChannels(weights) * weights.Products);
            var longest = Math.Max(1, (columns - halo) / Tile);
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
