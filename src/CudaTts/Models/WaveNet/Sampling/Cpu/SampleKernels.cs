using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CudaTts.Compute.Cpu;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>A product y = W x + b of one vector: addresses of x, b and y, which may be b.</summary>
internal unsafe struct VectorProduct
{
    /// <summary>What is multiplied.</summary>
    public float* X;

    /// <summary>What is added.</summary>
    public float* B;

    /// <summary>Where the result goes.</summary>
    public float* Y;
}

/// <summary>The inner loops of a sample, at one vector width. Buffers are padded to whole panels with zeros.</summary>
internal abstract unsafe class SampleKernels
{
    /// <summary>Vectors of rows that a panel has.</summary>
    public const int PanelVectors = 4;

    /// <summary>What every buffer is padded to: a whole panel at every vector width.</summary>
    public const int Padding = PanelVectors * 16;

    /// <summary>Rows of a panel.</summary>
    public abstract int PanelRows { get; }

    /// <summary>The loops for a level of vector instructions.</summary>
    public static SampleKernels For(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => new SampleKernels<Simd512, Vector512<float>>(),
        SimdLevel.Avx2 => new SampleKernels<Simd256, Vector256<float>>(),
        _ => new SampleKernels<SimdPortable, Vector<float>>(),
    };

    /// <summary>One panel [columns, rows] times several vectors; each has the sum of its columns in their order, whatever is beside it.</summary>
    /// <param name="panel">The weights.</param>
    /// <param name="columns">Length of each x.</param>
    /// <param name="products">The vectors.</param>
    /// <param name="count">How many.</param>
    /// <param name="row">The panel's first row.</param>
    public abstract void Multiply(float* panel, int columns, VectorProduct* products, int count, int row);

    /// <summary>z = tanh(a) sigmoid(s), where the gates are a [count] and s behind it.</summary>
    public abstract void Gate(float* gates, float* z, int count);

    /// <summary>y = scale x + b.</summary>
    public abstract void ScaleAdd(float* x, float scale, float* b, float* y, int count);

    /// <summary>x = max(x, 0).</summary>
    public abstract void Rectify(float* x, int count);
}

/// <inheritdoc/>
internal sealed unsafe class SampleKernels<TSimd, TVector> : SampleKernels
    where TSimd : IDecoderSimd<TVector>
{
    /// <inheritdoc/>
    public override int PanelRows => PanelVectors * TSimd.Width;

    /// <inheritdoc/>
    public override void Multiply(float* panel, int columns, VectorProduct* products, int count, int row)
    {
        // Two vectors read each weight once; more would not find registers at every width.
        for (; count > 1; count -= 2, products += 2)
        {
            Pair(panel, columns, products[0], products[1], row);
        }

        if (count > 0)
        {
            Single(panel, columns, products[0], row);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Gate(float* gates, float* z, int count)
    {
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(z + i, GatedActivation<TSimd, TVector>.Gate(TSimd.Load(gates + i), TSimd.Load(gates + count + i)));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ScaleAdd(float* x, float scale, float* b, float* y, int count)
    {
        var factor = TSimd.Create(scale);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(y + i, TSimd.MultiplyAdd(factor, TSimd.Load(x + i), TSimd.Load(b + i)));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Rectify(float* x, int count)
    {
        // In this order, in which what is no number stays so.
        var zero = TSimd.Create(0);
        for (var i = 0; i < count; i += TSimd.Width)
        {
            TSimd.Store(x + i, TSimd.Max(zero, TSimd.Load(x + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single(float* w, int columns, VectorProduct product, int row)
    {
        var width = TSimd.Width;
        float* x = product.X, b = product.B + row, y = product.Y + row;
        TVector r0 = TSimd.Load(b), r1 = TSimd.Load(b + width), r2 = TSimd.Load(b + (2 * width)), r3 = TSimd.Load(b + (3 * width));
        for (var k = 0; k < columns; k++, w += PanelVectors * width)
        {
            var v = TSimd.Broadcast(x + k);
            r0 = TSimd.MultiplyAdd(TSimd.Load(w), v, r0);
            r1 = TSimd.MultiplyAdd(TSimd.Load(w + width), v, r1);
            r2 = TSimd.MultiplyAdd(TSimd.Load(w + (2 * width)), v, r2);
            r3 = TSimd.MultiplyAdd(TSimd.Load(w + (3 * width)), v, r3);
        }

        Store(y, r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair(float* w, int columns, VectorProduct first, VectorProduct second, int row)
    {
        var width = TSimd.Width;
        float* x = first.X, b = first.B + row;
        TVector r0 = TSimd.Load(b), r1 = TSimd.Load(b + width), r2 = TSimd.Load(b + (2 * width)), r3 = TSimd.Load(b + (3 * width));
        float* u = second.X, c = second.B + row;
        TVector s0 = TSimd.Load(c), s1 = TSimd.Load(c + width), s2 = TSimd.Load(c + (2 * width)), s3 = TSimd.Load(c + (3 * width));
        for (var k = 0; k < columns; k++, w += PanelVectors * width)
        {
            TVector v = TSimd.Broadcast(x + k), n = TSimd.Broadcast(u + k);
            var weight = TSimd.Load(w);
            r0 = TSimd.MultiplyAdd(weight, v, r0);
            s0 = TSimd.MultiplyAdd(weight, n, s0);
            weight = TSimd.Load(w + width);
            r1 = TSimd.MultiplyAdd(weight, v, r1);
            s1 = TSimd.MultiplyAdd(weight, n, s1);
            weight = TSimd.Load(w + (2 * width));
            r2 = TSimd.MultiplyAdd(weight, v, r2);
            s2 = TSimd.MultiplyAdd(weight, n, s2);
            weight = TSimd.Load(w + (3 * width));
            r3 = TSimd.MultiplyAdd(weight, v, r3);
            s3 = TSimd.MultiplyAdd(weight, n, s3);
        }

        Store(first.Y + row, r0, r1, r2, r3);
        Store(second.Y + row, s0, s1, s2, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, TVector r0, TVector r1, TVector r2, TVector r3)
    {
        TSimd.Store(y, r0);
        TSimd.Store(y + TSimd.Width, r1);
        TSimd.Store(y + (2 * TSimd.Width), r2);
        TSimd.Store(y + (3 * TSimd.Width), r3);
    }
}
