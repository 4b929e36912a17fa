using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CudaTts.Compute.Cpu;

/// <summary>What every tile of one operation has in common.</summary>
/// <param name="Channels">Rows of the panel: input channels.</param>
/// <param name="PanelStride">Floats from one panel row to the next.</param>
/// <param name="Taps">Taps of the convolution; 1 for a matrix product.</param>
/// <param name="Dilation">Floats between taps.</param>
internal readonly record struct TileOperands(int Channels, nint PanelStride, int Taps, nint Dilation);

/// <summary>How many vectors of a tile have columns that count: the last tile of a row often is a narrow one.</summary>
internal interface ITileWidth
{
    static abstract int Vectors { get; }
}

/// <summary>
/// The inner loop of every convolution and matrix product: a tile of 8, 4 or 1 output rows x 3 vectors stays in registers while all
/// input channels and taps pass by. 8 x 3 accumulators, 3 inputs and 1 broadcast weight fill 28 of AVX-512's 32 registers,
/// 4 x 3 fill AVX2's 16. The rows are written out because an array of vectors would live in memory.
/// </summary>
internal static unsafe class TileKernel<TSimd, TVector>
    where TSimd : ISimd<TVector>
{
    /// <summary>Vectors side by side in a tile.</summary>
    public const int Vectors = 3;

    /// <summary>Rows of the largest tile that the registers hold.</summary>
    public static int MostRows => TSimd.Width == 16 ? 8 : 4;

    /// <summary>tile[row, t] = bias[row] + sum over channel, tap of weights[channel, tap, row] * panel[channel, t + tap * dilation].</summary>
    public static void Multiply(int rows, in TileOperands operands, float* weights, float* panel, float* bias, float* tile) =>
        Multiply<ThreeVectors>(rows, operands, weights, panel, bias, tile);

    /// <summary>The same for a tile's first columns; the rest of their last vector comes along, and what lies behind it stays as it was.</summary>
    public static void Multiply(int rows, int columns, in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
    {
        if (columns > 2 * TSimd.Width)
        {
            Multiply<ThreeVectors>(rows, operands, weights, panel, bias, tile);
        }
        else if (columns > TSimd.Width)
        {
            Multiply<TwoVectors>(rows, operands, weights, panel, bias, tile);
        }
        else
        {
            Multiply<OneVector>(rows, operands, weights, panel, bias, tile);
        }
    }

    private static void Multiply<TWidth>(int rows, in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
        where TWidth : struct, ITileWidth
    {
        switch (rows)
        {
            case 8:
                Rows8<TWidth>(operands, weights, panel, bias, tile);
                break;
            case 4:
                Rows4<TWidth>(operands, weights, panel, bias, tile);
                break;
            default:
                Rows1<TWidth>(operands, weights, panel, bias, tile);
                break;
        }
    }

    /// <summary>8 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8<TWidth>(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
        where TWidth : struct, ITileWidth
    {
        var width = TSimd.Width;
        TVector r0a = TSimd.Broadcast(bias + 0), r0b = r0a, r0c = r0a;
        TVector r1a = TSimd.Broadcast(bias + 1), r1b = r1a, r1c = r1a;
        TVector r2a = TSimd.Broadcast(bias + 2), r2b = r2a, r2c = r2a;
        TVector r3a = TSimd.Broadcast(bias + 3), r3b = r3a, r3c = r3a;
        TVector r4a = TSimd.Broadcast(bias + 4), r4b = r4a, r4c = r4a;
        TVector r5a = TSimd.Broadcast(bias + 5), r5b = r5a, r5c = r5a;
        TVector r6a = TSimd.Broadcast(bias + 6), r6b = r6a, r6c = r6a;
        TVector r7a = TSimd.Broadcast(bias + 7), r7b = r7a, r7c = r7a;
        var taps = operands.Taps;
        var dilation = operands.Dilation;
        for (var channel = operands.Channels; channel > 0; channel--)
        {
            Prefetch(panel + (2 * operands.PanelStride));
            var x = panel;
            for (var tap = taps; tap > 0; tap--)
            {
                var a = TSimd.Load(x);
                var b = Second<TWidth>(x + width);
                var c = Third<TWidth>(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = Second<TWidth>(w, b, r0b);
                r0c = Third<TWidth>(w, c, r0c);
                w = TSimd.Broadcast(weights + 1);
                r1a = TSimd.MultiplyAdd(w, a, r1a);
                r1b = Second<TWidth>(w, b, r1b);
                r1c = Third<TWidth>(w, c, r1c);
                w = TSimd.Broadcast(weights + 2);
                r2a = TSimd.MultiplyAdd(w, a, r2a);
                r2b = Second<TWidth>(w, b, r2b);
                r2c = Third<TWidth>(w, c, r2c);
                w = TSimd.Broadcast(weights + 3);
                r3a = TSimd.MultiplyAdd(w, a, r3a);
                r3b = Second<TWidth>(w, b, r3b);
                r3c = Third<TWidth>(w, c, r3c);
                w = TSimd.Broadcast(weights + 4);
                r4a = TSimd.MultiplyAdd(w, a, r4a);
                r4b = Second<TWidth>(w, b, r4b);
                r4c = Third<TWidth>(w, c, r4c);
                w = TSimd.Broadcast(weights + 5);
                r5a = TSimd.MultiplyAdd(w, a, r5a);
                r5b = Second<TWidth>(w, b, r5b);
                r5c = Third<TWidth>(w, c, r5c);
                w = TSimd.Broadcast(weights + 6);
                r6a = TSimd.MultiplyAdd(w, a, r6a);
                r6b = Second<TWidth>(w, b, r6b);
                r6c = Third<TWidth>(w, c, r6c);
                w = TSimd.Broadcast(weights + 7);
                r7a = TSimd.MultiplyAdd(w, a, r7a);
                r7b = Second<TWidth>(w, b, r7b);
                r7c = Third<TWidth>(w, c, r7c);
                weights += 8;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store<TWidth>(tile, r0a, r0b, r0c);
        Store<TWidth>(tile + (3 * width), r1a, r1b, r1c);
        Store<TWidth>(tile + (6 * width), r2a, r2b, r2c);
        Store<TWidth>(tile + (9 * width), r3a, r3b, r3c);
        Store<TWidth>(tile + (12 * width), r4a, r4b, r4c);
        Store<TWidth>(tile + (15 * width), r5a, r5b, r5c);
        Store<TWidth>(tile + (18 * width), r6a, r6b, r6c);
        Store<TWidth>(tile + (21 * width), r7a, r7b, r7c);
    }

    /// <summary>4 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4<TWidth>(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
        where TWidth : struct, ITileWidth
    {
        var width = TSimd.Width;
        TVector r0a = TSimd.Broadcast(bias + 0), r0b = r0a, r0c = r0a;
        TVector r1a = TSimd.Broadcast(bias + 1), r1b = r1a, r1c = r1a;
        TVector r2a = TSimd.Broadcast(bias + 2), r2b = r2a, r2c = r2a;
        TVector r3a = TSimd.Broadcast(bias + 3), r3b = r3a, r3c = r3a;
        var taps = operands.Taps;
        var dilation = operands.Dilation;
        for (var channel = operands.Channels; channel > 0; channel--)
        {
            var x = panel;
            for (var tap = taps; tap > 0; tap--)
            {
                var a = TSimd.Load(x);
                var b = Second<TWidth>(x + width);
                var c = Third<TWidth>(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = Second<TWidth>(w, b, r0b);
                r0c = Third<TWidth>(w, c, r0c);
                w = TSimd.Broadcast(weights + 1);
                r1a = TSimd.MultiplyAdd(w, a, r1a);
                r1b = Second<TWidth>(w, b, r1b);
                r1c = Third<TWidth>(w, c, r1c);
                w = TSimd.Broadcast(weights + 2);
                r2a = TSimd.MultiplyAdd(w, a, r2a);
                r2b = Second<TWidth>(w, b, r2b);
                r2c = Third<TWidth>(w, c, r2c);
                w = TSimd.Broadcast(weights + 3);
                r3a = TSimd.MultiplyAdd(w, a, r3a);
                r3b = Second<TWidth>(w, b, r3b);
                r3c = Third<TWidth>(w, c, r3c);
                weights += 4;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store<TWidth>(tile, r0a, r0b, r0c);
        Store<TWidth>(tile + (3 * width), r1a, r1b, r1c);
        Store<TWidth>(tile + (6 * width), r2a, r2b, r2c);
        Store<TWidth>(tile + (9 * width), r3a, r3b, r3c);
    }

    /// <summary>1 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1<TWidth>(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
        where TWidth : struct, ITileWidth
    {
        var width = TSimd.Width;
        TVector r0a = TSimd.Broadcast(bias + 0), r0b = r0a, r0c = r0a;
        var taps = operands.Taps;
        var dilation = operands.Dilation;
        for (var channel = operands.Channels; channel > 0; channel--)
        {
            var x = panel;
            for (var tap = taps; tap > 0; tap--)
            {
                var a = TSimd.Load(x);
                var b = Second<TWidth>(x + width);
                var c = Third<TWidth>(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = Second<TWidth>(w, b, r0b);
                r0c = Third<TWidth>(w, c, r0c);
                weights += 1;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store<TWidth>(tile, r0a, r0b, r0c);
    }

    // Rows lie far apart, and the cache's own prediction does not see the next one in time when there are few taps.
    // A call that is not inlined would push all accumulators out of their registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(row);
            Sse.Prefetch0(row + TSimd.Width);
            Sse.Prefetch0(row + (2 * TSimd.Width));
            Sse.Prefetch0(row + (3 * TSimd.Width));
        }
    }

    // The vectors of a width that the tile does not have: the compiler knows which, and leaves their instructions out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Second<TWidth>(float* source)
        where TWidth : struct, ITileWidth => TWidth.Vectors > 1 ? TSimd.Load(source) : default!;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Third<TWidth>(float* source)
        where TWidth : struct, ITileWidth => TWidth.Vectors > 2 ? TSimd.Load(source) : default!;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Second<TWidth>(TVector weight, TVector x, TVector sum)
        where TWidth : struct, ITileWidth => TWidth.Vectors > 1 ? TSimd.MultiplyAdd(weight, x, sum) : sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Third<TWidth>(TVector weight, TVector x, TVector sum)
        where TWidth : struct, ITileWidth => TWidth.Vectors > 2 ? TSimd.MultiplyAdd(weight, x, sum) : sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth>(float* tile, TVector a, TVector b, TVector c)
        where TWidth : struct, ITileWidth
    {
        TSimd.Store(tile, a);
        if (TWidth.Vectors > 1)
        {
            TSimd.Store(tile + TSimd.Width, b);
        }

        if (TWidth.Vectors > 2)
        {
            TSimd.Store(tile + (2 * TSimd.Width), c);
        }
    }

    private readonly struct OneVector : ITileWidth
    {
        public static int Vectors => 1;
    }

    private readonly struct TwoVectors : ITileWidth
    {
        public static int Vectors => 2;
    }

    private readonly struct ThreeVectors : ITileWidth
    {
        public static int Vectors => 3;
    }
}
