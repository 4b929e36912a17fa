using System.Runtime.CompilerServices;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>The operations of WaveGlow and Parallel WaveGAN on one kind of vector unit.</summary>
internal abstract class WaveNetEngine
{
    public abstract void Layer(
        Tensor input, Tensor? conditioning, CpuWaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors);

    public abstract void UndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output);
}

/// <summary>
/// A WaveNet layer walks over blocks of time, small enough that all a block needs stays in the second-level cache. Its inputs are first copied into
/// a panel, tile by tile and tap by tap, so that the kernel reads it from end to end; what the kernel leaves is gated and becomes the panel of
/// the two products that follow. Nothing but the layer's results goes back to memory.
/// </summary>
internal sealed unsafe class WaveNetEngine<TSimd, TVector>(ThreadTeam team) : WaveNetEngine
    where TSimd : IDecoderSimd<TVector>
{
    // Half of a usual second-level cache of 1 MB; the other half is for weights and results.
    private const int PanelFloats = 128 * 1024;
    private const int MostChannels = 64;
    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = TileKernel<TSimd, TVector>.Vectors * TSimd.Width;

    private readonly WinogradWaveNet<TSimd, TVector> _winograd = new(team);

    [ThreadStatic]
    private static Tensor? _panels;

    public override void Layer(
        Tensor input, Tensor? conditioning, CpuWaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors)
    {
        if (weights.Filter is not null)
        {
            _winograd.Layer(input, conditioning, weights, output, skip, accumulate, gateVectors);
            return;
        }

        var steps = input[2];
        var biases = gateVectors is null ? weights.GateBias : weights.GateBiasWith(gateVectors);
        var biasStride = gateVectors is null ? 0 : weights.GateBias.Length;
        var tiles = Ceiling.Of(steps, Tile);
        var perTile = (weights.Depth + (Most / 2 * ((weights.GateBlocks * 2) + 1))) * Tile;
        var longest = Math.Clamp(PanelFloats / perTile, 1, Math.Max(1, Ceiling.Of(tiles, team.Count)));
        var blocks = Ceiling.Of(tiles, longest);
        team.Run(input[0] * blocks, item =>
        {
            var (row, block) = (item / blocks, item % blocks);
            var first = (int)((long)block * tiles / blocks);
            var count = (int)((block + 1L) * tiles / blocks) - first;
            if (_panels is null || _panels.Length < count * perTile)
            {
                _panels = new Tensor(count * perTile);
            }

            var gated = _panels.Pointer + ((nint)count * weights.Depth * Tile);
            for (var tile = 0; tile < count; tile++)
            {
                PackTile(input, conditioning, weights, row, (first + tile) * Tile, _panels.Pointer + ((nint)tile * weights.Depth * Tile));
            }

            Gate(weights, biases.Pointer + ((nint)row * biasStride), _panels.Pointer, gated, count);
            var starts = stackalloc int[TileKernel<TSimd, TVector>.Vectors];
            for (var tile = 0; tile < count; tile++)
            {
                for (var vector = 0; vector < TileKernel<TSimd, TVector>.Vectors; vector++)
                {
                    starts[vector] = ((first + tile) * Tile) + (vector * TSimd.Width);
                }

                WaveNetTile<TSimd, TVector>.Project(
                    input, weights, output, skip, accumulate, row, starts, gated + ((nint)tile * weights.GatedRows * Tile));
            }
        });
        GC.KeepAlive(input);
        GC.KeepAlive(conditioning);
        GC.KeepAlive(biases);
        GC.KeepAlive(output);
        GC.KeepAlive(skip);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void UndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output)
    {
        var (channels, steps, prepended) = (step.Channels, input[2], early?[1] ?? 0);
        if (channels > MostChannels)
        {
            throw new ArgumentException($"At most {MostChannels} channels are mixed; found {channels}.");
        }

        team.Run(input[0], row =>
        {
            var tile = stackalloc float[MostChannels * Simd512.Width];
            early?.Slice(row, 1).Span.CopyTo(output.Slice(row, 1).Span);
            var x = input.Pointer + ((nint)row * channels * steps);
            var affine = coupling.Pointer + ((nint)row * channels * steps);
            var y = output.Pointer + ((nint)((row * (prepended + channels)) + prepended) * steps);
            for (var t = 0; t < steps; t += TSimd.Width)
            {
                var columns = Math.Min(TSimd.Width, steps - t);
                Uncouple(x + t, affine + t, step, steps, columns, tile);
                Mix(step.Inverse.Pointer, tile, channels, y + t, steps, columns);
            }
        });
        GC.KeepAlive(input);
        GC.KeepAlive(coupling);
        GC.KeepAlive(output);
    }

    /// <summary>
    /// Copies what a tile of columns from <paramref name="start"/> on depends on: [channel, tap, column], then [conditioning channel, column].
    /// </summary>
    private static void PackTile(Tensor input, Tensor? conditioning, CpuWaveNetLayerWeights weights, int row, int start, float* panel)
    {
        var steps = input[2];
        var padding = weights.Dilation * (weights.Kernel - 1) / 2;
        var from = input.Pointer + ((nint)row * input[1] * steps);
        for (var channel = 0; channel < input[1]; channel++, from += steps)
        {
            for (var tap = 0; tap < weights.Kernel; tap++, panel += Tile)
            {
                WaveNetTile<TSimd, TVector>.Copy(from, steps, start - padding + (tap * weights.Dilation), panel);
            }
        }

        from = conditioning is null ? null : conditioning.Pointer + ((nint)row * conditioning[1] * steps);
        for (var channel = 0; channel < weights.ConditioningChannels; channel++, from += steps, panel += Tile)
        {
            WaveNetTile<TSimd, TVector>.Copy(from, steps, start, panel);
        }
    }

    /// <summary>gated[tile, channel, column] = tanh(a) * sigmoid(s) of the panel's tiles.</summary>
    private static void Gate(CpuWaveNetLayerWeights weights, float* biases, float* panel, float* gated, int tiles)
    {
        var operands = new TileOperands(weights.Depth, Tile, Taps: 1, Dilation: 0);
        var sums = stackalloc float[Most * Tile];
        var half = Most / 2;
        for (var block = 0; block < weights.GateBlocks; block++)
        {
            var rows = weights.Gate.Pointer + ((nint)block * weights.Depth * Most);
            var bias = biases + (block * Most);
            for (var tile = 0; tile < tiles; tile++)
            {
                TileKernel<TSimd, TVector>.Multiply(Most, operands, rows, panel + ((nint)tile * weights.Depth * Tile), bias, sums);
                WaveNetTile<TSimd, TVector>.Activate(sums, gated + ((((nint)tile * weights.GatedRows) + (block * half)) * Tile), half * Tile);
            }
        }
    }

    /// <summary>tile[channel, column] = y of up to one vector of columns.</summary>
    private static void Uncouple(float* x, float* affine, FlowStep step, int stride, int columns, float* tile)
    {
        var shift = stackalloc float[2 * Simd512.Width];
        var logScale = shift + Simd512.Width;
        var half = step.Channels / 2;
        var transformed = step.TransformsFirstHalf ? 0 : half;
        for (var channel = 0; channel < step.Channels; channel++)
        {
            var to = tile + (channel * TSimd.Width);
            LoadColumns(x + ((nint)channel * stride), columns, to);
            var index = channel - transformed;
            if (index >= 0 && index < half)
            {
                LoadColumns(affine + ((nint)index * stride), columns, shift);
                LoadColumns(affine + ((nint)(half + index) * stride), columns, logScale);
                var minus = TSimd.Create(-1);
                var difference = TSimd.MultiplyAdd(TSimd.Load(shift), minus, TSimd.Load(to));
                TSimd.Store(to, TSimd.Multiply(difference, TSimd.Exp(TSimd.Multiply(TSimd.Load(logScale), minus))));
            }
        }
    }

    private static void Mix(float* inverse, float* tile, int channels, float* to, int stride, int columns)
    {
        var mixed = stackalloc float[Simd512.Width];
        for (var row = 0; row < channels; row++, to += stride)
        {
            var sum = TSimd.Create(0);
            for (var channel = 0; channel < channels; channel++)
            {
                sum = TSimd.MultiplyAdd(TSimd.Broadcast(inverse + (row * channels) + channel), TSimd.Load(tile + (channel * TSimd.Width)), sum);
            }

            TSimd.Store(mixed, sum);
            new Span<float>(mixed, columns).CopyTo(new Span<float>(to, columns));
        }
    }

    private static void LoadColumns(float* from, int columns, float* to)
    {
        if (columns == TSimd.Width)
        {
            TSimd.Store(to, TSimd.Load(from));
            return;
        }

        new Span<float>(to, TSimd.Width).Clear();
        new Span<float>(from, columns).CopyTo(new Span<float>(to, columns));
    }
}
