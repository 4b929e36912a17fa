using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CudaTts.Compute.Cpu;

/// <summary>What every tile of one operation has in common.</summary>
/// <param name="Channels">Rows of the panel: input channels.</param>
/// <param name="PanelStride">Floats from one panel row to the next.</param>
/// <param name="Taps">Taps of the convolution; 1 for a matrix product.</param>
/// <param name="Dilation">Floats between taps.</param>
internal readonly record struct TileOperands(int Channels, nint PanelStride, int Taps, nint Dilation);

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
    public static void Multiply(int rows, in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
    {
        switch (rows)
        {
            case 8:
                Rows8(operands, weights, panel, bias, tile);
                break;
            case 4:
                Rows4(operands, weights, panel, bias, tile);
                break;
            default:
                Rows1(operands, weights, panel, bias, tile);
                break;
        }
    }

    /// <summary>8 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
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
                var b = TSimd.Load(x + width);
                var c = TSimd.Load(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = TSimd.MultiplyAdd(w, b, r0b);
                r0c = TSimd.MultiplyAdd(w, c, r0c);
                w = TSimd.Broadcast(weights + 1);
                r1a = TSimd.MultiplyAdd(w, a, r1a);
                r1b = TSimd.MultiplyAdd(w, b, r1b);
                r1c = TSimd.MultiplyAdd(w, c, r1c);
                w = TSimd.Broadcast(weights + 2);
                r2a = TSimd.MultiplyAdd(w, a, r2a);
                r2b = TSimd.MultiplyAdd(w, b, r2b);
                r2c = TSimd.MultiplyAdd(w, c, r2c);
                w = TSimd.Broadcast(weights + 3);
                r3a = TSimd.MultiplyAdd(w, a, r3a);
                r3b = TSimd.MultiplyAdd(w, b, r3b);
                r3c = TSimd.MultiplyAdd(w, c, r3c);
                w = TSimd.Broadcast(weights + 4);
                r4a = TSimd.MultiplyAdd(w, a, r4a);
                r4b = TSimd.MultiplyAdd(w, b, r4b);
                r4c = TSimd.MultiplyAdd(w, c, r4c);
                w = TSimd.Broadcast(weights + 5);
                r5a = TSimd.MultiplyAdd(w, a, r5a);
                r5b = TSimd.MultiplyAdd(w, b, r5b);
                r5c = TSimd.MultiplyAdd(w, c, r5c);
                w = TSimd.Broadcast(weights + 6);
                r6a = TSimd.MultiplyAdd(w, a, r6a);
                r6b = TSimd.MultiplyAdd(w, b, r6b);
                r6c = TSimd.MultiplyAdd(w, c, r6c);
                w = TSimd.Broadcast(weights + 7);
                r7a = TSimd.MultiplyAdd(w, a, r7a);
                r7b = TSimd.MultiplyAdd(w, b, r7b);
                r7c = TSimd.MultiplyAdd(w, c, r7c);
                weights += 8;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store(tile, r0a, r0b, r0c);
        Store(tile + (3 * width), r1a, r1b, r1c);
        Store(tile + (6 * width), r2a, r2b, r2c);
        Store(tile + (9 * width), r3a, r3b, r3c);
        Store(tile + (12 * width), r4a, r4b, r4c);
        Store(tile + (15 * width), r5a, r5b, r5c);
        Store(tile + (18 * width), r6a, r6b, r6c);
        Store(tile + (21 * width), r7a, r7b, r7c);
    }

    /// <summary>4 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
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
                var b = TSimd.Load(x + width);
                var c = TSimd.Load(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = TSimd.MultiplyAdd(w, b, r0b);
                r0c = TSimd.MultiplyAdd(w, c, r0c);
                w = TSimd.Broadcast(weights + 1);
                r1a = TSimd.MultiplyAdd(w, a, r1a);
                r1b = TSimd.MultiplyAdd(w, b, r1b);
                r1c = TSimd.MultiplyAdd(w, c, r1c);
                w = TSimd.Broadcast(weights + 2);
                r2a = TSimd.MultiplyAdd(w, a, r2a);
                r2b = TSimd.MultiplyAdd(w, b, r2b);
                r2c = TSimd.MultiplyAdd(w, c, r2c);
                w = TSimd.Broadcast(weights + 3);
                r3a = TSimd.MultiplyAdd(w, a, r3a);
                r3b = TSimd.MultiplyAdd(w, b, r3b);
                r3c = TSimd.MultiplyAdd(w, c, r3c);
                weights += 4;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store(tile, r0a, r0b, r0c);
        Store(tile + (3 * width), r1a, r1b, r1c);
        Store(tile + (6 * width), r2a, r2b, r2c);
        Store(tile + (9 * width), r3a, r3b, r3c);
    }

    /// <summary>1 rows x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(in TileOperands operands, float* weights, float* panel, float* bias, float* tile)
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
                var b = TSimd.Load(x + width);
                var c = TSimd.Load(x + (2 * width));
                var w = TSimd.Broadcast(weights);
                r0a = TSimd.MultiplyAdd(w, a, r0a);
                r0b = TSimd.MultiplyAdd(w, b, r0b);
                r0c = TSimd.MultiplyAdd(w, c, r0c);
                weights += 1;
                x += dilation;
            }

            panel += operands.PanelStride;
        }

        Store(tile, r0a, r0b, r0c);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* tile, TVector a, TVector b, TVector c)
    {
        TSimd.Store(tile, a);
        TSimd.Store(tile + TSimd.Width, b);
        TSimd.Store(tile + (2 * TSimd.Width), c);
    }
}
