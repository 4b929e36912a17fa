using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// A WaveNet layer's weights in the order in which kernels/wavenet.cu (float32) and kernels/wavenet_f16.cu (half) read them: blocks of columns of the
/// product, each [chunks, columns, numbers of a chunk], for kernels/wavenet_sm90a.cu [chunks, columns / 8, 4, 8 columns, 8 numbers]. What fills a
/// block or a chunk up is zero.
/// </summary>
internal sealed class CudaWaveNetLayerWeights : WaveNetLayerWeights
{
    /// <summary>Columns of the product that a block makes at a time, and of the depth, in float32.</summary>
    [KernelConstant("wavenet_f32_columns")]
    public const int FloatColumns = 64;

    /// <inheritdoc cref="FloatColumns"/>
    [KernelConstant("wavenet_f32_depth")]
    public const int FloatDepth = 32;

    /// <summary>The same in half precision.</summary>
    [KernelConstant("wavenet_f16_columns")]
    public const int HalfColumns = 128;

    /// <inheritdoc cref="HalfColumns"/>
    [KernelConstant("wavenet_f16_depth")]
    public const int HalfDepth = 32;

    /// <summary>Chunks of the depth that are under way in half precision.</summary>
    [KernelConstant("wavenet_f16_stages")]
    public const int HalfStages = 3;

    private static readonly Layout Floats = new(FloatColumns, GroupChannels: 32, ChunkDepth: 1);
    private static readonly Layout Halves = new(HalfColumns, GroupChannels: 16, HalfDepth);
    private static readonly Layout Cores = Halves with { CoreSize = 8 };

    [KernelConstant("wavenet_f32_steps")]
    private const int FloatSteps = 32;

    [KernelConstant("wavenet_f16_steps")]
    private const int HalfSteps = 64;

    [KernelConstant("wavenet_wgmma_steps")]
    private const int WarpgroupSteps = 128;

    private readonly Layout _layout;

    // On the host, for what a row adds to them.
    private readonly Tensor _gateBias;

    /// <exception cref="CudaTtsException">The layer needs more shared memory than the device has.</exception>
    /// <exception cref="WeightsException">A weight is too large for half precision.</exception>
    public CudaWaveNetLayerWeights(CudaModelMemory model, WaveNetLayerTensors tensors)
        : base(tensors)
    {
        var compute = model.Compute;
        Owner = compute;
        var isHalf = compute.Type == ElementType.Float16;
        UsesWarpgroups = compute.UsesWarpgroups && isHalf && SharedBytesOf(compute.Type, WarpgroupSteps) <= compute.Context.SharedMemoryPerBlock;
        Steps = UsesWarpgroups ? WarpgroupSteps : isHalf ? HalfSteps : FloatSteps;
        SharedBytes = SharedBytesOf(compute.Type, Steps);
        model.RequireShared($"a WaveNet layer of {GateChannels} gated channels", SharedBytes);
        Layer = compute.Kernels[UsesWarpgroups ? "wavenet_layer_wgmma_f16" : $"wavenet_layer_{compute.Suffix}"];
        _layout = UsesWarpgroups ? Cores : isHalf ? Halves : Floats;
        var depth = (_layout.Filled(InputChannels) * Kernel) + _layout.Filled(ConditioningChannels);
        var (gate, gateBias) = _layout.Allocate(_layout.GateColumn(GateChannels - 1) + _layout.GroupChannels + 1, depth);
        for (var channel = 0; channel < GateChannels; channel++)
        {
            var column = _layout.GateColumn(channel);
            PackGate(tensors, channel, column, depth, gate, gateBias);
            PackGate(tensors, GateChannels + channel, column + _layout.GroupChannels, depth, gate, gateBias);
        }

        var (result, resultBias) = _layout.Allocate(ResidualRows + SkipChannels, _layout.Filled(GateChannels));
        for (var row = 0; row < ResidualRows + SkipChannels; row++)
        {
            var isResidual = row < ResidualRows;
            var (weight, bias) = isResidual ? (tensors.Residual!, tensors.ResidualBias!) : (tensors.Skip, tensors.SkipBias);
            var from = isResidual ? row : row - ResidualRows;
            for (var k = 0; k < GateChannels; k++)
            {
                result.Span[_layout.Place(row, k, _layout.Filled(GateChannels))] = weight.Span[(from * GateChannels) + k];
            }

            resultBias.Span[row] = bias.Span[from];
        }

        _gateBias = gateBias;
        Tensor Store(Tensor weights) => isHalf ? model.StoreHalf(weights) : model.Store(weights);
        (Gate, GateBias, Out, OutBias) = (Store(gate), model.Store(gateBias), Store(result), model.Store(resultBias));
    }

    /// <summary>The device that holds them.</summary>
    public CudaCompute Owner { get; }

