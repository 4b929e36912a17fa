using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// A convolution by a <see cref="WinogradFilter"/> on one kind of vector unit. It walks over blocks of time: a block's input is put into
/// <see cref="PhaseOrder"/> and transformed, channel by channel, into one panel for each product; every block of output rows passes over the panels
/// tile by tile, and what its products give is transformed back, joined and stored.
/// </summary>
internal sealed unsafe class WinogradConvolution<TSimd, TVector>(ThreadTeam team)
    where TSimd : IDecoderSimd<TVector>
{
    // Of a usual second-level cache of 1 MB the part that a block's panels have; the rest is for weights and output.
    private const int PanelFloats = 96 * 1024;

    // The panels are read in turn for every block of rows. Of more channels they come in slices, whose sums are added.
    private const int MostChannels = 256;
    private const int Phases = PhaseOrder.Phases;
    private const int FloatsPerLine = 16;
    private const int RowsAhead = 4;
    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = TileKernel<TSimd, TVector>.Vectors * TSimd.Width;

    [ThreadStatic]
    private static Tensor? _memory;

    public void Convolve(Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        var plan = new Plan(weights, output, team.Count);
        team.Run(output[0] * plan.Blocks * plan.RowParts, (long)output.Length * weights.InputChannels * weights.Kernel, item =>
        {
            var (part, rest) = (item % plan.RowParts, item / plan.RowParts);
            var (block, row) = (rest % plan.Blocks, rest / plan.Blocks);
            ConvolveBlock(input, weights, output, fusion, plan, (row, block, part));
        });
        GC.KeepAlive(input);
        GC.KeepAlive(output);
    }

    private static void ConvolveBlock(
        Tensor input, CpuConv1dWeights weights, Tensor output, ConvFusion fusion, in Plan plan, (int BatchRow, int Block, int Part) at)
    {
        var memory = new Memory(plan);
        var start = at.Block * plan.BlockColumns * Phases;
        var steps = Math.Min(plan.BlockColumns * Phases, output[2] - start);
        var columns = Math.Min(plan.BlockColumns, Ceiling.Multiple(Ceiling.Of(steps, Phases), weights.Dilation));
        for (int channel = 0, channels; channel < weights.InputChannels; channel += channels)
        {
            channels = Math.Min(plan.Slice, weights.InputChannels - channel);
            FillPanels(input, at.BatchRow, (channel, channels), start - weights.Padding, fusion.InputSlope, plan, memory);
            for (int row = 0, index = 0, rows; row < weights.Rows; row += rows, index++)
            {
                rows = CpuConv1dWeights.BlockRows(row, weights.Rows, weights.MostRows);
                if (index % plan.RowParts != at.Part)
                {
                    continue;
                }

                if (channel + channels == weights.InputChannels)
                {
                    PrefetchRows(output, fusion, (at.BatchRow, row, rows), start, steps);
                }

                var phases = memory.Phases + (plan.Slice < weights.InputChannels ? (nint)row * Phases * plan.PhaseStride : 0);
                Multiply(weights, plan, memory, (row, rows), (channel, channels), columns, phases);
                if (channel + channels == weights.InputChannels)
                {
                    StoreRows(output, fusion, plan, memory, phases, (at.BatchRow, row, rows), start, steps);
                }
            }
        }
    }

    /// <summary>The panels [product, channel, column] of input[batchRow, channels, first ...].</summary>
    private static void FillPanels(
        Tensor input, int batchRow, (int First, int Count) channels, int first, float slope, in Plan plan, in Memory memory)
    {
        var dilation = plan.Order.Dilation;
        for (var i = 0; i < channels.Count; i++)
        {
            var channel = channels.First + i;
            SequenceRows<TSimd, TVector>.Prefetch(input, batchRow, channel + RowsAhead, first, plan.RowSteps);
            SequenceRows<TSimd, TVector>.Pack(input, batchRow, channel, first, memory.Row, plan.RowSteps, slope);
            PhaseOrder<TSimd, TVector>.Split(plan.Order, memory.Row, plan.PanelColumns + dilation, memory.Split, plan.SplitStride);
            WinogradTransform<TSimd, TVector>.TransformInputs(
                memory.Split, plan.SplitStride, dilation, memory.Panels + (i * plan.PanelStride), plan.ProductStride, plan.PanelColumns,
                plan.Filter.Products);
        }
    }

    private static void PrefetchRows(Tensor output, ConvFusion fusion, (int BatchRow, int First, int Count) rows, int start, int steps)
    {
        for (var row = rows.First; row < rows.First + rows.Count; row++)
        {
            SequenceRows<TSimd, TVector>.Prefetch(output, rows.BatchRow, row, start, steps);
            if (fusion.Residual is { } residual && residual != output)
            {
                SequenceRows<TSimd, TVector>.Prefetch(residual, rows.BatchRow, row, start, steps);
            }
        }
    }

    /// <summary>phases[row, phase, column] of a block of rows: the share that a slice of the input channels has in the outputs.</summary>
    private static void Multiply(
        CpuConv1dWeights weights, in Plan plan, in Memory memory, (int First, int Count) rows, (int First, int Count) channels, int columns,
        float* phases)
    {
        var zeros = stackalloc float[Most];
        new Span<float>(zeros, Most).Clear();
        var operands = new TileOperands(channels.Count, plan.PanelStride, weights.Taps, weights.Dilation);
        var products = plan.Filter.Products;
        var packed = weights.Packed.Pointer
            + ((((nint)rows.First * weights.InputChannels * products) + ((nint)rows.Count * channels.First)) * weights.Taps);
        for (var column = 0; column < columns; column += Tile)
        {
            var count = Math.Min(Tile, columns - column);
            for (var product = 0; product < products; product++)
            {
                var hasBias = product == WinogradFilter.BiasProduct && channels.First == 0;
                TileKernel<TSimd, TVector>.Multiply(
                    rows.Count,
                    count,
                    operands,
                    packed + ((nint)product * weights.InputChannels * rows.Count * weights.Taps),
                    memory.Panels + (product * plan.ProductStride) + column,
                    hasBias ? weights.Bias.Pointer + rows.First : zeros,
                    memory.Products + (product * rows.Count * Tile));
            }

            for (var row = 0; row < rows.Count; row++)
            {
                WinogradTransform<TSimd, TVector>.TransformOutputs(
                    memory.Products + (row * Tile), rows.Count * Tile, products, count, phases + (row * Phases * plan.PhaseStride) + column,
                    plan.PhaseStride, accumulate: channels.First > 0);
            }
        }
    }

    private static void StoreRows(
        Tensor output, ConvFusion fusion, in Plan plan, in Memory memory, float* phases, (int BatchRow, int First, int Count) rows, int start,
        int steps)
    {
        var dilation = plan.Order.Dilation;
        var columns = Ceiling.Of(steps, Phases * dilation) * dilation;
        for (var row = 0; row < rows.Count; row++, phases += Phases * plan.PhaseStride)
        {
            PhaseOrder<TSimd, TVector>.Join(plan.Order, phases, plan.PhaseStride, memory.Row, columns);
            SequenceRows<TSimd, TVector>.Store(memory.Row, output, fusion, rows.BatchRow, rows.First + row, start, steps);
        }
    }

    /// <summary>How a convolution is cut up, and how large what a block needs is.</summary>
    private readonly struct Plan
    {
        public Plan(CpuConv1dWeights weights, Tensor output, int threads)
        {
            Filter = weights.Winograd!;
            Order = PhaseOrder.Of(weights.Dilation, TSimd.Width);
            var (dilation, steps) = (weights.Dilation, output[2]);
            var group = Phases * dilation;
            Slice = Ceiling.Of(weights.InputChannels, Ceiling.Of(weights.InputChannels, MostChannels));
            var halo = (weights.Taps - 1) * dilation;

            // Blocks are whole groups, so the last tile of a block may have some columns less.
            var columns = Ceiling.Of(steps, group) * dilation;
            var longest = Math.Max(1, ((PanelFloats / (Slice * Filter.Products)) - halo) / Tile);
            var tiles = Ceiling.Of(columns, Tile);
            Blocks = Math.Max(1, Ceiling.Of(tiles, longest));
            if (output[0] * Blocks % threads != 0 && tiles >= 2 * threads)
            {
                Blocks = Ceiling.Multiple(Blocks, threads);
            }

            BlockColumns = Math.Max(1, Ceiling.Of(tiles, Blocks) * Tile / dilation) * dilation;
            Blocks = Ceiling.Of(columns, BlockColumns);
            RowParts = output[0] * Blocks < threads ? threads : 1;

            PhaseStride = Ceiling.Multiple(BlockColumns, Tile) + TSimd.Width;
            PanelColumns = Ceiling.Multiple(Ceiling.Multiple(BlockColumns, Tile) + halo, TSimd.Width);

            // An odd number of cache lines, so that rows do not all fall into the same few sets of the cache.
            PanelStride = (Ceiling.Of(PanelColumns, FloatsPerLine) | 1) * FloatsPerLine;
            ProductStride = PanelStride * Slice;
            SplitStride = Ceiling.Multiple(PanelColumns + (2 * dilation), FloatsPerLine) + FloatsPerLine;
            RowSteps = Phases * (Ceiling.Multiple(PanelColumns + dilation, dilation) + TSimd.Width);
            PhaseRows = Slice < weights.InputChannels ? weights.Rows : Most;
        }

        public WinogradFilter Filter { get; }

        public PhaseOrder Order { get; }

        /// <summary>Blocks of columns.</summary>
        public int Blocks { get; }

        /// <summary>Columns of a block.</summary>
        public int BlockColumns { get; }

        /// <summary>Shares of the output rows, each with its own copy of the panels; more than 1 when time gives too few blocks.</summary>
        public int RowParts { get; }

        /// <summary>Channels of a slice.</summary>
        public int Slice { get; }

        public int RowSteps { get; }

        public int SplitStride { get; }

        public int PanelColumns { get; }

        public int PanelStride { get; }

        public nint ProductStride { get; }

        public int PhaseStride { get; }

        public int PhaseRows { get; }
    }

    /// <summary>Where a thread computes a block.</summary>
    private readonly struct Memory
    {
        public Memory(in Plan plan)
        {
            const int Count = PhaseOrder.Phases;
            var (panels, products) = (checked((int)plan.ProductStride * plan.Filter.Products), plan.Filter.Products * Most * Tile);
            var (split, phases) = (Count * plan.SplitStride, checked(plan.PhaseRows * Count * plan.PhaseStride) + TSimd.Width);
            var floats = checked(panels + products + split + phases + plan.RowSteps);
            if (_memory is null || _memory.Length < floats)
            {
                _memory = new Tensor(floats);
            }

            Panels = _memory.Pointer;
            Products = Panels + panels;
            Split = Products + products;
            Phases = Split + split;
            Row = Phases + phases;
        }

        /// <summary>[product, channel, column].</summary>
        public float* Panels { get; }

        /// <summary>[product, row, column] of a tile.</summary>
        public float* Products { get; }

        /// <summary>[phase, column] of a channel.</summary>
        public float* Split { get; }

        /// <summary>[row, phase, column] of outputs.</summary>
        public float* Phases { get; }

        /// <summary>The steps of a row.</summary>
        public float* Row { get; }
    }
}
