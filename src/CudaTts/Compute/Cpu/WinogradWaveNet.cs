using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// A WaveNet layer whose dilated convolution goes by a <see cref="WinogradFilter"/>, on one kind of vector unit. It walks over units of a tile of
/// groups of four steps: the products with the conditioning come first, then those of the filter are transformed and added to them; what is gated
/// becomes the panel of the two products that follow. The steps of a unit are either a run, which is put into <see cref="PhaseOrder"/> and back, or,
/// where the dilation is whole vectors, vectors of each phase that are read and written where they lie.
/// </summary>
internal sealed unsafe class WinogradWaveNet<TSimd, TVector>(ThreadTeam team)
    where TSimd : IDecoderSimd<TVector>
{
    private const int Phases = PhaseOrder.Phases;
    private const int Vectors = TileKernel<TSimd, TVector>.Vectors;
    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = Vectors * TSimd.Width;

    [ThreadStatic]
    private static Tensor? _memory;

    public void Layer(
        Tensor input, Tensor? conditioning, CpuWaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors)
    {
        var biases = gateVectors is null ? weights.GateBias : weights.GateBiasWith(gateVectors);
        var biasStride = gateVectors is null ? 0 : weights.GateBias.Length;
        var units = Ceiling.Of(Columns(weights.Dilation, input[2]), Tile);
        team.Run(input[0] * units, item =>
        {
            var (row, unit) = (item / units, item % units);
            var memory = new Memory(weights);
            var starts = stackalloc int[Phases * Vectors];
            FindStarts(weights.Dilation, input[2], unit, starts);
            PackConditioning(conditioning, row, starts, memory.Conditioning);
            Transform(input, row, weights, starts, memory);
            Gate(weights, biases.Pointer + ((nint)row * biasStride), memory);
            for (var phase = 0; phase < Phases; phase++)
            {
                WaveNetTile<TSimd, TVector>.Project(
                    input, weights, output, skip, accumulate, row, starts + (phase * Vectors),
                    memory.Gated + ((nint)phase * weights.GatedRows * Tile));
            }
        });
        GC.KeepAlive(input);
        GC.KeepAlive(conditioning);
        GC.KeepAlive(biases);
        GC.KeepAlive(output);
        GC.KeepAlive(skip);
    }

    private static bool IsRun(int dilation) => Tile % dilation == 0;

    /// <summary>Groups of so many steps; of the last ones only those whose first step is there.</summary>
    private static int Columns(int dilation, int steps)
    {
        var (groups, rest) = Math.DivRem(steps, Phases * dilation);
        return (groups * dilation) + Math.Min(dilation, rest);
    }

    /// <summary>starts[phase, vector]: where the vectors of a unit's steps lie; behind the last step where there are none.</summary>
    private static void FindStarts(int dilation, int steps, int unit, int* starts)
    {
        for (var phase = 0; phase < Phases; phase++)
        {
            for (var vector = 0; vector < Vectors; vector++, starts++)
            {
                var column = (unit * Tile) + (vector * TSimd.Width);
                var start = IsRun(dilation)
                    ? (((unit * Phases) + phase) * Tile) + (vector * TSimd.Width)
                    : (column / dilation * Phases * dilation) + (column % dilation) + (phase * dilation);
                *starts = Math.Min(start, steps);
            }
        }
    }

    /// <summary>panel[phase, channel, column] = conditioning[channel, step].</summary>
    private static void PackConditioning(Tensor? conditioning, int row, int* starts, float* panel)
    {
        if (conditioning is null)
        {
            return;
        }

        var (channels, steps) = (conditioning[1], conditioning[2]);
        var from = conditioning.Pointer + ((nint)row * channels * steps);
        for (var channel = 0; channel < channels; channel++, from += steps)
        {
            WaveNetTile<TSimd, TVector>.Prefetch(from, steps, starts, Phases * Vectors, channels - channel);
            for (var phase = 0; phase < Phases; phase++)
            {
                WaveNetTile<TSimd, TVector>.Copy(from, steps, starts + (phase * Vectors), 0, panel + (((phase * channels) + channel) * Tile));
            }
        }
    }

    /// <summary>The panels [product, channel, column] of the filter.</summary>
    private static void Transform(Tensor input, int row, CpuWaveNetLayerWeights weights, int* starts, in Memory memory)
    {
        var (filter, dilation, steps) = (weights.Filter!, weights.Dilation, input[2]);
        var padding = dilation * (weights.Kernel - 1) / 2;
        var from = input.Pointer + ((nint)row * input[1] * steps);
        var productStride = (nint)weights.InputChannels * Tile;
        for (var channel = 0; channel < weights.InputChannels; channel++, from += steps)
        {
            var panel = memory.Panels + (channel * Tile);
            WaveNetTile<TSimd, TVector>.Prefetch(from, steps, starts, Phases * Vectors, weights.InputChannels - channel);
            if (IsRun(dilation))
            {
                var stride = memory.SplitStride;
                SequenceRows<TSimd, TVector>.Pack(input, row, channel, starts[0] - padding, memory.Row, memory.RowSteps, slope: 1);
                PhaseOrder<TSimd, TVector>.Split(memory.Order!, memory.Row, Tile + dilation, memory.Split, stride);
                WinogradTransform<TSimd, TVector>.TransformInputs(
                    memory.Split, stride, dilation, panel, productStride, Tile, filter.Products);
                continue;
            }

            for (var i = 0; i < filter.Products; i++)
            {
                WaveNetTile<TSimd, TVector>.Copy(from, steps, starts, (i * dilation) - padding, memory.Split + (i * Tile));
            }

            WinogradTransform<TSimd, TVector>.TransformInputs(
                memory.Split, Tile, Phases * Tile, panel, productStride, Tile, filter.Products);
        }
    }

    /// <summary>gated[phase, channel, column] = tanh(a) * sigmoid(s).</summary>
    private static void Gate(CpuWaveNetLayerWeights weights, float* biases, in Memory memory)
    {
        // One panel after the other, so that each stays in the second-level cache while all weights pass by.
        var operands = new TileOperands(weights.ConditioningChannels, Tile, Taps: 1, Dilation: 0);
        var size = Most * Tile;
        for (var phase = 0; phase < Phases; phase++)
        {
            for (var block = 0; block < weights.GateBlocks; block++)
            {
                TileKernel<TSimd, TVector>.Multiply(
                    Most,
                    operands,
                    weights.Gate.Pointer + ((nint)block * weights.ConditioningChannels * Most),
                    memory.Conditioning + ((nint)phase * weights.ConditioningChannels * Tile),
                    biases + (block * Most),
                    memory.Sums + (((block * Phases) + phase) * size));
            }
        }

        for (var block = 0; block < weights.GateBlocks; block++)
        {
            var sums = memory.Sums + (block * Phases * size);
            AddConvolution(weights, block, memory, sums);
            for (var phase = 0; phase < Phases; phase++)
            {
                WaveNetTile<TSimd, TVector>.Activate(
                    sums + (phase * size), memory.Gated + ((((nint)phase * weights.GatedRows) + (block * (Most / 2))) * Tile), size / 2);
            }
        }
    }

    /// <summary>sums[phase, row, column] += the dilated convolution's.</summary>
    private static void AddConvolution(CpuWaveNetLayerWeights weights, int block, in Memory memory, float* sums)
    {
        var operands = new TileOperands(weights.InputChannels, Tile, Taps: 1, Dilation: 0);
        var zeros = stackalloc float[Most];
        new Span<float>(zeros, Most).Clear();
        var products = weights.Filter!.Products;
        for (var product = 0; product < products; product++)
        {
            TileKernel<TSimd, TVector>.Multiply(
                Most,
                operands,
                weights.Dilated.Pointer + ((((nint)block * products) + product) * weights.InputChannels * Most),
                memory.Panels + ((nint)product * weights.InputChannels * Tile),
                zeros,
                memory.Products + (product * Most * Tile));
        }

        for (var row = 0; row < Most; row++)
        {
            float* from = memory.Products + (row * Tile), to = sums + (row * Tile);
            if (!IsRun(weights.Dilation))
            {
                WinogradTransform<TSimd, TVector>.TransformOutputs(from, Most * Tile, products, Tile, to, Most * Tile, accumulate: true);
                continue;
            }

            WinogradTransform<TSimd, TVector>.TransformOutputs(
                from, Most * Tile, products, Tile, memory.Split, memory.SplitStride, accumulate: false);
            PhaseOrder<TSimd, TVector>.Join(memory.Order!, memory.Split, memory.SplitStride, memory.Row, Tile);
            Add(memory.Row, to);
        }
    }

    /// <summary>to[phase, column] += row[step].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* row, float* to)
    {
        for (var phase = 0; phase < Phases; phase++, to += Most * Tile)
        {
            for (var column = 0; column < Tile; column += TSimd.Width, row += TSimd.Width)
            {
                TSimd.Store(to + column, TSimd.Add(TSimd.Load(to + column), TSimd.Load(row)));
            }
        }
    }

    /// <summary>Where a thread computes a unit.</summary>
    private readonly struct Memory
    {
        public Memory(CpuWaveNetLayerWeights weights)
        {
            var (dilation, products) = (IsRun(weights.Dilation) ? weights.Dilation : 0, weights.Filter!.Products);
            Order = dilation > 0 ? PhaseOrder.Of(dilation, TSimd.Width) : null;
            SplitStride = Ceiling.Multiple(Tile + (2 * dilation), TSimd.Width) + TSimd.Width;
            RowSteps = Phases * SplitStride;
            var (conditioning, panels) = (Phases * weights.ConditioningChannels * Tile, products * weights.InputChannels * Tile);
            var (sums, gated) = (Phases * weights.GateBlocks * Most * Tile, Phases * weights.GatedRows * Tile);
            var (sum, split) = (products * Most * Tile, WinogradFilter.MostProducts * SplitStride);
            var floats = checked(conditioning + panels + sums + gated + sum + split + RowSteps);
            if (_memory is null || _memory.Length < floats)
            {
                _memory = new Tensor(floats);
            }

            Conditioning = _memory.Pointer;
            Panels = Conditioning + conditioning;
            Sums = Panels + panels;
            Gated = Sums + sums;
            Products = Gated + gated;
            Split = Products + sum;
            Row = Split + split;
        }

        public PhaseOrder? Order { get; }

        public int SplitStride { get; }

        public int RowSteps { get; }

        /// <summary>[phase, channel, column].</summary>
        public float* Conditioning { get; }

        /// <summary>[product, channel, column].</summary>
        public float* Panels { get; }

        /// <summary>[block, phase, row, column] of the gated rows.</summary>
        public float* Sums { get; }

        /// <summary>[phase, channel, column].</summary>
        public float* Gated { get; }

        /// <summary>[product, row, column] of a block.</summary>
        public float* Products { get; }

        /// <summary>[phase, column] of a channel or a row.</summary>
        public float* Split { get; }

        /// <summary>The steps of a channel or a row.</summary>
        public float* Row { get; }
    }
}