    /// <summary>Whether they are packed for wgmma, and so for kernels/wavenet_sm90a.cu alone.</summary>
    public bool UsesWarpgroups { get; }

    /// <summary>The kernel that computes the layer.</summary>
    public CudaKernel Layer { get; }

    /// <summary>Steps that a block of threads makes.</summary>
    public int Steps { get; }

    /// <summary>Its dynamic shared memory.</summary>
    public int SharedBytes { get; }

    public Tensor Gate { get; }

    public Tensor GateBias { get; }

    public Tensor Out { get; }

    public Tensor OutBias { get; }

    public int ResidualRows => HasResidual ? InputChannels : 0;

    /// <summary>The biases of the gated products with a vector of each row of a batch added, [B, columns], on the host.</summary>
    /// <param name="vectors">[B, 2 Cg].</param>
    public Tensor GateBiasWith(Tensor vectors)
    {
        var biases = new Tensor(vectors[0], _gateBias.Length);
        for (var batchRow = 0; batchRow < vectors[0]; batchRow++)
        {
            var of = biases.Slice(batchRow, 1).Span;
            var vector = vectors.Slice(batchRow, 1).Span;
            _gateBias.Span.CopyTo(of);
            for (var channel = 0; channel < GateChannels; channel++)
            {
                var column = _layout.GateColumn(channel);
                of[column] += vector[channel];
                of[column + _layout.GroupChannels] += vector[GateChannels + channel];
            }
        }

        return biases;
    }

    // Half: a ring of three chunks, inputs [steps, 32] and weights [128, 32], and gated activations [steps, channels filled up to 64].
    // Float32: inputs [32, 33], weights [32, 64], gated activations [channels filled up to 32, 33].
    private int SharedBytesOf(ElementType type, int steps) => type == ElementType.Float16
        ? 2 * ((3 * (steps + 128) * 32) + (steps * Ceiling.Multiple(GateChannels, 64)))
        : sizeof(float) * ((32 * 33) + (32 * 64) + (Ceiling.Multiple(GateChannels, 32) * 33));

    // The depth runs over taps, within a tap over channels, then over the conditioning.
    private void PackGate(WaveNetLayerTensors tensors, int from, int column, int depth, Tensor gate, Tensor bias)
    {
        for (var channel = 0; channel < InputChannels; channel++)
        {
            for (var tap = 0; tap < Kernel; tap++)
            {
                var k = (tap * _layout.Filled(InputChannels)) + channel;
                gate.Span[_layout.Place(column, k, depth)] = tensors.Dilated.Span[(((from * InputChannels) + channel) * Kernel) + tap];
            }
        }

        for (var channel = 0; channel < ConditioningChannels; channel++)
        {
            var k = (Kernel * _layout.Filled(InputChannels)) + channel;
            gate.Span[_layout.Place(column, k, depth)] = tensors.Conditioning!.Span[(from * ConditioningChannels) + channel];
        }

        bias.Span[column] = tensors.GateBias.Span[from];
    }

    /// <summary>How a kernel divides a product.</summary>
    /// <param name="BlockColumns">Columns that a block of threads makes at a time.</param>
    /// <param name="GroupChannels">
    /// Gated channels whose columns under the tanh lie side by side, those under the logistic function behind them.
    /// </param>
    /// <param name="ChunkDepth">Numbers of a column that lie side by side.</param>
    private readonly record struct Layout(int BlockColumns, int GroupChannels, int ChunkDepth)
    {
        /// <summary>Columns, and numbers of each, that lie together; 1 where a column's numbers do.</summary>
        public int CoreSize { get; init; } = 1;

        /// <summary>Channels filled up to whole chunks.</summary>
        public int Filled(int channels) => Ceiling.Multiple(channels, ChunkDepth);

        /// <summary>The column under the tanh of a gated channel.</summary>
        public int GateColumn(int channel) => (channel / GroupChannels * 2 * GroupChannels) + (channel % GroupChannels);

        public int Place(int column, int k, int depth) =>
            (((column / BlockColumns * (depth / ChunkDepth)) + (k / ChunkDepth)) * BlockColumns * ChunkDepth)
            + (CoreSize == 1 ? (column % BlockColumns * ChunkDepth) + (k % ChunkDepth) : PlaceInCores(column % BlockColumns, k % ChunkDepth));

        private int PlaceInCores(int column, int k) =>
            (((column / CoreSize * (ChunkDepth / CoreSize)) + (k / CoreSize)) * CoreSize * CoreSize)
            + (column % CoreSize * CoreSize) + (k % CoreSize);

        public (Tensor Weights, Tensor Bias) Allocate(int columns, int depth)
        {
            var blocks = Ceiling.Of(columns, BlockColumns);
            return (new Tensor(blocks * depth * BlockColumns), new Tensor(blocks * BlockColumns));
        }
    }
}
