using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>What a WaveNet layer does with one tile of columns: three vectors of steps, each of which may lie anywhere in the sequence.</summary>
internal static unsafe class WaveNetTile<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    private const int FloatsPerLine = 16;
    private const int RowsAhead = 4;
    private const int Vectors = TileKernel<TSimd, TVector>.Vectors;
    private static readonly int Most = TileKernel<TSimd, TVector>.MostRows;
    private static readonly int Tile = Vectors * TSimd.Width;

    /// <summary>Copies steps that follow each other into a tile's row; zero where the sequence has no such step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* from, int steps, int first, float* to)
    {
        if (first >= 0 && first + Tile <= steps)
        {
            from += first;
            TSimd.Store(to, TSimd.Load(from));
            TSimd.Store(to + TSimd.Width, TSimd.Load(from + TSimd.Width));
            TSimd.Store(to + (2 * TSimd.Width), TSimd.Load(from + (2 * TSimd.Width)));
            return;
        }

        CopySome(from, steps, first, to, Tile);
    }

    /// <summary>Copies vectors of steps into a tile's row, each from its start and so many steps on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* from, int steps, int* starts, int shift, float* to)
    {
        for (var vector = 0; vector < Vectors; vector++, to += TSimd.Width)
        {
            var first = starts[vector] + shift;
            if (first >= 0 && first + TSimd.Width <= steps)
            {
                TSimd.Store(to, TSimd.Load(from + first));
            }
            else
            {
                CopySome(from, steps, first, to, TSimd.Width);
            }
        }
    }

    /// <summary>Brings the same vectors of a row some rows on near, where there are so many rows: nothing else sees it coming.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from, int steps, int* starts, int vectors, int rows)
    {
        for (var vector = 0; Sse.IsSupported && rows > RowsAhead && vector < vectors; vector++)
        {
            Sse.Prefetch1(from + ((nint)RowsAhead * steps) + starts[vector]);
        }
    }

    /// <summary>The first <paramref name="count"/> sums through tanh, times the second as many through the logistic function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(float* sums, float* gated, int count)
    {
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(gated + i, GatedActivation<TSimd, TVector>.Gate(TSimd.Load(sums + i), TSimd.Load(sums + count + i)));
        }
    }

    /// <summary>Residual and skip connection of one tile of gated activations [channel, column].</summary>
    public static void Project(
        Tensor input, CpuWaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, int batchRow, int* starts, float* gated)
    {
        var operands = new TileOperands(weights.GateChannels, Tile, Taps: 1, Dilation: 0);
        var sums = stackalloc float[Most * Tile];
        for (var block = 0; block < weights.OutBlocks; block++)
        {
            PrefetchRows(weights, output, skip, batchRow, block * Most, starts);
            TileKernel<TSimd, TVector>.Multiply(
                Most, operands, weights.Out.Pointer + ((nint)block * weights.GateChannels * Most), gated, weights.OutBias.Pointer + (block * Most),
                    sums);
            for (var i = 0; i < Most && (block * Most) + i < weights.OutRows; i++)
            {
                var row = (block * Most) + i;
                if (row < weights.ResidualRows)
                {
                    var offset = (nint)((batchRow * weights.InputChannels) + row) * input[2];
                    StoreSums(sums + (i * Tile), input.Pointer + offset, weights.ResidualScale, output!.Pointer + offset, starts, input[2]);
                }
                else
                {
                    var to = skip.Pointer + ((nint)((batchRow * weights.SkipChannels) + row - weights.ResidualRows) * input[2]);
                    StoreSums(sums + (i * Tile), accumulate ? to : null, 1, to, starts, input[2]);
                }
            }
        }
    }

    private static void CopySome(float* from, int steps, int first, float* to, int count)
    {
        for (var column = 0; column < count; column++)
        {
            to[column] = (uint)(first + column) < (uint)steps ? from[first + column] : 0;
        }
    }

    // Rows lie far apart in memory, so nothing but this brings them near before they are added to.
    private static void PrefetchRows(CpuWaveNetLayerWeights weights, Tensor? output, Tensor skip, int batchRow, int first, int* starts)
    {
        for (var row = first; Sse.IsSupported && row < Math.Min(first + Most, weights.OutRows); row++)
        {
            var to = row < weights.ResidualRows
                ? output!.Pointer + ((nint)((batchRow * weights.InputChannels) + row) * skip[2])
                : skip.Pointer + ((nint)((batchRow * weights.SkipChannels) + row - weights.ResidualRows) * skip[2]);
            for (var column = 0; column < Tile; column += FloatsPerLine)
            {
                Sse.Prefetch0(to + starts[column / TSimd.Width] + (column % TSimd.Width));
            }
        }
    }

    /// <summary>to[start ...] = (sums + added[start ...]) * scale, for each of the tile's vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreSums(float* sums, float* added, float scale, float* to, int* starts, int steps)
    {
        var factor = TSimd.Broadcast(&scale);
        for (var vector = 0; vector < Vectors; vector++, sums += TSimd.Width)
        {
            var start = starts[vector];
            if (start + TSimd.Width <= steps)
            {
                var sum = TSimd.Load(sums);
                TSimd.Store(to + start, TSimd.Multiply(added is null ? sum : TSimd.Add(sum, TSimd.Load(added + start)), factor));
                continue;
            }

            for (var i = start; i < steps; i++)
            {
                to[i] = (sums[i - start] + (added is null ? 0 : added[i])) * scale;
            }
        }
    }
}
